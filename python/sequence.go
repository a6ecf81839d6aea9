package python

/*
#include "shims.h"
static Py_ssize_t tuple_size(ref o) { return py.PyTuple_Size((PyObject *)o); }
static void *tuple_item(ref o, Py_ssize_t i) { return py.PyTuple_GetItem((PyObject *)o, i); }
static void *tuple_slice(ref o, Py_ssize_t i, Py_ssize_t j) { return py.PyTuple_GetSlice((PyObject *)o, i, j); }
static Py_ssize_t list_size(ref o) { return py.PyList_Size((PyObject *)o); }
static void *list_item(ref o, Py_ssize_t i) { return py.PyList_GetItem((PyObject *)o, i); }
static void *list_from(ref o) { return py.PySequence_List((PyObject *)o); }
*/
import "C"

import "unsafe"

// TupleSize is len(t).
func TupleSize(t Object) int {
	if !fast {
		return portableTupleSize(t)
	}
	return *(*int)(unsafe.Add(t.p, offSize))
}

// TupleItem is t[i], borrowed; 0 <= i < TupleSize(t).
func TupleItem(t Object, i int) Object {
	if !fast {
		return portableTupleItem(t, i)
	}
	return Object{*(*unsafe.Pointer)(unsafe.Add(t.p, current.tupleItems+uintptr(i)*8))}
}

// TupleSlice is t[i:j], a new reference.
func TupleSlice(t Object, i, j int) Object {
	return Object{C.tuple_slice(t.ref(), C.Py_ssize_t(i), C.Py_ssize_t(j))}
}

// ListSize is len(l).
func ListSize(l Object) int {
	if !fast {
		return portableListSize(l)
	}
	return *(*int)(unsafe.Add(l.p, offSize))
}

// maxItems is more than any list has.
const maxItems = 1 << 40

// ListItem is l[i], borrowed; 0 <= i < ListSize(l) as of now: read the size
// again after any call that can run Python code.
func ListItem(l Object, i int) Object {
	if !fast {
		return portableListItem(l, i)
	}
	return (*(**[maxItems]Object)(unsafe.Add(l.p, offListItems)))[i]
}

// ListItems views the items of a list, on the layout path; the view is dead after
// any call that can run Python code, since the list can be resized.
func ListItems(l Object) []Object {
	return unsafe.Slice(*(**Object)(unsafe.Add(l.p, offListItems)), ListSize(l))
}

// NewList is list(iterable): a new reference, or Nil with an exception set.
func NewList(iterable Object) Object { return Object{C.list_from(iterable.ref())} }

//go:noinline
func portableTupleSize(t Object) int { return int(C.tuple_size(t.ref())) }

//go:noinline
func portableTupleItem(t Object, i int) Object {
	return Object{C.tuple_item(t.ref(), C.Py_ssize_t(i))}
}

//go:noinline
func portableListSize(l Object) int { return int(C.list_size(l.ref())) }

//go:noinline
func portableListItem(l Object, i int) Object {
	return Object{C.list_item(l.ref(), C.Py_ssize_t(i))}
}
