/* Attributes of a Pickler that cloudpickle's __init__ sets, and few ever read. */
#ifndef GOCLOUDPICKLE_PICKLER_LATE_H
#define GOCLOUDPICKLE_PICKLER_LATE_H

#include "pickler_class.h"

/* pickler_late_add makes the attributes of a class, in its record and in a dict of
 * methods for it. */
int pickler_late_add(struct pickler_class *c, PyObject *class, PyObject *methods);

/* Whether a subclass has no attribute of its own of that name. */
int pickler_comes_late(struct pickler_class *c, int which, PyObject *type);

#endif
