package python

// #include "reduce.h"
import "C"

import "unsafe"

// Dropped are references that have been given up, and that the next of these calls gives
// back in C before it does what it is for: a crossing of its own would take longer than
// most finalizers. Nothing can tell, as long as no Python code runs in between.
type Dropped struct{ a, b Object }

// Add gives up a reference.
func (d *Dropped) Add(o Object) {
	switch {
	case fast && *(*int32)(o.p) > 1:
		o.DecRef()
	case d.a.IsNil():
		d.a = o
	case d.b.IsNil():
		d.b = o
	default:
		d.GiveBack()
		d.a = o
	}
}

// IsEmpty reports whether there are none.
func (d *Dropped) IsEmpty() bool { return d.a.IsNil() }

// GiveBack gives the references back. It can run Python code.
func (d *Dropped) GiveBack() {
	a, b := d.a, d.b
	*d = Dropped{}
	a.XDecRef()
	b.XDecRef()
}

func (d *Dropped) take() (a, b C.ref) {
	a, b = d.a.ref(), d.b.ref()
	*d = Dropped{}
	return a, b
}

// Call1 is python.Call1.
func (d *Dropped) Call1(f, arg Object) Object {
	a, b := d.take()
	return Object{C.reduce_call(a, b, f.ref(), arg.ref())}
}

// CallMethod1 is python.CallMethod1.
func (d *Dropped) CallMethod1(o, name, arg Object) Object {
	a, b := d.take()
	return Object{C.reduce_method(a, b, o.ref(), name.ref(), arg.ref())}
}

// Reduce is o.__reduce__() where o.__reduce_ex__ is object's: a new reference, or Nil with
// an exception set. done is false, and nothing has run, where it is anything else.
func (d *Dropped) Reduce(o Object) (value Object, done bool) {
	a, b := d.take()
	p := C.reduce_own(a, b, o.ref())
	if p == errorMark {
		return Nil, false
	}
	return Object{p}, true
}

// ReduceNewobj makes the calls that object.__reduce_ex__ begins with, from protocol 2 on:
// getnewargs(o), unless that is Nil, and o.__getstate__(), which getstate is for the
// class, or Nil where that is object's. attributes says whether o has a __dict__.
//
// State is Nil in the result with an exception set. done is false, and nothing has run, where
// o's own attributes hide a method.
func (d *Dropped) ReduceNewobj(o, getnewargs, getstate Object, attributes bool) (n Newobj, done bool) {
	a, b := d.take()
	has := C.int(0)
	if attributes {
		has = 1
	}
	p := C.reduce_parts(a, b, o.ref(), getnewargs.ref(), getstate.ref(), has)
	if p == errorMark {
		return n, false
	}
	return Newobj{Args: Object{unsafe.Pointer(reduceFound.new_args)}, State: Object{p}, ClassChanged: reduceFound.class_changed != 0}, true
}

var reduceFound = C.reduce_found()

// Newobj is what object.__reduce_ex__ finds.
type Newobj struct {
	Args  Object // of __new__, a new reference, Nil for none
	State Object // a new reference; for object's __getstate__ the __dict__, or None where there is none

	ClassChanged bool // the object's class is another than before its __getstate__ was called
}

// ReduceMethods are the names of the methods by which objects are taken apart, and what
// object has by these names; Getstate[1] is Nil before 3.11.
type ReduceMethods struct{ ReduceEx, Reduce, Getstate [2]Object }

// BindReduce says what the methods are.
func BindReduce(m ReduceMethods) {
	C.reduce_init(m.ReduceEx[0].ref(), m.ReduceEx[1].ref(), m.Reduce[0].ref(), m.Reduce[1].ref(),
		m.Getstate[0].ref(), m.Getstate[1].ref())
}
