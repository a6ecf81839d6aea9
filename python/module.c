#define _GNU_SOURCE
#include "module.h"
#include "_cgo_export.h"
#include "entry.h"
#include "guard.h"
#include "image.h"
#include "pickler_object.h"
#include "signals.h"
#include "spare.h"
#include "thread.h"
#include <dlfcn.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Structures of the stable ABI, as Include/ declares them for builds with a GIL. */
struct module_def {
    PyObject head;
    PyObject *(*init)(void);
    Py_ssize_t index;
    PyObject *copy;
    const char *name, *doc;
    Py_ssize_t size;
    void *methods, *slots, *traverse, *clear, *free;
};

enum {
    METH_NOARGS = 0x0004,
    API_VERSION = 1013,
};

#define RETIRED "a dump of this process could not return to the engine: its thread ended, or switched to another stack"

/* memory_file makes a file in memory for a fresh image: not every Python has
 * os.memfd_create. It is C alone, since it is called in forked children. */
static PyObject *memory_file(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return py.PyLong_FromLong(syscall(SYS_memfd_create, "gocloudpickle_engine", 1 /* MFD_CLOEXEC */));
}

/* why_retired tells why this thread's calls are done without the engine. */
static PyObject *why_retired(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    if (retired && (!this_thread.prepared || this_thread.abandoned))
        return py.PyUnicode_FromStringAndSize(RETIRED, sizeof RETIRED - 1);
    unguarded.Py_IncRef(py._Py_NoneStruct);
    return py._Py_NoneStruct;
}

static struct method_def c_methods[] = {
    {"why_retired", (fastcall)(void *)why_retired, METH_NOARGS,
     "why_retired()\n--\n\nTell why the dumps of this thread are done without the engine, None if they aren't."},
    {"memory_file", (fastcall)(void *)memory_file, METH_NOARGS,
     "memory_file()\n--\n\nReturn the number of a new file in memory, -1 if there can be none."},
    {NULL, NULL, 0, NULL},
};

/* init_go calls Go for the first time. What it makes to try things runs Python code
 * (finalizers, callbacks of the collector), which can fork. */
static int init_go(PyObject *module) {
    struct entry *here = entry_push(ALLOWED);
    int left, status = -1;
    if (!here) {
        unguarded.PyErr_NoMemory();
        return -1;
    }
    left = _setjmp(here->start);
    if (!left)
        status = goInit((uintptr_t)module);
    entry_pop(here);
    if (left && !unguarded.PyErr_Occurred())
        unguarded.PyErr_SetString(*unguarded.PyExc_RuntimeError,
                                  "this process was forked while the engine was being loaded");
    return left ? -1 : status;
}

__attribute__((visibility("default"))) PyObject *PyInit__engine(void) {
    static struct module_def def = {
        .head = {1, NULL},
        .name = "gocloudpickle._engine",
        .doc = "The pickler of gocloudpickle, written in Go.",
        .size = -1,
        .methods = c_methods,
    };
    PyObject *module;
    const char *missing = guard_load_api(NULL);
    if (missing) {
        /* Most of py is still empty: these two are found by themselves. */
        void (*set_string)(PyObject *, const char *) = dlsym(RTLD_DEFAULT, "PyErr_SetString");
        PyObject **import_error = dlsym(RTLD_DEFAULT, "PyExc_ImportError");
        char message[200];
        snprintf(message, sizeof message,
                 "gocloudpickle needs CPython 3.10 to 3.14; this interpreter does not export %s", missing);
        if (set_string && import_error)
            set_string(*import_error, message);
        return NULL;
    }
    if (py.PyInterpreterState_Get() != py.PyInterpreterState_Main()) {
        py.PyErr_SetString(*py.PyExc_ImportError,
                           "this is a sub-interpreter: the engine runs in the main one");
        return NULL;
    }
    fork_watch();
    spare_reserve();
    thread_prepare();
    module = py.PyModule_Create2(&def, API_VERSION);
    if (!module)
        return NULL;
    if (pickler_init(module) < 0 || py.PyModule_AddFunctions(module, pickler_functions) < 0 || load_init(module) < 0 || init_go(module) < 0) {
        py.Py_DecRef(module);
        return NULL;
    }
    signals_init();
    image_give_back();
    return module;
}
