/* reducer_override of Pickler classes: what a subclass's calls as super's, for each function
 * and each class of a dump. */
#include "fork.h"
#include "pickler_call.h"
#include "pickler_class.h"

static int override_method = -1;

/* What cloudpickle's reducer_override is in Python. */
static PyObject *in_python(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    int target = pickler_target_of((PyObject *)self->ob_type);
    if (target < 0)
        return pickler_call_python("no_override", self, args, nargs, kwnames);
    return pickler_call(pickler_classes[target].override_in_python, self, args, nargs, kwnames);
}

/* Types whose instances it never reduces. */
static int never_reduced(PyObject *type) {
    return type == py.PyCode_Type || type == py.PyCell_Type || type == py.PyMethod_Type || type == py.PyProperty_Type ||
           type == py.PyCFunction_Type;
}

/* The state of a Pickler that the engine dumps; NULL without an exception for none. */
static PyObject *state_in_dump(PyObject *self) {
    PyObject *state = unguarded.PyObject_GenericGetAttr(self, pickler_names.engine_state);
    if (!state) {
        if (unguarded.PyErr_ExceptionMatches(*py.PyExc_AttributeError))
            unguarded.PyErr_Clear();
        return NULL;
    }
    if (state->ob_type == pickler_state_type && !((struct pickler_state *)state)->left &&
        ((struct pickler_state *)state)->handle)
        return state;
    unguarded.Py_DecRef(state);
    return NULL;
}

static PyObject *method_override(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *all[3], *result;
    if (nargs != 1 || kwnames || forked)
        return in_python(self, args, nargs, kwnames);
    if (never_reduced(args[0]->ob_type))
        return held(py._Py_NotImplementedStruct);
    if (!(all[0] = state_in_dump(self)))
        return unguarded.PyErr_Occurred() ? NULL : in_python(self, args, nargs, kwnames);
    if (override_method < 0)
        override_method = module_method("pickler_override");
    all[1] = self, all[2] = args[0];
    result = module_enter(override_method, all, 3, NULL);
    unguarded.Py_DecRef(all[0]);
    if (result != pickler_state_type)
        return result;
    unguarded.Py_DecRef(result);
    return in_python(self, args, nargs, kwnames);
}

struct method_def pickler_override_def = {
    "reducer_override", (fastcall)(void *)method_override, METH_FASTCALL | METH_KEYWORDS,
    "reducer_override($self, obj)\n--\n\nReduce a function or class; NotImplemented for any other object."};
