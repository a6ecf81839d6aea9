/* Functions and cells, from the nodes of their calls. */
#include "load.h"
#include <string.h>

/* What setting an attribute of a function comes to: the type's own setters, which
 * nothing can replace. PyGetSetDef is part of the stable ABI. */
struct getset_def {
    const char *name;
    PyObject *(*get)(PyObject *, void *);
    int (*set)(PyObject *, PyObject *, void *);
    const char *doc;
    void *closure;
};
static struct getset_def *setters[N_NAMES];

_Static_assert(N_NAMES <= 64, "function_setstate has a bit of a uint64_t for each name");

void setters_init(void) {
    struct getset_def *def = ld.PyType_GetSlot(ld.PyFunction_Type, TP_GETSET);
    int name;
    for (; def && def->name; def++)
        for (name = 1; def->set && name < N_NAMES; name++)
            if (strcmp(def->name, ld.PyUnicode_AsUTF8AndSize(names[name], NULL)) == 0)
                setters[name] = def;
}

static int set_function(PyObject *function, int name, PyObject *value) {
    struct getset_def *def = setters[name];
    return def ? def->set(function, value, def->closure) : ld.PyObject_SetAttr(function, names[name], value);
}

/* The function and its globals are the interpreter's own types; then nothing that is
 * done to them here runs Python code, but for audit hooks and keys' __eq__. */
static int is_function(PyObject *o) {
    return is_exactly(o, ld.PyFunction_Type) && is_exactly(ld.PyFunction_GetGlobals(o), ld.PyDict_Type);
}

/* The node's object if it is a tuple of cells, NULL without an exception if it isn't. */
static PyObject *cells_of(struct node *n) {
    PyObject *cells = object_of(n);
    Py_ssize_t i;
    if (!cells || !is_exactly(cells, ld.PyTuple_Type)) {
        ld.PyErr_Clear();
        return NULL;
    }
    for (i = ld.PyTuple_Size(cells); i-- > 0;)
        if (!is_exactly(ld.PyTuple_GetItem(cells, i), ld.PyCell_Type))
            return NULL;
    return cells;
}

/* The node's object, unless it is something else than a dict that is to be made. */
static PyObject *exact_dict(struct node *n) {
    if (n->kind != DICT && n->kind != OBJECT && n->kind != RESULT)
        return NOT_HERE;
    if (!object_of(n))
        return NULL;
    return is_exactly(n->obj, ld.PyDict_Type) ? n->obj : NOT_HERE;
}

PyObject *make_function(struct namespace *s, struct node **args) {
    struct node *code = args[FUNCTION_CODE], *closure = args[FUNCTION_CLOSURE];
    PyObject *globals, *cells = NULL, *function;
    /* A code object with free variables must not run without its cells: only what is
     * sure to fit is put together here. */
    if (code->kind != RESULT || args[FUNCTION_NAME] != &node_none || args[FUNCTION_ARGDEFS] != &node_none)
        return NOT_HERE;
    if (closure != &node_none && !(cells = cells_of(closure)))
        return NOT_HERE;
    if (code->free_variables != 1 + (cells ? ld.PyTuple_Size(cells) : 0))
        return NOT_HERE;
    globals = exact_dict(args[FUNCTION_GLOBALS]);
    if (!globals || globals == NOT_HERE)
        return globals;
    if (ld.PyDict_SetItem(globals, names[NAME___builtins__], s->builtins) < 0)
        return NULL;
    /* As func_new does in Objects/funcobject.c. */
    if (ld.PySys_Audit("function.__new__", "O", code->obj) < 0)
        return NULL;
    function = ld.PyFunction_New(code->obj, globals);
    if (function && cells && ld.PyTuple_Size(cells) && ld.PyFunction_SetClosure(function, cells) < 0) {
        drop(function);
        return NULL;
    }
    return function;
}

static int update_globals(PyObject *globals, struct node *values) {
    PyObject *key, *value;
    uint32_t i;
    if (!is_deferred(values, DICT))
        return ld.PyDict_Update(globals, object_of(values));
    for (i = 0; i < values->n; i += 2)
        if (!(key = object_of(values->items[i])) || !(value = object_of(values->items[i + 1])) ||
            ld.PyDict_SetItem(globals, key, value) < 0)
            return -1;
    return 0;
}

static int fill_closure(PyObject *closure, PyObject *cells) {
    Py_ssize_t i, n = ld.PyTuple_Size(cells);
    PyObject *value;
    int status = 0;
    for (i = 0; status == 0 && i < n; i++) {
        value = ld.PyCell_Get(ld.PyTuple_GetItem(cells, i));
        if (value)
            status = ld.PyCell_Set(ld.PyTuple_GetItem(closure, i), value);
        drop(value);
    }
    return status;
}

/* state is (its __dict__, a dict of its attributes), see _function_setstate in
 * rebuild.py. */
PyObject *function_setstate(struct namespace *s, struct node *function_node, struct node *state) {
    struct node *attributes, *own, *globals_node = NULL, *closure = NULL, *submodules = NULL, **slot;
    PyObject *function = object_of(function_node), *globals, *cells = NULL, *key, *value, *old;
    uint64_t seen = 0;
    uint32_t i;
    int name;
    if (!function)
        return NULL;
    if (!is_function(function) || !is_deferred(state, TUPLE) || state->n != 2)
        return NOT_HERE;
    own = state->items[0];
    attributes = state->items[1];
    if (!is_deferred(own, DICT) || !is_deferred(attributes, DICT))
        return NOT_HERE;
    for (i = 0; i < attributes->n; i += 2) {
        name = name_of(attributes->items[i]);
        if (name == NO_NAME)
            continue;
        if (seen & (uint64_t)1 << name)
            return NOT_HERE; /* twice: a dict decides */
        seen |= (uint64_t)1 << name;
        slot = name == NAME___globals__ ? &globals_node
            : name == NAME___closure__  ? &closure
            : name == NAME__cloudpickle_submodules ? &submodules
                                        : NULL;
        if (slot)
            *slot = attributes->items[i + 1];
    }
    if (!globals_node || !closure || !submodules)
        return NOT_HERE;
    value = exact_dict(globals_node);
    if (!value || value == NOT_HERE)
        return value;
    if (closure != &node_none) {
        old = ld.PyFunction_GetClosure(function);
        cells = cells_of(closure);
        if (!cells || !old || ld.PyTuple_Size(old) < ld.PyTuple_Size(cells))
            return NOT_HERE;
    }

    if (own->n) {
        PyObject *dict = ld.PyObject_GetAttr(function, names[NAME___dict__]);
        if (!dict)
            return NULL;
        name = update_globals(dict, own);
        drop(dict);
        if (name < 0)
            return NULL;
    }
    globals = ld.PyFunction_GetGlobals(function);
    if (update_globals(globals, globals_node) < 0 ||
        ld.PyDict_SetItem(globals, names[NAME___builtins__], s->builtins) < 0)
        return NULL;
    if (cells && fill_closure(ld.PyFunction_GetClosure(function), cells) < 0)
        return NULL;

    for (i = 0; i < attributes->n; i += 2) {
        name = name_of(attributes->items[i]);
        if (name == NAME___globals__ || name == NAME___closure__ || name == NAME__cloudpickle_submodules)
            continue;
        if (!(value = object_of(attributes->items[i + 1])))
            return NULL;
        if (name) {
            if (set_function(function, name, value) < 0)
                return NULL;
        } else if (!(key = object_of(attributes->items[i])) || ld.PyObject_SetAttr(function, key, value) < 0)
            return NULL;
    }
    return held(None);
}

PyObject *make_cell(struct namespace *s, PyObject *value) {
    return ld.PyCell_New(value == s->empty_cell_value ? NULL : value);
}
