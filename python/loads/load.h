/* The loading side: pickle.loads for what cloudpickle writes, and the functions
 * that its payloads name. Everything here is C, called by the interpreter alone:
 * a call into Go would cost more than most of what is done here, and C goes on
 * working in a forked child.
 *
 * loads has two steps. parse (parse.c) reads the whole stream and makes of it
 * nodes, which describe objects that are still to be made, and events, which are
 * what has to happen in the stream's order: names that are looked up, calls,
 * changes to objects that exist. It runs no Python code. What it does not support, or
 * finds wrong, is left to pickle.loads, before anything has happened.
 * run (run.c) goes through the events. What only an event needs, such as the
 * state dict of a function, never becomes an object: function.c and
 * class.c read its node.
 */
#ifndef GOCLOUDPICKLE_LOAD_H
#define GOCLOUDPICKLE_LOAD_H

#include "abi.h"
#include "api.h"

enum kind {
    OBJECT, /* obj is there */
    RESULT, /* of an event: obj is there after it */
    STR,    /* n bytes of ASCII at text, in the stream */
    TUPLE,  /* n items */
    LIST,   /* n items */
    DICT,   /* n items: a key, a value, ...; every key is a STR */
};

/* A node is one object of the stream. An object that the stream refers to twice is
 * one node, so it becomes one object. */
struct node {
    uint8_t kind;
    uint8_t depth;  /* 0 without items, else more than every item's; <= MAX_DEPTH */
    uint8_t shared; /* the stream takes it from the memo again */
    uint8_t name;   /* STR: 1 + what name_of has found; 0: it has not looked */
    uint32_t n;
    union {
        const char *text;
        struct node **items;
        Py_ssize_t free_variables; /* RESULT that is a code object made here: 1 + their number */
    };
    PyObject *obj; /* owned by the load; NULL until somebody needs it */
};

enum op { GLOBAL, CALL, NEW, NEW_KW, BUILD, SET_ITEMS, EXTEND, ADD_ITEMS, FROZEN_SET };

/* An event: result = op(a, b, items). Those that change an object have it in a. */
struct event {
    uint8_t op;
    uint32_t n;
    struct node *result, *a, *b, **items;
};

enum { MAX_DEPTH = 20, MAX_BYTES = 1 << 20, MAX_OPCODES = 1 << 13 };

/* One loads. Every array is as long as the stream has opcodes. */
struct load {
    const unsigned char *data, *end;
    struct node *nodes;
    struct node **stack, **memo, **items;
    struct event *events;
    uint32_t *marks;
    uint32_t n_nodes, n_items, n_events;
    struct node *root;
};

/* parse returns 1, or 0 for a stream that is for pickle.loads. No exception is set. */
int load_parse(struct load *l);
/* run returns the object, a new reference. */
PyObject *load_run(struct load *l);

/* load_object gives a node's object, borrowed from the node, and makes it if need
 * be. NULL is an exception. */
PyObject *load_object(struct node *n);
static inline PyObject *object_of(struct node *n) { return n->obj ? n->obj : load_object(n); }

/* A node of this kind whose object has not been made yet, and that nothing else refers to. */
static inline int is_deferred(const struct node *n, int kind) {
    return n->kind == kind && n->obj == NULL && !n->shared;
}

/* The nodes of None, (), False and True. */
extern struct node node_none, node_empty, node_false, node_true;

/* Names that this code uses: as constants of C, and as interned str. */
#define NAMES(X) \
    X(__annotations__) X(__bases__) X(__builtins__) X(__closure__) X(__defaults__) X(__dict__) \
    X(__doc__) X(__firstlineno__) X(__globals__) X(__import__) X(__init__) X(__init_subclass__) \
    X(__kwdefaults__) X(__module__) X(__name__) X(__new__) X(__prepare__) X(__qualname__) \
    X(__setattr__) X(__setstate__) X(__slots__) X(__spec__) \
    X(_DYNAMIC_CLASS_TRACKER_BY_CLASS) X(_DYNAMIC_CLASS_TRACKER_BY_ID) \
    X(_DYNAMIC_CLASS_TRACKER_LOCK) X(_abc_impl) X(_cloudpickle_submodules) X(_initializing) \
    X(_lookup_class_or_track) X(_member_map_) X(_value_) \
    X(ClassType) X(add) X(append) X(extend) X(key) X(mro) \
    X(native) X(pickle) X(register) X(update)

enum name {
    NO_NAME,
#define X(name) NAME_##name,
    NAMES(X)
#undef X
    N_NAMES
};
extern PyObject *names[N_NAMES];
/* name_of finds a STR among them, NO_NAME if it is none. */
int name_of(struct node *n);

enum rebuilder {
#define X(name, arity) REBUILD_##name,
    REBUILDERS(X)
#undef X
    N_REBUILDERS
};

/* The class tracker of a module: its function, and what that works on if it does what
 * track.c does. Any of the second part can be NULL. */
struct tracker {
    PyObject *function;
    PyObject *code, *names;             /* of the function, and its globals */
    PyObject *ids, *classes, *lock;     /* the globals that it uses */
    PyObject *by_id, *by_class;         /* the dicts of weak references in the first two */
    PyObject *forget_id, *forget_class; /* the callbacks of these references */
    PyObject *reference_type;           /* of those in by_id: weakref.KeyedRef */
    PyObject *acquire, *release;        /* of the lock */
};

/* tracker_init finds it: 1, 0 for a module without one, or -1 for an exception. */
int tracker_init(struct tracker *t, PyObject *module);
void tracker_free(struct tracker *t);
/* is_usual_tracker says whether the function does what the two below do, now; -1 is an
 * exception. Where it doesn't, they must not be called. */
int is_usual_tracker(struct tracker *t);
/* tracked gives the class that has this id: a new reference, or NULL, mostly without an
 * exception. */
PyObject *tracked(struct tracker *t, PyObject *id);
/* look_up_or_track is the function: a new reference. */
PyObject *look_up_or_track(struct tracker *t, PyObject *id, PyObject *cls);

/* A namespace is one module with cloudpickle's names. It lives as long as the library. */
struct namespace {
    PyObject *module;
    PyObject *original[N_REBUILDERS]; /* the functions, in Python */
    PyObject *code[N_REBUILDERS];     /* and their code; NULL: always called as they are */
    PyObject *builtins;               /* the dict that functions get as __builtins__ */
    PyObject *empty_cell_value;
    struct tracker tracker;
    struct namespace *next;
};

/* note_module takes in a module that has cloudpickle's names: 0, or -1 for an exception. */
int note_module(PyObject *module);

/* is_expected_code says whether code names nothing but what cloudpickle's functions do. */
int is_expected_code(PyObject *code);
/* attribute is getattr(o, name): a new reference. */
PyObject *attribute(PyObject *o, const char *name);
/* optional is the same for what may be absent: then *value is NULL, without an exception.
 * -1 is an exception that is no Exception. */
int optional(PyObject *o, const char *name, PyObject **value);

/* rebuilder_of says whose function this is, and which; NULL for any other object. */
struct namespace *rebuilder_of(PyObject *function, int *number);

/* The same work from nodes: a new reference, NULL for an exception, or NOT_HERE
 * before anything has happened, when the function itself has to be called. */
#define NOT_HERE ((PyObject *)&ld)
PyObject *make_function(struct namespace *s, struct node **args);
PyObject *function_setstate(struct namespace *s, struct node *function, struct node *state);
PyObject *class_setstate(struct node *cls, struct node *state);
PyObject *make_code(struct event *e);
PyObject *make_cell(struct namespace *s, PyObject *value);
PyObject *skeleton_class(struct namespace *s, PyObject *const *args);
PyObject *skeleton_enum(struct namespace *s, PyObject *const *args);
/* What is kept of a class that arrives again, while its attributes are set. */
enum { MAX_ATTRIBUTES = 100 };
struct arrival {
    PyObject *record; /* owned; NULL if the class has none yet */
    uint8_t kept[MAX_ATTRIBUTES];
};
/* arrival_begin decides, and arrival_end notes what has been set: -1 is an exception, and
 * the record is the caller's to drop then too. */
int arrival_begin(struct arrival *a, PyObject *cls, struct node *attributes);
int arrival_end(struct arrival *a, PyObject *cls, struct node *attributes);
/* setstate_of_others is class_setstate for classes whose metaclass may set attributes in its
 * own way; NOT_HERE for all others. */
PyObject *setstate_of_others(PyObject *cls, struct node *state);
PyObject *bind_records(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
int is_abstract(PyObject *cls);
/* is_usual_enum says whether setting an attribute of cls is set_enum_attribute. */
int is_usual_enum(PyObject *cls);
int set_enum_attribute(PyObject *cls, PyObject *name, PyObject *value);
int has_bases(PyObject *cls, PyObject *bases);
int is_text_equal(PyObject *cls, int attribute, PyObject *text);
PyObject *builtin_type(PyObject *name);
PyObject *sub_import(PyObject *name);

/* import_module is __import__(name) and sys.modules[name]: a new reference. */
PyObject *import_module(PyObject *name);
int minor_version(void);

/* find_global is Unpickler.find_class: a new reference. */
PyObject *find_global(struct node *module, struct node *name);

/* is_strict reports whether all is to be as in cloudpickle (GOCLOUDPICKLE_STRICT). */
int is_strict(void);

/* foreign_code reports whether bytecode can't be that of CPython 3.minor, and names the versions
 * whose it can be. */
int foreign_code(int minor, const uint8_t *code, Py_ssize_t size, char *others, size_t room);

/* unpickling_error sets pickle.UnpicklingError and returns NULL. */
PyObject *unpickling_error(const char *message);

/* call_with calls a function with what a vectorcall has got. */
PyObject *call_with(PyObject *f, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

int run_init(PyObject *pickle);
int find_global_init(void);
void setters_init(void);
int classes_init(void);
int enums_init(void);
int rebuilders_init(void);

#endif
