#include "call.h"
#include "_cgo_export.h"
#include "entry.h"
#include "spare.h"
#include "thread.h"
#include <string.h>

static struct method_def methods[MAX_METHODS];

/* Those methods that can be done without the engine, too. */
static unsigned char has_substitute[MAX_METHODS];

PyObject *module_call_vector(PyObject *f, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    /* The tuple comes last: see make_all in loads/run.c. */
    PyObject *kwargs = unguarded.PyDict_New(), *tuple = unguarded.PyTuple_New(nargs), *result = NULL;
    Py_ssize_t i, nkw = kwnames ? unguarded.PyTuple_Size(kwnames) : 0;
    if (tuple && kwargs) {
        for (i = 0; i < nargs; i++) {
            unguarded.Py_IncRef(args[i]);
            unguarded.PyTuple_SetItem(tuple, i, args[i]);
        }
        for (i = 0; i < nkw; i++)
            if (unguarded.PyDict_SetItem(kwargs, unguarded.PyTuple_GetItem(kwnames, i), args[nargs + i]) < 0)
                break;
        if (i == nkw)
            result = unguarded.PyObject_Call(f, tuple, kwargs);
    }
    if (tuple)
        unguarded.Py_DecRef(tuple);
    if (kwargs)
        unguarded.Py_DecRef(kwargs);
    return result;
}

/* instead makes a call with the function that a function of gocloudpickle._loader finds
 * for it by its name. */
static PyObject *instead(const char *finder, int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *loader = unguarded.PyImport_ImportModule("gocloudpickle._loader"), *find, *name, *method = NULL, *result = NULL;
    if (!loader)
        return NULL;
    find = unguarded.PyObject_GetAttrString(loader, finder);
    unguarded.Py_DecRef(loader);
    if (!find)
        return NULL;
    name = unguarded.PyUnicode_InternFromString(methods[number].name);
    if (name) {
        method = unguarded.PyObject_CallFunctionObjArgs(find, name, NULL);
        unguarded.Py_DecRef(name);
    }
    unguarded.Py_DecRef(find);
    if (method) {
        result = module_call_vector(method, args, nargs, kwnames);
        unguarded.Py_DecRef(method);
    }
    return result;
}

/* What came back from Go by entry_leave has nobody who could finish it. */
static void refuse_to_go_on(int left) {
    if (unguarded.PyErr_Occurred())
        return;
    unguarded.PyErr_SetString(
        *unguarded.PyExc_RuntimeError,
        left == LEFT_FORKED
            ? "this process was forked in the middle of a dump, which only the parent process "
              "can finish: dump the object again here"
            : "the Python code that this dump called switched to another stack, and came back in the middle "
              "of another dump: dump the object again, from here on it is done without the engine");
}

static PyObject *without_engine(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    return instead("method_without_engine", number, args, nargs, kwnames);
}

/* module_may_enter says whether Go can be called from here. Where it can't, the collector only
 * leaves alone what a memo refers to. */
int module_may_enter(void) {
    if (forked || (unlikely(spare_given()) && !spare_reserve()) || (retired && (!this_thread.prepared || this_thread.abandoned)))
        return 0;
    thread_prepare();
    return !thread_stack_short();
}

/* Go can't be called: this image is retired, or the thread has too little stack left.
 * Where Go called the Python code that calls us, that is a recursion without end. */
static PyObject *enter_not(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    uintptr_t left = thread_stack_left();
    if (left && left < (entered ? ENGINE_STACK : LEAST_STACK)) {
        unguarded.PyErr_SetString(*unguarded.PyExc_RecursionError,
                                  "maximum recursion depth exceeded while pickling an object");
        return NULL;
    }
    return without_engine(number, args, nargs, kwnames);
}

PyObject *module_enter(int number, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    struct entry *here;
    PyObject *result = NULL;
    int left, refused;
    if (unlikely(forked))
        return instead("method_after_fork", number, args, nargs, kwnames);
    if (unlikely(!module_may_enter()))
        return enter_not(number, args, nargs, kwnames);
    here = entry_push(has_substitute[number] ? NOT_ASKED : ALLOWED);
    if (unlikely(!here))
        return unguarded.PyErr_NoMemory();
    left = _setjmp(here->start);
    if (!left)
        result = (PyObject *)goCall(number, (uintptr_t)args, nargs, (uintptr_t)kwnames);
    refused = here->python == REFUSED;
    entry_pop(here);
    if (unlikely(left)) {
        refuse_to_go_on(left);
        return NULL;
    }
    if (unlikely(refused)) {
        if (result)
            unguarded.Py_DecRef(result);
        unguarded.PyErr_Clear();
        return without_engine(number, args, nargs, kwnames);
    }
    return result;
}

int module_method(const char *name) {
    int number = 0;
    while (strcmp(methods[number].name, name) != 0)
        number++;
    return number;
}

#define TRAMPOLINES(X) \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) \
    X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)
#define X(n) \
    static PyObject *method##n(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) { \
        (void)self; \
        return module_enter(n, args, nargs, kwnames); \
    }
TRAMPOLINES(X)
#undef X

static const fastcall trampolines[] = {
#define X(n) method##n,
    TRAMPOLINES(X)
#undef X
};
_Static_assert(sizeof trampolines / sizeof *trampolines == MAX_METHODS, "there is a trampoline for each method");

int module_add_method(uintptr_t module, int number, const char *name, const char *doc, const char *in, int substitute) {
    struct method_def *def;
    PyObject *function, *module_name;
    if (number < 0 || number >= MAX_METHODS) {
        py.PyErr_SetString(*py.PyExc_SystemError, "gocloudpickle: more methods than MAX_METHODS in python/call.h");
        return -1;
    }
    if (!(module_name = py.PyUnicode_InternFromString(in)))
        return -1;
    def = &methods[number];
    if (!def->name) /* else an attempt to load the engine has come as far, and failed later */
        *def = (struct method_def){strdup(name), trampolines[number], METH_FASTCALL | METH_KEYWORDS, strdup(doc)};
    has_substitute[number] = substitute;
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

int module_visit(void *visit, uintptr_t o, void *arg) { return ((visit_fn)visit)((PyObject *)o, arg); }
