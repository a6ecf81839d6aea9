/* The memory that this library's file is mapped to. */
#ifndef GOCLOUDPICKLE_IMAGE_H
#define GOCLOUDPICKLE_IMAGE_H

/* image_give_back gives back the pages that were needed to load the library and to start Go
 * only, relocations and initialisation. The file has them, should they be needed again. */
void image_give_back(void);

#endif
