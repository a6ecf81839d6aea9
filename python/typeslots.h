/* Numbers of a type's slots, for PyType_GetSlot and PyType_FromSpec: Include/typeslots.h. */
#ifndef GOCLOUDPICKLE_TYPESLOTS_H
#define GOCLOUDPICKLE_TYPESLOTS_H

enum {
    SLOT_BASE = 48,
    SLOT_BASES = 49,
    SLOT_CALL = 50,
    SLOT_CLEAR = 51,
    SLOT_DEALLOC = 52,
    SLOT_DESCR_GET = 54,
    SLOT_GETATTRO = 58,
    SLOT_HASH = 59,
    SLOT_INIT = 60,
    SLOT_SETATTRO = 69,
    SLOT_TRAVERSE = 71,
    SLOT_MEMBERS = 72,
};

#endif
