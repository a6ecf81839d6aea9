#define _GNU_SOURCE
#include "fork.h"
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

volatile int forked;
__thread struct entry *entered;

static void in_child(void) { forked = 1; }

void fork_watch(void) { pthread_atfork(NULL, NULL, in_child); }

/* The frames between here and the entry are Go's and this library's C, never the
 * interpreter's, which has an entry of its own above each of its calls to us. C
 * that Go calls runs on the thread's own stack, so the entry is further up on it. */
void fork_leave(void) {
    if (entered)
        longjmp(entered->start, 1);
}

__thread int thread_prepared;

/* Go runs its signal handlers on the alternate stack that a thread has when it
 * first calls Go. faulthandler's is taken away when the interpreter ends, before
 * its last garbage collections, and a signal of Go's in one of these would then
 * abort the process: such a thread gets a stack that stays. (faulthandler leaves
 * a stack alone that isn't its own; its reports work on any.) */
void thread_prepare_now(void) {
    enum { SIZE = 64 << 10 };
    stack_t have, mine = {.ss_size = SIZE};
    thread_prepared = 1;
    if (sigaltstack(NULL, &have) == 0 && !(have.ss_flags & SS_DISABLE)) {
        if (have.ss_size > SIZE)
            mine.ss_size = have.ss_size;
        mine.ss_sp = malloc(mine.ss_size);
        if (mine.ss_sp)
            sigaltstack(&mine, NULL);
    }
}
