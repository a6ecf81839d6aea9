/* The extension module that CPython imports: its functions are Go's. */
#ifndef GOCLOUDPICKLE_MODULE_H
#define GOCLOUDPICKLE_MODULE_H

#include "capi.h"

/* PyInit__engine makes the module: an interpreter calls it that imports this library. */
PyObject *PyInit__engine(void);

/* load_init adds the functions of the loading side, which are C alone: see package
 * loads. The reference is weak since cgo links the objects of each package by
 * themselves once, to see what they need; then it is not there. */
__attribute__((weak, visibility("hidden"))) int load_init(PyObject *module);

#endif
