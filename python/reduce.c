#include "reduce.h"

enum { ARGUMENTS_OFFSET_BIT = 63, TUPLE_SUBCLASS_BIT = 26, OFFSET_TP_NAME = 24 };

static struct {
    PyObject *reduce_ex, *object_reduce_ex, *reduce, *object_reduce, *getstate, *object_getstate;
} names;

static struct reduce_found found;

struct reduce_found *reduce_found(void) { return &found; }

void reduce_init(ref reduce_ex, ref object_reduce_ex, ref reduce, ref object_reduce, ref getstate,
                 ref object_getstate) {
    names.reduce_ex = (PyObject *)reduce_ex, names.object_reduce_ex = (PyObject *)object_reduce_ex;
    names.reduce = (PyObject *)reduce, names.object_reduce = (PyObject *)object_reduce;
    names.getstate = (PyObject *)getstate, names.object_getstate = (PyObject *)object_getstate;
}

static void give_back(ref x, ref y) {
    if (x)
        py.Py_DecRef((PyObject *)x);
    if (y)
        py.Py_DecRef((PyObject *)y);
}

static PyObject *call_one(PyObject *f, PyObject *a) {
    PyObject *args[2] = {NULL, a};
    if (py.PyObject_Vectorcall)
        return py.PyObject_Vectorcall(f, args + 1, 1 | (size_t)1 << ARGUMENTS_OFFSET_BIT, NULL);
    return py.PyObject_CallFunctionObjArgs(f, a, NULL);
}

void *reduce_call(ref x, ref y, ref f, ref a) {
    give_back(x, y);
    return call_one((PyObject *)f, (PyObject *)a);
}

void *reduce_method(ref x, ref y, ref o, ref name, ref a) {
    give_back(x, y);
    return cp_method1(o, name, a);
}

/* 1 where o.name is this method of o's class, 0 where it isn't, -1 with an exception set. */
static int has_method(PyObject *o, PyObject *name, PyObject *method) {
    PyObject *has = NULL;
    int unbound;
    if (!py._PyObject_GetMethod)
        return 0;
    unbound = py._PyObject_GetMethod(o, name, &has);
    if (!has)
        return -1;
    py.Py_DecRef(has);
    return unbound && has == method;
}

/* o.name() */
static PyObject *call_method(PyObject *o, PyObject *name) {
    PyObject *method = NULL, *result;
    int unbound = py._PyObject_GetMethod(o, name, &method);
    if (!method)
        return NULL;
    result = unbound ? call_one(method, o) : py.PyObject_CallNoArgs(method);
    py.Py_DecRef(method);
    return result;
}

void *reduce_own(ref x, ref y, ref obj) {
    PyObject *o = (PyObject *)obj;
    int same;
    give_back(x, y);
    same = has_method(o, names.reduce_ex, names.object_reduce_ex);
    return same > 0 ? call_method(o, names.reduce) : same < 0 ? NULL : CP_ERROR;
}

/* 1 where neither method is hidden, 0 where one is, -1 with an exception set. */
static int reduces_as_object(PyObject *o) {
    int same = has_method(o, names.reduce_ex, names.object_reduce_ex);
    return same > 0 ? has_method(o, names.reduce, names.object_reduce) : same;
}

static PyObject *none(void) {
    py.Py_IncRef(py._Py_NoneStruct);
    return py._Py_NoneStruct;
}

static PyObject *state_of(PyObject *o, PyObject *getstate, int attributes) {
    int same;
    if (!attributes)
        return getstate ? call_one(getstate, o) : none();
    if (getstate)
        return call_method(o, names.getstate);
    same = names.object_getstate ? has_method(o, names.getstate, names.object_getstate) : 1;
    return same > 0 ? py.PyObject_GenericGetDict(o, NULL) : same < 0 ? NULL : call_method(o, names.getstate);
}

static PyObject *new_arguments(PyObject *o, PyObject *getnewargs) {
    PyObject *args = call_one(getnewargs, o);
    if (!args || py.PyType_GetFlags((PyObject *)args->ob_type) & 1 << TUPLE_SUBCLASS_BIT)
        return args;
    py.PyErr_Format(*py.PyExc_TypeError, "__getnewargs__ should return a tuple, not '%.200s'",
                    *(const char **)((char *)args->ob_type + OFFSET_TP_NAME));
    py.Py_DecRef(args);
    return NULL;
}

void *reduce_parts(ref x, ref y, ref obj, ref getnewargs, ref getstate, int attributes) {
    PyObject *o = (PyObject *)obj, *args = NULL, *state;
    struct _object *class;
    int same = 1;
    give_back(x, y);
    if (attributes)
        same = reduces_as_object(o);
    if (same <= 0)
        return same < 0 ? NULL : CP_ERROR;
    if (getnewargs && !(args = new_arguments(o, (PyObject *)getnewargs)))
        return NULL;
    class = o->ob_type;
    state = state_of(o, (PyObject *)getstate, attributes);
    if (!state && args)
        py.Py_DecRef(args);
    found.new_args = state ? args : NULL;
    found.class_changed = o->ob_type != class;
    return state;
}
