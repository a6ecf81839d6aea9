/* A class that arrives again keeps what has been set on it here (cloudpickle issue 439).
 * The records that tell it are in Python, in rebuild.py, for all that loads and dumps; the
 * usual class is done here: its attributes are still the objects that the record has. */
#include "load.h"
#include <string.h>

static struct {
    PyObject *records, *forget; /* the dict of weak references in _CLASS_RECORDS, and their callback */
    PyObject *note, *is_set_here, *setstate;
} shared;

/* bind_records(module): takes the functions of rebuild.py from a module that has them. */
PyObject *bind_records(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *records = nargs == 1 ? attribute(args[0], "_CLASS_RECORDS") : NULL;
    int found;
    (void)self, (void)kwnames;
    found = records && (shared.note = attribute(args[0], "_note")) &&
        (shared.is_set_here = attribute(args[0], "_is_set_here")) &&
        (shared.setstate = attribute(args[0], "_class_setstate")) &&
        (shared.forget = attribute(records, "_remove")) && (shared.records = attribute(records, "data"));
    drop(records);
    return found ? held(None) : NULL;
}

/* In strict mode _bind.py binds no records. */
int is_strict(void) { return !shared.records; }

/* The record of a class, a new reference: NULL without an exception if it has none. */
static PyObject *record_of(PyObject *cls) {
    PyObject *key = ld.PyWeakref_NewRef(cls, NULL);
    PyObject *record = key ? ld.PyDict_GetItemWithError(shared.records, key) : NULL;
    if (record)
        hold(record);
    drop(key);
    return record;
}

static PyObject *new_record(PyObject *cls) {
    PyObject *key = ld.PyWeakref_NewRef(cls, shared.forget), *record = key ? ld.PyDict_New() : NULL;
    if (record && ld.PyDict_SetItem(shared.records, key, record) < 0) {
        drop(record);
        record = NULL;
    }
    drop(key);
    return record;
}

/* _METHODS and _ATOMS of rebuild.py. */
static int is_method(PyObject *o) {
    return is_exactly(o, ld.PyFunction_Type) || is_exactly(o, ld.PyClassMethod_Type) ||
        is_exactly(o, ld.PyStaticMethod_Type) || is_exactly(o, ld.PyProperty_Type);
}

static int is_atom(PyObject *o) {
    return o == None || is_exactly(o, ld.PyUnicode_Type) || is_exactly(o, ld.PyLong_Type) ||
        is_exactly(o, ld.PyFloat_Type) || is_exactly(o, ld.PyBytes_Type) || o == ld._Py_TrueStruct ||
        o == ld._Py_FalseStruct;
}

/* _note: a new reference. Only functions and atoms are done here. */
static PyObject *note_of(PyObject *value) {
    if (is_atom(value))
        return held(value);
    if (is_exactly(value, ld.PyFunction_Type))
        return ld.PyWeakref_NewRef(value, NULL);
    return ld.PyObject_CallFunctionObjArgs(shared.note, value, NULL);
}

/* Whether value is certainly what the record has: -1 is an exception. */
static int is_surely_of(PyObject *noted, PyObject *value) {
    PyObject *now;
    if (!noted || !value)
        return noted == value;
    if (!is_exactly(value, ld.PyFunction_Type))
        return noted == value && is_atom(value);
    if (!(now = ld.PyWeakref_NewRef(value, NULL)))
        return -1;
    drop(now); /* it is only compared */
    return now == noted;
}

/* _is_special of rebuild.py. */
static int is_special(struct node *name) {
    return name->n > 2 && name->text[0] == '_' && name->text[name->n - 1] == '_';
}

static PyObject *key_of(struct node *name) {
    int number = name_of(name);
    return number ? names[number] : object_of(name);
}

/* The dict of a type, a new reference. PyType_GetDict is there since 3.12; before, tp_dict is
 * where it has been since 3.8. Not _PyType_Lookup, after which each change of the class costs. */
static PyObject *dict_of(PyObject *cls) {
    enum { TP_DICT = 264 };
    return ld.PyType_GetDict ? ld.PyType_GetDict(cls) : held(*(PyObject **)((char *)cls + TP_DICT));
}

/* Whether an attribute is to be kept; -1 is an exception. */
static int is_kept(PyObject *cls, PyObject *own, PyObject *record, struct node *name_node) {
    PyObject *name = key_of(name_node), *noted, *found, *answer;
    int kept;
    if (!name)
        return -1;
    noted = ld.PyDict_GetItemWithError(record, name);
    found = noted || !ld.PyErr_Occurred() ? ld.PyDict_GetItemWithError(own, name) : NULL;
    if (ld.PyErr_Occurred())
        return -1;
    if ((kept = is_surely_of(noted, found)) < 0)
        return -1;
    if (kept || (is_special(name_node) && (!found || !is_method(found))))
        return 0;
    answer = ld.PyObject_CallFunctionObjArgs(shared.is_set_here, cls, record, name, NULL);
    kept = answer ? ld.PyObject_IsTrue(answer) : -1;
    drop(answer);
    return kept;
}

/* A record tells by the __module__ whether a state has come past us: see _arriving. */
static int is_of_last_arrival(PyObject *own, PyObject *record) {
    return ld.PyDict_GetItemWithError(record, names[NAME___module__]) ==
        ld.PyDict_GetItemWithError(own, names[NAME___module__]);
}

static int decide(struct arrival *a, PyObject *cls, PyObject *own, struct node *attributes) {
    uint32_t i;
    int kept;
    if (!is_of_last_arrival(own, a->record)) {
        ld.PyDict_Clear(a->record);
        return ld.PyErr_Occurred() ? -1 : 0;
    }
    for (i = 0; i < attributes->n; i += 2) {
        if (name_of(attributes->items[i]) == NAME__abc_impl)
            continue;
        if ((kept = is_kept(cls, own, a->record, attributes->items[i])) < 0)
            return -1;
        a->kept[i / 2] = kept;
    }
    return 0;
}

/* Classes of other metaclasses may have their attributes anywhere. */
static int is_usual(PyObject *cls) {
    return is_exactly(cls, ld.PyType_Type) || is_abstract(cls) || is_usual_enum(cls);
}

PyObject *setstate_of_others(PyObject *cls, struct node *state) {
    PyObject *o;
    if (!shared.records || !is_type(cls) || is_usual(cls))
        return NOT_HERE;
    o = object_of(state);
    return o ? ld.PyObject_CallFunctionObjArgs(shared.setstate, cls, o, NULL) : NULL;
}

int arrival_begin(struct arrival *a, PyObject *cls, struct node *attributes) {
    PyObject *own;
    int status;
    a->record = NULL;
    memset(a->kept, 0, sizeof a->kept);
    if (!shared.records || !is_type(cls))
        return 0;
    if (!(a->record = record_of(cls)))
        return ld.PyErr_Occurred() ? -1 : 0;
    if (!(own = dict_of(cls)))
        return -1;
    status = decide(a, cls, own, attributes);
    drop(own);
    return status;
}

/* What a record has of an attribute that has been set: 0, or -1 for an exception. */
static int note(PyObject *record, struct node *name, PyObject *value) {
    PyObject *noted;
    int status;
    if (is_special(name) && !is_method(value) && name_of(name) != NAME___module__)
        return 0;
    noted = note_of(value);
    status = noted ? ld.PyDict_SetItem(record, key_of(name), noted) : -1;
    drop(noted);
    return status;
}

int arrival_end(struct arrival *a, PyObject *cls, struct node *attributes) {
    uint32_t i;
    int status = 0;
    if (!shared.records || !is_type(cls))
        return 0;
    if (!a->record && !(a->record = new_record(cls)))
        return -1;
    for (i = 0; status == 0 && i < attributes->n; i += 2) {
        if (a->kept[i / 2] || name_of(attributes->items[i]) == NAME__abc_impl)
            continue;
        status = note(a->record, attributes->items[i], object_of(attributes->items[i + 1]));
    }
    return status;
}
