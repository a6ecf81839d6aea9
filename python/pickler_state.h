/* The engine's half of a Pickler object. */
#ifndef GOCLOUDPICKLE_PICKLER_STATE_H
#define GOCLOUDPICKLE_PICKLER_STATE_H

#include "call.h"

enum { LATE_GLOBALS_REF, LATE_PROTO, N_LATE };
enum { MAX_MEMOIZED = 256, MAX_GONE = 8 };

/* What a Pickler object has of the engine. A Pickler whose fields pickler_fill has filled has it
 * in the place of its buffer_callback, which needs no dict: see pickler_class.h. Others have it as
 * their attribute _engine_state. */
struct pickler_state {
    PyObject head;
    uint64_t handle; /* of the Go pickler that has the memo, 0 as long as there is none */
    PyObject *write, *protocol, *buffer_callback;
    PyObject *late[N_LATE]; /* attributes of the Pickler, NULL as long as they have not been made */
    char late_deleted[N_LATE];
    PyObject *limits; /* max_bytes and skip: see _limits.py; NULL for none */
    /* What the memo of Go's pickler holds, where that holds nothing else: dealloc gives these
     * back itself. A call of Go for it would take as long as all of its __init__. */
    PyObject **memoized; /* MAX_MEMOIZED, NULL without memory */
    int n_memoized; /* -1 where the pickler has to be asked */
    int target;
    char used; /* the memo can have something in it */
    char busy; /* its stream is being written */
    char left; /* the Pickler goes on without the engine */
};

extern PyObject *pickler_state_type;

/* Handles whose states have gone, and have given back what their memos held. Go takes them
 * when it next needs a pickler. */
struct pickler_gone {
    int n;
    uint64_t handles[MAX_GONE];
};
extern struct pickler_gone pickler_gone;

/* pickler_state_init makes the type; a state that goes away tells. */
int pickler_state_init(PyObject *module);
void pickler_state_gone(int target);

/* Where a state has room for what is memoized: the same few, one after the other. */
PyObject **pickler_take_room(void);

#endif
