#include "fork.h"
#include <pthread.h>
#include <stddef.h>

volatile int forked;

// What runtime/cgo calls when a thread ends that has called Go (gcc_libinit.c,
// pthread_key_destructor), to take the thread back into the runtime. Weak: its name is no
// interface, and the library does without it.
extern void (*x_crosscall2_ptr)(void (*fn)(void *), void *, int, size_t) __attribute__((weak));

static void in_child(void) {
    forked = 1;
    // Or the thread that forked enters the dead runtime when it ends, and waits for ever for
    // a lock that another thread of the parent had.
    if (&x_crosscall2_ptr)
        x_crosscall2_ptr = NULL;
}

void fork_watch(void) {
    static int watched;
    if (!watched)
        watched = pthread_atfork(NULL, NULL, in_child) == 0;
}
