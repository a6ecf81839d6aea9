#include "fork.h"
#include <pthread.h>
#include <stddef.h>

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
