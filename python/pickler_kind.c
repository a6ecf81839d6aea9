#include "pickler_kind.h"
#include "pickler_late.h"
#include "typeslots.h"

enum { N_KINDS = 16 };

/* By the address of the type. */
static struct pickler_kind kinds[N_KINDS];

static struct pickler_kind *place_of(PyObject *type) {
    uintptr_t at = (uintptr_t)type;
    return &kinds[(at >> 4 ^ at >> 10) % N_KINDS];
}

static uint32_t version_of(PyObject *type) {
    return pickler_base.version_tag ? *(uint32_t *)((char *)type + pickler_base.version_tag) : 0;
}

/* Whether the MRO of a class is the class and that of its one base. */
static int has_one_base(PyObject *type) {
    PyObject *bases = unguarded.PyType_GetSlot(type, SLOT_BASES);
    return (PyObject *)type->ob_type == py.PyType_Type && bases && unguarded.PyTuple_Size(bases) == 1;
}

/* type.__mro__ by type's own descriptor, which is C alone: a metaclass can have another, and super()
 * doesn't ask that either. A new reference, or NULL without an exception. */
static PyObject *mro_of(PyObject *type) {
    PyObject *member = unguarded._PyType_Lookup(py.PyType_Type, pickler_names.mro), *mro = NULL;
    PyObject *(*get)(PyObject *, PyObject *, PyObject *) = NULL;
    if (member)
        get = (PyObject * (*)(PyObject *, PyObject *, PyObject *))
            unguarded.PyType_GetSlot((PyObject *)member->ob_type, SLOT_DESCR_GET);
    if (get && !(mro = get(member, type, (PyObject *)type->ob_type)))
        unguarded.PyErr_Clear();
    return mro;
}

static int base_comes_next(PyObject *type, struct pickler_class *c) {
    PyObject *classes_of;
    int next = 0;
    if (type == c->class || (unguarded.PyType_GetSlot(type, SLOT_BASE) == c->class && has_one_base(type)))
        return 1;
    if (!(classes_of = mro_of(type)))
        return 0;
    if (classes_of->ob_type == py.PyTuple_Type)
        for (Py_ssize_t i = 0, n = unguarded.PyTuple_Size(classes_of); i + 1 < n; i++)
            if (unguarded.PyTuple_GetItem(classes_of, i) == c->class) {
                next = unguarded.PyTuple_GetItem(classes_of, i + 1) == pickler_base.type;
                break;
            }
    unguarded.Py_DecRef(classes_of);
    return next;
}

static struct pickler_kind look_at(PyObject *type) {
    struct pickler_kind k = {type, 0, pickler_target_of(type), 0, {0}, 1, 0};
    struct pickler_class *c = &pickler_classes[k.target];
    PyObject *override, *persistent_id;
    int usual_getattr, usual_setattr;
    if (k.target < 0)
        return k;
    /* A lookup gives a class its version tag. */
    override = unguarded._PyType_Lookup(type, pickler_names.reducer_override);
    persistent_id = unguarded._PyType_Lookup(type, pickler_names.persistent_id);
    k.version = version_of(type);
    usual_getattr = unguarded.PyType_GetSlot(type, SLOT_GETATTRO) == pickler_base.getattro;
    usual_setattr = unguarded.PyType_GetSlot(type, SLOT_SETATTRO) == pickler_base.setattro;
    for (int i = 0; i < N_LATE; i++)
        k.late[i] = usual_setattr && pickler_comes_late(c, i, type);
    k.has_persistent_id = !usual_getattr || persistent_id != pickler_base.persistent_id_descriptor;
    k.hooks_of_class = !k.has_persistent_id && pickler_is_own_override(c, override);
    k.base_comes_next = base_comes_next(type, c);
    return k;
}

struct pickler_kind pickler_kind_of(PyObject *type) {
    struct pickler_kind *kept = place_of(type), k;
    if (kept->type == type && kept->version && kept->version == version_of(type))
        return *kept;
    k = look_at(type);
    if (k.version)
        *kept = k;
    return k;
}
