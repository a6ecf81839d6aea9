/* What a fork in the middle of a dump leaves behind. */
#ifndef GOCLOUDPICKLE_FORK_H
#define GOCLOUDPICKLE_FORK_H

#include <setjmp.h>

/* forked is set in the child of a fork before anything else runs there. Go's
 * runtime does not survive fork: its threads are gone, its locks are in any
 * state. Go of an image whose forked is set must not be entered again, nor be
 * returned to. */
extern volatile int forked;

/* An entry is a call of this thread into Go, which goes back to start when it
 * finds on its way that it is in a forked child. Entries nest. */
struct entry {
    jmp_buf start;
    struct entry *outer;
};
extern __thread struct entry *entered;

void fork_watch(void);

/* thread_prepare must come before a thread's call into Go. */
extern __thread int thread_prepared;
void thread_prepare_now(void);
static inline void thread_prepare(void) {
    if (__builtin_expect(!thread_prepared, 0))
        thread_prepare_now();
}

/* fork_leave goes back to the innermost entry, if there is one. */
void fork_leave(void);

/* fork_check stands after each call that can run Python code, and so fork. */
static inline void fork_check(void) {
    if (__builtin_expect(forked, 0))
        fork_leave();
}

#endif
