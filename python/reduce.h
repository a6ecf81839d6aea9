/* The calls by which an object is taken apart, each in one crossing from Go. First they
 * give back x and y, references of the object before, which may be NULL. */
#ifndef GOCLOUDPICKLE_REDUCE_H
#define GOCLOUDPICKLE_REDUCE_H

#include "shims.h"

/* f(a) */
void *reduce_call(ref x, ref y, ref f, ref a);

/* o.name(a) */
void *reduce_method(ref x, ref y, ref o, ref name, ref a);

/* o.__reduce__() where o.__reduce_ex__ is object's, else CP_ERROR and no exception. */
void *reduce_own(ref x, ref y, ref o);

/* The calls that object.__reduce_ex__(2) begins with: getnewargs(o), unless that is NULL,
 * and o.__getstate__(), which getstate is for the class, or NULL where it is object's.
 * attributes says whether o can have attributes of its own.
 *
 * The result is the state; for object's __getstate__ that is o.__dict__, or None where
 * there are no attributes. It is NULL with an exception set, or CP_ERROR where o's own
 * attributes hide a method. What reduce_found() has then is to be read at once. */
void *reduce_parts(ref x, ref y, ref o, ref getnewargs, ref getstate, int attributes);
struct reduce_found *reduce_found(void);

struct reduce_found {
    PyObject *new_args; /* what getnewargs gave, a new reference, NULL for none */
    int class_changed;  /* o's class is another than before __getstate__ was called */
};

/* The names of the methods, and what object has by them; object_getstate may be NULL. */
void reduce_init(ref reduce_ex, ref object_reduce_ex, ref reduce, ref object_reduce, ref getstate,
                 ref object_getstate);

#endif
