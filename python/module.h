/* The extension module that CPython imports: its functions are Go's. */
#ifndef GOCLOUDPICKLE_MODULE_H
#define GOCLOUDPICKLE_MODULE_H

#include "capi.h"

enum { MAX_METHODS = 16 };

/* PyMethodDef of the stable ABI, for METH_FASTCALL functions. */
typedef PyObject *(*fastcall)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
struct method_def {
    const char *name;
    fastcall function;
    int flags;
    const char *doc;
};
enum { METH_FASTCALL = 0x0080, METH_KEYWORDS = 0x0002 };

/* module_add_method makes a function of the module; number is the Go method it calls. */
int module_add_method(uintptr_t module, int number, const char *name, const char *doc, const char *in);

/* state_new makes the Python object that owns a Go pickler, known by its handle. */
void *state_new(uint64_t handle);
/* state_handle gives the handle, or 0 when o is no such object of this image. */
uint64_t state_handle(uintptr_t o);

/* load_init adds the functions of the loading side, which are C alone: see load.h. */
int load_init(PyObject *module);

typedef int (*visit_fn)(PyObject *, void *);
int module_visit(void *visit, uintptr_t o, void *arg);

#endif
