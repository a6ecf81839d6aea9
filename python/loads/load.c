/* loads: what pickle.loads does, for what cloudpickle writes. */
#define _GNU_SOURCE
#include "load.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct load_api ld;

static PyObject *pickle_module, *pickle_loads; /* which does what is not done here */
static PyObject *our_unpickler; /* loads of _unpickler.py, for what may name cloudpickle; NULL: pickle_loads */

/* How many streams were loaded here, and how many pickle got. */
static long n_here, n_pickle;

/* One block is kept for the next load; the GIL is what guards it. */
static void *spare;
static size_t spare_size;
enum { KEEP = 256 << 10 };

static size_t block_size(size_t n) {
    return n * (sizeof(struct node) + 3 * sizeof(struct node *) + sizeof(struct event) + sizeof(uint32_t));
}

static void *take_block(size_t *size) {
    void *block = spare;
    if (block && spare_size >= *size) {
        *size = spare_size;
        spare = NULL;
        return block;
    }
    return malloc(*size);
}

static void give_block(void *block, size_t size) {
    if (size > KEEP || (spare && spare_size >= size)) {
        free(block);
        return;
    }
    free(spare);
    spare = block;
    spare_size = size;
}

/* The object, or NOT_HERE for a stream that is pickle's. data must not change. */
static PyObject *load(const char *data, size_t size) {
    size_t n = size < MAX_OPCODES ? size : MAX_OPCODES, bytes = block_size(n);
    void *block = take_block(&bytes);
    struct load l = {.data = (const unsigned char *)data, .end = (const unsigned char *)data + size};
    PyObject *result = NOT_HERE;
    uint32_t i;
    if (!block)
        return NOT_HERE;
    l.nodes = block;
    l.events = (struct event *)(l.nodes + n);
    l.stack = (struct node **)(l.events + n);
    l.memo = l.stack + n;
    l.items = l.memo + n;
    l.marks = (uint32_t *)(l.items + n);
    if (load_parse(&l))
        result = load_run(&l);
    /* In the order of the stream; an exception that is set stays. */
    for (i = 0; i < l.n_nodes; i++)
        drop(l.nodes[i].obj);
    give_block(block, bytes);
    return result;
}

/* A stream that names nothing of cloudpickle's is no slower in pickle. One of these
 * names is the first thing in most that do. */
static int is_cloudpickle(const char *data, Py_ssize_t size) {
    static const char text[] = "cloudpickle.cloudpickle";
    return size <= MAX_BYTES && memmem(data, size < 512 ? size : 512, text, sizeof text - 1) != NULL;
}

/* Whether a stream certainly names nothing of cloudpickle's. A long one isn't searched: it has
 * an unpickler of its own sooner. -1 is an exception. */
static int is_plain(PyObject *data) {
    enum { CONTIG_RO = 8, SHORT = 4096 };
    static const char text[] = "cloudpickle";
    Py_buffer view;
    int plain;
    if (ld.PyObject_GetBuffer(data, &view, CONTIG_RO) < 0)
        return -1;
    plain = view.len <= SHORT && !memmem(view.buf, view.len, text, sizeof text - 1);
    ld.PyBuffer_Release(&view);
    return plain;
}

PyObject *call_with(PyObject *f, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *tuple, *kwargs, *result = NULL;
    Py_ssize_t i, nkw = kwnames ? ld.PyTuple_Size(kwnames) : 0;
    if (ld.PyObject_Vectorcall)
        return ld.PyObject_Vectorcall(f, args, nargs, kwnames);
    kwargs = ld.PyDict_New(); /* before the tuple, which has NULL items at first: see make_all */
    tuple = ld.PyTuple_New(nargs);
    for (i = 0; tuple && i < nargs; i++)
        ld.PyTuple_SetItem(tuple, i, held(args[i]));
    for (i = 0; tuple && kwargs && i < nkw; i++)
        if (ld.PyDict_SetItem(kwargs, ld.PyTuple_GetItem(kwnames, i), args[nargs + i]) < 0)
            break;
    if (tuple && kwargs && i == nkw)
        result = ld.PyObject_Call(f, tuple, kwargs);
    drop(tuple);
    drop(kwargs);
    return result;
}

/* encoding, errors and fix_imports are for opcodes of protocols 0 to 2, which are all
 * pickle's, and for their names: here they mean nothing, if they are what pickle takes. */
static int are_for_old_protocols(PyObject *const *values, PyObject *kwnames) {
    Py_ssize_t i, n = kwnames ? ld.PyTuple_Size(kwnames) : 0, size;
    for (i = 0; i < n; i++) {
        const char *name = ld.PyUnicode_AsUTF8AndSize(ld.PyTuple_GetItem(kwnames, i), NULL), *text;
        if (name && strcmp(name, "fix_imports") == 0 &&
            (values[i] == ld._Py_TrueStruct || values[i] == ld._Py_FalseStruct))
            continue;
        if (!name || (strcmp(name, "encoding") && strcmp(name, "errors")) ||
            !is_exactly(values[i], ld.PyUnicode_Type) || !(text = ld.PyUnicode_AsUTF8AndSize(values[i], &size)) ||
            strlen(text) != (size_t)size) {
            ld.PyErr_Clear();
            return 0;
        }
    }
    return 1;
}

/* A copy of what another object than bytes holds, since that may change; NULL without an
 * exception if that is pickle's. */
static PyObject *copy_of(PyObject *data) {
    enum { CONTIG_RO = 8 }; /* PyBUF_CONTIG_RO, as _Unpickler_SetStringInput of _pickle.c asks */
    PyObject *bytes = NULL;
    Py_buffer view;
    if (ld.PyObject_GetBuffer(data, &view, CONTIG_RO) < 0)
        return NULL;
    if (is_cloudpickle(view.buf, view.len))
        bytes = ld.PyBytes_FromStringAndSize(view.buf, view.len);
    ld.PyBuffer_Release(&view);
    return bytes;
}

/* What Python code needs may be gone then. */
static int is_finalizing(void) {
    return ld.Py_IsFinalizing ? ld.Py_IsFinalizing() : ld._Py_IsFinalizing ? ld._Py_IsFinalizing() : 0;
}

/* When the interpreter ends, up to CPython 3.11 there comes a time at which _pickle looks
 * for its own state, finds none, and ends the process (_Pickle_GetGlobalState of
 * Modules/_pickle.c): last finalizers run then. */
static PyObject *load_by_pickle(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    int plain;
    if (minor_version() < 12 && !ld.PyState_FindModule(ld.PyModule_GetDef(pickle_module))) {
        ld.PyErr_SetString(ld.PyExc_RuntimeError, "pickle can't be used any more: Python is shutting down");
        return NULL;
    }
    if (!our_unpickler || nargs != 1 || is_finalizing())
        return call_with(pickle_loads, args, nargs, kwnames);
    plain = is_plain(args[0]);
    if (plain < 0)
        ld.PyErr_Clear(); /* pickle has its own words for that */
    return call_with(plain ? pickle_loads : our_unpickler, args, nargs, kwnames);
}

/* bind_unpickler(loads): takes what loads what is not native. */
static PyObject *bind_unpickler(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    (void)self, (void)kwnames;
    if (nargs == 1) {
        drop(our_unpickler);
        our_unpickler = held(args[0]);
    }
    return held(None);
}

/* loads(data, policy=...) is _policy.py's. */
static int has_policy(PyObject *kwnames) {
    Py_ssize_t i, n = kwnames ? ld.PyTuple_Size(kwnames) : 0;
    for (i = 0; i < n; i++) {
        const char *name = ld.PyUnicode_AsUTF8AndSize(ld.PyTuple_GetItem(kwnames, i), NULL);
        if (!name)
            ld.PyErr_Clear();
        else if (strcmp(name, "policy") == 0)
            return 1;
    }
    return 0;
}

static PyObject *load_by_policy(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *module = ld.PyImport_ImportModule("gocloudpickle._policy"), *name, *f, *result;
    if (!module)
        return NULL;
    name = ld.PyUnicode_InternFromString("loads");
    f = name ? ld.PyObject_GetAttr(module, name) : NULL;
    result = f ? call_with(f, args, nargs, kwnames) : NULL;
    drop(f);
    drop(name);
    drop(module);
    return result;
}

static PyObject *loads(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *data, *result = NOT_HERE;
    (void)self;
    if (has_policy(kwnames))
        return load_by_policy(args, nargs, kwnames);
    if (nargs != 1 || !are_for_old_protocols(args + 1, kwnames))
        return load_by_pickle(args, nargs, kwnames);
    if (!is_exactly(args[0], ld.PyBytes_Type))
        data = copy_of(args[0]);
    else
        data = is_cloudpickle(ld.PyBytes_AsString(args[0]), ld.PyBytes_Size(args[0])) ? held(args[0]) : NULL;
    if (data) {
        result = load(ld.PyBytes_AsString(data), ld.PyBytes_Size(data));
        drop(data);
    } else if (ld.PyErr_Occurred())
        return NULL;
    if (result != NOT_HERE) {
        n_here++;
        return result;
    }
    n_pickle++;
    return load_by_pickle(args, nargs, kwnames);
}

static PyObject *loads_info(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *info = ld.PyDict_New(), *here = ld.PyLong_FromLong(n_here), *left = ld.PyLong_FromLong(n_pickle);
    (void)self, (void)args, (void)nargs, (void)kwnames;
    if (!info || !here || !left || ld.PyDict_SetItem(info, names[NAME_native], here) < 0 ||
        ld.PyDict_SetItem(info, names[NAME_pickle], left) < 0) {
        drop(info);
        info = NULL;
    }
    drop(here);
    drop(left);
    return info;
}

static struct method_def definitions[] = {
    {"loads", loads, METH_FASTCALL | METH_KEYWORDS,
     "loads(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=(), policy=...)\n--\n\n"
     "Return the object that the bytes of a pickle hold: pickle.loads, quicker with\n"
     "the functions and classes of cloudpickle. With a policy only what that allows\n"
     "is loaded: see gocloudpickle.audit."},
    {"loads_info", loads_info, METH_FASTCALL | METH_KEYWORDS,
     "loads_info()\n--\n\nReturn how many pickles loads has loaded itself, and how many pickle.loads has."},
    {"bind_records", bind_records, METH_FASTCALL | METH_KEYWORDS,
     "bind_records(module)\n--\n\nLet loads keep what has been set on a class that arrives again."},
    {"bind_unpickler", bind_unpickler, METH_FASTCALL | METH_KEYWORDS,
     "bind_unpickler(loads)\n--\n\nLet another function than pickle.loads have the pickles that loads doesn't load itself."},
};

/* They say that they are gocloudpickle's: that is where they are found. */
static int add_functions(PyObject *module) {
    PyObject *in = ld.PyUnicode_InternFromString("gocloudpickle"), *function;
    size_t i;
    int status = in ? 0 : -1;
    for (i = 0; status == 0 && i < sizeof definitions / sizeof *definitions; i++) {
        function = ld.PyCFunction_NewEx(&definitions[i], NULL, in);
        status = function ? ld.PyModule_AddObject(module, definitions[i].name, function) : -1;
        if (status < 0)
            drop(function);
    }
    drop(in);
    return status;
}

static const char *load_symbols(void) {
#define X(result, name, params) \
    *(void **)(&ld.name) = dlsym(RTLD_DEFAULT, #name); \
    if (!ld.name) return #name;
    LOAD_API(X)
#undef X
#define X(result, name, params) *(void **)(&ld.name) = dlsym(RTLD_DEFAULT, #name);
    LOAD_API_OPTIONAL(X)
#undef X
    if (!ld._PyObject_LookupAttr && !ld.PyObject_GetOptionalAttr)
        return "PyObject_GetOptionalAttr";
#define X(name) \
    ld.name = dlsym(RTLD_DEFAULT, #name); \
    if (!ld.name) return #name;
    LOAD_DATA(X)
#undef X
#define X(name) \
    { \
        PyObject **variable = dlsym(RTLD_DEFAULT, #name); \
        if (!variable) return #name; \
        ld.name = *variable; \
    }
    LOAD_EXCEPTIONS(X)
#undef X
    return NULL;
}

static void constant(struct node *n, PyObject *o) {
    memset(n, 0, sizeof *n);
    n->kind = OBJECT;
    n->obj = o;
}

/* It is called again when what came after it has failed, until the engine is there: so
 * each part of it leaves alone what it has already made. */
int load_init(PyObject *module) {
    PyObject *empty;
    if (load_symbols())
        return 0; /* an interpreter without one of them has pickle.loads */
    if (!node_empty.obj) {
        empty = ld.PyTuple_New(0);
        if (!empty)
            return -1;
        constant(&node_none, None);
        constant(&node_true, ld._Py_TrueStruct);
        constant(&node_false, ld._Py_FalseStruct);
        constant(&node_empty, empty);
    }
    if (!pickle_module && !(pickle_module = ld.PyImport_ImportModule("_pickle")))
        return -1;
    if (!pickle_loads && !(pickle_loads = attribute(pickle_module, "loads")))
        return -1;
    return run_init(pickle_module) < 0 || find_global_init() < 0 || rebuilders_init() < 0 ? -1 : add_functions(module);
}
