/* __init__ of Pickler classes. */
#include "pickler_call.h"
#include "pickler_class.h"
#include "pickler_fill.h"
#include "pickler_kind.h"

#define None (py._Py_NoneStruct)

/* set takes over the reference to value. */
static int set(PyObject *self, PyObject *name, PyObject *value) {
    int failed = !value || unguarded.PyObject_SetAttr(self, name, value) < 0;
    if (value)
        unguarded.Py_DecRef(value);
    return failed ? -1 : 0;
}

/* FILLED where the fields have been filled, FILL_NOT_USUAL where CPython has made them. */
static enum filled init_base(struct pickler_kind *k, PyObject *self, PyObject *file, PyObject *protocol,
                             PyObject *callback) {
    /* From 3.13 on a dump looks for the persistent_id. */
    enum filled filled = k->has_persistent_id && !pickler_base.persistent_id
                             ? FILL_NOT_USUAL
                             : pickler_fill(self, file, protocol, callback);
    PyObject *args;
    int failed;
    if (filled != FILL_NOT_USUAL)
        return filled;
    if (!(args = unguarded.PyTuple_New(4)))
        return FILL_FAILED;
    unguarded.PyTuple_SetItem(args, 0, held(file));
    unguarded.PyTuple_SetItem(args, 1, held(protocol));
    unguarded.PyTuple_SetItem(args, 2, held(py._Py_TrueStruct)); /* fix_imports */
    unguarded.PyTuple_SetItem(args, 3, held(callback));
    failed = pickler_base.init(self, args, NULL) < 0;
    unguarded.Py_DecRef(args);
    return failed ? FILL_FAILED : FILL_NOT_USUAL;
}

/* What the class's __init__ does. */
static enum filled init_directly(struct pickler_kind *k, PyObject *self, PyObject *file, PyObject *protocol,
                                 PyObject *callback) {
    enum filled filled = init_base(k, self, file, protocol, callback);
    if (filled == FILL_FAILED)
        return FILL_FAILED;
    if (!k->late[LATE_GLOBALS_REF] && set(self, pickler_names.globals_ref, unguarded.PyDict_New()) < 0)
        return FILL_FAILED;
    if (!k->late[LATE_PROTO] && set(self, pickler_names.proto, unguarded.PyNumber_Long(protocol)) < 0)
        return FILL_FAILED;
    return filled;
}

static enum filled init_by_python(struct pickler_class *c, PyObject *self, PyObject *const *args) {
    PyObject *done = pickler_call(c->init, self, args, 3, NULL);
    if (!done)
        return FILL_FAILED;
    unguarded.Py_DecRef(done);
    return FILL_NOT_USUAL;
}

/* Where the state is in the place of the buffer_callback: takes over the reference to that, or to
 * NULL. */
static void put_in_place(PyObject **place, PyObject *callback) {
    PyObject *old = *place;
    *place = callback;
    if (old)
        unguarded.Py_DecRef(old);
}

/* Where a Pickler is made again and that fails, it is none any more. */
static void forget_state(PyObject *self) {
    PyObject *t, *v, *tb;
    PyObject **place = pickler_state_place(self);
    unguarded.PyErr_Fetch(&t, &v, &tb);
    if (pickler_state_is_in(place))
        put_in_place(place, NULL);
    if (unguarded.PyObject_GenericSetAttr(self, pickler_names.engine_state, NULL) < 0)
        unguarded.PyErr_Clear();
    unguarded.PyErr_Restore(t, v, tb);
}

/* What CPython's __init__ has found: a file is asked for its write once. */
static PyObject *write_of(PyObject *self, PyObject *file) {
    PyObject *write = pickler_base.write ? *(PyObject **)((char *)self + pickler_base.write) : NULL;
    return write ? held(write) : unguarded.PyObject_GetAttr(file, pickler_names.write_name);
}

/* Whether the state of a Pickler that has been filled can be in the place of its callback: Python
 * code that was called in between can have made it again, or made a dump. */
static int can_be_in_place(PyObject **place, PyObject *callback) {
    return place && *place == (callback == None ? NULL : callback);
}

static int attach_state(PyObject *self, int target, PyObject *file, PyObject *protocol, PyObject *callback,
                        enum filled filled) {
    PyObject *write = write_of(self, file), *state, **place = pickler_state_place(self);
    int failed;
    if (!write)
        return -1;
    state = pickler_new_state(target, write, protocol, callback, NULL);
    unguarded.Py_DecRef(write);
    if (!state)
        return -1;
    if (filled == FILLED && can_be_in_place(place, callback)) {
        put_in_place(place, state);
        return 0;
    }
    if (pickler_state_is_in(place))
        put_in_place(place, callback == None ? NULL : held(callback));
    failed = unguarded.PyObject_GenericSetAttr(self, pickler_names.engine_state, state);
    unguarded.Py_DecRef(state);
    return failed;
}

static PyObject *method_init(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    static const char *const names[] = {"file", "protocol", "buffer_callback"};
    PyObject *a[3] = {NULL, NULL, NULL};
    struct pickler_kind k = pickler_kind_of((PyObject *)self->ob_type);
    struct pickler_class *c = &pickler_classes[k.target];
    enum filled filled;
    if (k.target < 0)
        return pickler_call_python("no_class", self, args, nargs, kwnames);
    if (!pickler_sort_arguments(names, 3, a, args, nargs, kwnames))
        return k.target == OWN_TARGET ? pickler_call_python("init", self, args, nargs, kwnames) /* max_bytes, skip */
                                    : pickler_call(c->init, self, args, nargs, kwnames); /* says what is wrong */
    if (!a[2])
        a[2] = None;
    if (!a[1] || a[1] == None) {
        a[1] = unguarded.PyDict_GetItemWithError(c->defaults, pickler_names.default_protocol);
        if (!a[1])
            a[1] = None;
    }
    unguarded.Py_IncRef(a[1]);
    filled = c->direct && k.base_comes_next ? init_directly(&k, self, a[0], a[1], a[2]) : init_by_python(c, self, a);
    if (filled == FILL_FAILED || attach_state(self, k.target, a[0], a[1], a[2], filled) < 0) {
        forget_state(self);
        unguarded.Py_DecRef(a[1]);
        return NULL;
    }
    unguarded.Py_DecRef(a[1]);
    return held(None);
}

struct method_def pickler_own_init_def = {
    "__init__", method_init, METH_FASTCALL | METH_KEYWORDS,
    "__init__($self, file, protocol=None, buffer_callback=None, *, max_bytes=None, skip=None)\n--\n\n"};

struct method_def pickler_init_def = {
    "__init__", method_init, METH_FASTCALL | METH_KEYWORDS,
    "__init__($self, file, protocol=None, buffer_callback=None)\n--\n\n"};
