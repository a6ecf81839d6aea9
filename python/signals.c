/* What a fault does to a process that has the engine in it.
 *
 * Go's runtime takes SIGSEGV, SIGBUS and SIGFPE, to make panics of Go's own faults. One
 * in Python code that the engine has called, or a signal that somebody sends meanwhile,
 * would end the process with a traceback of Go's, and by SIGABRT or SIGQUIT. It should
 * end as it does without the engine: by that signal, and with what faulthandler prints.
 */
#define _GNU_SOURCE
#include "signals.h"
#include "image.h"
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE};
enum { N = sizeof signals / sizeof *signals };

static struct sigaction before[N], of_go[N];
static uintptr_t code_start, code_end; /* of this library, Go's code included */

/* Go's runtime starts in a constructor as well, one without a number: later. */
__attribute__((constructor(101))) static void note_before(void) {
    for (int i = 0; i < N; i++)
        sigaction(signals[i], NULL, &before[i]);
}

static uintptr_t pc_of(const ucontext_t *context) {
#if defined(__x86_64__)
    return context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return context->uc_mcontext.pc;
#endif
}

static void handle(int signal, siginfo_t *info, void *context) {
    int i = 0;
    while (i < N - 1 && signals[i] != signal)
        i++;
    /* What somebody has sent is 0 or less, and a fault is where the program is. */
    if (info->si_code > 0) {
        uintptr_t pc = pc_of(context);
        if (code_start <= pc && pc < code_end) {
            of_go[i].sa_sigaction(signal, info, context);
            return;
        }
    }
    sigaction(signal, &before[i], NULL);
    if (info->si_code <= 0)
        raise(signal); /* it is blocked here, so it comes after this; a fault comes again by itself */
}

static int find_code(void) {
    uintptr_t here = (uintptr_t)&handle;
    struct dl_phdr_info own;
    if (!image_find(&own)) /* a Go program that hosts Python has its own ways */
        return 0;
    for (int i = 0; i < own.dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &own.dlpi_phdr[i];
        uintptr_t start = own.dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) && start <= here && here < start + part->p_memsz) {
            code_start = start;
            code_end = start + part->p_memsz;
            return 1;
        }
    }
    return 0;
}

void signals_init(void) {
    if (code_start || !find_code())
        return;
    for (int i = 0; i < N; i++) {
        struct sigaction ours = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
        sigfillset(&ours.sa_mask);
        sigaction(signals[i], NULL, &of_go[i]);
        /* Go leaves alone the signals that the process ignores; all its own handlers have SA_SIGINFO. */
        if ((of_go[i].sa_flags & SA_SIGINFO) && of_go[i].sa_sigaction != before[i].sa_sigaction)
            sigaction(signals[i], &ours, NULL);
    }
}
