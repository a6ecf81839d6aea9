/* The items of an iterator, many of them in one crossing from Go. */
#ifndef GOCLOUDPICKLE_ITERATE_H
#define GOCLOUDPICKLE_ITERATE_H

#include "shims.h"

enum { MOST_AHEAD = 64, ITERATOR_ENDED = 1 << 16 };

/* iterate takes the next items, new references: at least so many, and more, up to most, as long
 * as all of them are ints, floats, strs, bools or None. 1 <= least <= most <= MOST_AHEAD.
 *
 * It returns their number, with ITERATOR_ENDED where there are no more, or -1 with an exception
 * set. They are in what iterate_ahead gives, to be read at once. */
int iterate(ref it, int least, int most);
PyObject **iterate_ahead(void);

#endif
