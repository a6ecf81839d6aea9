/* What is known of a Pickler class or subclass as long as nobody changes it. */
#ifndef GOCLOUDPICKLE_PICKLER_KIND_H
#define GOCLOUDPICKLE_PICKLER_KIND_H

#include "pickler_class.h"

struct pickler_kind {
    PyObject *type;
    uint32_t version; /* tp_version_tag; 0 where the rest isn't kept */
    int target;       /* -1 where none of its bases is the engine's: the rest says nothing then */
    /* Whether super().__init__ in the engine's class is that of CPython's Pickler: a class can stand
     * between them in the MRO of a subclass. */
    char base_comes_next;
    /* Whether an attribute can be left to the class: a subclass has none of its own, and sees nothing
     * being set. */
    char late[N_LATE];
    /* Whether the class has a persistent_id, or code for attributes. */
    char has_persistent_id;
    /* Whether an object has the engine's reducer_override and CPython's persistent_id, from 3.13 on,
     * unless they are set in it. */
    char hooks_of_class;
};

/* pickler_kind_of finds it for a type. */
struct pickler_kind pickler_kind_of(PyObject *type);

#endif
