/* The C API of CPython, found by symbol name.
 *
 * The engine is built without Python.h and imported unchanged by every
 * supported CPython, so it declares here, and only here, the C names it uses.
 * PY_API is one X-macro: result, name, parameters. A name in PY_API must exist
 * in every supported version (3.10 to 3.14); PY_API_OPTIONAL lists those that
 * only some have, and their callers ask py_has first.
 */
#ifndef GOCLOUDPICKLE_CAPI_H
#define GOCLOUDPICKLE_CAPI_H

#include <stddef.h>
#include <stdint.h>

typedef intptr_t Py_ssize_t;

typedef struct _object {
    /* 3.12 and 3.13 split this word into two 32-bit halves, 3.14 into count,
     * overflow and flags; an object is immortal when its low half is negative
     * as an int32 (PEP 683). */
    Py_ssize_t ob_refcnt;
    struct _object *ob_type;
} PyObject;

/* Layout of Py_buffer, part of the stable ABI since 3.11 and unchanged before. */
typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len;
    Py_ssize_t itemsize;
    int readonly;
    int ndim;
    char *format;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    Py_ssize_t *suboffsets;
    void *internal;
} Py_buffer;

#define PY_API(X) \
    X(PyObject *, PyObject_Type, (PyObject *)) \
    X(PyObject *, PyObject_GetAttr, (PyObject *, PyObject *)) \
    X(int, PyObject_SetAttr, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, PyObject_GetAttrString, (PyObject *, const char *)) \
    X(PyObject *, PyObject_GetItem, (PyObject *, PyObject *)) \
    X(PyObject *, PyObject_Call, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, PyObject_CallNoArgs, (PyObject *)) \
    X(PyObject *, PyObject_VectorcallMethod, (PyObject *, PyObject *const *, size_t, PyObject *)) \
    X(PyObject *, PyObject_CallFunctionObjArgs, (PyObject *, ...)) \
    X(PyObject *, PyObject_GetIter, (PyObject *)) \
    X(PyObject *, PyIter_Next, (PyObject *)) \
    X(int, PyIter_Check, (PyObject *)) \
    X(int, PyCallable_Check, (PyObject *)) \
    X(int, PyObject_IsTrue, (PyObject *)) \
    X(int, PyObject_RichCompareBool, (PyObject *, PyObject *, int)) \
    X(PyObject *, PyObject_Repr, (PyObject *)) \
    X(PyObject *, PyObject_Str, (PyObject *)) \
    X(PyObject *, PyObject_GenericGetDict, (PyObject *, void *)) \
    X(int, PyObject_GetBuffer, (PyObject *, Py_buffer *, int)) \
    X(void, PyBuffer_Release, (Py_buffer *)) \
    X(int, PyBuffer_IsContiguous, (const Py_buffer *, char)) \
    X(const Py_buffer *, PyPickleBuffer_GetBuffer, (PyObject *)) \
    X(int, PyType_IsSubtype, (PyObject *, PyObject *)) \
    X(unsigned long, PyType_GetFlags, (PyObject *)) \
    X(void *, PyType_GetSlot, (PyObject *, int)) \
    X(PyObject *, PyObject_GenericGetAttr, (PyObject *, PyObject *)) \
    X(int, PyObject_GenericSetAttr, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, PyNumber_Long, (PyObject *)) \
    X(PyObject *, PyDescr_NewMethod, (PyObject *, void *)) \
    X(PyObject *, PyDescr_NewGetSet, (PyObject *, void *)) \
    X(int, PyModule_AddFunctions, (PyObject *, void *)) \
    X(PyObject *, PyMethod_Function, (PyObject *)) \
    X(PyObject *, PyMethod_Self, (PyObject *)) \
    X(void, Py_IncRef, (PyObject *)) \
    X(void, Py_DecRef, (PyObject *)) \
    X(void, _Py_Dealloc, (PyObject *)) \
    X(PyObject *, PyLong_FromLong, (long)) \
    X(PyObject *, PyLong_FromSsize_t, (Py_ssize_t)) \
    X(PyObject *, PyLong_FromVoidPtr, (void *)) \
    X(long, PyLong_AsLong, (PyObject *)) \
    X(long long, PyLong_AsLongLongAndOverflow, (PyObject *, int *)) \
    X(double, PyFloat_AsDouble, (PyObject *)) \
    X(char *, PyOS_double_to_string, (double, char, int, int, int *)) \
    X(void *, PyMem_Malloc, (size_t)) \
    X(void, PyMem_Free, (void *)) \
    X(PyObject *, PyUnicode_FromStringAndSize, (const char *, Py_ssize_t)) \
    X(PyObject *, PyUnicode_InternFromString, (const char *)) \
    X(PyObject *, PyUnicode_FromOrdinal, (int)) \
    X(PyObject *, PyUnicode_DecodeUTF8, (const char *, Py_ssize_t, const char *)) \
    X(PyObject *, PyUnicode_DecodeLatin1, (const char *, Py_ssize_t, const char *)) \
    X(PyObject *, PyUnicode_AsEncodedString, (PyObject *, const char *, const char *)) \
    X(const char *, PyUnicode_AsUTF8AndSize, (PyObject *, Py_ssize_t *)) \
    X(Py_ssize_t, PyUnicode_GetLength, (PyObject *)) \
    X(PyObject *, PyBytes_FromStringAndSize, (const char *, Py_ssize_t)) \
    X(int, _PyBytes_Resize, (PyObject **, Py_ssize_t)) \
    X(char *, PyBytes_AsString, (PyObject *)) \
    X(Py_ssize_t, PyBytes_Size, (PyObject *)) \
    X(char *, PyByteArray_AsString, (PyObject *)) \
    X(Py_ssize_t, PyByteArray_Size, (PyObject *)) \
    X(PyObject *, PyTuple_New, (Py_ssize_t)) \
    X(int, PyTuple_SetItem, (PyObject *, Py_ssize_t, PyObject *)) \
    X(Py_ssize_t, PyTuple_Size, (PyObject *)) \
    X(PyObject *, PyTuple_GetItem, (PyObject *, Py_ssize_t)) \
    X(PyObject *, PyTuple_GetSlice, (PyObject *, Py_ssize_t, Py_ssize_t)) \
    X(PyObject *, PyList_New, (Py_ssize_t)) \
    X(int, PyList_Append, (PyObject *, PyObject *)) \
    X(Py_ssize_t, PyList_Size, (PyObject *)) \
    X(PyObject *, PyList_GetItem, (PyObject *, Py_ssize_t)) \
    X(PyObject *, PySequence_List, (PyObject *)) \
    X(PyObject *, PyDict_New, (void)) \
    X(Py_ssize_t, PyDict_Size, (PyObject *)) \
    X(int, PyDict_Next, (PyObject *, Py_ssize_t *, PyObject **, PyObject **)) \
    X(int, PyDict_SetItem, (PyObject *, PyObject *, PyObject *)) \
    X(int, PyDict_DelItem, (PyObject *, PyObject *)) \
    X(PyObject *, PyDict_GetItemWithError, (PyObject *, PyObject *)) \
    X(PyObject *, PyDict_Copy, (PyObject *)) \
    X(Py_ssize_t, PySet_Size, (PyObject *)) \
    X(int, PySet_Contains, (PyObject *, PyObject *)) \
    X(PyObject *, PyCell_Get, (PyObject *)) \
    X(PyObject *, PyCell_New, (PyObject *)) \
    X(PyObject *, PyModule_GetDict, (PyObject *)) \
    X(PyObject *, PyImport_ImportModule, (const char *)) \
    X(PyObject *, PyImport_Import, (PyObject *)) \
    X(PyObject *, PyImport_GetModuleDict, (void)) \
    X(PyObject *, PyImport_GetModule, (PyObject *)) \
    X(PyObject *, PyWeakref_NewRef, (PyObject *, PyObject *)) \
    X(PyObject *, PyErr_Occurred, (void)) \
    X(void, PyErr_Clear, (void)) \
    X(int, PyErr_ExceptionMatches, (PyObject *)) \
    X(void, PyErr_SetString, (PyObject *, const char *)) \
    X(void, PyErr_SetObject, (PyObject *, PyObject *)) \
    X(PyObject *, PyErr_Format, (PyObject *, const char *, ...)) \
    X(void, PyErr_Fetch, (PyObject **, PyObject **, PyObject **)) \
    X(void, PyErr_Restore, (PyObject *, PyObject *, PyObject *)) \
    X(void, PyErr_NormalizeException, (PyObject **, PyObject **, PyObject **)) \
    X(int, PyException_SetTraceback, (PyObject *, PyObject *)) \
    X(void, PyException_SetContext, (PyObject *, PyObject *)) \
    X(void, PyException_SetCause, (PyObject *, PyObject *)) \
    X(PyObject *, PyErr_NoMemory, (void)) \
    X(void, PyErr_WriteUnraisable, (PyObject *)) \
    X(int, Py_EnterRecursiveCall, (const char *)) \
    X(void, Py_LeaveRecursiveCall, (void)) \
    X(int, Py_GetRecursionLimit, (void)) \
    X(const char *, Py_GetVersion, (void)) \
    X(PyObject *, PyModule_Create2, (void *, int)) \
    X(PyObject *, PyCFunction_NewEx, (void *, PyObject *, PyObject *)) \
    X(void *, PyInterpreterState_Get, (void)) \
    X(void *, PyInterpreterState_Main, (void)) \
    X(PyObject *, PyType_GenericAlloc, (PyObject *, Py_ssize_t)) \
    X(void, PyObject_GC_Del, (void *)) \
    X(int, PyModule_AddObject, (PyObject *, const char *, PyObject *)) \
    X(PyObject *, PyType_FromSpec, (void *)) \
    X(PyObject *, PyEval_GetBuiltins, (void)) \
    X(int, PyGILState_Ensure, (void)) \
    X(void, PyGILState_Release, (int)) \
    X(PyObject *, Py_CompileString, (const char *, const char *, int)) \
    X(PyObject *, PyEval_EvalCode, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, PyImport_AddModule, (const char *)) \
    X(int, PyObject_IsInstance, (PyObject *, PyObject *)) \
    X(void, PyObject_GC_UnTrack, (void *)) \
    X(int, PyGC_Disable, (void)) \
    X(int, PyGC_Enable, (void)) \
    X(PyObject *, _PyType_Lookup, (PyObject *, PyObject *))

#define PY_API_OPTIONAL(X) \
    X(int, _PyObject_GetMethod, (PyObject *, PyObject *, PyObject **)) \
    X(PyObject **, _PyObject_GetDictPtr, (PyObject *)) \
    X(PyObject *, PyObject_Vectorcall, (PyObject *, PyObject *const *, size_t, PyObject *)) /* 3.11 */ \
    X(int, _PyObject_LookupAttr, (PyObject *, PyObject *, PyObject **)) /* to 3.12 */ \
    X(int, PyObject_GetOptionalAttr, (PyObject *, PyObject *, PyObject **)) /* 3.13 */ \
    X(PyObject *, PyType_GetDict, (PyObject *)) /* 3.12 */ \
    X(PyObject *, PyCode_GetCode, (PyObject *)) /* 3.11 */ \
    X(Py_ssize_t, PyUnstable_Eval_RequestCodeExtraIndex, (void (*)(void *))) /* 3.12 */ \
    X(int, PyUnstable_Code_GetExtra, (PyObject *, Py_ssize_t, void **)) \
    X(int, PyUnstable_Code_SetExtra, (PyObject *, Py_ssize_t, void *)) \
    X(Py_ssize_t, _PyEval_RequestCodeExtraIndex, (void (*)(void *))) /* to 3.11 */ \
    X(int, _PyCode_GetExtra, (PyObject *, Py_ssize_t, void **)) \
    X(int, _PyCode_SetExtra, (PyObject *, Py_ssize_t, void *))

/* Exported objects: types, singletons, exceptions. PY_DATA are objects, PY_DATA_PTR
 * are variables that hold a pointer to one (the exceptions). */
#define PY_DATA(X) \
    X(_Py_NoneStruct) X(_Py_TrueStruct) X(_Py_FalseStruct) X(_Py_EllipsisObject) \
    X(_Py_NotImplementedStruct) \
    X(PyBaseObject_Type) X(PyType_Type) X(PyLong_Type) X(PyBool_Type) X(PyFloat_Type) \
    X(PyBytes_Type) X(PyByteArray_Type) X(PyUnicode_Type) X(PyTuple_Type) X(PyList_Type) \
    X(PyDict_Type) X(PySet_Type) X(PyFrozenSet_Type) X(PyPickleBuffer_Type) \
    X(PyFunction_Type) X(PyCode_Type) X(PyCell_Type) X(PyModule_Type) X(PyMethod_Type) \
    X(PyProperty_Type) X(PyClassMethod_Type) X(PyStaticMethod_Type) X(PyDictProxy_Type) \
    X(PyCFunction_Type)

#define PY_DATA_PTR(X) \
    X(PyExc_AttributeError) X(PyExc_ImportError) X(PyExc_KeyError) X(PyExc_OverflowError) \
    X(PyExc_RecursionError) X(PyExc_RuntimeError) X(PyExc_SystemError) X(PyExc_TypeError) \
    X(PyExc_ValueError) X(PyExc_UnicodeEncodeError) X(PyExc_Exception) X(PyExc_MemoryError)

struct py_api {
#define X(result, name, params) result (*name) params;
    PY_API(X)
    PY_API_OPTIONAL(X)
#undef X
#define X(name) PyObject *name;
    PY_DATA(X)
#undef X
#define X(name) PyObject **name;
    PY_DATA_PTR(X)
#undef X
};

/* py is for what Go calls: behind the functions that can run Python code stand the
 * checks of guard.h. unguarded has them as they are, for C that the interpreter calls. */
extern struct py_api py, unguarded;

/* py_load_api fills py from the symbols that handle (or the whole process, when
 * it is NULL) exports. It returns NULL, or the name of the first that is missing. */
const char *py_load_api(void *handle);

#endif
