/* Goes through the events of a stream, in its order, as Modules/_pickle.c would. */
#include "load.h"

/* Makes every item, before there is what they go into. PyTuple_New and PyList_New give
 * something that the garbage collector has already, with NULL for its items, and up to
 * CPython 3.11 whatever allocates can collect (_PyObject_GC_Alloc in
 * Modules/gcmodule.c): a finalizer would find it in gc.get_objects(), and reading one of
 * its items ends the interpreter. Between PyTuple_New and the last item there must be
 * nothing that allocates or runs Python code. */
static int make_all(struct node **items, uint32_t n) {
    uint32_t i;
    for (i = 0; i < n; i++)
        if (!object_of(items[i]))
            return -1;
    return 0;
}

static PyObject *new_tuple(struct node **items, uint32_t n) {
    PyObject *t = make_all(items, n) == 0 ? ld.PyTuple_New(n) : NULL;
    uint32_t i;
    for (i = 0; t && i < n; i++)
        ld.PyTuple_SetItem(t, i, held(items[i]->obj));
    return t;
}

static PyObject *new_list(struct node **items, uint32_t n) {
    PyObject *list = make_all(items, n) == 0 ? ld.PyList_New(n) : NULL;
    uint32_t i;
    for (i = 0; list && i < n; i++)
        ld.PyList_SetItem(list, i, held(items[i]->obj));
    return list;
}

static PyObject *new_dict(struct node **items, uint32_t n) {
    PyObject *d = ld.PyDict_New(), *key, *value;
    uint32_t i;
    for (i = 0; d && i < n; i += 2)
        if (!(key = object_of(items[i])) || !(value = object_of(items[i + 1])) ||
            ld.PyDict_SetItem(d, key, value) < 0) {
            drop(d);
            return NULL;
        }
    return d;
}

/* The depth of nodes is bounded, and so is the recursion. A node can't be in itself. */
PyObject *load_object(struct node *n) {
    switch (n->kind) {
    case STR:
        return n->obj = ld.PyUnicode_DecodeUTF8(n->text, n->n, NULL);
    case TUPLE:
        return n->obj = new_tuple(n->items, n->n);
    case LIST:
        return n->obj = new_list(n->items, n->n);
    case DICT:
        return n->obj = new_dict(n->items, n->n);
    }
    ld.PyErr_SetString(ld.PyExc_RuntimeError, "gocloudpickle: a result is used before its event: this is a bug");
    return NULL;
}

/* A REDUCE whose function is one of ours needs no objects for its arguments. */
static PyObject *rebuild(struct namespace *s, int number, struct node *args) {
    static const uint8_t arity[] = {
#define X(name, n) n,
        REBUILDERS(X)
#undef X
    };
    struct node **items = args->items;
    PyObject *objects[MAX_ARITY];
    uint32_t i, n;
    if (args == &node_empty)
        return number == REBUILD__make_empty_cell ? ld.PyCell_New(NULL)
            : number == REBUILD__make_cell        ? ld.PyCell_New(NULL)
                                                  : NOT_HERE;
    if (!is_deferred(args, TUPLE) || args->n != arity[number])
        return NOT_HERE;
    switch (number) {
    case REBUILD__make_function:
        return make_function(s, items);
    case REBUILD__function_setstate:
        return function_setstate(s, items[FUNCTION_SETSTATE_OBJ], items[FUNCTION_SETSTATE_STATE]);
    case REBUILD__class_setstate:
        return class_setstate(items[CLASS_SETSTATE_OBJ], items[CLASS_SETSTATE_STATE]);
    }
    for (i = 0, n = args->n; i < n; i++)
        if (!(objects[i] = object_of(items[i])))
            return NULL;
    switch (number) {
    case REBUILD__builtin_type:
        return builtin_type(objects[BUILTIN_TYPE_NAME]);
    case REBUILD__make_cell:
        return make_cell(s, objects[CELL_VALUE]);
    case REBUILD__make_skeleton_class:
        return skeleton_class(s, objects);
    case REBUILD__make_skeleton_enum:
        return skeleton_enum(s, objects);
    case REBUILD_subimport:
        return sub_import(objects[SUBIMPORT_NAME]);
    }
    return NOT_HERE;
}

static PyObject *call(struct event *e) {
    PyObject *function = object_of(e->a), *args, *result = NOT_HERE;
    struct namespace *s;
    int number;
    if (!function)
        return NULL;
    s = rebuilder_of(function, &number);
    if (s)
        result = rebuild(s, number, e->b);
    else if (function == ld.PyCode_Type)
        result = make_code(e);
    if (result != NOT_HERE)
        return result;
    if (!(args = object_of(e->b)))
        return NULL;
    return ld.PyObject_CallObject(function, args);
}

static PyObject *unpickling_error_class, *set_update;

int run_init(PyObject *pickle) {
    if (!unpickling_error_class && !(unpickling_error_class = attribute(pickle, "UnpicklingError")))
        return -1;
    if (!set_update && !(set_update = attribute(ld.PySet_Type, "update")))
        return -1;
    return 0;
}

PyObject *unpickling_error(const char *message) {
    ld.PyErr_SetString(unpickling_error_class, message);
    return NULL;
}

/* format has %s for the opcode and %.200s for the name of a type. */
static PyObject *new_error(const char *format, struct event *e, PyObject *type) {
    ld.PyErr_Format(unpickling_error_class, format, e->op == NEW_KW ? "NEWOBJ_EX" : "NEWOBJ", type_name(type));
    return NULL;
}

static PyObject *new_instance(struct event *e) {
    PyObject *cls = object_of(e->a), *args, *kwargs = NULL;
    new_function function;
    if (!cls || !(args = object_of(e->b)))
        return NULL;
    if (e->op == NEW_KW && !(kwargs = object_of(e->items[0])))
        return NULL;
    /* In the words and the order of load_newobj in Modules/_pickle.c. */
    if (!has_flag(cls, IS_TYPE))
        return new_error("%s class argument must be a type, not %.200s", e, type_of(cls));
    function = (new_function)ld.PyType_GetSlot(cls, TP_NEW);
    if (!function)
        return ld.PyErr_Occurred() ? NULL : new_error("%s class argument '%.200s' doesn't have __new__", e, type_of(cls));
    if (!has_flag(args, IS_TUPLE))
        return new_error("%s args argument must be a tuple, not %.200s", e, type_of(args));
    if (kwargs && !has_flag(kwargs, IS_DICT))
        return new_error("%s kwargs argument must be a dict, not %.200s", e, type_of(kwargs));
    return function(cls, args, kwargs);
}

/* The attribute, NULL when there is none or, with an exception, for an error. */
static PyObject *lookup(PyObject *o, int name) {
    PyObject *result = NULL;
    if (ld.PyObject_GetOptionalAttr)
        ld.PyObject_GetOptionalAttr(o, names[name], &result);
    else
        ld._PyObject_LookupAttr(o, names[name], &result);
    return result;
}

static int set_in_dict(PyObject *target, PyObject *dict, int attributes) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    int status = 0;
    while (status == 0 && ld.PyDict_Next(dict, &at, &key, &value)) {
        hold(key);
        hold(value);
        if (attributes)
            status = ld.PyObject_SetAttr(target, key, value);
        else {
            if (is_exactly(key, ld.PyUnicode_Type))
                ld.PyUnicode_InternInPlace(&key);
            status = ld.PyObject_SetItem(target, key, value);
        }
        drop(key);
        drop(value);
    }
    return status;
}

/* Sets attributes from a node that is not yet a dict. */
static int set_attributes(PyObject *target, struct node *dict) {
    PyObject *key, *value;
    uint32_t i;
    for (i = 0; i < dict->n; i += 2)
        if (!(key = object_of(dict->items[i])) || !(value = object_of(dict->items[i + 1])) ||
            ld.PyObject_SetAttr(target, key, value) < 0)
            return -1;
    return 0;
}

static int build(struct event *e) {
    PyObject *instance = object_of(e->a), *state, *slots = NULL, *setstate, *result, *dict;
    int status = 0;
    if (!instance)
        return -1;
    setstate = lookup(instance, NAME___setstate__);
    if (setstate) {
        state = object_of(e->b);
        result = state ? ld.PyObject_CallFunctionObjArgs(setstate, state, NULL) : NULL;
        drop(setstate);
        drop(result);
        return result ? 0 : -1;
    }
    if (ld.PyErr_Occurred())
        return -1;
    if (is_deferred(e->b, TUPLE) && e->b->n == 2 && e->b->items[0] == &node_none && is_deferred(e->b->items[1], DICT))
        return set_attributes(instance, e->b->items[1]);
    if (!(state = object_of(e->b)))
        return -1;
    if (has_flag(state, IS_TUPLE) && ld.PyTuple_Size(state) == 2) {
        slots = ld.PyTuple_GetItem(state, 1);
        state = ld.PyTuple_GetItem(state, 0);
    }
    if (state != None) {
        if (!has_flag(state, IS_DICT)) {
            unpickling_error("state is not a dictionary");
            return -1;
        }
        dict = ld.PyObject_GetAttr(instance, names[NAME___dict__]);
        if (!dict)
            return -1;
        status = set_in_dict(dict, state, 0);
        drop(dict);
    }
    if (status == 0 && slots) {
        if (!has_flag(slots, IS_DICT)) {
            unpickling_error("slot state is not a dictionary");
            return -1;
        }
        status = set_in_dict(instance, slots, 1);
    }
    return status;
}

static int set_items(struct event *e) {
    PyObject *target = object_of(e->a), *key, *value;
    uint32_t i;
    if (!target)
        return -1;
    for (i = 0; i < e->n; i += 2)
        if (!(key = object_of(e->items[i])) || !(value = object_of(e->items[i + 1])) ||
            ld.PyObject_SetItem(target, key, value) < 0)
            return -1;
    return 0;
}

/* Calls o.name(item) for each item. */
static int call_each(PyObject *o, int name, struct event *e) {
    PyObject *function = ld.PyObject_GetAttr(o, names[name]), *item, *result = function;
    uint32_t i;
    for (i = 0; result && i < e->n; i++) {
        item = object_of(e->items[i]);
        result = item ? ld.PyObject_CallFunctionObjArgs(function, item, NULL) : NULL;
        drop(result);
    }
    drop(function);
    return result ? 0 : -1;
}

static int extend(struct event *e) {
    PyObject *target = object_of(e->a), *list, *function, *result;
    int status;
    if (!target)
        return -1;
    if (is_exactly(target, ld.PyList_Type)) {
        if (!(list = new_list(e->items, e->n)))
            return -1;
        status = ld.PyList_SetSlice(target, ld.PyList_Size(target), ld.PyList_Size(target), list);
        drop(list);
        return status;
    }
    function = lookup(target, NAME_extend);
    if (!function)
        return ld.PyErr_Occurred() ? -1 : call_each(target, NAME_append, e);
    list = new_list(e->items, e->n);
    result = list ? ld.PyObject_CallFunctionObjArgs(function, list, NULL) : NULL;
    drop(list);
    drop(function);
    drop(result);
    return result ? 0 : -1;
}

static int add_items(struct event *e) {
    PyObject *target = object_of(e->a), *items, *result;
    if (!target)
        return -1;
    if (!ld.PyType_IsSubtype(type_of(target), ld.PySet_Type))
        return call_each(target, NAME_add, e);
    /* The method of set, whatever a subclass has: load_additems calls _PySet_Update. */
    items = new_tuple(e->items, e->n);
    result = items ? ld.PyObject_CallFunctionObjArgs(set_update, target, items, NULL) : NULL;
    drop(items);
    drop(result);
    return result ? 0 : -1;
}

static PyObject *frozen_set(struct event *e) {
    PyObject *items = new_tuple(e->items, e->n), *set = items ? ld.PyFrozenSet_New(items) : NULL;
    drop(items);
    return set;
}

PyObject *load_run(struct load *l) {
    struct event *e;
    int status;
    for (e = l->events; e < l->events + l->n_events; e++) {
        status = 0;
        switch (e->op) {
        case GLOBAL:
            e->result->obj = find_global(e->a, e->b);
            break;
        case CALL:
            e->result->obj = call(e);
            break;
        case NEW:
        case NEW_KW:
            e->result->obj = new_instance(e);
            break;
        case FROZEN_SET:
            e->result->obj = frozen_set(e);
            break;
        case BUILD:
            status = build(e);
            break;
        case SET_ITEMS:
            status = set_items(e);
            break;
        case EXTEND:
            status = extend(e);
            break;
        case ADD_ITEMS:
            status = add_items(e);
            break;
        }
        if (status < 0 || (e->result && !e->result->obj))
            return NULL;
    }
    return object_of(l->root) ? held(l->root->obj) : NULL;
}
