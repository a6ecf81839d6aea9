package python

import "unsafe"

// Object is a pointer to a Python object, or the zero Object, which is C's NULL.
//
// An Object does not own a reference by itself. Every function that returns
// one says whether the reference is new (the caller must DecRef it) or borrowed
// (dead after any call that can run Python code).
type Object struct{ p unsafe.Pointer }

// Nil is the zero Object: C's NULL.
var Nil Object

// IsNil reports whether o is NULL.
func (o Object) IsNil() bool { return o.p == nil }

// Addr is the object's address, its id() in Python.
func (o Object) Addr() uintptr { return uintptr(o.p) }

// FromAddr is the object at an address that Addr gave, which must still be alive.
func FromAddr(addr uintptr) Object { return *(*Object)(unsafe.Pointer(&addr)) }

func (o Object) ref() cref { return cref(uintptr(o.p)) }

// head is the part of PyObject that the stable ABI fixes for builds with a GIL.
type head struct {
	_   int64 // reference count
	typ unsafe.Pointer
}

// Type is the object's type, a borrowed reference.
func (o Object) Type() Object { return Object{(*head)(o.p).typ} }

// Unshared reports whether o has exactly one reference. It is false on the
// portable path, which can't see the count.
func (o Object) Unshared() bool { return fast && *(*int32)(o.p) == 1 }

// IncRef takes a reference.
//
// Only the low half of the count is used: from 3.12 on (PEP 683) that is the
// count, 3.14 keeps flags in the high half, and an object whose low half is
// negative is immortal and left alone. Before, no count comes near 2**31.
func (o Object) IncRef() {
	if !fast {
		portableIncRef(o)
		return
	}
	if n := (*int32)(o.p); *n >= 0 {
		*n++
	}
}

// XIncRef is IncRef for an Object that may be Nil.
func (o Object) XIncRef() {
	if o.p != nil {
		o.IncRef()
	}
}

// DecRef gives a reference back. It can run Python code: a finalizer.
func (o Object) DecRef() {
	if n := (*int32)(o.p); fast && *n > 1 {
		*n--
		return
	}
	decRefSlow(o)
}

//go:noinline
func decRefSlow(o Object) {
	n := (*int32)(o.p)
	switch {
	case !fast:
		portableDecRef(o)
	case *n == 1: // the others are immortal
		*n = 0
		dealloc(o)
	}
}

// XDecRef is DecRef for an Object that may be Nil.
func (o Object) XDecRef() {
	if o.p == nil {
		return
	}
	if n := (*int32)(o.p); fast && *n > 1 {
		*n--
		return
	}
	decRefSlow(o)
}

// at reads a field of type T, off bytes into the object.
func at[T any](o Object, off uintptr) T { return *(*T)(unsafe.Add(o.p, off)) }

// objectAt reads a PyObject * field.
func objectAt(o Object, off uintptr) Object { return Object{*(*unsafe.Pointer)(unsafe.Add(o.p, off))} }
