/* Pickler classes: gocloudpickle's and those that install() switches, by the number of
 * the target that each is of; and what there is of the interpreter's own Pickler. */
#ifndef GOCLOUDPICKLE_PICKLER_CLASS_H
#define GOCLOUDPICKLE_PICKLER_CLASS_H

#include "pickler_state.h"

enum { OWN_TARGET = 0 }; /* gocloudpickle's */

/* A class whose methods these are, and its subclasses. */
struct pickler_class {
    PyObject *class;
    /* Its reducer_override, which the engine does natively: as it is, and as it was. */
    PyObject *override, *stock_override;
    PyObject *init;     /* its __init__ in Python, which does the same but for the state */
    PyObject *defaults; /* a dict with DEFAULT_PROTOCOL */
    PyObject *late[N_LATE]; /* the descriptors of pickler_late.c */
    int direct;         /* what init does is known, and need not be called */
    long live;          /* states */
};

extern struct pickler_class *pickler_classes; /* by the number of the target */
extern int n_pickler_classes;

/* The target of a type's class, -1 where there is none. */
int pickler_target_of(PyObject *type);

/* Where a Pickler that pickler_fill has filled has its state, NULL where those have none: the field
 * of its buffer_callback, which only CPython's own dump looks at. A state can be called as that
 * callback. */
PyObject **pickler_state_place(PyObject *self);

static inline int pickler_state_is_in(PyObject **place) {
    return place && *place && (*place)->ob_type == pickler_state_type;
}

/* The state of a Pickler, a new reference; NULL for none, or with an exception set. One of another
 * image is only found as an attribute. */
PyObject *pickler_state_of(PyObject *self);

/* pickler_new_state makes the engine's half of a Pickler object. limits can be NULL. */
PyObject *pickler_new_state(int target, PyObject *write, PyObject *protocol, PyObject *callback, PyObject *limits);

/* Whether a function is the class's reducer_override. */
static inline int pickler_is_own_override(struct pickler_class *c, PyObject *function) {
    return function == c->override || function == c->stock_override;
}

/* CPython's Pickler. */
struct pickler_base {
    PyObject *type;
    int (*init)(PyObject *, PyObject *, PyObject *);
    void *setattro;
    void *getattro;
    struct method_def *persistent_id; /* of the method that does nothing, from 3.13 on */
    PyObject *persistent_id_descriptor;
    size_t buffer_callback;           /* where an instance has it, 0 where pickler_fill can't be used */
    int hooks_in_dict;                /* what is set is known to be there, or at persistent_id_at if that isn't 0 */
    size_t persistent_id_at;
    size_t version_tag;               /* where a type has it, 0 where that isn't known */
    size_t write;                     /* where an instance has its file's write, 0 where that isn't known */
};
extern struct pickler_base pickler_base;

/* Names of attributes, interned. */
struct pickler_names {
    PyObject *engine_state, *globals_ref, *proto, *default_protocol, *mro, *write_name;
    PyObject *reducer_override, *persistent_id, *dispatch_table;
};
extern struct pickler_names pickler_names;

/* pickler_class_init finds them. */
int pickler_class_init(void);

/* The methods of these classes, and functions for the module. */
extern struct method_def pickler_init_def, pickler_own_init_def, pickler_dump_def;
PyObject *pickler_dump(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *pickler_reduce(PyObject *self, PyObject *const *args, Py_ssize_t nargs);

#endif
