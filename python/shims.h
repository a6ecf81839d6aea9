/* Calls into the C API as cgo likes them: arguments are uintptr_t, so that cgo
 * does not check each for Go pointers, results are void *. A shim that does
 * two or three calls saves as many crossings (28 ns each). */
#ifndef GOCLOUDPICKLE_SHIMS_H
#define GOCLOUDPICKLE_SHIMS_H

#include "capi.h"

typedef uintptr_t ref;
#define O(x) ((PyObject *)(x))

static inline void *cp_get_attr(ref o, ref name) { return py.PyObject_GetAttr(O(o), O(name)); }

/* What a shim returns for "an exception is set", where NULL means "there is none
 * of it". An out parameter would cost a Go heap allocation at every call. */
#define CP_ERROR ((void *)&py)

/* cp_lookup_attr: the attribute, NULL when absent (no AttributeError), or CP_ERROR. */
static inline void *cp_lookup_attr(ref o, ref name) {
    PyObject *result = NULL;
    if (py.PyObject_GetOptionalAttr)
        return py.PyObject_GetOptionalAttr(O(o), O(name), &result) < 0 ? CP_ERROR : result;
    if (py._PyObject_LookupAttr)
        return py._PyObject_LookupAttr(O(o), O(name), &result) < 0 ? CP_ERROR : result;
    result = py.PyObject_GetAttr(O(o), O(name));
    if (result)
        return result;
    if (!py.PyErr_ExceptionMatches(*py.PyExc_AttributeError))
        return CP_ERROR;
    py.PyErr_Clear();
    return NULL;
}

static inline void *cp_type(ref o) { return O(o)->ob_type; }
static inline void cp_dealloc(ref o) { py._Py_Dealloc(O(o)); }
static inline void cp_incref(ref o) { py.Py_IncRef(O(o)); }
static inline void cp_decref(ref o) { py.Py_DecRef(O(o)); }

/* cp_method1 calls o.name(a) without making a bound method. */
static inline void *cp_method1(ref o, ref name, ref a) {
    PyObject *args[2] = {O(o), O(a)};
    return py.PyObject_VectorcallMethod(O(name), args, 2, NULL);
}

static inline void *cp_call0(ref f) { return py.PyObject_CallNoArgs(O(f)); }
static inline void *cp_call1(ref f, ref a) {
    return py.PyObject_CallFunctionObjArgs(O(f), O(a), NULL);
}
static inline void *cp_call2(ref f, ref a, ref b) {
    return py.PyObject_CallFunctionObjArgs(O(f), O(a), O(b), NULL);
}
static inline void *cp_call3(ref f, ref a, ref b, ref c) {
    return py.PyObject_CallFunctionObjArgs(O(f), O(a), O(b), O(c), NULL);
}
static inline void *cp_call4(ref f, ref a, ref b, ref c, ref d) {
    return py.PyObject_CallFunctionObjArgs(O(f), O(a), O(b), O(c), O(d), NULL);
}
static inline void *cp_call(ref f, ref args, ref kwargs) {
    return py.PyObject_Call(O(f), O(args), O(kwargs));
}

/* cp_next: the item, NULL at the end, or CP_ERROR. */
static inline void *cp_next(ref it) {
    void *item = py.PyIter_Next(O(it));
    return item ? item : py.PyErr_Occurred() ? CP_ERROR : NULL;
}

/* cp_dict_get: the value, borrowed, NULL when absent, or CP_ERROR. */
static inline void *cp_dict_get(ref d, ref key) {
    void *value = py.PyDict_GetItemWithError(O(d), O(key));
    return value ? value : py.PyErr_Occurred() ? CP_ERROR : NULL;
}

/* cp_get_item_optional: the item, NULL for KeyError, or CP_ERROR. */
static inline void *cp_get_item_optional(ref o, ref key) {
    void *item = py.PyObject_GetItem(O(o), O(key));
    if (item)
        return item;
    if (!py.PyErr_ExceptionMatches(*py.PyExc_KeyError))
        return CP_ERROR;
    py.PyErr_Clear();
    return NULL;
}

/* cp_pack steals nothing: it takes its own reference to each item. It does so first,
 * since PyTuple_New can run finalizers up to CPython 3.11, and nothing stands between
 * that and the last item: see make_all in loads/run.c. */
static inline void *cp_pack(Py_ssize_t n, const ref *items) {
    PyObject *t;
    Py_ssize_t i;
    for (i = 0; i < n; i++)
        py.Py_IncRef(O(items[i]));
    t = py.PyTuple_New(n);
    for (i = 0; i < n; i++)
        if (t)
            py.PyTuple_SetItem(t, i, O(items[i]));
        else
            py.Py_DecRef(O(items[i]));
    return t;
}
static inline void *cp_pack1(ref a) { return cp_pack(1, &a); }
static inline void *cp_pack2(ref a, ref b) {
    ref items[2] = {a, b};
    return cp_pack(2, items);
}

#undef O
#endif
