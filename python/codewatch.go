package python

/*
#include <stdlib.h>
#include "shims.h"

// The addresses of watched code objects that have died since DeadCode looked.
// Written under the GIL, by the interpreter when it frees a code object.
static uintptr_t *dead;
static size_t dead_count, dead_capacity;

static void code_died(void *code) {
    if (!code)
        return;
    if (dead_count == dead_capacity) {
        size_t capacity = dead_capacity ? dead_capacity * 2 : 64;
        uintptr_t *more = realloc(dead, capacity * sizeof *dead);
        if (!more)
            abort(); // a stale cache entry would be worse
        dead = more;
        dead_capacity = capacity;
    }
    dead[dead_count++] = (uintptr_t)code;
}

static Py_ssize_t extra_index = -1;

static int watch_init(void) {
    if (extra_index >= 0) // there are 255 in all (MAX_CO_EXTRA_USERS), and none is given back
        return 1;
    if (py.PyUnstable_Eval_RequestCodeExtraIndex)
        extra_index = py.PyUnstable_Eval_RequestCodeExtraIndex(code_died);
    else if (py._PyEval_RequestCodeExtraIndex)
        extra_index = py._PyEval_RequestCodeExtraIndex(code_died);
    return extra_index >= 0;
}

static int watch(ref code) {
    int status = -1;
    if (extra_index < 0)
        return 0;
    if (py.PyUnstable_Code_SetExtra)
        status = py.PyUnstable_Code_SetExtra((PyObject *)code, extra_index, (void *)code);
    else if (py._PyCode_SetExtra)
        status = py._PyCode_SetExtra((PyObject *)code, extra_index, (void *)code);
    if (status < 0) {
        py.PyErr_Clear();
        return 0;
    }
    return 1;
}

static size_t *dead_counter(void) { return &dead_count; }
static uintptr_t *dead_list(void) { return dead; }
*/
import "C"

import "unsafe"

var deadCount *C.size_t

// initCodeWatch asks the interpreter to tell when watched code objects die:
// co_extra, PEP 523. Where it can't, WatchCode is always false.
func initCodeWatch() {
	C.watch_init()
	deadCount = C.dead_counter()
}

// WatchCode makes DeadCode report the code object when it dies; false when that
// can't be arranged.
func WatchCode(code Object) bool { return C.watch(code.ref()) != 0 }

// DeadCode gives the addresses of watched code objects that have died since the
// last call. Most calls cost one read of memory.
func DeadCode() []uintptr {
	n := *deadCount
	if n == 0 {
		return nil
	}
	dead := make([]uintptr, n)
	copy(dead, unsafe.Slice((*uintptr)(unsafe.Pointer(C.dead_list())), n))
	*deadCount = 0
	return dead
}
