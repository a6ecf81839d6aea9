#include "pickler_hooks.h"
#include "pickler_call.h"
#include "pickler_kind.h"

/* PyCFunctionObject, the same from 3.10 to 3.14. */
struct c_function {
    PyObject head;
    struct method_def *def;
    PyObject *self;
};

/* An attribute, NULL where there is none. *is_method says that it is a function that o's
 * class has: no bound method was made. */
static PyObject *method_or_attribute(PyObject *o, PyObject *name, int *is_method) {
    PyObject *found = NULL;
    *is_method = 0;
    if (!unguarded._PyObject_GetMethod)
        return pickler_optional_attribute(o, name);
    *is_method = unguarded._PyObject_GetMethod(o, name, &found);
    if (!found && unguarded.PyErr_ExceptionMatches(*py.PyExc_AttributeError))
        unguarded.PyErr_Clear();
    return found;
}

/* What the engine does for a hook: the attribute of a Pickler, NULL with an exception set.
 * pickler_state_type stands for none, the Pickler's state for the class's own. */
static PyObject *override_of(PyObject *self, struct pickler_class *c, PyObject *state) {
    int is_method;
    PyObject *found = method_or_attribute(self, pickler_names.reducer_override, &is_method);
    if (!found)
        return unguarded.PyErr_Occurred() ? NULL : held(pickler_state_type);
    if (is_method) {
        int own = pickler_is_own_override(c, found);
        unguarded.Py_DecRef(found);
        return own ? held(state) : pickler_optional_attribute(self, pickler_names.reducer_override);
    }
    if (found->ob_type == py.PyMethod_Type &&
        pickler_is_own_override(c, unguarded.PyMethod_Function(found)) && unguarded.PyMethod_Self(found) == self) {
        unguarded.Py_DecRef(found);
        return held(state);
    }
    return found;
}

/* From 3.13 on it is looked up at each dump (gh-122311); before, CPython's Pickler has it. */
static PyObject *persistent_id_of(PyObject *self, PyObject *state) {
    PyObject *found;
    if (!pickler_base.persistent_id)
        return held(state);
    found = unguarded.PyObject_GetAttr(self, pickler_names.persistent_id);
    if (found && found->ob_type == py.PyCFunction_Type && ((struct c_function *)found)->self == self &&
        ((struct c_function *)found)->def == pickler_base.persistent_id) {
        unguarded.Py_DecRef(found);
        return held(state);
    }
    return found;
}

/* Whether an attribute has been set that a class's function would give way to; -1 with an exception
 * set. */
static int are_set(PyObject *self) {
    PyObject **own = unguarded._PyObject_GetDictPtr(self);
    if (pickler_base.persistent_id_at && *(PyObject **)((char *)self + pickler_base.persistent_id_at))
        return 1;
    if (!own || !*own)
        return 0;
    if (unguarded.PyDict_GetItemWithError(*own, pickler_names.reducer_override) ||
        (!unguarded.PyErr_Occurred() && unguarded.PyDict_GetItemWithError(*own, pickler_names.persistent_id)))
        return 1;
    return unguarded.PyErr_Occurred() ? -1 : 0;
}

/* Whether the class's hooks can be found without the bound methods that attributes are: later
 * releases of 3.13 and 3.14 have code for a Pickler's attributes (gh-122311), and
 * _PyObject_GetMethod makes one then. */
static int has_hooks_of_class(PyObject *self) {
    return pickler_base.hooks_in_dict && unguarded._PyObject_GetDictPtr &&
           pickler_kind_of((PyObject *)self->ob_type).hooks_of_class;
}

int pickler_hooks(PyObject *self, PyObject *state, PyObject **override, PyObject **persistent_id) {
    struct pickler_class *c = &pickler_classes[((struct pickler_state *)state)->target];
    int set = has_hooks_of_class(self) ? are_set(self) : 1;
    if (set < 0)
        return -1;
    if (!set) {
        *override = held(state), *persistent_id = held(state);
        return 0;
    }
    return (*persistent_id = persistent_id_of(self, state)) && (*override = override_of(self, c, state)) ? 0 : -1;
}
