/* The engine's half of a Pickler object, and the methods that put it there. */
#ifndef GOCLOUDPICKLE_PICKLER_OBJECT_H
#define GOCLOUDPICKLE_PICKLER_OBJECT_H

#include "call.h"

/* pickler_init makes the type, and finds what there is of the interpreter's Pickler. */
int pickler_init(PyObject *module);

/* Functions for the module, of pickler_object.c; the last has no name. */
extern struct method_def pickler_functions[];

#endif
