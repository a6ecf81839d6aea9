#include "guard.h"
#include "typeslots.h"

enum { HEAP_TYPE = 1 << 9 }; /* Include/object.h */

static void *slot_of(PyObject *type, int slot) { return unguarded.PyType_GetSlot(type, slot); }

static PyObject *type_of(PyObject *o) { return (PyObject *)o->ob_type; }

/* A descriptor whose __get__ is C and calls nobody: those of the interpreter do,
 * but for property and classmethod, which calls the __get__ of what it wraps up
 * to 3.12. */
static int only_c_binds(PyObject *descriptor) {
    PyObject *type;
    if (!descriptor)
        return 1;
    type = type_of(descriptor);
    if (!slot_of(type, SLOT_DESCR_GET))
        return 1;
    return !(unguarded.PyType_GetFlags(type) & HEAP_TYPE) && type != py.PyProperty_Type && type != py.PyClassMethod_Type;
}

/* In 3.14 reading __annotations__ makes them (PEP 649). */
static int is_lazy(PyObject *name) {
    static PyObject *annotations;
    if (!annotations)
        annotations = unguarded.PyUnicode_InternFromString("__annotations__");
    return name == annotations;
}

int only_c_gets(PyObject *o, PyObject *name) {
    PyObject *type = type_of(o);
    void *get = slot_of(type, SLOT_GETATTRO);
    if (is_lazy(name))
        return 0;
    if (get == slot_of(py.PyBaseObject_Type, SLOT_GETATTRO))
        return only_c_binds(unguarded._PyType_Lookup(type, name));
    if (get == slot_of(py.PyType_Type, SLOT_GETATTRO))
        return only_c_binds(unguarded._PyType_Lookup(type, name)) && only_c_binds(unguarded._PyType_Lookup(o, name));
    /* A module's __getattr__ is called for what it doesn't have. */
    return type == py.PyModule_Type && unguarded.PyDict_GetItemWithError(unguarded.PyModule_GetDict(o), name);
}

int only_c_hashes(PyObject *key) {
    PyObject *type = type_of(key);
    return type == py.PyUnicode_Type || type == py.PyLong_Type || type == py.PyBytes_Type ||
           slot_of(type, SLOT_HASH) == slot_of(py.PyBaseObject_Type, SLOT_HASH);
}

int only_c_iterates(PyObject *o) {
    PyObject *type = type_of(o);
    return type == py.PyTuple_Type || type == py.PyList_Type || type == py.PyDict_Type;
}
