/* The class tracker: which class has come under which id. It is two dictionaries of
 * weak references and a lock, in Python, which everything that loads and dumps shares
 * (rebuild.py). Here its dictionaries are used as they are. */
#include "load.h"

/* What lies behind a weak dictionary is a dict; NULL without an exception for others. */
static PyObject *inner_dict(PyObject *weak, PyObject *module, const char *type_name) {
    PyObject *type = attribute(module, type_name);
    PyObject *data = type && is_exactly(weak, type) ? attribute(weak, "data") : NULL;
    drop(type);
    if (data && !is_exactly(data, ld.PyDict_Type)) {
        drop(data);
        data = NULL;
    }
    return data;
}

static PyObject *optional(PyObject *o, const char *name) {
    PyObject *value = attribute(o, name);
    if (!value)
        ld.PyErr_Clear();
    return value;
}

static void find_dictionaries(struct tracker *t, PyObject *module) {
    PyObject *weakref = ld.PyImport_ImportModule("weakref"), *thread = ld.PyImport_ImportModule("_thread"), *lock_type;
    if (!weakref || !thread || !(t->ids = optional(module, "_DYNAMIC_CLASS_TRACKER_BY_ID")) ||
        !(t->classes = optional(module, "_DYNAMIC_CLASS_TRACKER_BY_CLASS")) ||
        !(t->lock = optional(module, "_DYNAMIC_CLASS_TRACKER_LOCK")) || !(lock_type = optional(thread, "LockType")))
        goto done;
    t->by_id = inner_dict(t->ids, weakref, "WeakValueDictionary");
    t->by_class = inner_dict(t->classes, weakref, "WeakKeyDictionary");
    if (is_exactly(t->lock, lock_type)) {
        t->acquire = optional(t->lock, "acquire");
        t->release = optional(t->lock, "release");
    }
    drop(lock_type);
    t->forget_id = optional(t->ids, "_remove");
    t->forget_class = optional(t->classes, "_remove");
    t->reference_type = optional(weakref, "KeyedRef");
done:
    drop(weakref);
    drop(thread);
    ld.PyErr_Clear();
}

int tracker_init(struct tracker *t, PyObject *module) {
    PyObject *function = optional(module, "_lookup_class_or_track");
    if (!function)
        return -1;
    t->names = optional(module, "__dict__");
    t->function = function;
    if (is_exactly(function, ld.PyFunction_Type) && is_known_code(ld.PyFunction_GetCode(function)) && t->names &&
        is_exactly(t->names, ld.PyDict_Type)) {
        t->code = held(ld.PyFunction_GetCode(function));
        find_dictionaries(t, module);
    }
    return 0;
}

/* Whether a global of the module is still this one. */
static int is_still(struct tracker *t, int name, PyObject *o) {
    return o && ld.PyDict_GetItemWithError(t->names, names[name]) == o;
}

int is_usual_tracker(struct tracker *t) {
    return t->code && is_still(t, NAME__lookup_class_or_track, t->function) &&
        ld.PyFunction_GetCode(t->function) == t->code && t->by_id && t->by_class &&
        is_still(t, NAME__DYNAMIC_CLASS_TRACKER_BY_ID, t->ids) &&
        is_still(t, NAME__DYNAMIC_CLASS_TRACKER_BY_CLASS, t->classes) &&
        is_still(t, NAME__DYNAMIC_CLASS_TRACKER_LOCK, t->lock) && t->acquire && t->release && t->forget_id &&
        t->forget_class && t->reference_type;
}

PyObject *tracked(struct tracker *t, PyObject *id) {
    PyObject *reference, *cls, *own, *key;
    if (!is_exactly(id, ld.PyUnicode_Type))
        return NULL;
    reference = ld.PyDict_GetItemWithError(t->by_id, id);
    if (!reference || !ld.PyType_IsSubtype((PyObject *)reference->ob_type, ld._PyWeakref_RefType)) {
        ld.PyErr_Clear();
        return NULL;
    }
    hold(reference);
    cls = ld.PyObject_CallNoArgs(reference);
    drop(reference);
    if (!cls || cls == None || !is_type(cls)) {
        ld.PyErr_Clear();
        drop(cls);
        return NULL;
    }
    /* Both directions must agree; where they don't, the tracker itself mends that. */
    key = ld.PyWeakref_NewRef(cls, NULL);
    own = key ? ld.PyDict_GetItemWithError(t->by_class, key) : NULL;
    if (!own || !is_exactly(own, ld.PyUnicode_Type) || ld.PyUnicode_Compare(own, id) != 0) {
        ld.PyErr_Clear();
        drop(cls);
        cls = NULL;
    }
    drop(key);
    return cls;
}

/* weakref.KeyedRef(cls, callback, id), which has a __new__ and an __init__ in Python. */
static PyObject *keyed_reference(struct tracker *t, PyObject *cls, PyObject *id) {
    new_function make = (new_function)ld.PyType_GetSlot(ld._PyWeakref_RefType, TP_NEW);
    PyObject *args = ld.PyTuple_New(2), *reference;
    if (!args)
        return NULL;
    ld.PyTuple_SetItem(args, 0, held(cls));
    ld.PyTuple_SetItem(args, 1, held(t->forget_id));
    reference = make(t->reference_type, args, NULL);
    drop(args);
    if (reference && ld.PyObject_SetAttr(reference, names[NAME_key], id) < 0) {
        drop(reference);
        return NULL;
    }
    return reference;
}

/* With the lock held, for an id that is new. */
static int add(struct tracker *t, PyObject *id, PyObject *cls) {
    PyObject *reference = keyed_reference(t, cls, id);
    int status = reference ? ld.PyDict_SetItem(t->by_id, id, reference) : -1;
    drop(reference);
    if (status < 0)
        return -1;
    reference = ld.PyWeakref_NewRef(cls, t->forget_class);
    status = reference ? ld.PyDict_SetItem(t->by_class, reference, id) : -1;
    drop(reference);
    return status;
}

static int call(PyObject *function) {
    PyObject *result = ld.PyObject_CallNoArgs(function);
    drop(result);
    return result ? 0 : -1;
}

PyObject *look_up_or_track(struct tracker *t, PyObject *id, PyObject *cls) {
    PyObject *error[3];
    int status;
    if (id == None)
        return held(cls);
    if (!is_exactly(id, ld.PyUnicode_Type))
        return ld.PyObject_CallFunctionObjArgs(t->function, id, cls, NULL);
    if (call(t->acquire) < 0)
        return NULL;
    if (ld.PyDict_GetItemWithError(t->by_id, id)) { /* it is not new, or a reference to what was */
        if (call(t->release) < 0)
            return NULL;
        return ld.PyObject_CallFunctionObjArgs(t->function, id, cls, NULL);
    }
    status = ld.PyErr_Occurred() ? -1 : add(t, id, cls);
    ld.PyErr_Fetch(&error[0], &error[1], &error[2]);
    if (call(t->release) < 0)
        status = -1;
    if (error[0])
        ld.PyErr_Restore(error[0], error[1], error[2]);
    return status < 0 ? NULL : held(cls);
}
