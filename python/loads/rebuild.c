/* Recognises the functions that payloads name, so that loads does their work itself,
 * from nodes. They stay what they are, functions in Python, for everybody else: to
 * pickle.loads native ones would bring little, and picklers save them by identity. */
#include "load.h"
#include <stdlib.h>
#include <string.h>

static struct namespace *namespaces;
static PyObject *types_module, *builtins_module;

struct namespace *rebuilder_of(PyObject *function, int *number) {
    struct namespace *s;
    int i;
    if (!is_exactly(function, ld.PyFunction_Type))
        return NULL;
    for (s = namespaces; s; s = s->next)
        for (i = 0; i < N_REBUILDERS; i++)
            if (function == s->original[i] && s->code[i] && s->code[i] == ld.PyFunction_GetCode(function)) {
                *number = i;
                return s;
            }
    return NULL;
}

static struct namespace *namespace_of(PyObject *module) {
    struct namespace *s;
    for (s = namespaces; s && s->module != module; s = s->next)
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

static const char *const spelling[N_REBUILDERS] = {
#define X(name, arity) #name,
    REBUILDERS(X)
#undef X
};

/* What the functions of cloudpickle 3.0 to 3.1.2 and ours refer to. One that refers to
 * anything else does something of its own, and is called as it is. */
static const char *const expected_words[] = {
    "AssertionError", "CellType", "FunctionType", "ValueError", "_DYNAMIC_CLASS_TRACKER_BY_CLASS",
    "_DYNAMIC_CLASS_TRACKER_BY_ID", "_DYNAMIC_CLASS_TRACKER_LOCK", "__builtins__", "__class__",
    "__closure__", "__dict__", "__firstlineno__", "__globals__", "__import__", "__module__",
    "__new__", "__prepare__", "__qualname__", "_empty_cell_value", "_lookup_class_or_track",
    "_arriving", "_make_empty_cell", "_note_arrived", "builtins", "cell_contents", "enumerate", "getattr", "intern", "items",
    "modules", "new_class", "pop", "register", "setattr", "setdefault", "sys", "type", "types",
    "update", "version_info",
};

static int is_expected_word(PyObject *word) {
    const char *text = ld.PyUnicode_AsUTF8AndSize(word, NULL);
    size_t i;
    for (i = 0; text && i < sizeof expected_words / sizeof *expected_words; i++)
        if (strcmp(text, expected_words[i]) == 0)
            return 1;
    ld.PyErr_Clear();
    return 0;
}

PyObject *attribute(PyObject *o, const char *name) {
    PyObject *text = ld.PyUnicode_InternFromString(name), *result = text ? ld.PyObject_GetAttr(o, text) : NULL;
    drop(text);
    return result;
}

int is_expected_code(PyObject *code) {
    PyObject *words = attribute(code, "co_names");
    Py_ssize_t i;
    int expected = words && is_exactly(words, ld.PyTuple_Type);
    for (i = 0; expected && i < ld.PyTuple_Size(words); i++)
        expected = is_expected_word(ld.PyTuple_GetItem(words, i));
    drop(words);
    ld.PyErr_Clear();
    return expected;
}

int optional(PyObject *o, const char *name, PyObject **value) {
    PyObject *text;
    if (!is_exactly(o, ld.PyModule_Type)) {
        *value = attribute(o, name);
        return *value ? 0 : forgive();
    }
    /* Not by a module's __getattr__, which pickle.loads would not call for this. */
    text = ld.PyUnicode_InternFromString(name);
    *value = text ? ld.PyDict_GetItemWithError(ld.PyModule_GetDict(o), text) : NULL;
    if (*value)
        hold(*value);
    drop(text);
    return *value ? 0 : forgive();
}

static void namespace_free(struct namespace *s) {
    int i;
    for (i = 0; i < N_REBUILDERS; i++) {
        drop(s->original[i]);
        drop(s->code[i]);
    }
    tracker_free(&s->tracker);
    drop(s->empty_cell_value);
    drop(s->builtins);
    drop(s->module);
    free(s);
}

/* 1, or 0 where the module has not what is needed: not every cloudpickle has all. -1 is
 * an exception. */
static int namespace_fill(struct namespace *s) {
    PyObject *o;
    int i, status = tracker_init(&s->tracker, s->module);
    if (status <= 0)
        return status;
    if (!(s->builtins = attribute(builtins_module, "__dict__")))
        return -1;
    if (optional(s->module, "_empty_cell_value", &s->empty_cell_value) < 0)
        return -1;
    for (i = 0; s->empty_cell_value && i < N_REBUILDERS; i++) {
        if (optional(s->module, spelling[i], &o) < 0)
            return -1;
        s->original[i] = o;
        if (o && is_exactly(o, ld.PyFunction_Type) && is_expected_code(ld.PyFunction_GetCode(o)))
            s->code[i] = held(ld.PyFunction_GetCode(o));
    }
    return 1;
}

int note_module(PyObject *module) {
    enum { MAX_NAMESPACES = 16 }; /* there are four in the world; a hostile stream can make more */
    static int n;
    struct namespace *s;
    if (n >= MAX_NAMESPACES || namespace_of(module))
        return 0;
    if (!(s = calloc(1, sizeof *s)))
        return 0;
    s->module = held(module);
    if (namespace_fill(s) < 0) {
        namespace_free(s);
        return -1;
    }
    /* A module's __getattr__ may have loaded what comes here too. */
    if (n >= MAX_NAMESPACES || namespace_of(module)) {
        namespace_free(s);
        return 0;
    }
    n++;
    s->next = namespaces;
    namespaces = s;
    return 0;
}

int rebuilders_init(void) {
    setters_init();
    if (!types_module && !(types_module = ld.PyImport_ImportModule("types")))
        return -1;
    if (!builtins_module && !(builtins_module = ld.PyImport_ImportModule("builtins")))
        return -1;
    return classes_init();
}
