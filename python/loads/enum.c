/* Enums: their skeletons, and setting their attributes. Most of the time of making one
 * is the module enum's, in Python, which has to do it. */
#include "load.h"

/* The metaclass of Enum, and its ways of doing things. */
static struct {
    PyObject *meta, *bases[3]; /* Enum, IntEnum, StrEnum: whose making of members is done here */
    PyObject *prepare, *new, *setattr;
} usual;

static PyObject *looked_up(PyObject *meta, int name) {
    PyObject *o = ld._PyType_Lookup(meta, names[name]);
    return o ? held(o) : NULL;
}

int enums_init(void) {
    static const char *const base_names[] = {"Enum", "IntEnum", "StrEnum"}; /* there is no StrEnum in 3.10 */
    PyObject *module, *meta = NULL;
    int i, status;
    if (usual.meta)
        return 0;
    if (!(module = ld.PyImport_ImportModule("enum")))
        return -1;
    status = optional(module, "EnumMeta", &meta);
    for (i = 0; status == 0 && i < 3; i++) {
        drop(usual.bases[i]); /* of an attempt that failed */
        status = optional(module, base_names[i], &usual.bases[i]);
    }
    if (status == 0 && meta && is_type(meta)) {
        usual.prepare = looked_up(meta, NAME___prepare__);
        usual.new = looked_up(meta, NAME___new__);
        usual.setattr = looked_up(meta, NAME___setattr__);
        usual.meta = held(meta);
    }
    drop(meta);
    drop(module);
    return status;
}

int is_usual_enum(PyObject *cls) {
    return usual.setattr && is_exactly(cls, usual.meta) &&
        ld._PyType_Lookup(usual.meta, names[NAME___setattr__]) == usual.setattr;
}

/* EnumMeta.__setattr__: its members can't be set, what else there is is type's affair. */
int set_enum_attribute(PyObject *cls, PyObject *name, PyObject *value) {
    setattr_function set = (setattr_function)ld.PyType_GetSlot(ld.PyType_Type, TP_SETATTRO);
    PyObject *members = ld.PyObject_GetAttr(cls, names[NAME__member_map_]);
    int is_other = members && is_exactly(members, ld.PyDict_Type) && is_exactly(name, ld.PyUnicode_Type) &&
        !ld.PyDict_GetItemWithError(members, name) && !ld.PyErr_Occurred();
    drop(members);
    if (forgive() < 0)
        return -1;
    return is_other ? set(cls, name, value) : ld.PyObject_SetAttr(cls, name, value);
}

/* Whether the members of a tracked Enum have these names and values; -1 is an exception. */
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
    drop(own);
    return forgive() < 0 ? -1 : same;
}

static int is_stdlib_enum(PyObject *bases) {
    PyObject *base;
    if (!usual.meta || !is_exactly(bases, ld.PyTuple_Type) || ld.PyTuple_Size(bases) != 1)
        return 0;
    base = ld.PyTuple_GetItem(bases, 0);
    return (base == usual.bases[0] || base == usual.bases[1] || base == usual.bases[2]) &&
        is_exactly(base, usual.meta);
}

/* Whether making an Enum of these runs the module enum's code only, without a warning:
 * others might look at the stack. */
static int are_made_unobserved(PyObject *members) {
    PyObject *name, *value;
    Py_ssize_t at = 0;
    if (!is_exactly(members, ld.PyDict_Type))
        return 0;
    while (ld.PyDict_Next(members, &at, &name, &value))
        if (!is_exactly(name, ld.PyUnicode_Type) || ld.PyUnicode_FindChar(name, '_', 0, 1, 1) == 0 ||
            !(is_exactly(value, ld.PyLong_Type) || is_exactly(value, ld.PyUnicode_Type)))
            return 0;
    return is_usual_enum(usual.bases[0]) && ld._PyType_Lookup(usual.meta, names[NAME___new__]) == usual.new &&
        ld._PyType_Lookup(usual.meta, names[NAME___prepare__]) == usual.prepare;
}

/* EnumMeta.__new__(EnumMeta, name, bases, namespace) with the members in the namespace. */
static PyObject *new_enum(PyObject *name, PyObject *bases, PyObject *members) {
    PyObject *namespace = ld.PyObject_CallMethodObjArgs(usual.meta, names[NAME___prepare__], name, bases, NULL);
    PyObject *member, *value, *new, *cls;
    Py_ssize_t at = 0;
    int status = namespace ? 0 : -1;
    while (status == 0 && ld.PyDict_Next(members, &at, &member, &value)) {
        hold(member);
        hold(value);
        status = ld.PyObject_SetItem(namespace, member, value);
        drop(member);
        drop(value);
    }
    new = status == 0 ? ld.PyObject_GetAttr(usual.meta, names[NAME___new__]) : NULL;
    cls = new ? ld.PyObject_CallFunctionObjArgs(new, usual.meta, name, bases, namespace, NULL) : NULL;
    drop(new);
    drop(namespace);
    return cls;
}

/* args: bases, name, qualname, members, module, class_tracker_id, extra. */
PyObject *skeleton_enum(struct namespace *s, PyObject *const *args) {
    PyObject *bases = args[SKELETON_ENUM_BASES], *name = args[SKELETON_ENUM_NAME], *qualname = args[SKELETON_ENUM_QUALNAME];
    PyObject *members = args[SKELETON_ENUM_MEMBERS];
    PyObject *module = args[SKELETON_ENUM_MODULE], *id = args[SKELETON_ENUM_CLASS_TRACKER_ID], *cls, *result = NULL;
    int is_it;
    if (!is_stdlib_enum(bases) || !is_exactly(qualname, ld.PyUnicode_Type))
        return NOT_HERE;
    if ((is_it = is_usual_tracker(&s->tracker)) <= 0)
        return is_it < 0 ? NULL : NOT_HERE;
    if ((cls = tracked(&s->tracker, id))) {
        is_it = is_exactly(cls, usual.meta) && has_bases(cls, bases) && is_text_equal(cls, NAME___name__, name)
            ? same_members(cls, members)
            : 0;
        /* What setting __qualname__ tells audit hooks (type_set_qualname in Objects/typeobject.c). */
        if (is_it > 0 && ld.PySys_Audit("object.__setattr__", "OsO", cls, "__qualname__", qualname) == 0)
            return cls;
        drop(cls);
        return is_it ? NULL : NOT_HERE;
    }
    if (ld.PyErr_Occurred())
        return NULL;
    if (!is_exactly(name, ld.PyUnicode_Type) || !are_made_unobserved(members))
        return NOT_HERE;
    if (!(cls = new_enum(name, bases, members)))
        return NULL;
    if (set_enum_attribute(cls, names[NAME___module__], module) == 0 &&
        set_enum_attribute(cls, names[NAME___qualname__], qualname) == 0)
        result = look_up_or_track(&s->tracker, id, cls);
    drop(cls);
    return result;
}
