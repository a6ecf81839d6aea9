package python

/*
#include "shims.h"
static Py_ssize_t set_size(ref o) { return py.PySet_Size((PyObject *)o); }
static int set_contains(ref s, ref k) { return py.PySet_Contains((PyObject *)s, (PyObject *)k); }
*/
import "C"

import "unsafe"

// SetSize is len(s) of a set or frozenset.
func SetSize(s Object) int {
	if !fast {
		return portableSetSize(s)
	}
	return *(*int)(unsafe.Add(s.p, offSetUsed))
}

// SetContains is key in s.
func SetContains(s, key Object) (bool, error) {
	switch C.set_contains(s.ref(), key.ref()) {
	case 1:
		return true, nil
	case 0:
		return false, nil
	}
	return false, ErrPython
}

// A SetIter walks a set or frozenset in the order that iteration has, over the
// set as it is at each step. Close it.
type SetIter struct {
	set  Object
	pos  uintptr
	iter Object // portable path only
	item Object // portable path only: the item last given
}

// IterSet starts a walk over s, which must outlive it.
func IterSet(s Object) (SetIter, error) {
	it := SetIter{set: s}
	if !fast {
		if it.iter = Iter(s); it.iter.IsNil() {
			return it, ErrPython
		}
	}
	return it, nil
}

// Next gives the next item, borrowed; Nil at the end.
func (it *SetIter) Next() (Object, error) {
	if !fast {
		it.item.XDecRef()
		var err error
		it.item, err = Next(it.iter)
		return it.item, err
	}
	table := *(*unsafe.Pointer)(unsafe.Add(it.set.p, offSetTable))
	mask := at[uintptr](it.set, offSetMask)
	for it.pos <= mask {
		entry := (*struct {
			key  unsafe.Pointer
			hash int64
		})(unsafe.Add(table, it.pos*16))
		it.pos++
		// A deleted entry holds a dummy key whose hash is -1, which no object has.
		if entry.key != nil && entry.hash != -1 {
			return Object{entry.key}, nil
		}
	}
	return Nil, nil
}

// Close ends the walk.
func (it *SetIter) Close() {
	it.item.XDecRef()
	it.iter.XDecRef()
	it.item, it.iter = Nil, Nil
}

//go:noinline
func portableSetSize(s Object) int { return int(C.set_size(s.ref())) }
