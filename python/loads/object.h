/* The structures of the stable ABI that the loading side needs.
 *
 * They are those of ../capi.h and ../call.h, spelled once more: the go command does
 * not see that a package includes a header out of another one's folder, and would not
 * build it again. loads_test.go compares the two. */
#ifndef GOCLOUDPICKLE_LOADS_OBJECT_H
#define GOCLOUDPICKLE_LOADS_OBJECT_H

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

/* PyMethodDef of the stable ABI, for METH_FASTCALL functions. */
typedef PyObject *(*fastcall)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
struct method_def {
    const char *name;
    fastcall function;
    int flags;
    const char *doc;
};
enum { METH_FASTCALL = 0x0080, METH_KEYWORDS = 0x0002 };

/* load_init adds the functions of the loading side to the extension module. It can be
 * called again. -1 is an exception. */
__attribute__((visibility("hidden"))) int load_init(PyObject *module);

#endif
