#include "pickler_call.h"
#include <stdlib.h>
#include <string.h>

int pickler_sort_arguments(const char *const *names, int n, PyObject **to, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames) {
    Py_ssize_t keywords = kwnames ? unguarded.PyTuple_Size(kwnames) : 0;
    if (nargs > n)
        return 0;
    for (Py_ssize_t i = 0; i < nargs; i++)
        to[i] = args[i];
    for (Py_ssize_t k = 0; k < keywords; k++) {
        const char *name = unguarded.PyUnicode_AsUTF8AndSize(unguarded.PyTuple_GetItem(kwnames, k), NULL);
        int i = 0;
        if (!name) {
            unguarded.PyErr_Clear();
            return 0;
        }
        while (i < n && strcmp(names[i], name) != 0)
            i++;
        if (i == n || to[i])
            return 0;
        to[i] = args[nargs + k];
    }
    return to[0] != NULL;
}

PyObject *pickler_call(PyObject *f, PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    Py_ssize_t n = nargs + (kwnames ? unguarded.PyTuple_Size(kwnames) : 0);
    PyObject **all = malloc((n + 1) * sizeof *all), *result;
    if (!all)
        return unguarded.PyErr_NoMemory();
    all[0] = self;
    memcpy(all + 1, args, n * sizeof *all);
    result = module_call_vector(f, all, nargs + 1, kwnames);
    free(all);
    return result;
}

PyObject *pickler_call_python(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    PyObject *module = unguarded.PyImport_ImportModule("gocloudpickle._pickler"), *f, *result;
    if (!module)
        return NULL;
    f = unguarded.PyObject_GetAttrString(module, name);
    unguarded.Py_DecRef(module);
    if (!f)
        return NULL;
    result = pickler_call(f, self, args, nargs, kwnames);
    unguarded.Py_DecRef(f);
    return result;
}

PyObject *pickler_optional_attribute(PyObject *o, PyObject *name) {
    PyObject *found = NULL;
    if (unguarded.PyObject_GetOptionalAttr)
        unguarded.PyObject_GetOptionalAttr(o, name, &found);
    else
        unguarded._PyObject_LookupAttr(o, name, &found);
    return found;
}
