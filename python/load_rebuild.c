/* The functions that payloads name, for a module that has these names. loads knows
 * them by identity and does their work from nodes. Those that gain from it have a
 * native version for everybody else too, such as pickle.loads; what is unusual, the
 * functions that were there before, in Python, still do. */
#include "load.h"
#include <stdlib.h>
#include <string.h>

static struct space *spaces;
static PyObject *types_module, *builtins_module;

struct space *rebuilder_of(PyObject *function, int *number) {
    struct space *s;
    int i;
    if (!is_exactly(function, ld.PyFunction_Type) && !is_exactly(function, ld.PyCFunction_Type))
        return NULL;
    for (s = spaces; s; s = s->next)
        for (i = 0; i < N_REBUILDERS; i++)
            if (function == s->native[i] || (function == s->original[i] && s->code[i] &&
                                             s->code[i] == ld.PyFunction_GetCode(function))) {
                *number = i;
                return s;
            }
    return NULL;
}

static struct space *space_of(PyObject *module) {
    struct space *s;
    for (s = spaces; s && s->module != module; s = s->next)
        ;
    return s;
}

PyObject *builtin_type(PyObject *name) {
    if (!is_exactly(name, ld.PyUnicode_Type) || ld.PyUnicode_Compare(name, names[NAME_ClassType]) == 0)
        return NOT_HERE;
    return ld.PyObject_GetAttr(types_module, name);
}

PyObject *sub_import(PyObject *name) {
    if (!is_exactly(name, ld.PyUnicode_Type))
        return NOT_HERE;
    return import_module(name);
}

static PyObject *native(struct space *s, int number, PyObject *const *args, Py_ssize_t n) {
    static const uint8_t arity[] = {
#define X(name, n, signature) n,
        REBUILDERS(X)
#undef X
    };
    if (number == REBUILD__make_cell && n == 0)
        return ld.PyCell_New(NULL);
    if (n != arity[number])
        return NOT_HERE;
    switch (number) {
    case REBUILD__builtin_type:
        return builtin_type(args[0]);
    case REBUILD__make_cell:
        return make_cell(s, args[0]);
    case REBUILD__make_empty_cell:
        return ld.PyCell_New(NULL);
    case REBUILD__make_skeleton_class:
        return skeleton_class(s, args);
    case REBUILD__make_skeleton_enum:
        return skeleton_enum(s, args);
    case REBUILD_subimport:
        return sub_import(args[0]);
    }
    return NOT_HERE;
}

static PyObject *enter(int number, PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    struct space *s = space_of(self);
    PyObject *result = NOT_HERE;
    if (!kwnames || !ld.PyTuple_Size(kwnames))
        result = native(s, number, args, nargs);
    return result == NOT_HERE ? call_with(s->original[number], args, nargs, kwnames) : result;
}

#define X(name, n, signature) \
    static PyObject *enter_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) { \
        return enter(REBUILD_##name, self, args, nargs, kwnames); \
    }
REBUILDERS(X)
#undef X

static struct method_def definitions[N_REBUILDERS] = {
#define X(name, n, signature) \
    {#name, enter_##name, METH_FASTCALL | METH_KEYWORDS, \
     #name "(" signature ")\n--\n\nCalled by payloads of cloudpickle: see rebuild/rebuild.py of gocloudpickle."},
    REBUILDERS(X)
#undef X
};

/* Whether a native version is quicker than Python's. The others are mostly calls that
 * Python's interpreter makes as quickly; with nodes, loads does without them. */
static int pays(int number) {
    return number == REBUILD__builtin_type || number == REBUILD__make_cell ||
        number == REBUILD__make_empty_cell || number == REBUILD__make_skeleton_class ||
        number == REBUILD__make_skeleton_enum || number == REBUILD_subimport;
}

/* What the functions of cloudpickle 3.0 to 3.1.2 and ours refer to. One that refers to
 * anything else does something that is not known here, and is called as it is. */
static const char *const known_words[] = {
    "AssertionError", "CellType", "FunctionType", "ValueError", "__builtins__", "__class__",
    "__closure__", "__dict__", "__firstlineno__", "__globals__", "__import__", "__module__",
    "__new__", "__prepare__", "__qualname__", "_empty_cell_value", "_lookup_class_or_track",
    "_make_empty_cell", "builtins", "cell_contents", "enumerate", "getattr", "intern", "items",
    "modules", "new_class", "pop", "register", "setattr", "sys", "type", "types", "update",
    "version_info",
};

static int is_known_word(PyObject *word) {
    const char *text = ld.PyUnicode_AsUTF8AndSize(word, NULL);
    size_t i;
    for (i = 0; text && i < sizeof known_words / sizeof *known_words; i++)
        if (strcmp(text, known_words[i]) == 0)
            return 1;
    ld.PyErr_Clear();
    return 0;
}

static PyObject *attribute(PyObject *o, const char *name) {
    PyObject *text = ld.PyUnicode_InternFromString(name), *result = text ? ld.PyObject_GetAttr(o, text) : NULL;
    drop(text);
    return result;
}

/* The dict in one of the tracker's two dictionaries, or NULL without an exception. */
static PyObject *inner_dict(PyObject *module, const char *name) {
    PyObject *outer = attribute(module, name), *inner = outer ? attribute(outer, "data") : NULL;
    drop(outer);
    if (inner && !is_exactly(inner, ld.PyDict_Type)) {
        drop(inner);
        inner = NULL;
    }
    ld.PyErr_Clear();
    return inner;
}

static int is_known_code(PyObject *code) {
    PyObject *words = attribute(code, "co_names");
    Py_ssize_t i;
    int known = words && is_exactly(words, ld.PyTuple_Type);
    for (i = 0; known && i < ld.PyTuple_Size(words); i++)
        known = is_known_word(ld.PyTuple_GetItem(words, i));
    drop(words);
    ld.PyErr_Clear();
    return known;
}

/* A new reference, or NULL without an exception: not every cloudpickle has all. */
static PyObject *optional(PyObject *module, const char *name) {
    PyObject *o = attribute(module, name);
    ld.PyErr_Clear();
    return o;
}

static struct space *new_space(PyObject *module) {
    struct space *s = calloc(1, sizeof *s);
    PyObject *text = attribute(module, "__name__");
    int i;
    if (!s || !text) {
        drop(text);
        free(s);
        if (!ld.PyErr_Occurred())
            ld.PyErr_SetString(ld.PyExc_RuntimeError, "gocloudpickle: out of memory");
        return NULL;
    }
    s->module = held(module);
    s->builtins = attribute(builtins_module, "__dict__");
    s->empty_cell_value = optional(module, "_empty_cell_value");
    s->look_up_or_track = optional(module, "_lookup_class_or_track");
    s->by_id = inner_dict(module, "_DYNAMIC_CLASS_TRACKER_BY_ID");
    s->by_class = inner_dict(module, "_DYNAMIC_CLASS_TRACKER_BY_CLASS");
    for (i = 0; s->builtins && s->empty_cell_value && s->look_up_or_track && i < N_REBUILDERS; i++) {
        PyObject *original = optional(module, definitions[i].name);
        s->original[i] = original;
        if (original && is_exactly(original, ld.PyFunction_Type) && is_known_code(ld.PyFunction_GetCode(original)))
            s->code[i] = held(ld.PyFunction_GetCode(original));
        if (s->code[i] && pays(i))
            s->native[i] = ld.PyCFunction_NewEx(&definitions[i], module, text);
    }
    ld.PyErr_Clear();
    drop(text);
    s->next = spaces;
    spaces = s;
    return s;
}

static PyObject *rebuilders(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    struct space *s;
    PyObject *result, *name;
    int i, status;
    (void)self;
    if (nargs != 1 || kwnames || !ld.PyType_IsSubtype((PyObject *)args[0]->ob_type, ld.PyModule_Type)) {
        ld.PyErr_SetString(ld.PyExc_TypeError, "rebuilders needs a module");
        return NULL;
    }
    s = space_of(args[0]);
    if (!s && !(s = new_space(args[0])))
        return NULL;
    result = ld.PyDict_New();
    for (i = 0; result && i < N_REBUILDERS; i++) {
        if (!s->native[i])
            continue;
        name = ld.PyUnicode_InternFromString(definitions[i].name);
        status = name ? ld.PyDict_SetItem(result, name, s->native[i]) : -1;
        drop(name);
        if (status < 0) {
            drop(result);
            return NULL;
        }
    }
    return result;
}

int rebuilders_init(PyObject *module) {
    static struct method_def def = {
        "rebuilders", rebuilders, METH_FASTCALL | METH_KEYWORDS,
        "rebuilders(module, /)\n--\n\n"
        "Return the native functions that payloads name, in place of those of a module.",
    };
    PyObject *function = ld.PyCFunction_NewEx(&def, NULL, NULL);
    types_module = ld.PyImport_ImportModule("types");
    builtins_module = ld.PyImport_ImportModule("builtins");
    if (!function || !types_module || !builtins_module)
        return -1;
    return ld.PyModule_AddObject(module, def.name, function);
}
