/* The functions that payloads name, for a module that has these names. Whoever calls
 * them finds what cloudpickle does; what is unusual, the functions that were there
 * before, in Python, still do. */
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
            if (function == s->native[i] ||
                (function == s->original[i] && s->code[i] && s->code[i] == ld.PyFunction_GetCode(function))) {
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

static void as_node(struct node *n, PyObject *o) {
    memset(n, 0, sizeof *n);
    n->kind = OBJECT;
    n->obj = o;
}

/* A dict as a node with items, for those who read nodes. It holds what it has: what is
 * done with it can run Python code, and that can change the dict. */
enum { MAX_ITEMS = 64 };
struct open_dict {
    struct node node, nodes[MAX_ITEMS], *items[MAX_ITEMS];
};

static int open_dict(struct open_dict *o, PyObject *dict) {
    PyObject *key, *value;
    Py_ssize_t at = 0, size;
    uint32_t n = 0;
    memset(&o->node, 0, sizeof o->node);
    if (!is_exactly(dict, ld.PyDict_Type) || ld.PyDict_Size(dict) * 2 > MAX_ITEMS)
        return 0;
    o->node.kind = DICT;
    o->node.unique = 1;
    o->node.items = o->items;
    while (n < MAX_ITEMS && ld.PyDict_Next(dict, &at, &key, &value)) {
        struct node *k = &o->nodes[n], *v = &o->nodes[n + 1];
        if (!is_exactly(key, ld.PyUnicode_Type))
            break;
        as_node(k, held(key));
        as_node(v, held(value));
        o->items[n++] = k;
        o->items[n++] = v;
        k->kind = STR;
        k->text = ld.PyUnicode_AsUTF8AndSize(key, &size);
        if (!k->text) {
            ld.PyErr_Clear(); /* a lone surrogate: no known name */
            k->text = "";
            size = 0;
        }
        k->n = size;
    }
    o->node.n = n;
    return (Py_ssize_t)n == ld.PyDict_Size(dict) * 2;
}

static void close_dict(struct open_dict *o) {
    uint32_t i;
    for (i = 0; i < o->node.n; i++)
        drop(o->nodes[i].obj);
}

/* The two dicts of a state. */
static int is_pair(PyObject *state) {
    return is_exactly(state, ld.PyTuple_Type) && ld.PyTuple_Size(state) == 2;
}

static PyObject *native_make_function(struct space *s, PyObject *const *args) {
    if (ld.PyObject_SetItem(args[1], names[NAME___builtins__], s->builtins) < 0)
        return NULL;
    return ld.PyObject_CallFunctionObjArgs(ld.PyFunction_Type, args[0], args[1], args[2], args[3], args[4], NULL);
}

static PyObject *native_function_setstate(struct space *s, PyObject *const *args) {
    struct open_dict own, attributes;
    struct node function, state, *pair[2] = {&own.node, &attributes.node};
    PyObject *result = NOT_HERE, *dict;
    if (!is_pair(args[1]))
        return NOT_HERE;
    dict = ld.PyTuple_GetItem(args[1], 1);
    attributes.node.n = 0;
    as_node(&function, args[0]);
    as_node(&state, NULL);
    state.kind = TUPLE;
    state.n = 2;
    state.items = pair;
    if (open_dict(&own, ld.PyTuple_GetItem(args[1], 0)) && open_dict(&attributes, dict))
        result = function_setstate(s, &function, &state);
    if (result && result != NOT_HERE) {
        static const int popped[] = {NAME___globals__, NAME___closure__, NAME__cloudpickle_submodules};
        int i;
        for (i = 0; i < 3; i++)
            if (ld.PyDict_DelItem(dict, names[popped[i]]) < 0)
                ld.PyErr_Clear();
    }
    close_dict(&own);
    close_dict(&attributes);
    return result;
}

static PyObject *native_class_setstate(PyObject *const *args) {
    struct open_dict attributes;
    struct node cls, state, ignored, *pair[2] = {&attributes.node, &ignored};
    PyObject *result = NOT_HERE;
    if (!is_pair(args[1]))
        return NOT_HERE;
    as_node(&cls, args[0]);
    as_node(&state, NULL);
    as_node(&ignored, None);
    state.kind = TUPLE;
    state.n = 2;
    state.items = pair;
    if (open_dict(&attributes, ld.PyTuple_GetItem(args[1], 0)))
        result = class_setstate(&cls, &state);
    close_dict(&attributes);
    return result;
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
    case REBUILD__class_setstate:
        return native_class_setstate(args);
    case REBUILD__function_setstate:
        return native_function_setstate(s, args);
    case REBUILD__make_cell:
        return make_cell(s, args[0]);
    case REBUILD__make_empty_cell:
        return ld.PyCell_New(NULL);
    case REBUILD__make_function:
        return native_make_function(s, args);
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
    return result == NOT_HERE ? ld.PyObject_Vectorcall(s->original[number], args, nargs, kwnames) : result;
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
     #name "(" signature ")\n--\n\nCalled by payloads of cloudpickle; see gocloudpickle's rebuild/rebuild.py."},
    REBUILDERS(X)
#undef X
};

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

static struct space *new_space(PyObject *module, int replaces) {
    struct space *s = calloc(1, sizeof *s);
    PyObject *text = attribute(module, "__name__");
    int i;
    if (!s || !text)
        goto failed;
    s->module = held(module);
    s->builtins = attribute(builtins_module, "__dict__");
    s->empty_cell_value = attribute(module, "_empty_cell_value");
    s->look_up_or_track = attribute(module, "_lookup_class_or_track");
    if (!s->builtins || !s->empty_cell_value || !s->look_up_or_track)
        goto failed;
    s->by_id = inner_dict(module, "_DYNAMIC_CLASS_TRACKER_BY_ID");
    s->by_class = inner_dict(module, "_DYNAMIC_CLASS_TRACKER_BY_CLASS");
    for (i = 0; i < N_REBUILDERS; i++) {
        PyObject *original = attribute(module, definitions[i].name);
        if (!original)
            goto failed;
        s->original[i] = original;
        if (replaces && is_exactly(original, ld.PyFunction_Type))
            s->code[i] = ld.PyFunction_GetCode(original);
        if (s->code[i])
            hold(s->code[i]);
        if (!(s->native[i] = ld.PyCFunction_NewEx(&definitions[i], module, text)))
            goto failed;
    }
    drop(text);
    s->next = spaces;
    spaces = s;
    return s;
failed: /* what it holds stays: this is for modules that are no cloudpickle */
    drop(text);
    free(s);
    return NULL;
}

/* rebuilders(module, replaces) */
static PyObject *rebuilders(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    struct space *s;
    PyObject *result, *name;
    int i, status;
    (void)self;
    if (nargs < 1 || nargs > 2 || kwnames || !ld.PyType_IsSubtype((PyObject *)args[0]->ob_type, ld.PyModule_Type)) {
        ld.PyErr_SetString(ld.PyExc_TypeError, "rebuilders(module, replaces=False) needs a module");
        return NULL;
    }
    s = space_of(args[0]);
    if (!s && !(s = new_space(args[0], nargs > 1 && args[1] == ld._Py_TrueStruct)))
        return NULL;
    result = ld.PyDict_New();
    for (i = 0; result && i < N_REBUILDERS; i++) {
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
        "rebuilders(module, replaces=False)\n--\n\n"
        "Return the native functions that payloads name, in place of those of a module.",
    };
    PyObject *function = ld.PyCFunction_NewEx(&def, NULL, NULL);
    types_module = ld.PyImport_ImportModule("types");
    builtins_module = ld.PyImport_ImportModule("builtins");
    if (!function || !types_module || !builtins_module)
        return -1;
    return ld.PyModule_AddObject(module, def.name, function);
}
