/* The class tracker: which class has come under which id. It is two dictionaries of
 * weak references and a lock, in Python, which everything that loads and dumps shares
 * (rebuild.py). Here its dictionaries are used as they are. */
#include "load.h"

/* What lies behind a weak dictionary is a dict; others have none. */
static int inner_dict(PyObject *weak, PyObject *module, const char *type_name, PyObject **data) {
    PyObject *type;
    int status;
    *data = NULL;
    if (optional(module, type_name, &type) < 0)
        return -1;
    status = type && is_exactly(weak, type) ? optional(weak, "data", data) : 0;
    drop(type);
    if (*data && !is_exactly(*data, ld.PyDict_Type)) {
        drop(*data);
        *data = NULL;
    }
    return status;
}

static int find_in(struct tracker *t, PyObject *module, PyObject *weakref, PyObject *thread) {
    static const char *const lock_types[] = {"RLock", "LockType"};
    PyObject *lock_type;
    int is_lock = 0;
    size_t i;
    if (optional(module, "_DYNAMIC_CLASS_TRACKER_BY_ID", &t->ids) < 0 ||
        optional(module, "_DYNAMIC_CLASS_TRACKER_BY_CLASS", &t->classes) < 0 ||
        optional(module, "_DYNAMIC_CLASS_TRACKER_LOCK", &t->lock) < 0)
        return -1;
    if (!t->ids || !t->classes || !t->lock)
        return 0;
    for (i = 0; i < sizeof lock_types / sizeof *lock_types; i++) {
        if (optional(thread, lock_types[i], &lock_type) < 0)
            return -1;
        is_lock |= lock_type && is_exactly(t->lock, lock_type);
        drop(lock_type);
    }
    if (is_lock && (optional(t->lock, "acquire", &t->acquire) < 0 || optional(t->lock, "release", &t->release) < 0))
        return -1;
    if (inner_dict(t->ids, weakref, "WeakValueDictionary", &t->by_id) < 0 ||
        inner_dict(t->classes, weakref, "WeakKeyDictionary", &t->by_class) < 0)
        return -1;
    return optional(t->ids, "_remove", &t->forget_id) < 0 || optional(t->classes, "_remove", &t->forget_class) < 0
        ? -1
        : optional(weakref, "KeyedRef", &t->reference_type);
}

static int find_dictionaries(struct tracker *t, PyObject *module) {
    PyObject *weakref = ld.PyImport_ImportModule("weakref"), *thread = NULL;
    int status;
    if (weakref)
        thread = ld.PyImport_ImportModule("_thread");
    status = thread ? find_in(t, module, weakref, thread) : forgive();
    drop(weakref);
    drop(thread);
    return status;
}

int tracker_init(struct tracker *t, PyObject *module) {
    if (optional(module, "_lookup_class_or_track", &t->function) < 0)
        return -1;
    t->names = held(ld.PyModule_GetDict(module)); /* a module of the usual type: see import in global.c */
    if (!t->function)
        return 0;
    if (is_exactly(t->function, ld.PyFunction_Type) && is_expected_code(ld.PyFunction_GetCode(t->function)) && t->names &&
        is_exactly(t->names, ld.PyDict_Type)) {
        t->code = held(ld.PyFunction_GetCode(t->function));
        if (find_dictionaries(t, module) < 0)
            return -1;
    }
    return 1;
}

void tracker_free(struct tracker *t) {
    PyObject *all[] = {
        t->function, t->code,    t->names,     t->ids,          t->classes,        t->lock,    t->by_id,
        t->by_class, t->acquire, t->forget_id, t->forget_class, t->reference_type, t->release,
    };
    size_t i;
    _Static_assert(sizeof *t == sizeof all, "tracker_free drops all that a tracker has");
    for (i = 0; i < sizeof all / sizeof *all; i++)
        drop(all[i]);
}

int is_usual_tracker(struct tracker *t) {
    const struct {
        int name;
        PyObject *o;
    } globals[] = {
        {NAME__lookup_class_or_track, t->function},
        {NAME__DYNAMIC_CLASS_TRACKER_BY_ID, t->ids},
        {NAME__DYNAMIC_CLASS_TRACKER_BY_CLASS, t->classes},
        {NAME__DYNAMIC_CLASS_TRACKER_LOCK, t->lock},
    };
    size_t i;
    if (!t->code || ld.PyFunction_GetCode(t->function) != t->code || !t->by_id || !t->by_class || !t->acquire ||
        !t->release || !t->forget_id || !t->forget_class || !t->reference_type)
        return 0;
    for (i = 0; i < sizeof globals / sizeof *globals; i++)
        if (ld.PyDict_GetItemWithError(t->names, names[globals[i].name]) != globals[i].o)
            return forgive();
    return 1;
}

PyObject *tracked(struct tracker *t, PyObject *id) {
    PyObject *reference, *cls, *own, *key;
    if (!is_exactly(id, ld.PyUnicode_Type))
        return NULL;
    reference = ld.PyDict_GetItemWithError(t->by_id, id);
    if (!reference || !ld.PyType_IsSubtype((PyObject *)reference->ob_type, ld._PyWeakref_RefType)) {
        forgive();
        return NULL;
    }
    hold(reference);
    cls = ld.PyObject_CallNoArgs(reference);
    drop(reference);
    if (!cls || cls == None || !is_type(cls)) {
        forgive();
        drop(cls);
        return NULL;
    }
    /* Both directions must agree; where they don't, the tracker itself mends that. */
    key = ld.PyWeakref_NewRef(cls, NULL);
    own = key ? ld.PyDict_GetItemWithError(t->by_class, key) : NULL;
    if (!own || !is_exactly(own, ld.PyUnicode_Type) || ld.PyUnicode_Compare(own, id) != 0) {
        forgive();
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
    int status, collecting;
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
    /* Up to CPython 3.11 what allocates can collect garbage, and a finalizer that comes here,
     * or switches to a greenlet that does, would wait for the lock for ever. */
    collecting = ld.PyGC_Disable();
    status = ld.PyErr_Occurred() ? -1 : add(t, id, cls);
    if (collecting)
        ld.PyGC_Enable();
    ld.PyErr_Fetch(&error[0], &error[1], &error[2]);
    if (call(t->release) < 0)
        status = -1;
    if (error[0])
        ld.PyErr_Restore(error[0], error[1], error[2]);
    return status < 0 ? NULL : held(cls);
}
