/* Calls of the module's functions: from Python into Go, or to what stands for it. */
#ifndef GOCLOUDPICKLE_CALL_H
#define GOCLOUDPICKLE_CALL_H

#include "capi.h"

enum { MAX_METHODS = 24 };

/* PyMethodDef of the stable ABI, for METH_FASTCALL functions. */
typedef PyObject *(*fastcall)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
struct method_def {
    const char *name;
    fastcall function;
    int flags;
    const char *doc;
};
enum { METH_FASTCALL = 0x0080, METH_KEYWORDS = 0x0002 };

/* module_add_method makes a function of the module; number is the Go method it calls.
 * substitute says that gocloudpickle._loader has one that does the same without Go. */
int module_add_method(uintptr_t module, int number, const char *name, const char *doc, const char *in, int substitute);

/* The number of a method that module_add_method has added. */
int module_method(const char *name);

/* module_enter calls a method, or what stands for it where Go can't be called. */
PyObject *module_enter(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* module_may_enter says whether Go can be called from here. */
int module_may_enter(void);

/* module_call_vector is f(*args), of which the last are keywords. */
PyObject *module_call_vector(PyObject *f, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* PyType_Slot and PyType_Spec of the stable ABI. */
struct type_slot {
    int slot;
    void *function;
};

struct type_spec {
    const char *name;
    int basicsize, itemsize;
    unsigned int flags;
    struct type_slot *slots;
};

typedef int (*visit_fn)(PyObject *, void *);
int module_visit(void *visit, uintptr_t o, void *arg);

#endif
