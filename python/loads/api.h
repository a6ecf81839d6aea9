/* The C API for the loading side (load.c).
 *
 * These are the functions as they are, not behind the fork check that capi.c puts
 * before those in py: what is here is called by the interpreter and never by Go,
 * so in a forked child there is nothing to leave, and it goes on.
 */
#ifndef GOCLOUDPICKLE_LOAD_API_H
#define GOCLOUDPICKLE_LOAD_API_H

#include "object.h"

#define LOAD_API(X) \
    X(PyObject *, PyObject_GetAttr, (PyObject *, PyObject *)) \
    X(int, PyObject_SetAttr, (PyObject *, PyObject *, PyObject *)) \
    X(int, PyObject_SetItem, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, PyObject_CallObject, (PyObject *, PyObject *)) \
    X(PyObject *, PyObject_CallNoArgs, (PyObject *)) \
    X(PyObject *, PyObject_CallFunctionObjArgs, (PyObject *, ...)) \
    X(PyObject *, PyObject_CallMethodObjArgs, (PyObject *, PyObject *, ...)) \
    X(PyObject *, PyObject_Call, (PyObject *, PyObject *, PyObject *)) \
    X(PyObject *, PyObject_GetIter, (PyObject *)) \
    X(PyObject *, PyIter_Next, (PyObject *)) \
    X(int, PyObject_RichCompareBool, (PyObject *, PyObject *, int)) \
    X(int, PyObject_IsTrue, (PyObject *)) \
    X(unsigned long, PyType_GetFlags, (PyObject *)) \
    X(void *, PyType_GetSlot, (PyObject *, int)) \
    X(int, PyType_IsSubtype, (PyObject *, PyObject *)) \
    X(PyObject *, _PyType_Lookup, (PyObject *, PyObject *)) \
    X(void, Py_IncRef, (PyObject *)) \
    X(void, Py_DecRef, (PyObject *)) \
    X(PyObject *, PyLong_FromLong, (long)) \
    X(long, PyLong_AsLong, (PyObject *)) \
    X(PyObject *, _PyLong_FromByteArray, (const unsigned char *, size_t, int, int)) \
    X(PyObject *, PyFloat_FromDouble, (double)) \
    X(PyObject *, PyUnicode_DecodeUTF8, (const char *, Py_ssize_t, const char *)) \
    X(PyObject *, PyUnicode_InternFromString, (const char *)) \
    X(void, PyUnicode_InternInPlace, (PyObject **)) \
    X(int, PyUnicode_Compare, (PyObject *, PyObject *)) \
    X(PyObject *, PyUnicode_Split, (PyObject *, PyObject *, Py_ssize_t)) \
    X(Py_ssize_t, PyUnicode_FindChar, (PyObject *, uint32_t, Py_ssize_t, Py_ssize_t, int)) \
    X(const char *, PyUnicode_AsUTF8AndSize, (PyObject *, Py_ssize_t *)) \
    X(PyObject *, PyBytes_FromStringAndSize, (const char *, Py_ssize_t)) \
    X(char *, PyBytes_AsString, (PyObject *)) \
    X(int, PyObject_GetBuffer, (PyObject *, Py_buffer *, int)) \
    X(void, PyBuffer_Release, (Py_buffer *)) \
    X(Py_ssize_t, PyBytes_Size, (PyObject *)) \
    X(PyObject *, PyByteArray_FromStringAndSize, (const char *, Py_ssize_t)) \
    X(PyObject *, PyTuple_New, (Py_ssize_t)) \
    X(int, PyTuple_SetItem, (PyObject *, Py_ssize_t, PyObject *)) \
    X(Py_ssize_t, PyTuple_Size, (PyObject *)) \
    X(PyObject *, PyTuple_GetItem, (PyObject *, Py_ssize_t)) \
    X(PyObject *, PyList_New, (Py_ssize_t)) \
    X(int, PyList_SetItem, (PyObject *, Py_ssize_t, PyObject *)) \
    X(int, PyList_SetSlice, (PyObject *, Py_ssize_t, Py_ssize_t, PyObject *)) \
    X(Py_ssize_t, PyList_Size, (PyObject *)) \
    X(PyObject *, PyList_GetItem, (PyObject *, Py_ssize_t)) \
    X(PyObject *, PyDict_New, (void)) \
    X(Py_ssize_t, PyDict_Size, (PyObject *)) \
    X(int, PyDict_Next, (PyObject *, Py_ssize_t *, PyObject **, PyObject **)) \
    X(int, PyDict_SetItem, (PyObject *, PyObject *, PyObject *)) \
    X(int, PyDict_DelItem, (PyObject *, PyObject *)) \
    X(void, PyDict_Clear, (PyObject *)) \
    X(int, PyDict_Update, (PyObject *, PyObject *)) \
    X(PyObject *, PyDict_GetItemWithError, (PyObject *, PyObject *)) \
    X(PyObject *, PySet_New, (PyObject *)) \
    X(PyObject *, PyFrozenSet_New, (PyObject *)) \
    X(PyObject *, PyCell_New, (PyObject *)) \
    X(PyObject *, PyCell_Get, (PyObject *)) \
    X(int, PyCell_Set, (PyObject *, PyObject *)) \
    X(PyObject *, PyFunction_New, (PyObject *, PyObject *)) \
    X(PyObject *, PyFunction_GetCode, (PyObject *)) \
    X(PyObject *, PyFunction_GetGlobals, (PyObject *)) \
    X(PyObject *, PyFunction_GetClosure, (PyObject *)) \
    X(int, PyFunction_SetClosure, (PyObject *, PyObject *)) \
    X(PyObject *, PyCFunction_NewEx, (void *, PyObject *, PyObject *)) \
    X(const char *, Py_GetVersion, (void)) \
    X(int, PyModule_AddObject, (PyObject *, const char *, PyObject *)) \
    X(PyObject *, PyModule_GetDict, (PyObject *)) \
    X(void *, PyModule_GetDef, (PyObject *)) \
    X(PyObject *, PyState_FindModule, (void *)) \
    X(PyObject *, PyImport_Import, (PyObject *)) \
    X(PyObject *, PyImport_ImportModule, (const char *)) \
    X(PyObject *, PyImport_GetModuleDict, (void)) \
    X(PyObject *, PyEval_GetBuiltins, (void)) \
    X(PyObject *, PyWeakref_NewRef, (PyObject *, PyObject *)) \
    X(int, PyGC_Disable, (void)) \
    X(int, PyGC_Enable, (void)) \
    X(int, PySys_Audit, (const char *, const char *, ...)) \
    X(PyObject *, PyErr_Occurred, (void)) \
    X(void, PyErr_Clear, (void)) \
    X(int, PyErr_ExceptionMatches, (PyObject *)) \
    X(void, PyErr_Fetch, (PyObject **, PyObject **, PyObject **)) \
    X(void, PyErr_Restore, (PyObject *, PyObject *, PyObject *)) \
    X(void, PyErr_SetString, (PyObject *, const char *)) \
    X(PyObject *, PyErr_Format, (PyObject *, const char *, ...)) \
    X(void, PyException_SetContext, (PyObject *, PyObject *))

/* Of the first two, one is there. */
#define LOAD_API_OPTIONAL(X) \
    X(int, _PyObject_LookupAttr, (PyObject *, PyObject *, PyObject **)) /* to 3.12 */ \
    X(int, PyObject_GetOptionalAttr, (PyObject *, PyObject *, PyObject **)) /* 3.13 */ \
    X(PyObject *, PyCode_NewWithPosOnlyArgs, (void)) /* to 3.11, see code.c */ \
    X(PyObject *, PyUnstable_Code_NewWithPosOnlyArgs, (void)) /* 3.12 */ \
    X(PyObject *, PyType_GetDict, (PyObject *)) /* 3.12 */ \
    X(PyObject *, PyErr_GetRaisedException, (void)) /* 3.12 */ \
    X(void, PyErr_SetRaisedException, (PyObject *)) /* 3.12 */ \
    X(PyObject *, PyObject_Vectorcall, (PyObject *, PyObject *const *, size_t, PyObject *)) /* 3.11 */ \
    X(int, _Py_IsFinalizing, (void)) /* to 3.12 */ \
    X(int, Py_IsFinalizing, (void)) /* 3.13 */

#define LOAD_DATA(X) \
    X(_Py_NoneStruct) X(_Py_TrueStruct) X(_Py_FalseStruct) \
    X(PyBaseObject_Type) X(PyType_Type) X(PyLong_Type) X(PyBytes_Type) X(PyUnicode_Type) \
    X(PyTuple_Type) X(PyList_Type) X(PyDict_Type) X(PySet_Type) X(PyFunction_Type) \
    X(PyClassMethod_Type) X(PyStaticMethod_Type) X(PyProperty_Type) X(PyFloat_Type) \
    X(PyCode_Type) X(PyCell_Type) X(PyModule_Type) X(PyCFunction_Type) \
    X(_PyWeakref_RefType)

#define LOAD_EXCEPTIONS(X) \
    X(PyExc_AttributeError) X(PyExc_RuntimeError) X(PyExc_TypeError) X(PyExc_ValueError) \
    X(PyExc_KeyError) X(PyExc_Exception)

struct load_api {
#define X(result, name, params) result (*name) params;
    LOAD_API(X)
    LOAD_API_OPTIONAL(X)
#undef X
#define X(name) PyObject *name;
    LOAD_DATA(X)
    LOAD_EXCEPTIONS(X) /* the exceptions themselves, not the variables */
#undef X
};

extern struct load_api ld;

#define None (ld._Py_NoneStruct)

static inline void hold(PyObject *o) { ld.Py_IncRef(o); }
static inline void drop(PyObject *o) {
    if (o)
        ld.Py_DecRef(o);
}
static inline PyObject *held(PyObject *o) {
    ld.Py_IncRef(o);
    return o;
}
static inline int has_flag(PyObject *o, int bit) { return (ld.PyType_GetFlags((PyObject *)o->ob_type) >> bit) & 1; }
enum { IS_TUPLE = 26, IS_DICT = 29, IS_STR = 28, IS_TYPE = 31 }; /* Include/object.h */
static inline PyObject *type_of(PyObject *o) { return (PyObject *)o->ob_type; }
/* tp_name is the first field of PyTypeObject behind PyVarObject, in every version. */
static inline const char *type_name(PyObject *type) { return *(const char **)((char *)type + sizeof(PyObject) + sizeof(Py_ssize_t)); }
static inline int is_type(PyObject *o) { return has_flag(o, IS_TYPE); }

/* Slots of a type, Include/typeslots.h. */
enum { TP_GETATTRO = 58, TP_HASH = 59, TP_NEW = 65, TP_RICHCOMPARE = 67, TP_SETATTRO = 69, TP_GETSET = 73 };
typedef PyObject *(*new_function)(PyObject *, PyObject *, PyObject *);
typedef int (*setattr_function)(PyObject *, PyObject *, PyObject *);

/* forgive drops the exception that is set, if any: for where it only says that something
 * is not there, or not as it mostly is. One that is no Exception, such as an interrupt or
 * an exit, is not this library's to drop: then it is -1. */
static inline int forgive(void) {
    if (!ld.PyErr_Occurred())
        return 0;
    if (!ld.PyErr_ExceptionMatches(ld.PyExc_Exception))
        return -1;
    ld.PyErr_Clear();
    return 0;
}

static inline int is_exactly(PyObject *o, PyObject *type) { return o->ob_type == (struct _object *)type; }

#endif
