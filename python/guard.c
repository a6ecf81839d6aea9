#include "guard.h"
#include "entry.h"
#include <stdarg.h>
#include <string.h>

/* What can call any Python code: before it stands entry_refuse, for where there is
 * a greenlet that could be suspended then, behind it entry_stay, for what has happened
 * nevertheless. Each is: result, name, parameters, arguments, result when refused, and
 * the condition under which it runs no Python code. */
#define CALLS(X) \
    X(PyObject *, PyObject_GetAttr, (PyObject *o, PyObject *name), (o, name), NULL, only_c_gets(o, name)) \
    X(PyObject *, PyObject_GetAttrString, (PyObject *o, const char *name), (o, name), NULL, 0) \
    X(int, PyObject_SetAttr, (PyObject *o, PyObject *name, PyObject *v), (o, name, v), -1, 0) \
    X(PyObject *, PyObject_GetItem, (PyObject *o, PyObject *key), (o, key), NULL, 0) \
    X(PyObject *, PyObject_Call, (PyObject *f, PyObject *a, PyObject *kw), (f, a, kw), NULL, 0) \
    X(PyObject *, PyObject_CallNoArgs, (PyObject *f), (f), NULL, 0) \
    X(PyObject *, PyObject_VectorcallMethod, (PyObject *name, PyObject *const *args, size_t n, PyObject *kwnames), \
      (name, args, n, kwnames), NULL, 0) \
    X(PyObject *, PyObject_GetIter, (PyObject *o), (o), NULL, only_c_iterates(o)) \
    X(PyObject *, PyIter_Next, (PyObject *it), (it), NULL, only_c_iterates(it)) \
    X(int, PyObject_IsTrue, (PyObject *o), (o), -1, o->ob_type == py._Py_TrueStruct->ob_type) \
    X(int, PyObject_RichCompareBool, (PyObject *a, PyObject *b, int op), (a, b, op), -1, 0) \
    X(PyObject *, PyObject_Repr, (PyObject *o), (o), NULL, 0) \
    X(PyObject *, PyObject_Str, (PyObject *o), (o), NULL, 0) \
    X(int, PyObject_IsInstance, (PyObject *o, PyObject *cls), (o, cls), -1, 0) \
    X(PyObject *, PySequence_List, (PyObject *o), (o), NULL, only_c_iterates(o)) \
    X(int, PyDict_SetItem, (PyObject *d, PyObject *key, PyObject *v), (d, key, v), -1, only_c_hashes(key)) \
    X(int, PyDict_DelItem, (PyObject *d, PyObject *key), (d, key), -1, only_c_hashes(key)) \
    X(PyObject *, PyDict_GetItemWithError, (PyObject *d, PyObject *key), (d, key), NULL, only_c_hashes(key)) \
    X(int, PySet_Contains, (PyObject *s, PyObject *key), (s, key), -1, only_c_hashes(key)) \
    X(PyObject *, PyImport_Import, (PyObject *name), (name), NULL, 0) \
    X(PyObject *, PyImport_ImportModule, (const char *name), (name), NULL, 0) \
    X(long, PyLong_AsLong, (PyObject *o), (o), -1, is_int(o)) \
    X(long long, PyLong_AsLongLongAndOverflow, (PyObject *o, int *over), (o, over), -1, is_int(o)) \
    X(double, PyFloat_AsDouble, (PyObject *o), (o), -1, o->ob_type == py.PyFloat_Type) \
    X(int, PyObject_GetBuffer, (PyObject *o, Py_buffer *view, int flags), (o, view, flags), -1, \
      o->ob_type == py.PyBytes_Type || o->ob_type == py.PyByteArray_Type)

#define OPTIONAL_CALLS(X) \
    X(PyObject *, PyObject_Vectorcall, (PyObject *f, PyObject *const *args, size_t n, PyObject *kwnames), \
      (f, args, n, kwnames), NULL, 0) \
    X(int, _PyObject_GetMethod, (PyObject *o, PyObject *name, PyObject **m), (o, name, m), 0, only_c_gets(o, name)) \
    X(int, _PyObject_LookupAttr, (PyObject *o, PyObject *name, PyObject **v), (o, name, v), -1, only_c_gets(o, name)) \
    X(int, PyObject_GetOptionalAttr, (PyObject *o, PyObject *name, PyObject **v), (o, name, v), -1, only_c_gets(o, name))

/* What can run Python code in passing only, and can't be done without: finalizers of what
 * it drops, an exception's __init__, a codec's error handler. */
#define PASSING(X) \
    X(PyObject *, PyUnicode_AsEncodedString, (PyObject *s, const char *codec, const char *errors), (s, codec, errors)) \
    X(int, PyTuple_SetItem, (PyObject *t, Py_ssize_t i, PyObject *v), (t, i, v))

#define PASSING_VOID(X) \
    X(Py_DecRef, (PyObject *o), (o)) \
    X(_Py_Dealloc, (PyObject *o), (o)) \
    X(PyBuffer_Release, (Py_buffer *view), (view)) \
    X(PyErr_Clear, (void), ()) \
    X(PyErr_SetString, (PyObject *type, const char *text), (type, text)) \
    X(PyErr_SetObject, (PyObject *type, PyObject *v), (type, v)) \
    X(PyErr_Restore, (PyObject *t, PyObject *v, PyObject *tb), (t, v, tb)) \
    X(PyErr_NormalizeException, (PyObject **t, PyObject **v, PyObject **tb), (t, v, tb)) \
    X(PyException_SetContext, (PyObject *v, PyObject *context), (v, context)) \
    X(PyException_SetCause, (PyObject *v, PyObject *cause), (v, cause)) \
    X(PyErr_WriteUnraisable, (PyObject *o), (o))

/* What makes objects that the collector follows: up to 3.11 that runs it, and so
 * finalizers and weakref callbacks, in the middle of the call (Modules/gcmodule.c,
 * _PyObject_GC_Alloc). From 3.12 on it runs between two instructions of Python code. */
#define ALLOCATES(X) \
    X(PyObject *, PyTuple_New, (Py_ssize_t n), (n)) \
    X(PyObject *, PyTuple_GetSlice, (PyObject *t, Py_ssize_t i, Py_ssize_t j), (t, i, j)) \
    X(PyObject *, PyList_New, (Py_ssize_t n), (n)) \
    X(PyObject *, PyDict_New, (void), ()) \
    X(PyObject *, PyDict_Copy, (PyObject *d), (d)) \
    X(PyObject *, PyObject_GenericGetDict, (PyObject *o, void *unused), (o, unused)) \
    X(PyObject *, PyWeakref_NewRef, (PyObject *o, PyObject *callback), (o, callback)) \
    X(PyObject *, PyType_GenericAlloc, (PyObject *t, Py_ssize_t n), (t, n))

static int is_int(PyObject *o) {
    return o->ob_type == py.PyLong_Type || py.PyType_IsSubtype((PyObject *)o->ob_type, py.PyLong_Type);
}

static int collects_in_calls;

#define X(R, name, parameters, arguments, refused, only_c) \
    static R guard_##name parameters { \
        struct entry *e = entered; \
        R r; \
        if (e && e->python != ALLOWED && !entry_allowed(e) && !(only_c) && entry_refuse(e)) \
            return refused; \
        r = unguarded.name arguments; \
        entry_stay(e); \
        return r; \
    }
CALLS(X)
OPTIONAL_CALLS(X)
#undef X

#define X(R, name, parameters, arguments) \
    static R guard_##name parameters { \
        struct entry *e = entered; \
        R r = unguarded.name arguments; \
        entry_stay(e); \
        return r; \
    }
PASSING(X)
#undef X

#define X(name, parameters, arguments) \
    static void guard_##name parameters { \
        struct entry *e = entered; \
        unguarded.name arguments; \
        entry_stay(e); \
    }
PASSING_VOID(X)
#undef X

#define X(R, name, parameters, arguments) \
    static R guard_##name parameters { \
        struct entry *e = entered; \
        int collector = e && collects_in_calls && !entry_allowed(e) && unguarded.PyGC_Disable(); \
        R r = unguarded.name arguments; \
        if (collector) \
            unguarded.PyGC_Enable(); \
        entry_stay(e); \
        return r; \
    }
ALLOCATES(X)
#undef X

/* Up to three arguments, which is what this library passes. */
static PyObject *guard_PyObject_CallFunctionObjArgs(PyObject *f, ...) {
    struct entry *e = entered;
    PyObject *a[4] = {NULL}, *r;
    va_list args;
    if (e && e->python != ALLOWED && entry_refuse(e))
        return NULL;
    va_start(args, f);
    for (int i = 0; i < 4 && (a[i] = va_arg(args, PyObject *)); i++)
        ;
    va_end(args);
    r = unguarded.PyObject_CallFunctionObjArgs(f, a[0], a[1], a[2], a[3], NULL);
    entry_stay(e);
    return r;
}

const char *guard_load_api(void *handle) {
    const char *missing = py_load_api(handle);
    if (missing)
        return missing;
    unguarded = py;
    collects_in_calls = strncmp(py.Py_GetVersion(), "3.10", 4) == 0 || strncmp(py.Py_GetVersion(), "3.11", 4) == 0;
#define X(R, name, parameters, arguments, refused, only_c) py.name = guard_##name;
    CALLS(X)
#undef X
#define X(R, name, parameters, arguments, refused, only_c) if (py.name) py.name = guard_##name;
    OPTIONAL_CALLS(X)
#undef X
#define X(R, name, parameters, arguments) py.name = guard_##name;
    PASSING(X)
    ALLOCATES(X)
#undef X
#define X(name, parameters, arguments) py.name = guard_##name;
    PASSING_VOID(X)
#undef X
    py.PyObject_CallFunctionObjArgs = guard_PyObject_CallFunctionObjArgs;
    return NULL;
}
