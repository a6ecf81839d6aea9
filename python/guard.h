/* The checks around those functions of the C API that can run Python code. */
#ifndef GOCLOUDPICKLE_GUARD_H
#define GOCLOUDPICKLE_GUARD_H

#include "capi.h"

/* guard_load_api is py_load_api. Then it sets unguarded to py, and puts the checks before
 * and behind functions of py. */
const char *guard_load_api(void *handle);

/* Whether a call certainly runs no Python code: asked in greenlets alone, where one
 * that could is refused. It may err towards no. */
int only_c_gets(PyObject *o, PyObject *name);
int only_c_hashes(PyObject *key);
int only_c_iterates(PyObject *o);

#endif
