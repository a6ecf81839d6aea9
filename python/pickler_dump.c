/* dump of Pickler classes. */
#include "entry.h"
#include "pickler_call.h"
#include "pickler_class.h"

#define None (py._Py_NoneStruct)

/* PyCFunctionObject, the same from 3.10 to 3.14. */
struct c_function {
    PyObject head;
    struct method_def *def;
    PyObject *self;
};

static int dump_method = -1, undo_method = -1;

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
        int own = found == c->override || found == c->stock_override;
        unguarded.Py_DecRef(found);
        return own ? held(state) : pickler_optional_attribute(self, pickler_names.reducer_override);
    }
    if (found->ob_type == py.PyMethod_Type &&
        (unguarded.PyMethod_Function(found) == c->override || unguarded.PyMethod_Function(found) == c->stock_override) &&
        unguarded.PyMethod_Self(found) == self) {
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

/* The stream is written after Go has been left, with no Go frames under the file's
 * Python code. What a failed dump has memoized is in no stream that anyone can load. */
static PyObject *write_stream(PyObject *self, PyObject *o, PyObject *stream) {
    struct pickler_state *s = (struct pickler_state *)o;
    PyObject *write = s->write, *done, *t, *v, *tb, *undone;
    if (!write)
        return held(None);
    unguarded.Py_IncRef(write);
    s->busy = 1;
    done = unguarded.PyObject_Vectorcall ? unguarded.PyObject_Vectorcall(write, &stream, 1, NULL)
                                         : unguarded.PyObject_CallFunctionObjArgs(write, stream, NULL);
    s->busy = 0;
    unguarded.Py_DecRef(write);
    if (done) {
        unguarded.Py_DecRef(done);
        return held(None);
    }
    unguarded.PyErr_Fetch(&t, &v, &tb);
    undone = module_enter(undo_method, &o, 1, NULL);
    if (undone)
        unguarded.Py_DecRef(undone);
    else
        unguarded.PyErr_Clear();
    unguarded.PyErr_Restore(t, v, tb);
    if (unguarded.PyErr_ExceptionMatches(*py.PyExc_RecursionError)) {
        unguarded.PyErr_Fetch(&t, &v, &tb);
        unguarded.PyErr_NormalizeException(&t, &v, &tb);
        unguarded.Py_DecRef(pickler_call_python("too_deep", self, &v, 1, NULL) ?: held(None));
        unguarded.Py_DecRef(t);
        unguarded.Py_DecRef(v);
        if (tb)
            unguarded.Py_DecRef(tb);
    }
    return NULL;
}

static PyObject *dump_with(PyObject *self, PyObject *state, PyObject *obj) {
    PyObject *all[5] = {state, self, obj, NULL, NULL}, *result = NULL;
    if (dump_method < 0) {
        undo_method = module_method("pickler_undo");
        dump_method = module_method("pickler_stream");
    }
    if ((all[4] = persistent_id_of(self, state)) &&
        (all[3] = override_of(self, &pickler_classes[((struct pickler_state *)state)->target], state)))
        result = module_enter(dump_method, all, 5, NULL);
    if (all[3])
        unguarded.Py_DecRef(all[3]);
    if (all[4])
        unguarded.Py_DecRef(all[4]);
    if (result && result->ob_type == py.PyBytes_Type) {
        PyObject *stream = result;
        result = write_stream(self, state, stream);
        unguarded.Py_DecRef(stream);
    }
    return result;
}

static PyObject *method_dump(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *state, *result;
    if (nargs != 1 || kwnames || forked)
        return pickler_call_python("dump", self, args, nargs, kwnames);
    if (!(state = pickler_state_of(self)))
        return unguarded.PyErr_Occurred() ? NULL : pickler_call_python("dump", self, args, nargs, kwnames);
    result = state->ob_type == pickler_state_type && !((struct pickler_state *)state)->left &&
                     !((struct pickler_state *)state)->limits
                 ? dump_with(self, state, args[0])
                 : pickler_call_python("dump", self, args, nargs, kwnames);
    unguarded.Py_DecRef(state);
    return result;
}

/* pickler_dump(state, pickler, obj) */
PyObject *pickler_dump(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    (void)self;
    if (nargs != 3 || args[0]->ob_type != pickler_state_type) {
        unguarded.PyErr_SetString(*py.PyExc_TypeError, "pickler_dump takes a state of this process, a Pickler, an object");
        return NULL;
    }
    return dump_with(args[1], args[0], args[2]);
}

struct method_def pickler_dump_def = {
    "dump", method_dump, METH_FASTCALL | METH_KEYWORDS, "dump($self, obj)\n--\n\nWrite one object to the file."};
