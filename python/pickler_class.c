#include "pickler_class.h"
#include "pickler_call.h"
#include "typeslots.h"

/* PyMethodDescrObject, the same from 3.10 to 3.14. */
struct method_descriptor {
    PyObject head, *class, *name, *qualname;
    struct method_def *def;
};

struct pickler_class *pickler_classes;
int n_pickler_classes;
struct pickler_base pickler_base;
struct pickler_names pickler_names;

static int intern(PyObject **to, const char *text) {
    return *to || (*to = unguarded.PyUnicode_InternFromString(text)) ? 0 : -1;
}

/* Up to 3.12 persistent_id of CPython's Pickler is no method. */
static int find_persistent_id(void) {
    PyObject *descriptor = unguarded.PyObject_GetAttr(pickler_base.type, pickler_names.persistent_id);
    void *called;
    if (!descriptor)
        return -1;
    called = unguarded.PyType_GetSlot((PyObject *)descriptor->ob_type, SLOT_CALL);
    pickler_base.persistent_id_descriptor = descriptor; /* which its class holds */
    if (called)
        pickler_base.persistent_id = ((struct method_descriptor *)descriptor)->def;
    unguarded.Py_DecRef(descriptor);
    return 0;
}

int pickler_class_init(void) {
    PyObject *pickle;
    struct pickler_names *n = &pickler_names;
    if (intern(&n->engine_state, "_engine_state") || intern(&n->globals_ref, "globals_ref") ||
        intern(&n->proto, "proto") || intern(&n->default_protocol, "DEFAULT_PROTOCOL") || intern(&n->mro, "__mro__") ||
        intern(&n->write_name, "write") || intern(&n->reducer_override, "reducer_override") ||
        intern(&n->persistent_id, "persistent_id") || intern(&n->dispatch_table, "dispatch_table"))
        return -1;
    if (!pickler_base.type) {
        if (!(pickle = unguarded.PyImport_ImportModule("_pickle")))
            return -1;
        pickler_base.type = unguarded.PyObject_GetAttrString(pickle, "Pickler");
        unguarded.Py_DecRef(pickle);
        if (!pickler_base.type)
            return -1;
        if (find_persistent_id() < 0)
            return -1;
        pickler_base.getattro = unguarded.PyType_GetSlot(pickler_base.type, SLOT_GETATTRO);
        pickler_base.setattro = unguarded.PyType_GetSlot(pickler_base.type, SLOT_SETATTRO);
        pickler_base.init =
            (int (*)(PyObject *, PyObject *, PyObject *))unguarded.PyType_GetSlot(pickler_base.type, SLOT_INIT);
    }
    return 0;
}

void pickler_state_gone(int target) { pickler_classes[target].live--; }

int pickler_target_of(PyObject *type) {
    for (int i = 0; i < n_pickler_classes; i++)
        if (type == pickler_classes[i].class)
            return i;
    for (int i = 0; i < n_pickler_classes; i++)
        if (pickler_classes[i].class && unguarded.PyType_IsSubtype(type, pickler_classes[i].class))
            return i;
    return -1;
}

PyObject **pickler_state_place(PyObject *self) {
    return pickler_base.buffer_callback ? (PyObject **)((char *)self + pickler_base.buffer_callback) : NULL;
}

PyObject *pickler_state_of(PyObject *self) {
    PyObject **place = pickler_state_place(self), *state;
    if (pickler_state_is_in(place))
        return held(*place);
    state = unguarded.PyObject_GenericGetAttr(self, pickler_names.engine_state);
    if (!state && unguarded.PyErr_ExceptionMatches(*py.PyExc_AttributeError))
        unguarded.PyErr_Clear();
    return state;
}

PyObject *pickler_new_state(int target, PyObject *write, PyObject *protocol, PyObject *callback, PyObject *limits) {
    PyObject *o = unguarded.PyType_GenericAlloc(pickler_state_type, 0);
    struct pickler_state *s = (struct pickler_state *)o;
    if (!o)
        return NULL;
    s->target = target;
    s->n_memoized = -1;
    s->memoized = pickler_take_room();
    pickler_classes[target].live++;
    s->write = held(write);
    s->protocol = held(protocol);
    s->buffer_callback = held(callback);
    s->limits = limits && limits != py._Py_NoneStruct ? held(limits) : NULL;
    return o;
}
