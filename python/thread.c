#define _GNU_SOURCE
#include "thread.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

__thread struct thread this_thread;
__thread struct entry *entered;
int retired;

/* Go's destructor of a thread's Go side must find this image retired if there are
 * abandoned frames on it: constructors with a priority run before Go's, and the C
 * library calls the destructors in the order in which their keys were made. */
static pthread_key_t at_exit;
static int has_at_exit;

static void thread_exits(void *unused) {
    (void)unused;
    if (entered)
        retired = 1;
}

__attribute__((constructor(101))) static void make_key(void) {
    has_at_exit = pthread_key_create(&at_exit, thread_exits) == 0;
}

/* Go runs its signal handlers on the alternate stack that a thread has when it
 * first calls Go. faulthandler's is taken away when the interpreter ends, before
 * its last garbage collections, and a signal of Go's in one of these would then
 * abort the process: such a thread gets a stack that stays. (faulthandler leaves
 * a stack alone that isn't its own; its reports work on any.) */
static void keep_signal_stack(void) {
    enum { SIZE = 64 << 10 };
    stack_t have, mine = {.ss_size = SIZE};
    if (sigaltstack(NULL, &have) == 0 && !(have.ss_flags & SS_DISABLE)) {
        if (have.ss_size > SIZE)
            mine.ss_size = have.ss_size;
        mine.ss_sp = malloc(mine.ss_size);
        if (mine.ss_sp)
            sigaltstack(&mine, NULL);
    }
}

static __thread uintptr_t lowest;

/* The main thread's stack ends where RLIMIT_STACK says now. */
static int is_main(void) { return gettid() == getpid(); }

static void find_stack(void) {
    enum { SURELY_MAIN = 256 << 10 };
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    this_thread.low = UINTPTR_MAX / 2, this_thread.high = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &low, &size) == 0 && size > 0) {
        this_thread.low = lowest = (uintptr_t)low;
        this_thread.high = (uintptr_t)low + size;
        if (is_main() && size > SURELY_MAIN)
            this_thread.low = this_thread.high - SURELY_MAIN;
    }
    pthread_attr_destroy(&attributes);
}

void thread_prepare_now(void) {
    this_thread.prepared = 1;
    keep_signal_stack();
    find_stack();
    if (has_at_exit)
        pthread_setspecific(at_exit, &this_thread);
}

uintptr_t thread_stack_left(void) {
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0), low = lowest;
    struct rlimit limit;
    if (is_main() && getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < this_thread.high)
        low = this_thread.high - limit.rlim_cur;
    return sp < low || sp > this_thread.high ? 0 : sp - low;
}
