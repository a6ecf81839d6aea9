/* What a thread of the program needs before it calls Go. */
#ifndef GOCLOUDPICKLE_THREAD_H
#define GOCLOUDPICKLE_THREAD_H

#include <stdint.h>

/* The part of the thread's stack where there is nothing to ask: it grows from high down
 * to low, the end of the stack or, in the main thread, where its limit must be looked
 * at. Where the stack is unknown it is empty. */
struct thread {
    short prepared, abandoned; /* abandoned: there are Go frames that are never returned to */
    uintptr_t low, high;
};
extern __thread struct thread this_thread __attribute__((tls_model("initial-exec")));

/* The innermost entry of this thread, see entry.h. (The library has static TLS anyhow: Go's own.) */
extern __thread struct entry *entered __attribute__((tls_model("initial-exec")));

/* retired says that some thread has abandoned Go frames, or has ended with such. Go gives
 * its side of a thread that has ended to the next that calls it, and finds this one in a
 * state that it ends the process for. So no more threads may call it. Those that have
 * done so before go on, but for that one. */
extern int retired;

/* thread_prepare must come before a thread's call into Go. */
void thread_prepare_now(void);
static inline void thread_prepare(void) {
    if (__builtin_expect(!this_thread.prepared, 0))
        thread_prepare_now();
}

/* ENGINE_STACK is what a call into Go needs of the thread's stack. Go's runtime
 * makes do with 16 KiB (that much it gives its own threads, runtime/proc.go), the
 * rest is for the Python code that the call runs: it can only find out that the stack
 * is at its end by calling us again. */
enum { ENGINE_STACK = 64 << 10, LEAST_STACK = 16 << 10 };

/* thread_stack_left gives the bytes that are left of the stack. It is 0 on any
 * other stack than the thread's own. */
uintptr_t thread_stack_left(void);

/* thread_stack_short says whether less than ENGINE_STACK is left. */
static inline int thread_stack_short(void) {
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
    if (__builtin_expect(sp <= this_thread.high && sp >= this_thread.low + ENGINE_STACK, 1))
        return 0;
    return thread_stack_left() < ENGINE_STACK;
}

#endif
