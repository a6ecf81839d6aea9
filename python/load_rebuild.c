/* Recognises the functions that payloads name, so that loads does their work itself,
 * from nodes. They stay what they are, functions in Python, for everybody else: to
 * pickle.loads native ones would bring little, and picklers save them by identity. */
#include "load.h"
#include <stdlib.h>
#include <string.h>

static struct space *spaces;
static PyObject *types_module, *builtins_module;

struct space *rebuilder_of(PyObject *function, int *number) {
    struct space *s;
    int i;
    if (!is_exactly(function, ld.PyFunction_Type))
        return NULL;
    for (s = spaces; s; s = s->next)
        for (i = 0; i < N_REBUILDERS; i++)
            if (function == s->original[i] && s->code[i] && s->code[i] == ld.PyFunction_GetCode(function)) {
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

static const char *const spelling[N_REBUILDERS] = {
#define X(name, arity) #name,
    REBUILDERS(X)
#undef X
};

/* What the functions of cloudpickle 3.0 to 3.1.2 and ours refer to. One that refers to
 * anything else does something that is not known here, and is called as it is. */
static const char *const known_words[] = {
    "AssertionError", "CellType", "FunctionType", "ValueError", "_DYNAMIC_CLASS_TRACKER_BY_CLASS",
    "_DYNAMIC_CLASS_TRACKER_BY_ID", "_DYNAMIC_CLASS_TRACKER_LOCK", "__builtins__", "__class__",
    "__closure__", "__dict__", "__firstlineno__", "__globals__", "__import__", "__module__",
    "__new__", "__prepare__", "__qualname__", "_empty_cell_value", "_lookup_class_or_track",
    "_make_empty_cell", "builtins", "cell_contents", "enumerate", "getattr", "intern", "items",
    "modules", "new_class", "pop", "register", "setattr", "setdefault", "sys", "type", "types",
    "update", "version_info",
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

PyObject *attribute(PyObject *o, const char *name) {
    PyObject *text = ld.PyUnicode_InternFromString(name), *result = text ? ld.PyObject_GetAttr(o, text) : NULL;
    drop(text);
    return result;
}

int is_known_code(PyObject *code) {
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

static void add_space(PyObject *module) {
    struct space *s = calloc(1, sizeof *s);
    PyObject *original;
    int i, has_tracker;
    if (!s)
        return;
    s->module = held(module);
    s->builtins = attribute(builtins_module, "__dict__");
    s->empty_cell_value = optional(module, "_empty_cell_value");
    has_tracker = tracker_init(&s->tracker, module) == 0;
    for (i = 0; s->builtins && s->empty_cell_value && has_tracker && i < N_REBUILDERS; i++) {
        original = optional(module, spelling[i]);
        s->original[i] = original;
        if (original && is_exactly(original, ld.PyFunction_Type) && is_known_code(ld.PyFunction_GetCode(original)))
            s->code[i] = held(ld.PyFunction_GetCode(original));
    }
    ld.PyErr_Clear();
    s->next = spaces;
    spaces = s;
}

void note_module(PyObject *module) {
    enum { MAX_SPACES = 16 }; /* there are four in the world; a hostile stream can make more */
    static int n;
    if (n < MAX_SPACES && !space_of(module)) {
        n++;
        add_space(module);
    }
}

int rebuilders_init(void) {
    setters_init();
    classes_init();
    types_module = ld.PyImport_ImportModule("types");
    builtins_module = ld.PyImport_ImportModule("builtins");
    return types_module && builtins_module ? 0 : -1;
}
