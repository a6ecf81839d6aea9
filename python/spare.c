#include "spare.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

/* A process can set itself a limit of address space or of data (RLIMIT_AS, RLIMIT_DATA) when
 * Go's runtime is there already. The runtime asks the system for memory and threads at any time,
 * by the two functions below (runtime/cgo's gcc_mmap.c and gcc_libinit.c), and ends the process
 * where it gets none. So some is kept, and given to the runtime in that case: it survives, and
 * the dumps that follow are done without the engine until there is some again.
 *
 * What is kept is never written, and takes no memory. It can be written, since only such pages
 * count as data (is_data_mapping in Linux's mm/mmap.c); but not where each of them is promised
 * memory of its own (vm.overcommit_memory=2), which other processes would lack.
 *
 * The linker leads all calls in this library here (--wrap, see capi.go), the C library's own and
 * the interpreter's not. */
#define SPARE ((size_t)192 << 20) /* an arena of Go's heap, 64 MiB and as much to align it, and threads */

static _Atomic(void *) spare;

void *__real_mmap(void *addr, size_t length, int protection, int flags, int fd, off_t offset);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);

/* 1 where the system promises no more memory than it has. */
static int is_strict(void) {
    static int strict = -1;
    if (strict < 0) {
        char mode = 0;
        int fd = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            strict = read(fd, &mode, 1) == 1 && mode == '2';
            close(fd);
        } else
            strict = 0;
    }
    return strict;
}

static void *reserve(void) {
    int protection = is_strict() ? PROT_NONE : PROT_READ | PROT_WRITE;
    void *p = __real_mmap(NULL, SPARE, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Held from a failure until what was kept has been asked for again: nobody else can reserve it
 * in between, and who fails at the same time finds what is left of it. */
static pthread_mutex_t giving = PTHREAD_MUTEX_INITIALIZER;

static void give(void) {
    void *p = atomic_exchange(&spare, NULL);
    if (p)
        munmap(p, SPARE);
}

int spare_given(void) { return !atomic_load_explicit(&spare, memory_order_relaxed); }

int spare_reserve(void) {
    pthread_mutex_lock(&giving);
    if (spare_given())
        atomic_store(&spare, reserve());
    int done = !spare_given();
    pthread_mutex_unlock(&giving);
    return done;
}

void *__wrap_mmap(void *addr, size_t length, int protection, int flags, int fd, off_t offset) {
    void *p = __real_mmap(addr, length, protection, flags, fd, offset);
    if (p == MAP_FAILED && errno == ENOMEM) {
        pthread_mutex_lock(&giving);
        p = __real_mmap(addr, length, protection, flags, fd, offset);
        if (p == MAP_FAILED && errno == ENOMEM) {
            give();
            p = __real_mmap(addr, length, protection, flags, fd, offset);
        }
        pthread_mutex_unlock(&giving);
    }
    return p;
}

static int lacks(int failure) { return failure == EAGAIN || failure == ENOMEM; }

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
    int failure = __real_pthread_create(thread, attributes, start, argument);
    if (lacks(failure)) {
        pthread_mutex_lock(&giving);
        failure = __real_pthread_create(thread, attributes, start, argument);
        if (lacks(failure)) {
            give();
            failure = __real_pthread_create(thread, attributes, start, argument);
        }
        pthread_mutex_unlock(&giving);
    }
    return failure;
}
