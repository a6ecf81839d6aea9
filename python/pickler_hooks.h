/* The hooks of a Pickler object. */
#ifndef GOCLOUDPICKLE_PICKLER_HOOKS_H
#define GOCLOUDPICKLE_PICKLER_HOOKS_H

#include "pickler_class.h"

/* pickler_hooks finds what a dump has to ask: new references, -1 with an exception set. For a
 * reducer_override, state stands for the class's own and pickler_state_type for none; for a
 * persistent_id, state stands for none. */
int pickler_hooks(PyObject *self, PyObject *state, PyObject **override, PyObject **persistent_id);

#endif
