package python

/*
#include "capi.h"
static int gil_ensure(void) { return py.PyGILState_Ensure(); }
static void gil_release(int state) { py.PyGILState_Release(state); }
*/
import "C"

// EnsureGIL takes the GIL for the calling thread, which may have it already, and gives
// what ReleaseGIL wants. The goroutine must be locked to the thread in between.
func EnsureGIL() (state int) { return int(C.gil_ensure()) }

// ReleaseGIL undoes the EnsureGIL that gave state.
func ReleaseGIL(state int) { C.gil_release(C.int(state)) }
