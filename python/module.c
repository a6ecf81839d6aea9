#define _GNU_SOURCE
#include "module.h"
#include "_cgo_export.h"
#include "fork.h"
#include "signals.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

enum {
    METH_NOARGS = 0x0004,
    API_VERSION = 1013,
    SLOT_DEALLOC = 52,    /* Include/typeslots.h */
    SLOT_TRAVERSE = 71,
    SLOT_CLEAR = 51,
    FLAG_DEFAULT_GC = (1 << 18) | (1 << 14), /* Py_TPFLAGS_DEFAULT, Py_TPFLAGS_HAVE_GC */
};

static struct method_def methods[MAX_METHODS];

static PyObject *call_vector(PyObject *f, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *tuple = py.PyTuple_New(nargs), *kwargs = py.PyDict_New(), *result = NULL;
    Py_ssize_t i, nkw = kwnames ? py.PyTuple_Size(kwnames) : 0;
    if (tuple && kwargs) {
        for (i = 0; i < nargs; i++) {
            py.Py_IncRef(args[i]);
            py.PyTuple_SetItem(tuple, i, args[i]);
        }
        for (i = 0; i < nkw; i++)
            if (py.PyDict_SetItem(kwargs, py.PyTuple_GetItem(kwnames, i), args[nargs + i]) < 0)
                break;
        if (i == nkw)
            result = py.PyObject_Call(f, tuple, kwargs);
    }
    if (tuple)
        py.Py_DecRef(tuple);
    if (kwargs)
        py.Py_DecRef(kwargs);
    return result;
}

static PyObject *redirect(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *loader = py.PyImport_ImportModule("gocloudpickle._loader"), *find, *name, *method = NULL, *result = NULL;
    if (!loader)
        return NULL;
    find = py.PyObject_GetAttrString(loader, "method_after_fork");
    py.Py_DecRef(loader);
    if (!find)
        return NULL;
    name = py.PyUnicode_InternFromString(methods[number].name);
    if (name) {
        method = py.PyObject_CallFunctionObjArgs(find, name, NULL);
        py.Py_DecRef(name);
    }
    py.Py_DecRef(find);
    if (method) {
        result = call_vector(method, args, nargs, kwnames);
        py.Py_DecRef(method);
    }
    return result;
}

/* A call that another image must do: gocloudpickle._loader loads it. */
static PyObject *call_fresh_image(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    struct entry *outer = entered; /* not to be gone back to: the interpreter is in between */
    PyObject *result;
    entered = NULL;
    result = redirect(number, args, nargs, kwnames);
    entered = outer;
    return result;
}

/* What came back from Go by fork_leave has nobody who could finish it. */
static PyObject *refuse_to_go_on(void) {
    if (!py.PyErr_Occurred())
        py.PyErr_SetString(*py.PyExc_RuntimeError,
                           "this process was forked in the middle of a dump, which only the parent process "
                           "can finish: dump the object again here");
    return NULL;
}

static PyObject *enter(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    struct entry here;
    PyObject *result;
    if (forked)
        return call_fresh_image(number, args, nargs, kwnames);
    thread_prepare();
    here.outer = entered;
    if (_setjmp(here.start)) {
        entered = here.outer;
        return refuse_to_go_on();
    }
    entered = &here;
    result = (PyObject *)goCall(number, (uintptr_t)args, nargs, (uintptr_t)kwnames);
    entered = here.outer;
    return result;
}

#define TRAMPOLINES(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define X(n) \
    static PyObject *method##n(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) { \
        (void)self; \
        return enter(n, args, nargs, kwnames); \
    }
TRAMPOLINES(X)
#undef X

static const fastcall trampolines[MAX_METHODS] = {
#define X(n) method##n,
    TRAMPOLINES(X)
#undef X
};

int module_add_method(uintptr_t module, int number, const char *name, const char *doc, const char *in) {
    struct method_def *def = &methods[number];
    PyObject *function, *module_name = py.PyUnicode_InternFromString(in);
    if (!module_name)
        return -1;
    *def = (struct method_def){strdup(name), trampolines[number], METH_FASTCALL | METH_KEYWORDS, strdup(doc)};
    function = py.PyCFunction_NewEx(def, NULL, module_name);
    py.Py_DecRef(module_name);
    if (!function)
        return -1;
    if (py.PyModule_AddObject((PyObject *)module, def->name, function) < 0) {
        py.Py_DecRef(function);
        return -1;
    }
    return 0;
}

/* The type of the object that owns a Go pickler. */
struct state {
    PyObject head;
    uint64_t handle;
};

static PyObject *state_type;

static int state_traverse(PyObject *self, visit_fn visit, void *arg) {
    int stop = visit(self->ob_type, arg);
    if (stop || forked)
        return stop;
    thread_prepare();
    return goStateTraverse(((struct state *)self)->handle, visit, arg);
}

/* Finalizers that run in here can fork too. */
static void in_go(void (*function)(uint64_t), PyObject *self) {
    struct entry here;
    if (forked)
        return;
    thread_prepare();
    here.outer = entered;
    if (_setjmp(here.start) == 0) {
        entered = &here;
        function(((struct state *)self)->handle);
    }
    entered = here.outer;
}

static int state_clear(PyObject *self) {
    in_go(goStateClear, self);
    return 0;
}

static void state_dealloc(PyObject *self) {
    PyObject *type = self->ob_type;
    struct entry *outer = entered;
    py.PyObject_GC_UnTrack(self);
    in_go(goStateDealloc, self);
    py.PyObject_GC_Del(self);
    entered = NULL;
    py.Py_DecRef(type);
    entered = outer;
}

static int make_state_type(void) {
    static struct type_slot slots[] = {
        {SLOT_DEALLOC, state_dealloc},
        {SLOT_TRAVERSE, state_traverse},
        {SLOT_CLEAR, state_clear},
        {0, NULL},
    };
    static struct type_spec spec = {
        "gocloudpickle._engine.PicklerState", sizeof(struct state), 0, FLAG_DEFAULT_GC, slots,
    };
    state_type = py.PyType_FromSpec(&spec);
    return state_type ? 0 : -1;
}

void *state_new(uint64_t handle) {
    PyObject *self = py.PyType_GenericAlloc(state_type, 0);
    if (self)
        ((struct state *)self)->handle = handle;
    return self;
}

uint64_t state_handle(uintptr_t o) {
    PyObject *self = (PyObject *)o;
    return self->ob_type == state_type ? ((struct state *)self)->handle : 0;
}

int module_visit(void *visit, uintptr_t o, void *arg) { return ((visit_fn)visit)((PyObject *)o, arg); }

/* memory_file makes a file in memory for a fresh image: not every Python has
 * os.memfd_create. It is C alone, since it is called in forked children. */
static PyObject *memory_file(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return py.PyLong_FromLong(syscall(SYS_memfd_create, "gocloudpickle_engine", 1 /* MFD_CLOEXEC */));
}

static struct method_def c_methods[] = {
    {"memory_file", (fastcall)(void *)memory_file, METH_NOARGS,
     "memory_file()\n--\n\nReturn the number of a new file in memory, -1 if there can be none."},
    {NULL, NULL, 0, NULL},
};

__attribute__((visibility("default"))) PyObject *PyInit__engine(void) {
    static struct module_def def = {
        .head = {1, NULL},
        .name = "gocloudpickle._engine",
        .doc = "The pickler of gocloudpickle, written in Go.",
        .size = -1,
        .methods = c_methods,
    };
    PyObject *module;
    const char *missing = py_load_api(NULL);
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
                           "gocloudpickle can't run in a sub-interpreter: use it in the main one, "
                           "or stock cloudpickle here");
        return NULL;
    }
    thread_prepare();
    module = py.PyModule_Create2(&def, API_VERSION);
    if (!module)
        return NULL;
    if (make_state_type() < 0 || load_init(module) < 0 || goInit((uintptr_t)module) < 0) {
        py.Py_DecRef(module);
        return NULL;
    }
    fork_watch();
    signals_init();
    return module;
}
