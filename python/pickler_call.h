/* Calls of Python functions, and how arguments are read, for the methods of Picklers. */
#ifndef GOCLOUDPICKLE_PICKLER_CALL_H
#define GOCLOUDPICKLE_PICKLER_CALL_H

#include "call.h"

/* sort_arguments puts arguments where their names are; 0 where they don't fit, or the
 * first is missing. */
int pickler_sort_arguments(const char *const *names, int n, PyObject **to, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames);

/* pickler_call is f(self, *args, **keywords). */
PyObject *pickler_call(PyObject *f, PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* pickler_call_python calls a function of gocloudpickle._pickler. */
PyObject *pickler_call_python(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames);

/* An attribute, NULL where there is none, or with an exception set. */
PyObject *pickler_optional_attribute(PyObject *o, PyObject *name);

static inline PyObject *held(PyObject *o) {
    unguarded.Py_IncRef(o);
    return o;
}

#endif
