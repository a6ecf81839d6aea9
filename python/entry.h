/* Entries: the calls of a thread into Go that are under way, and how they are left
 * without returning to Go.
 *
 * Go keeps its side of nested calls on one stack of the thread, so they must end in
 * the order last in, first out. Python code that a call runs can break that: it can
 * fork, and greenlets and the like can switch to another C stack and come back in
 * another order. A call that finds this behind it when Python code returns must not
 * go back to Go: it leaves with longjmp for its start, past Go's frames. */
#ifndef GOCLOUDPICKLE_ENTRY_H
#define GOCLOUDPICKLE_ENTRY_H

#include "fork.h"
#include "thread.h"
#include <setjmp.h>

#define unlikely(x) __builtin_expect(!!(x), 0)

/* May Python code run under Go's frames? */
enum python_code {
    NOT_ASKED, /* as soon as some is about to run that is asked */
    ALLOWED,   /* yes */
    NOT_HERE,  /* no: this is a greenlet */
    REFUSED,   /* it would have run: the call fails and is done again without the engine */
};

/* It is no part of the stack, which a greenlet that is suspended shares with others:
 * what is entered must be valid to read from all of them. */
struct entry {
    jmp_buf start;
    struct entry *outer;
    unsigned char python;    /* enum python_code */
    unsigned char abandoned; /* its Go frames are never returned to */
};

/* What a longjmp to start says. */
enum left { LEFT_FORKED = 1, LEFT_ABANDONED };

/* refusals counts the entries that became REFUSED. */
extern unsigned int refusals;

/* entry_push makes an entry, NULL without memory. The GIL is held, as for all here. */
struct entry *entry_push(enum python_code python);
void entry_pop(struct entry *e);

/* entry_leave goes back to the start of e. */
void entry_leave(struct entry *e);

/* entry_stay stands after each call that can run Python code; e is what was entered
 * before. */
static inline void entry_stay(struct entry *e) {
    if (unlikely(forked || entered != e))
        entry_leave(e);
}

/* entry_refuse is asked before Python code runs. 1 says that it must not; an
 * exception is set then. */
int entry_refuse(struct entry *e);

/* entry_allowed reports whether Python code may run under e; it asks where that isn't
 * settled yet. */
int entry_allowed(struct entry *e);

#endif
