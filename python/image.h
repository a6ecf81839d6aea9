/* The memory that this library's file is mapped to. */
#ifndef GOCLOUDPICKLE_IMAGE_H
#define GOCLOUDPICKLE_IMAGE_H

#include <link.h>

/* image_find says where this library's segments are; 0 in a Go program that hosts Python. */
int image_find(struct dl_phdr_info *found);

/* image_give_back gives back the pages that were needed to load the library and to start Go
 * only, relocations and initialisation. The file has them, should they be needed again. */
void image_give_back(void);

#endif
