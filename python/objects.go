package python

/*
#include "shims.h"

// PyList_New(n) would be seen by finalizers before its items are there: see cp_pack.
static void *list_of(Py_ssize_t n, const ref *items) {
	PyObject *list = py.PyList_New(0);
	for (Py_ssize_t i = 0; list && i < n; i++)
		if (py.PyList_Append(list, (PyObject *)items[i]) < 0) {
			py.Py_DecRef(list);
			return NULL;
		}
	return list;
}

static void *dict_of(Py_ssize_t n, const ref *items) {
	PyObject *dict = py.PyDict_New();
	for (Py_ssize_t i = 0; dict && i < n; i += 2)
		if (py.PyDict_SetItem(dict, (PyObject *)items[i], (PyObject *)items[i + 1]) < 0) {
			py.Py_DecRef(dict);
			return NULL;
		}
	return dict;
}

static void *cell_new(void) { return py.PyCell_New(NULL); }
*/
import "C"

import "unsafe"

// Objects that are made of many others in one call. Each function takes its own references,
// and gives a new one, or Nil with an exception set. The items must be in Go's heap, where
// nothing moves: what a collection runs can make the stack of a goroutine grow.

// NewListOf makes a list.
func NewListOf(items []Object) Object {
	return Object{C.list_of(C.Py_ssize_t(len(items)), items0(items))}
}

// NewDictOf makes a dict of keys, which must be strs, and values by turns.
func NewDictOf(pairs []Object) Object {
	return Object{C.dict_of(C.Py_ssize_t(len(pairs)), items0(pairs))}
}

func items0(items []Object) *cref { return (*cref)(unsafe.Pointer(unsafe.SliceData(items))) }

// NewCell makes an empty cell.
func NewCell() Object { return Object{C.cell_new()} }

// CopyStr is "".join(s): another str with the same text where that is longer than a
// character, and a str where s is of a subclass.
func CopyStr(s Object) Object {
	if s.Type() == StrType {
		if text, ok := ASCII(s); ok {
			return DecodeLatin1(text)
		}
	}
	return CallMethod1(names.empty, names.join, s)
}
