/* Classes: skeletons, and the attributes of classes and Enums. */
#include "load.h"
#include <string.h>

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

int has_bases(PyObject *cls, PyObject *bases) {
    PyObject *own = ld.PyObject_GetAttr(cls, names[NAME___bases__]);
    int answer = own && same_items(own, bases);
    ld.PyErr_Clear();
    drop(own);
    return answer;
}

int is_text_equal(PyObject *cls, int attribute, PyObject *text) {
    PyObject *own = ld.PyObject_GetAttr(cls, names[attribute]);
    int answer = own && is_exactly(own, ld.PyUnicode_Type) && is_exactly(text, ld.PyUnicode_Type) &&
        ld.PyUnicode_Compare(own, text) == 0;
    ld.PyErr_Clear();
    drop(own);
    return answer;
}

/* abc.ABCMeta and the function of C that its __new__ calls after type's; NULL where
 * that is not what its __new__ does. */
static struct {
    PyObject *meta, *new, *init;
} abc;

/* Whether the function refers to super().__new__ and _abc_init, and to nothing else. */
static int is_abc_new(PyObject *function) {
    static const char *const words[] = {"super", "__new__", "_abc_init"};
    PyObject *used = is_exactly(function, ld.PyFunction_Type)
        ? attribute(ld.PyFunction_GetCode(function), "co_names")
        : NULL;
    const char *text;
    int i, is_it = used && is_exactly(used, ld.PyTuple_Type) && ld.PyTuple_Size(used) == 3;
    for (i = 0; is_it && i < 3; i++)
        is_it = (text = ld.PyUnicode_AsUTF8AndSize(ld.PyTuple_GetItem(used, i), NULL)) && strcmp(text, words[i]) == 0;
    drop(used);
    return is_it;
}

int is_abstract(PyObject *cls) { return abc.meta && is_exactly(cls, abc.meta); }

static int find_abc(void) {
    PyObject *module = ld.PyImport_ImportModule("abc"), *meta = NULL, *function = NULL, *init = NULL;
    int status = !module || optional(module, "ABCMeta", &meta) < 0 ||
            (meta && optional(meta, "__new__", &function) < 0) || optional(module, "_abc_init", &init) < 0
        ? -1
        : 0;
    if (status == 0 && function && init && is_exactly(meta, ld.PyType_Type) &&
        is_exactly(init, ld.PyCFunction_Type) && is_abc_new(function) &&
        (abc.new = ld._PyType_Lookup(meta, names[NAME___new__]))) {
        hold(abc.new);
        abc.init = held(init);
        abc.meta = held(meta);
    }
    drop(init);
    drop(function);
    drop(meta);
    drop(module);
    return status;
}

int classes_init(void) {
    if (!abc.meta && find_abc() < 0)
        return -1;
    return enums_init();
}

static int is_types_own(PyObject *meta, int name) {
    PyObject *own = ld._PyType_Lookup(ld.PyType_Type, names[name]);
    return own && ld._PyType_Lookup(meta, names[name]) == own;
}

static int has_types_slot(PyObject *meta, int slot) {
    return ld.PyType_GetSlot(meta, slot) == ld.PyType_GetSlot(ld.PyType_Type, slot);
}

/* Whether types.new_class(name, bases, {"metaclass": meta}, ...) comes to meta(name,
 * bases, {"__module__": ...}), and that and the tracker run nobody's code but the
 * interpreter's: anybody else who is called may look at the stack, and has to find
 * there the frames that a class made in Python has. */
static int is_made_unobserved(PyObject *meta, PyObject *bases) {
    PyObject *base, *usual = ld._PyType_Lookup(ld.PyBaseObject_Type, names[NAME___init_subclass__]);
    Py_ssize_t i;
    if (!usual || !is_exactly(bases, ld.PyTuple_Type))
        return 0;
    if (meta != ld.PyType_Type) {
        if (!is_exactly(meta, ld.PyType_Type) || !ld.PyType_IsSubtype(meta, ld.PyType_Type) ||
            !has_types_slot(meta, TP_HASH) || !has_types_slot(meta, TP_RICHCOMPARE) ||
            !has_types_slot(meta, TP_GETATTRO) || !is_types_own(meta, NAME___bases__) ||
            !is_types_own(meta, NAME___name__) || !is_types_own(meta, NAME___prepare__) || !is_types_own(meta, NAME___init__) || !is_types_own(meta, NAME_mro))
            return 0;
        if (!is_types_own(meta, NAME___new__) &&
            (meta != abc.meta || ld._PyType_Lookup(meta, names[NAME___new__]) != abc.new))
            return 0;
    }
    for (i = 0; i < ld.PyTuple_Size(bases); i++) {
        base = ld.PyTuple_GetItem(bases, i);
        /* Not a type: has an __mro_entries__, maybe. A metaclass that meta is not derived
         * from: may be taken in its place. */
        if (!is_type(base) || !is_exactly((PyObject *)base->ob_type, ld.PyType_Type) ||
            !ld.PyType_IsSubtype(meta, (PyObject *)base->ob_type) ||
            ld._PyType_Lookup(base, names[NAME___init_subclass__]) != usual)
            return 0;
    }
    return 1;
}

static int is_str_or_tuple_of_them(PyObject *o) {
    Py_ssize_t i;
    if (!is_exactly(o, ld.PyTuple_Type))
        return is_exactly(o, ld.PyUnicode_Type);
    for (i = 0; i < ld.PyTuple_Size(o); i++)
        if (!is_exactly(ld.PyTuple_GetItem(o, i), ld.PyUnicode_Type))
            return 0;
    return 1;
}

/* Whether a dict has a str for "__module__" and nothing else but, perhaps, "__slots__":
 * both borrowed. No key is asked whether it is equal. */
static int is_usual_body(PyObject *kwargs, PyObject **module, PyObject **slots) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    *module = *slots = NULL;
    if (!is_exactly(kwargs, ld.PyDict_Type))
        return 0;
    while (ld.PyDict_Next(kwargs, &at, &key, &value)) {
        if (!is_exactly(key, ld.PyUnicode_Type))
            return 0;
        if (ld.PyUnicode_Compare(key, names[NAME___module__]) == 0 && is_exactly(value, ld.PyUnicode_Type))
            *module = value;
        else if (ld.PyUnicode_Compare(key, names[NAME___slots__]) == 0 && is_str_or_tuple_of_them(value))
            *slots = value;
        else
            return 0;
    }
    return *module != NULL;
}

/* {"__module__": module}, and "__slots__" where there are some. */
static PyObject *class_body(PyObject *module, PyObject *slots) {
    PyObject *body = ld.PyDict_New();
    if (body && ld.PyDict_SetItem(body, names[NAME___module__], module) == 0 &&
        (!slots || ld.PyDict_SetItem(body, names[NAME___slots__], slots) == 0))
        return body;
    drop(body);
    return NULL;
}

/* meta(name, bases, body), where is_made_unobserved is true. */
static PyObject *new_class(PyObject *meta, PyObject *name, PyObject *bases, PyObject *body) {
    new_function new = (new_function)ld.PyType_GetSlot(ld.PyType_Type, TP_NEW);
    PyObject *args, *cls, *done;
    if (meta != abc.meta)
        return ld.PyObject_CallFunctionObjArgs(meta, name, bases, body, NULL);
    if (!(args = ld.PyTuple_New(3)))
        return NULL;
    ld.PyTuple_SetItem(args, 0, held(name));
    ld.PyTuple_SetItem(args, 1, held(bases));
    ld.PyTuple_SetItem(args, 2, held(body));
    cls = new(meta, args, NULL);
    drop(args);
    done = cls ? ld.PyObject_CallFunctionObjArgs(abc.init, cls, NULL) : NULL;
    if (!done) {
        drop(cls);
        return NULL;
    }
    drop(done);
    return cls;
}

/* args: type_constructor, name, bases, type_kwargs, class_tracker_id, extra.
 *
 * In Python a class is made even where the tracker knows one, and then dropped. Here
 * that is left out where it can't be seen: it would be made of what the tracked class
 * was made of. */
PyObject *skeleton_class(struct namespace *s, PyObject *const *args) {
    PyObject *meta = args[SKELETON_CLASS_TYPE_CONSTRUCTOR], *name = args[SKELETON_CLASS_NAME];
    PyObject *bases = args[SKELETON_CLASS_BASES];
    PyObject *id = args[SKELETON_CLASS_CLASS_TRACKER_ID], *module, *slots, *cls, *body;
    int usual;
    if (!is_exactly(name, ld.PyUnicode_Type) || !is_usual_body(args[SKELETON_CLASS_TYPE_KWARGS], &module, &slots) ||
        !is_made_unobserved(meta, bases))
        return NOT_HERE;
    if ((usual = is_usual_tracker(&s->tracker)) <= 0)
        return usual < 0 ? NULL : NOT_HERE;
    if (!(body = class_body(module, slots)))
        return NULL;
    cls = tracked(&s->tracker, id);
    if (cls && is_exactly(cls, meta) && has_bases(cls, bases) && is_text_equal(cls, NAME___name__, name)) {
        drop(body);
        return cls;
    }
    if (cls || ld.PyErr_Occurred()) {
        drop(body);
        drop(cls);
        return cls ? NOT_HERE : NULL;
    }
    cls = new_class(meta, name, bases, body);
    drop(body);
    if (!cls)
        return NULL;
    body = look_up_or_track(&s->tracker, id, cls);
    drop(cls);
    return body;
}

static int set_attribute(PyObject *cls, struct node *key, struct node *value) {
    int number = name_of(key);
    PyObject *name = number ? names[number] : object_of(key), *o = object_of(value);
    if (!name || !o)
        return -1;
    return is_usual_enum(cls) ? set_enum_attribute(cls, name, o) : ld.PyObject_SetAttr(cls, name, o);
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
    if (dict->n > 2 * MAX_ATTRIBUTES)
        return 1;
    for (i = 2; i < dict->n; i += 2)
        for (k = 0; k < i; k += 2)
            if (dict->items[i]->n == dict->items[k]->n &&
                memcmp(dict->items[i]->text, dict->items[k]->text, dict->items[i]->n) == 0)
                return 1;
    return 0;
}

/* Sets what is not kept: see arrival.c. */
static int set_class(PyObject *cls, struct node *attributes, const struct arrival *a) {
    struct node *abc = NULL, *line = NULL;
    PyObject *registered;
    uint32_t i;
    int name;
    for (i = 0; i < attributes->n; i += 2) {
        name = name_of(attributes->items[i]);
        if (name == NAME__abc_impl) {
            abc = attributes->items[i + 1];
            continue;
        }
        if (a->kept[i / 2])
            continue;
        if (name == NAME___firstlineno__)
            line = attributes->items[i + 1];
        if (set_attribute(cls, attributes->items[i], attributes->items[i + 1]) < 0)
            return -1;
    }
    /* Setting __module__ removes it: CPython 3.13, type_set_module in Objects/typeobject.c. */
    if (line && minor_version() >= 13 && ld.PyObject_SetAttr(cls, names[NAME___firstlineno__], object_of(line)) < 0)
        return -1;
    if (abc && abc != &node_none)
        return (registered = object_of(abc)) ? register_all(cls, registered) : -1;
    return 0;
}

PyObject *class_setstate(struct node *cls_node, struct node *state) {
    PyObject *cls = object_of(cls_node), *result;
    struct arrival arrival;
    struct node *attributes;
    int status;
    if (!cls)
        return NULL;
    if ((result = setstate_of_others(cls, state)) != NOT_HERE)
        return result;
    if (!is_deferred(state, TUPLE) || state->n != 2 || !is_deferred(state->items[0], DICT) ||
        has_duplicates(state->items[0]))
        return NOT_HERE;
    attributes = state->items[0];
    status = arrival_begin(&arrival, cls, attributes);
    if (status == 0)
        status = set_class(cls, attributes, &arrival);
    if (status == 0)
        status = arrival_end(&arrival, cls, attributes);
    drop(arrival.record);
    return status == 0 ? held(cls) : NULL;
}
