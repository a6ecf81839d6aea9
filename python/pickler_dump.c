/* dump of Pickler classes. */
#include "entry.h"
#include "pickler_call.h"
#include "pickler_class.h"
#include "pickler_hooks.h"

#define None (py._Py_NoneStruct)

static int dump_method = -1, undo_method = -1;

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
    if (pickler_hooks(self, state, &all[3], &all[4]) == 0)
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
