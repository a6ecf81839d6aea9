/* The engine's half of a Pickler object. */
#ifndef GOCLOUDPICKLE_PICKLER_STATE_H
#define GOCLOUDPICKLE_PICKLER_STATE_H

#include "call.h"

/* What a Pickler object has of the engine, as its attribute _engine_state. */
struct pickler_state {
    PyObject head;
    uint64_t handle; /* of the Go pickler that has the memo, 0 as long as there is none */
    PyObject *write, *protocol, *buffer_callback;
    PyObject *limits; /* max_bytes and skip: see _limits.py; NULL for none */
    int target;
    char used; /* the memo can have something in it */
    char busy; /* its stream is being written */
    char left; /* the Pickler goes on without the engine */
};

extern PyObject *pickler_state_type;

/* pickler_state_init makes the type; a state that goes away tells. */
int pickler_state_init(PyObject *module);
void pickler_state_gone(int target);

#endif
