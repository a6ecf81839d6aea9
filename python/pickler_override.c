/* What reducer_override of Pickler classes calls: for each function and each class of a dump
 * where a subclass's calls super's. */
#include "fork.h"
#include "pickler_call.h"
#include "pickler_class.h"

static int override_method = -1;

/* Types whose instances it never reduces. */
static int never_reduced(PyObject *type) {
    return type == py.PyCode_Type || type == py.PyCell_Type || type == py.PyMethod_Type || type == py.PyProperty_Type ||
           type == py.PyCFunction_Type;
}

/* The state of a Pickler that the engine dumps; NULL without an exception for none. The object
 * can be of any class, since unbound methods can be called with any. */
static PyObject *state_in_dump(PyObject *self) {
    PyObject *state;
    if (pickler_target_of((PyObject *)self->ob_type) < 0)
        return NULL;
    if (!(state = pickler_state_of(self)))
        return NULL;
    if (state->ob_type == pickler_state_type && !((struct pickler_state *)state)->left &&
        ((struct pickler_state *)state)->handle)
        return state;
    unguarded.Py_DecRef(state);
    return NULL;
}

/* pickler_reduce(pickler, obj) */
PyObject *pickler_reduce(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    PyObject *all[3], *result;
    (void)self;
    if (nargs != 2) {
        unguarded.PyErr_SetString(*py.PyExc_TypeError, "pickler_reduce takes 2 arguments");
        return NULL;
    }
    if (forked)
        return held(pickler_state_type);
    if (never_reduced(args[1]->ob_type))
        return held(py._Py_NotImplementedStruct);
    if (!(all[0] = state_in_dump(args[0])))
        return unguarded.PyErr_Occurred() ? NULL : held(pickler_state_type);
    if (override_method < 0)
        override_method = module_method("pickler_override");
    all[1] = args[0], all[2] = args[1];
    result = module_enter(override_method, all, 3, NULL);
    unguarded.Py_DecRef(all[0]);
    return result;
}
