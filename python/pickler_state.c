#include "_cgo_export.h"
#include "entry.h"
#include "pickler_state.h"
#include "typeslots.h"

enum {
    FLAG_DEFAULT_GC = (1 << 18) | (1 << 14), /* Py_TPFLAGS_DEFAULT, Py_TPFLAGS_HAVE_GC */
    INT = 1,                                 /* Include/structmember.h */
    OBJECT = 6,
    BOOL = 14,
    READONLY = 1,
};

PyObject *pickler_state_type;
struct pickler_gone pickler_gone;

static PyObject **rooms[MAX_GONE];
static int n_rooms;

PyObject **pickler_take_room(void) {
    return n_rooms ? rooms[--n_rooms] : unguarded.PyMem_Malloc(MAX_MEMOIZED * sizeof *rooms[0]);
}

static void give_room(PyObject **room) {
    if (n_rooms < MAX_GONE && room)
        rooms[n_rooms++] = room;
    else
        unguarded.PyMem_Free(room);
}

static struct pickler_state *state_of(PyObject *o) { return (struct pickler_state *)o; }

static int traverse(PyObject *self, visit_fn visit, void *arg) {
    struct pickler_state *s = state_of(self);
    PyObject *held[] = {self->ob_type, s->write, s->protocol, s->buffer_callback, s->limits, s->late[0], s->late[1]};
    for (int i = 0; i < 7; i++) {
        int stop = held[i] ? visit(held[i], arg) : 0;
        if (stop)
            return stop;
    }
    return s->handle && module_may_enter() ? goStateTraverse(s->handle, visit, arg) : 0;
}

/* Finalizers that run in here can fork too. */
static void in_go(void (*function)(uint64_t), PyObject *self) {
    struct entry *here;
    if (!state_of(self)->handle || !module_may_enter() || !(here = entry_push(ALLOWED)))
        return;
    if (_setjmp(here->start) == 0)
        function(state_of(self)->handle);
    entry_pop(here);
}

static void drop(PyObject **field) {
    PyObject *old = *field;
    *field = NULL;
    if (old)
        unguarded.Py_DecRef(old);
}

static int clear(PyObject *self) {
    state_of(self)->n_memoized = -1;
    in_go(goStateClear, self);
    drop(&state_of(self)->write);
    drop(&state_of(self)->buffer_callback);
    drop(&state_of(self)->limits);
    for (int i = 0; i < N_LATE; i++)
        drop(&state_of(self)->late[i]);
    return 0;
}

/* What in_go(goStateDealloc, self) does, where the references are here: finalizers run without
 * Go's frames below them. */
static void give_back(PyObject *self) {
    struct pickler_state *s = state_of(self);
    int n = s->n_memoized;
    s->n_memoized = -1;
    for (int i = 0; i < n; i++) {
        /* As Object.DecRef of object.go, on the layout path. */
        int32_t *references = (int32_t *)&s->memoized[i]->ob_refcnt;
        if (*references > 1)
            --*references;
        else
            unguarded.Py_DecRef(s->memoized[i]);
    }
    if (pickler_gone.n < MAX_GONE)
        pickler_gone.handles[pickler_gone.n++] = s->handle;
    else
        in_go(goStateGone, self);
}

static void dealloc(PyObject *self) {
    PyObject *type = self->ob_type;
    unguarded.PyObject_GC_UnTrack(self);
    if (state_of(self)->n_memoized >= 0)
        give_back(self);
    else
        in_go(goStateDealloc, self);
    give_room(state_of(self)->memoized);
    drop(&state_of(self)->write);
    drop(&state_of(self)->protocol);
    drop(&state_of(self)->buffer_callback);
    drop(&state_of(self)->limits);
    for (int i = 0; i < N_LATE; i++)
        drop(&state_of(self)->late[i]);
    pickler_state_gone(state_of(self)->target);
    unguarded.PyObject_GC_Del(self);
    unguarded.Py_DecRef(type);
}

/* What CPython's own dump of the Pickler calls with a PickleBuffer, and the truth of what that
 * returns: in-band where no callback says otherwise (save_picklebuffer in Modules/_pickle.c). */
static PyObject *call_back(PyObject *self, PyObject *args, PyObject *keywords) {
    PyObject *callback = state_of(self)->buffer_callback, *done;
    if (!callback || callback == py._Py_NoneStruct) {
        unguarded.Py_IncRef(py._Py_TrueStruct);
        return py._Py_TrueStruct;
    }
    unguarded.Py_IncRef(callback);
    done = unguarded.PyObject_Call(callback, args, keywords);
    unguarded.Py_DecRef(callback);
    return done;
}

int pickler_state_init(PyObject *module) {
    static struct {
        const char *name;
        int type;
        Py_ssize_t offset;
        int flags;
        const char *doc;
    } members[] = {
        {"target", INT, offsetof(struct pickler_state, target), READONLY, NULL},
        {"write", OBJECT, offsetof(struct pickler_state, write), READONLY, NULL},
        {"protocol", OBJECT, offsetof(struct pickler_state, protocol), READONLY, NULL},
        {"buffer_callback", OBJECT, offsetof(struct pickler_state, buffer_callback), READONLY, NULL},
        {"limits", OBJECT, offsetof(struct pickler_state, limits), READONLY, NULL},
        {"globals_ref", OBJECT, offsetof(struct pickler_state, late[LATE_GLOBALS_REF]), 0, NULL},
        {"proto", OBJECT, offsetof(struct pickler_state, late[LATE_PROTO]), 0, NULL},
        {"used", BOOL, offsetof(struct pickler_state, used), 0, NULL},
        {"left", BOOL, offsetof(struct pickler_state, left), 0, NULL},
        {NULL, 0, 0, 0, NULL},
    };
    static struct type_slot slots[] = {
        {SLOT_DEALLOC, dealloc}, {SLOT_TRAVERSE, traverse}, {SLOT_CLEAR, clear}, {SLOT_MEMBERS, members},
        {SLOT_CALL, call_back}, {0, NULL},
    };
    static struct type_spec spec = {
        "gocloudpickle._engine.PicklerState", sizeof(struct pickler_state), 0, FLAG_DEFAULT_GC, slots,
    };
    if (!pickler_state_type && !(pickler_state_type = py.PyType_FromSpec(&spec)))
        return -1;
    unguarded.Py_IncRef(pickler_state_type);
    return py.PyModule_AddObject(module, "PicklerState", pickler_state_type);
}
