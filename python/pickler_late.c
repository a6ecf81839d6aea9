/* Their values are in the state, of which a Pickler that is made again gets a new one, and are
 * made when they are first read. A Pickler without a state has them in its __dict__, as
 * stock's has. */
#include "pickler_late.h"
#include "pickler_call.h"

static PyObject *name_of(int which) { return which == LATE_GLOBALS_REF ? pickler_names.globals_ref : pickler_names.proto; }

/* The state of a Pickler, a new reference; NULL without an exception for one that has none. */
static struct pickler_state *state_of(PyObject *self) {
    PyObject *state = pickler_state_of(self);
    if (state && state->ob_type != pickler_state_type) { /* of before a fork */
        unguarded.Py_DecRef(state);
        return NULL;
    }
    return (struct pickler_state *)state;
}

static PyObject *missing(PyObject *self, int which) {
    PyObject *type = (PyObject *)self->ob_type, *name = unguarded.PyObject_GetAttrString(type, "__name__");
    if (name) {
        unguarded.PyErr_Format(*py.PyExc_AttributeError, "'%U' object has no attribute '%U'", name, name_of(which));
        unguarded.Py_DecRef(name);
    }
    return NULL;
}

static PyObject *make(struct pickler_state *s, int which) {
    return which == LATE_GLOBALS_REF ? unguarded.PyDict_New() : unguarded.PyNumber_Long(s->protocol);
}

static PyObject *get_of_state(PyObject *self, struct pickler_state *s, int which) {
    PyObject *made;
    if (s->late_deleted[which])
        return missing(self, which);
    if (!s->late[which]) {
        if (!(made = make(s, which)))
            return NULL;
        if (!s->late[which]) /* the collector, and with it anything, has run */
            s->late[which] = made;
        else
            unguarded.Py_DecRef(made);
    }
    return held(s->late[which]);
}

static PyObject *get_of_dict(PyObject *self, int which) {
    PyObject *own = unguarded.PyObject_GenericGetDict(self, NULL), *found;
    if (!own)
        return NULL;
    found = unguarded.PyDict_GetItemWithError(own, name_of(which));
    if (found)
        unguarded.Py_IncRef(found);
    unguarded.Py_DecRef(own);
    return found || unguarded.PyErr_Occurred() ? found : missing(self, which);
}

static PyObject *get(PyObject *self, void *closure) {
    int which = (int)(intptr_t)closure;
    struct pickler_state *s = state_of(self);
    PyObject *found;
    if (!s)
        return unguarded.PyErr_Occurred() ? NULL : get_of_dict(self, which);
    found = get_of_state(self, s, which);
    unguarded.Py_DecRef((PyObject *)s);
    return found;
}

/* value is NULL for a deletion. */
static int set_of_dict(PyObject *self, int which, PyObject *value) {
    PyObject *own = unguarded.PyObject_GenericGetDict(self, NULL);
    int failed;
    if (!own)
        return -1;
    failed = value ? unguarded.PyDict_SetItem(own, name_of(which), value)
                   : unguarded.PyDict_DelItem(own, name_of(which));
    unguarded.Py_DecRef(own);
    if (failed && !value && unguarded.PyErr_ExceptionMatches(*py.PyExc_KeyError)) {
        unguarded.PyErr_Clear();
        missing(self, which);
    }
    return failed;
}

static int set(PyObject *self, PyObject *value, void *closure) {
    int which = (int)(intptr_t)closure;
    struct pickler_state *s = state_of(self);
    PyObject *old;
    if (!s)
        return unguarded.PyErr_Occurred() ? -1 : set_of_dict(self, which, value);
    if (!value && s->late_deleted[which]) {
        unguarded.Py_DecRef((PyObject *)s);
        missing(self, which);
        return -1;
    }
    old = s->late[which];
    s->late[which] = value;
    s->late_deleted[which] = !value;
    if (value)
        unguarded.Py_IncRef(value);
    if (old)
        unguarded.Py_DecRef(old);
    unguarded.Py_DecRef((PyObject *)s);
    return 0;
}

/* PyGetSetDef. */
static struct {
    const char *name;
    PyObject *(*get)(PyObject *, void *);
    int (*set)(PyObject *, PyObject *, void *);
    const char *doc;
    void *closure;
} definitions[N_LATE] = {
    {"globals_ref", get, set, "What functions that share their globals share, once loaded.", (void *)LATE_GLOBALS_REF},
    {"proto", get, set, "The protocol.", (void *)LATE_PROTO},
};

int pickler_late_add(struct pickler_class *c, PyObject *class, PyObject *methods) {
    for (int i = 0; i < N_LATE; i++)
        if (!(c->late[i] = unguarded.PyDescr_NewGetSet(class, &definitions[i])) ||
            unguarded.PyDict_SetItem(methods, name_of(i), c->late[i]) < 0)
            return -1;
    return 0;
}

int pickler_comes_late(struct pickler_class *c, int which, PyObject *type) {
    return unguarded._PyType_Lookup(type, name_of(which)) == c->late[which];
}
