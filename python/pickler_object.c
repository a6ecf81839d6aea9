/* __init__ and dump of Pickler classes, in C: a frame of Python code for each would
 * take as long as the dump of a small function. Whatever isn't the usual case is left
 * to gocloudpickle._pickler. Nothing here calls Go but by module_enter, so that it goes
 * on in a forked child. */
#include "pickler_object.h"
#include "pickler_call.h"
#include "pickler_class.h"
#include "pickler_late.h"
#include <stdlib.h>
#include <string.h>

int pickler_init(PyObject *module) { return pickler_class_init() < 0 ? -1 : pickler_state_init(module); }

static int add_descriptor(PyObject *to, PyObject *class, struct method_def *def) {
    PyObject *name = unguarded.PyUnicode_InternFromString(def->name), *descriptor = NULL;
    int failed = !name || !(descriptor = unguarded.PyDescr_NewMethod(class, def)) ||
                 unguarded.PyDict_SetItem(to, name, descriptor) < 0;
    if (name)
        unguarded.Py_DecRef(name);
    if (descriptor)
        unguarded.Py_DecRef(descriptor);
    return failed ? -1 : 0;
}

/* pickler_methods(target, class, init, override, stock_override, defaults, direct) */
static PyObject *pickler_methods(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    PyObject *methods;
    struct pickler_class *c;
    long target;
    (void)self;
    if (nargs != 7) {
        unguarded.PyErr_SetString(*py.PyExc_TypeError, "pickler_methods takes 7 arguments");
        return NULL;
    }
    target = unguarded.PyLong_AsLong(args[0]);
    if (target < 0 || target >= 1 << 20) {
        if (!unguarded.PyErr_Occurred())
            unguarded.PyErr_SetString(*py.PyExc_ValueError, "there is no such target");
        return NULL;
    }
    if (target >= n_pickler_classes) {
        struct pickler_class *more = realloc(pickler_classes, (target + 1) * sizeof *pickler_classes);
        if (!more)
            return unguarded.PyErr_NoMemory();
        memset(more + n_pickler_classes, 0, (target + 1 - n_pickler_classes) * sizeof *pickler_classes);
        pickler_classes = more, n_pickler_classes = target + 1;
    }
    c = &pickler_classes[target];
    if (!(methods = unguarded.PyDict_New()) || add_descriptor(methods, args[1], target == OWN_TARGET ? &pickler_own_init_def : &pickler_init_def) < 0 ||
        add_descriptor(methods, args[1], &pickler_dump_def) < 0 ||
 pickler_late_add(c, args[1], methods) < 0) {
        if (methods)
            unguarded.Py_DecRef(methods);
        return NULL;
    }
    /* For good: states count in it. */
    c->class = held(args[1]), c->init = held(args[2]), c->defaults = held(args[5]);
    c->override = held(args[3]), c->stock_override = held(args[4]);
    c->direct = args[6] == py._Py_TrueStruct;
    return methods;
}

/* live_picklers(target) */
static PyObject *live_picklers(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    long target = nargs == 1 ? unguarded.PyLong_AsLong(args[0]) : -1;
    (void)self;
    if (target == -1 && unguarded.PyErr_Occurred())
        return NULL;
    return unguarded.PyLong_FromLong(target >= 0 && target < n_pickler_classes ? pickler_classes[target].live : 0);
}

/* renew_state(state): another with the same arguments, of this image. */
static PyObject *renew_state(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    long target = nargs == 5 ? unguarded.PyLong_AsLong(args[0]) : -1;
    (void)self;
    if (target < 0 || target >= n_pickler_classes) {
        if (!unguarded.PyErr_Occurred())
            unguarded.PyErr_SetString(*py.PyExc_ValueError, "there is no such target");
        return NULL;
    }
    return pickler_new_state(target, args[1], args[2], args[3], args[4]);
}

/* pickler_state(pickler) */
static PyObject *state_or_none(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    PyObject *state = NULL;
    (void)self;
    if (nargs == 1 && pickler_target_of((PyObject *)args[0]->ob_type) >= 0)
        state = pickler_state_of(args[0]);
    return state || unguarded.PyErr_Occurred() ? state : held(py._Py_NoneStruct);
}

struct method_def pickler_functions[] = {
    {"pickler_methods", (fastcall)(void *)pickler_methods, METH_FASTCALL,
     "pickler_methods(target, cls, init, override, stock_override, defaults, direct, /)\n--\n\n"
     "Make the methods of a Pickler class, as a dict."},
    {"pickler_dump", (fastcall)(void *)pickler_dump, METH_FASTCALL,
     "pickler_dump(state, pickler, obj, /)\n--\n\nDo dump of a Pickler object."},
    {"pickler_reduce", (fastcall)(void *)pickler_reduce, METH_FASTCALL,
     "pickler_reduce(pickler, obj, /)\n--\n\n"
     "Do reducer_override in the middle of a dump of the engine; PicklerState where that is left to Python."},
    {"pickler_state", (fastcall)(void *)state_or_none, METH_FASTCALL,
     "pickler_state(pickler, /)\n--\n\nReturn the engine's half of a Pickler object, None for one that has none."},
    {"live_picklers", (fastcall)(void *)live_picklers, METH_FASTCALL,
     "live_picklers(target, /)\n--\n\nCount the Pickler objects that have a state of this image."},
    {"new_state", (fastcall)(void *)renew_state, METH_FASTCALL,
     "new_state(target, write, protocol, buffer_callback, limits, /)\n--\n\nMake the engine's half of a Pickler object."},
    {NULL, NULL, 0, NULL},
};
