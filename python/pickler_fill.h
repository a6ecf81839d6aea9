/* CPython's __init__ of a Pickler, for the usual arguments. */
#ifndef GOCLOUDPICKLE_PICKLER_FILL_H
#define GOCLOUDPICKLE_PICKLER_FILL_H

#include "capi.h"

/* pickler_fill_learn finds out what CPython's __init__ leaves in an object, from Picklers that
 * it makes. dispatch_table is where an instance has that, in bytes from its start, size is how
 * long an instance is, and pickler_base is known. 0 where pickler_fill can't be used, with an
 * exception set or not. */
int pickler_fill_learn(size_t dispatch_table, size_t size);

enum filled { FILL_FAILED = -1, FILL_NOT_USUAL, FILLED };

/* pickler_fill does what CPython's __init__ would do, in a fifth of the time: most of that goes
 * by keywords, a buffer that only its own dump uses, and, up to 3.12, an AttributeError
 * for persistent_id: there the caller has seen that the class has none. FILL_NOT_USUAL is for what is left to CPython: nothing has been done then
 * that can be seen. FILL_FAILED sets an exception. */
enum filled pickler_fill(PyObject *self, PyObject *file, PyObject *protocol, PyObject *callback);

#endif
