/* Classes and Enums: the tracker, skeletons and their attributes. */
#include "load.h"
#include <string.h>

/* The class that the tracker has under this id: a new reference, or NULL without an
 * exception. The rest of the tracker's work is left to Python.
 *
 * by_id is the dict of a WeakValueDictionary, so its values are weak references. */
static PyObject *tracked(struct space *s, PyObject *id) {
    PyObject *reference, *cls, *own, *key;
    if (!s->by_id || !s->by_class || !is_exactly(id, ld.PyUnicode_Type))
        return NULL;
    reference = ld.PyDict_GetItemWithError(s->by_id, id);
    if (!reference || !ld.PyType_IsSubtype((PyObject *)reference->ob_type, ld._PyWeakref_RefType)) {
        ld.PyErr_Clear();
        return NULL;
    }
    hold(reference);
    cls = ld.PyObject_CallNoArgs(reference);
    drop(reference);
    if (!cls || cls == None || !(ld.PyType_GetFlags((PyObject *)cls->ob_type) >> 31 & 1)) {
        ld.PyErr_Clear();
        drop(cls);
        return NULL;
    }
    /* Both directions must agree; where they don't, the tracker itself mends that. */
    key = ld.PyWeakref_NewRef(cls, NULL);
    own = key ? ld.PyDict_GetItemWithError(s->by_class, key) : NULL;
    if (!own || !is_exactly(own, ld.PyUnicode_Type) || ld.PyUnicode_Compare(own, id) != 0) {
        ld.PyErr_Clear();
        drop(cls);
        cls = NULL;
    }
    drop(key);
    return cls;
}

static int same_items(PyObject *a, PyObject *b) {
    Py_ssize_t i, n;
    if (!is_exactly(a, ld.PyTuple_Type) || !is_exactly(b, ld.PyTuple_Type))
        return 0;
    n = ld.PyTuple_Size(a);
    if (ld.PyTuple_Size(b) != n)
        return 0;
    for (i = 0; i < n; i++)
        if (ld.PyTuple_GetItem(a, i) != ld.PyTuple_GetItem(b, i))
            return 0;
    return 1;
}

static int has_bases(PyObject *cls, PyObject *bases) {
    PyObject *own = ld.PyObject_GetAttr(cls, names[NAME___bases__]);
    int answer = own && same_items(own, bases);
    ld.PyErr_Clear();
    drop(own);
    return answer;
}

static int is_text_equal(PyObject *cls, int attribute, PyObject *text) {
    PyObject *own = ld.PyObject_GetAttr(cls, names[attribute]);
    int answer = own && is_exactly(own, ld.PyUnicode_Type) && is_exactly(text, ld.PyUnicode_Type) &&
        ld.PyUnicode_Compare(own, text) == 0;
    ld.PyErr_Clear();
    drop(own);
    return answer;
}

/* Whether type(name, bases, {"__module__": ...}) runs no code but type's own: the
 * bases are plain classes, of type itself, and none has an __init_subclass__. */
static int are_plain_bases(PyObject *bases) {
    PyObject *base, *usual = ld._PyType_Lookup(ld.PyBaseObject_Type, names[NAME___init_subclass__]);
    Py_ssize_t i;
    if (!usual || !is_exactly(bases, ld.PyTuple_Type))
        return 0;
    for (i = 0; i < ld.PyTuple_Size(bases); i++) {
        base = ld.PyTuple_GetItem(bases, i);
        if (!is_exactly(base, ld.PyType_Type) || ld._PyType_Lookup(base, names[NAME___init_subclass__]) != usual)
            return 0;
    }
    return 1;
}

static int is_only_module(PyObject *kwargs) {
    PyObject *module;
    if (!is_exactly(kwargs, ld.PyDict_Type) || ld.PyDict_Size(kwargs) != 1)
        return 0;
    module = ld.PyDict_GetItemWithError(kwargs, names[NAME___module__]);
    ld.PyErr_Clear();
    return module && is_exactly(module, ld.PyUnicode_Type);
}

/* args: type_constructor, name, bases, type_kwargs, class_tracker_id, extra.
 *
 * In Python a class is made even where the tracker knows one, and then dropped. Here
 * that is left out where it can't be seen: it would be made by type alone, of what
 * the known class was made of. */
PyObject *skeleton_class(struct space *s, PyObject *const *args) {
    PyObject *name = args[1], *bases = args[2], *cls, *body;
    if (args[0] != ld.PyType_Type || !is_exactly(name, ld.PyUnicode_Type) || !are_plain_bases(bases) ||
        !is_only_module(args[3]))
        return NOT_HERE;
    cls = tracked(s, args[4]);
    if (cls) {
        if (is_exactly(cls, ld.PyType_Type) && has_bases(cls, bases) && is_text_equal(cls, NAME___name__, name))
            return cls;
        drop(cls);
        return NOT_HERE;
    }
    /* As types.new_class does, but for what needs a metaclass or __mro_entries__. */
    body = ld.PyDict_New();
    if (!body || ld.PyDict_SetItem(body, names[NAME___module__],
                                   ld.PyDict_GetItemWithError(args[3], names[NAME___module__])) < 0) {
        drop(body);
        return NULL;
    }
    cls = ld.PyObject_CallFunctionObjArgs(ld.PyType_Type, name, bases, body, NULL);
    drop(body);
    if (!cls || args[4] == None)
        return cls;
    body = ld.PyObject_CallFunctionObjArgs(s->look_up_or_track, args[4], cls, NULL);
    drop(cls);
    return body;
}

/* Whether the members of a known Enum have these names and values. */
static int same_members(PyObject *cls, PyObject *members) {
    PyObject *own = ld.PyObject_GetAttr(cls, names[NAME__member_map_]), *name, *value, *member, *its;
    Py_ssize_t at = 0;
    int same = own && is_exactly(own, ld.PyDict_Type) && is_exactly(members, ld.PyDict_Type) &&
        ld.PyDict_Size(own) == ld.PyDict_Size(members);
    while (same && ld.PyDict_Next(members, &at, &name, &value)) {
        if (!is_exactly(name, ld.PyUnicode_Type) ||
            !(is_exactly(value, ld.PyLong_Type) || is_exactly(value, ld.PyUnicode_Type)) ||
            !(member = ld.PyDict_GetItemWithError(own, name))) {
            same = 0;
            break;
        }
        hold(value);
        hold(member);
        its = ld.PyObject_GetAttr(member, names[NAME__value_]);
        same = its && its->ob_type == value->ob_type && ld.PyObject_RichCompareBool(its, value, 2 /* Py_EQ */) == 1;
        drop(its);
        drop(member);
        drop(value);
    }
    ld.PyErr_Clear();
    drop(own);
    return same;
}

/* The classes of the module enum whose ways of making members are known. */
static int is_stdlib_enum(PyObject *bases) {
    static PyObject *known[3];
    static int looked;
    PyObject *module, *base;
    int i;
    if (!is_exactly(bases, ld.PyTuple_Type) || ld.PyTuple_Size(bases) != 1)
        return 0;
    if (!looked) {
        module = ld.PyImport_ImportModule("enum");
        for (i = 0; module && i < 3; i++) {
            PyObject *name = ld.PyUnicode_InternFromString(i == 0 ? "Enum" : i == 1 ? "IntEnum" : "StrEnum");
            known[i] = name ? ld.PyObject_GetAttr(module, name) : NULL; /* there is no StrEnum in 3.10 */
            drop(name);
            ld.PyErr_Clear();
        }
        ld.PyErr_Clear();
        drop(module);
        looked = 1;
    }
    base = ld.PyTuple_GetItem(bases, 0);
    return base == known[0] || base == known[1] || base == known[2];
}

/* args: bases, name, qualname, members, module, class_tracker_id, extra. */
PyObject *skeleton_enum(struct space *s, PyObject *const *args) {
    PyObject *cls;
    if (!is_stdlib_enum(args[0]) || !is_exactly(args[2], ld.PyUnicode_Type) || !(cls = tracked(s, args[5])))
        return NOT_HERE;
    if (cls->ob_type == ld.PyTuple_GetItem(args[0], 0)->ob_type && has_bases(cls, args[0]) &&
        is_text_equal(cls, NAME___name__, args[1]) && same_members(cls, args[3])) {
        /* What setting __qualname__ tells audit hooks (type_set_qualname in Objects/typeobject.c). */
        if (ld.PySys_Audit("object.__setattr__", "OsO", cls, "__qualname__", args[2]) == 0)
            return cls;
        drop(cls);
        return NULL;
    }
    drop(cls);
    return NOT_HERE;
}

static int set_attribute(PyObject *cls, struct node *key, struct node *value) {
    int known = name_of(key);
    PyObject *name = known ? names[known] : object_of(key), *o = object_of(value);
    return name && o ? ld.PyObject_SetAttr(cls, name, o) : -1;
}

static int register_all(PyObject *cls, PyObject *registered) {
    PyObject *iterator = ld.PyObject_GetIter(registered), *item, *result;
    if (!iterator)
        return -1;
    while ((item = ld.PyIter_Next(iterator))) {
        result = ld.PyObject_CallMethodObjArgs(cls, names[NAME_register], item, NULL);
        drop(item);
        drop(result);
        if (!result)
            break;
    }
    drop(iterator);
    return ld.PyErr_Occurred() ? -1 : 0;
}

/* A dict would keep one of two equal keys. */
static int has_duplicates(struct node *dict) {
    uint32_t i, k;
    if (dict->n > 200)
        return 1;
    for (i = 2; i < dict->n; i += 2)
        for (k = 0; k < i; k += 2)
            if (dict->items[i]->n == dict->items[k]->n &&
                memcmp(dict->items[i]->text, dict->items[k]->text, dict->items[i]->n) == 0)
                return 1;
    return 0;
}

PyObject *class_setstate(struct node *cls_node, struct node *state) {
    PyObject *cls = object_of(cls_node), *registered;
    struct node *attributes, *abc = NULL, *line = NULL;
    uint32_t i;
    int name;
    if (!cls)
        return NULL;
    if (!is_plain(state, TUPLE) || state->n != 2 || !is_plain(state->items[0], DICT) ||
        has_duplicates(state->items[0]))
        return NOT_HERE;
    attributes = state->items[0];
    for (i = 0; i < attributes->n; i += 2) {
        name = name_of(attributes->items[i]);
        if (name == NAME__abc_impl) {
            abc = attributes->items[i + 1];
            continue;
        }
        if (name == NAME___firstlineno__)
            line = attributes->items[i + 1];
        if (set_attribute(cls, attributes->items[i], attributes->items[i + 1]) < 0)
            return NULL;
    }
    /* Setting __module__ removes it: CPython 3.13, type_set_module in Objects/typeobject.c. */
    if (line && minor_version() >= 13 && ld.PyObject_SetAttr(cls, names[NAME___firstlineno__], object_of(line)) < 0)
        return NULL;
    if (abc && abc != &node_none) {
        if (!(registered = object_of(abc)) || register_all(cls, registered) < 0)
            return NULL;
    }
    return held(cls);
}
