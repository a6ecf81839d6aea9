/* UTF-8 of long strs, by the block: utf8.go says what it does, and does the rest. */
#ifndef GOCLOUDPICKLE_UTF8_BLOCKS_H
#define GOCLOUDPICKLE_UTF8_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* Whether this processor has what the others need. */
int utf8_blocks_usable(void);

/* The number of bytes of n characters of kind bytes each as UTF-8. */
size_t utf8_blocks_size(int kind, const unsigned char *p, size_t n);

/* Write characters, from the first on, as long as that takes whole blocks and writes nothing
 * past the size bytes of dst. It sets *at to the bytes that have been written, and returns the
 * number of characters. */
size_t utf8_blocks_put(int kind, const unsigned char *p, size_t n, unsigned char *dst, size_t size, size_t *at);

#endif
