package python

/*
#include "entry.h"
#include "pickler_state.h"
static int is_refused(void) { return entered && entered->python == REFUSED; }
*/
import "C"

import "unsafe"

// PicklerState is the engine's half of a Pickler object: struct pickler_state.
type PicklerState struct{ c *C.struct_pickler_state }

// PicklerStateOf is the state that o is; ok is false where o is none of this image.
func PicklerStateOf(o Object) (s PicklerState, ok bool) {
	if o.Type().p != unsafe.Pointer(C.pickler_state_type) {
		return PicklerState{}, false
	}
	return PicklerState{(*C.struct_pickler_state)(o.p)}, true
}

// Handle is what SetHandle has set, 0 before.
func (s PicklerState) Handle() uint64 { return uint64(s.c.handle) }

// SetHandle says which Pickler of Go's has the memo.
func (s PicklerState) SetHandle(handle uint64) { s.c.handle = C.uint64_t(handle) }

// SetUsed says that there can be something in the memo.
func (s PicklerState) SetUsed() { s.c.used = 1 }

// ShareMemoized tells the state what its Go pickler holds: the objects at these addresses, and
// others, which may be Nil. With that, the state gives them back when it goes, and NextGone
// gives its handle. It does nothing where they are many.
func (s PicklerState) ShareMemoized(addresses []uintptr, others ...Object) {
	n := len(addresses)
	to := (*[C.MAX_MEMOIZED]uintptr)(unsafe.Pointer(s.c.memoized))
	if to == nil || n+len(others) > len(to) {
		return
	}
	copy(to[:], addresses)
	for _, o := range others {
		if !o.IsNil() {
			to[n] = o.Addr()
			n++
		}
	}
	s.c.n_memoized = C.int(n)
}

// UnshareMemoized must come before a Go pickler holds anything else than it has shared.
func (s PicklerState) UnshareMemoized() { s.c.n_memoized = -1 }

// NextGone takes the handle of a state that has gone, and has given back what its Go pickler
// held.
func NextGone() (handle uint64, ok bool) {
	gone := &C.pickler_gone
	if gone.n == 0 {
		return 0, false
	}
	gone.n--
	return uint64(gone.handles[gone.n]), true
}

// Target is the number of the Pickler class's target.
func (s PicklerState) Target() int { return int(s.c.target) }

// Busy reports whether the stream of a dump is being written: Python code.
func (s PicklerState) Busy() bool { return s.c.busy != 0 }

// Write is the file's write method, Protocol and BufferCallback are the arguments of
// the Pickler: all borrowed. Write is Nil where the garbage collector has cleared it.
func (s PicklerState) Write() Object { return Object{unsafe.Pointer(s.c.write)} }

// Protocol: see Write.
func (s PicklerState) Protocol() Object { return Object{unsafe.Pointer(s.c.protocol)} }

// BufferCallback: see Write.
func (s PicklerState) BufferCallback() Object { return Object{unsafe.Pointer(s.c.buffer_callback)} }

// Limits is what the Pickler's _limits.py knows, borrowed, Nil for none.
func (s PicklerState) Limits() Object { return Object{unsafe.Pointer(s.c.limits)} }

// NoHook is given for a hook that a Pickler doesn't have.
func NoHook() Object { return Object{unsafe.Pointer(C.pickler_state_type)} }

// Refusals counts the calls that were refused Python code: see entry.h.
func Refusals() uint { return uint(C.refusals) }

// IsRefused reports whether the call under way is one of them: it will be done again
// without the engine, even if it has got over that.
func IsRefused() bool { return C.is_refused() != 0 }
