#include "iterate.h"

static PyObject *ahead[MOST_AHEAD];

PyObject **iterate_ahead(void) { return ahead; }

static int is_atom(PyObject *o) {
    PyObject *type = (PyObject *)o->ob_type;
    return type == py.PyLong_Type || type == py.PyUnicode_Type || type == py.PyFloat_Type ||
           o == py._Py_NoneStruct || type == (PyObject *)py._Py_TrueStruct->ob_type;
}

/* At the end of its items an iterator can drop what it went over, and so run a finalizer,
 * which can come here again: what has been found is only then put where it is read. */
int iterate(ref it, int least, int most) {
    PyObject *found[MOST_AHEAD], *next = NULL;
    int n = 0, atoms = 1;
    while (n < least || (n < most && atoms)) {
        if (!(next = py.PyIter_Next((PyObject *)it)))
            break;
        found[n++] = next;
        atoms = atoms && is_atom(next);
    }
    if (!next && py.PyErr_Occurred()) {
        while (n > 0)
            py.Py_DecRef(found[--n]);
        return -1;
    }
    for (int i = 0; i < n; i++)
        ahead[i] = found[i];
    return next ? n : n | ITERATOR_ENDED;
}
