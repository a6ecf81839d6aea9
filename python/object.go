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

func (o Object) ref() cref { return cref(uintptr(o.p)) }

// head is the part of PyObject that the stable ABI fixes for builds with a GIL.
type head struct {
	refcnt int64
	typ    unsafe.Pointer
}

// Type is the object's type, a borrowed reference.
func (o Object) Type() Object { return Object{(*head)(o.p).typ} }

// IncRef takes a reference.
//
// From 3.12 on (PEP 683) the count is the low half of the word, 3.14 keeps
// flags in the high half, and an object whose count is negative as an int32 is
// immortal and left alone.
func (o Object) IncRef() {
	if !fast {
		portableIncRef(o)
		return
	}
	if immortals {
		if n := (*int32)(o.p); *n >= 0 {
			*n++
		}
		return
	}
	(*head)(o.p).refcnt++
}

// DecRef gives a reference back. It can run Python code: a finalizer.
func (o Object) DecRef() {
	if !fast {
		portableDecRef(o)
		return
	}
	if immortals {
		n := (*int32)(o.p)
		if *n < 0 {
			return
		}
		if *n--; *n == 0 {
			dealloc(o)
		}
		return
	}
	h := (*head)(o.p)
	if h.refcnt--; h.refcnt == 0 {
		dealloc(o)
	}
}

// XDecRef is DecRef for an Object that may be Nil.
func (o Object) XDecRef() {
	if o.p != nil {
		o.DecRef()
	}
}

// at reads a field of type T, off bytes into the object.
func at[T any](o Object, off uintptr) T { return *(*T)(unsafe.Add(o.p, off)) }

// objectAt reads a PyObject * field.
func objectAt(o Object, off uintptr) Object { return Object{*(*unsafe.Pointer)(unsafe.Add(o.p, off))} }
