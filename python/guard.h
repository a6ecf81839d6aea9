/* The functions of the C API that can run Python code, and so fork: behind each
 * stands fork_check. capi.c includes this once; real has the functions as they are. */

#define G1(R, name, A) \
    static R guard_##name(A a) { R r = real.name(a); fork_check(); return r; }
#define G2(R, name, A, B) \
    static R guard_##name(A a, B b) { R r = real.name(a, b); fork_check(); return r; }
#define G3(R, name, A, B, C) \
    static R guard_##name(A a, B b, C c) { R r = real.name(a, b, c); fork_check(); return r; }
#define V1(name, A) \
    static void guard_##name(A a) { real.name(a); fork_check(); }

#define GUARDED(G1, G2, G3, V1) \
    G2(PyObject *, PyObject_GetAttr, PyObject *, PyObject *) \
    G3(int, PyObject_SetAttr, PyObject *, PyObject *, PyObject *) \
    G2(PyObject *, PyObject_GetItem, PyObject *, PyObject *) \
    G3(PyObject *, PyObject_Call, PyObject *, PyObject *, PyObject *) \
    G1(PyObject *, PyObject_CallNoArgs, PyObject *) \
    G1(PyObject *, PyObject_GetIter, PyObject *) \
    G1(PyObject *, PyIter_Next, PyObject *) \
    G1(int, PyObject_IsTrue, PyObject *) \
    G3(int, PyObject_RichCompareBool, PyObject *, PyObject *, int) \
    G1(PyObject *, PyObject_Repr, PyObject *) \
    G1(PyObject *, PyObject_Str, PyObject *) \
    G2(int, PyObject_IsInstance, PyObject *, PyObject *) \
    V1(Py_DecRef, PyObject *) \
    V1(_Py_Dealloc, PyObject *) \
    G1(PyObject *, PySequence_List, PyObject *) \
    G3(int, PyDict_SetItem, PyObject *, PyObject *, PyObject *) \
    G2(int, PyDict_DelItem, PyObject *, PyObject *) \
    G2(PyObject *, PyDict_GetItemWithError, PyObject *, PyObject *) \
    G2(int, PySet_Contains, PyObject *, PyObject *) \
    G1(PyObject *, PyImport_Import, PyObject *) \
    G1(PyObject *, PyImport_ImportModule, const char *) \
    G1(long, PyLong_AsLong, PyObject *)

#define GUARDED_OPTIONAL(G3) \
    G3(int, _PyObject_LookupAttr, PyObject *, PyObject *, PyObject **) \
    G3(int, PyObject_GetOptionalAttr, PyObject *, PyObject *, PyObject **)

static struct py_api real;

GUARDED(G1, G2, G3, V1)
GUARDED_OPTIONAL(G3)

static PyObject *guard_PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t n, PyObject *kwnames) {
    PyObject *r = real.PyObject_VectorcallMethod(name, args, n, kwnames);
    fork_check();
    return r;
}

/* Up to three arguments, which is what this library passes. */
static PyObject *guard_PyObject_CallFunctionObjArgs(PyObject *f, ...) {
    PyObject *a[4] = {NULL}, *r;
    va_list args;
    va_start(args, f);
    for (int i = 0; i < 4 && (a[i] = va_arg(args, PyObject *)); i++)
        ;
    va_end(args);
    r = real.PyObject_CallFunctionObjArgs(f, a[0], a[1], a[2], a[3], NULL);
    fork_check();
    return r;
}

static void guard(void) {
    real = py;
#define SET(name) py.name = guard_##name;
#define S1(R, name, A) SET(name)
#define S2(R, name, A, B) SET(name)
#define S3(R, name, A, B, C) SET(name)
#define SV(name, A) SET(name)
#define S3_OPTIONAL(R, name, A, B, C) if (py.name) SET(name)
    GUARDED(S1, S2, S3, SV)
    GUARDED_OPTIONAL(S3_OPTIONAL)
    SET(PyObject_VectorcallMethod)
    SET(PyObject_CallFunctionObjArgs)
}
