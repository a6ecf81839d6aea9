package python

/*
#cgo LDFLAGS: -ldl -Wl,--wrap=mmap -Wl,--wrap=pthread_create
#include <stdlib.h>
#include "guard.h"
#include "shims.h"

static void *error_mark(void) { return CP_ERROR; }
static int set_attr(ref o, ref name, ref v) { return py.PyObject_SetAttr((PyObject *)o, (PyObject *)name, (PyObject *)v); }
static void *from_address(ref o) { return py.PyLong_FromVoidPtr((void *)o); }
static const char *load_api(void) { return guard_load_api(NULL); }



static void *intern(const char *s) { return py.PyUnicode_InternFromString(s); }
static void *repr(ref o) { return py.PyObject_Repr((PyObject *)o); }
static void *str(ref o) { return py.PyObject_Str((PyObject *)o); }
static void *iter(ref o) { return py.PyObject_GetIter((PyObject *)o); }
static int iter_check(ref o) { return py.PyIter_Check((PyObject *)o); }
static int callable(ref o) { return py.PyCallable_Check((PyObject *)o); }
static int is_true(ref o) { return py.PyObject_IsTrue((PyObject *)o); }
static int equal(ref a, ref b) { return py.PyObject_RichCompareBool((PyObject *)a, (PyObject *)b, 2); }
static int is_subtype(ref a, ref b) { return py.PyType_IsSubtype((PyObject *)a, (PyObject *)b); }
static void *generic_dict(ref o) { return py.PyObject_GenericGetDict((PyObject *)o, NULL); }
static void *import_name(const char *s) { return py.PyImport_ImportModule(s); }
static void *import_object(ref name) { return py.PyImport_Import((PyObject *)name); }
static int in_main(void) { return py.PyInterpreterState_Get() == py.PyInterpreterState_Main(); }
static void *modules(void) { return py.PyImport_GetModuleDict(); }
static void *builtins(void) { return py.PyEval_GetBuiltins(); }
static void *weakref_new(ref o) { return py.PyWeakref_NewRef((PyObject *)o, NULL); }
static void *long_from(Py_ssize_t n) { return py.PyLong_FromSsize_t(n); }
static long as_long(ref o) { return py.PyLong_AsLong((PyObject *)o); }
static int recursion_limit(void) { return py.Py_GetRecursionLimit(); }
static const char *version(void) { return py.Py_GetVersion(); }
*/
import "C"

import (
	"fmt"
	"unsafe"
)

type cref = C.ref

// loadAPI resolves the C API's symbols in this process.
func loadAPI() error {
	if missing := C.load_api(); missing != nil {
		return fmt.Errorf("gocloudpickle: this interpreter does not export %s; supported are CPython 3.10 to 3.14",
			C.GoString(missing))
	}
	return nil
}

// errorMark is what shims return when an exception is set (CP_ERROR).
var errorMark = unsafe.Pointer(C.error_mark())

func optional(p unsafe.Pointer) (Object, error) {
	if p == errorMark {
		return Nil, ErrPython
	}
	return Object{p}, nil
}

//go:noinline
func portableIncRef(o Object) { C.cp_incref(o.ref()) }

//go:noinline
func portableDecRef(o Object) { C.cp_decref(o.ref()) }
func dealloc(o Object)        { C.cp_dealloc(o.ref()) }

// GetAttr is getattr(o, name): a new reference, or Nil with an exception set.
func GetAttr(o, name Object) Object { return Object{C.cp_get_attr(o.ref(), name.ref())} }

// LookupAttr is getattr(o, name) without the AttributeError: a new reference,
// Nil and no error when there is no such attribute.
func LookupAttr(o, name Object) (Object, error) {
	return optional(C.cp_lookup_attr(o.ref(), name.ref()))
}

// Call0 calls f with no argument: a new reference, or Nil with an exception set.
func Call0(f Object) Object { return Object{C.cp_call0(f.ref())} }

// Call1 calls f(a): a new reference, or Nil with an exception set.
func Call1(f, a Object) Object { return Object{C.cp_call1(f.ref(), a.ref())} }

// Call2 calls f(a, b): a new reference, or Nil with an exception set.
func Call2(f, a, b Object) Object { return Object{C.cp_call2(f.ref(), a.ref(), b.ref())} }

// Call3 calls f(a, b, c): a new reference, or Nil with an exception set.
func Call3(f, a, b, c Object) Object {
	return Object{C.cp_call3(f.ref(), a.ref(), b.ref(), c.ref())}
}

// Call4 calls f(a, b, c, d): a new reference, or Nil with an exception set.
func Call4(f, a, b, c, d Object) Object {
	return Object{C.cp_call4(f.ref(), a.ref(), b.ref(), c.ref(), d.ref())}
}

// Call is f(*args, **kwargs), kwargs may be Nil: a new reference, or Nil with an exception set.
func Call(f, args, kwargs Object) Object {
	return Object{C.cp_call(f.ref(), args.ref(), kwargs.ref())}
}

// CallMethod1 calls o.name(a): a new reference, or Nil with an exception set.
func CallMethod1(o, name, a Object) Object {
	return Object{C.cp_method1(o.ref(), name.ref(), a.ref())}
}

// CallMethod0 calls o.name(): a new reference, or Nil with an exception set.
func CallMethod0(o, name Object) Object {
	m := GetAttr(o, name)
	if m.IsNil() {
		return Nil
	}
	r := Call0(m)
	m.DecRef()
	return r
}

// Iter is iter(o): a new reference, or Nil with an exception set.
func Iter(o Object) Object { return Object{C.iter(o.ref())} }

// Next takes an iterator's next item, a new reference; Nil and no error at its end.
func Next(it Object) (Object, error) {
	return optional(C.cp_next(it.ref()))
}

// IsIterator reports whether o has __next__ (PyIter_Check).
func IsIterator(o Object) bool { return C.iter_check(o.ref()) != 0 }

// IsCallable reports whether o can be called.
func IsCallable(o Object) bool {
	if fast {
		return at[uintptr](o.Type(), offTypeCall) != 0
	}
	return C.callable(o.ref()) != 0
}

// IsTrue is bool(o).
func IsTrue(o Object) (bool, error) {
	switch {
	case o == True:
		return true, nil
	case o == False || o == None:
		return false, nil
	case o.Type() == StrType:
		return StrLength(o) > 0, nil
	}
	switch C.is_true(o.ref()) {
	case 1:
		return true, nil
	case 0:
		return false, nil
	}
	return false, ErrPython
}

// Equal is a == b.
func Equal(a, b Object) (bool, error) {
	switch C.equal(a.ref(), b.ref()) {
	case 1:
		return true, nil
	case 0:
		return false, nil
	}
	return false, ErrPython
}

// GetItemOptional is o[key] with KeyError as absence: a new reference, Nil and
// no error when the key is absent.
func GetItemOptional(o, key Object) (Object, error) {
	return optional(C.cp_get_item_optional(o.ref(), key.ref()))
}

// Repr is repr(o): a new reference, or Nil with an exception set.
func Repr(o Object) Object { return Object{C.repr(o.ref())} }

// Str is str(o): a new reference, or Nil with an exception set.
func Str(o Object) Object { return Object{C.str(o.ref())} }

// GenericDict is the instance's __dict__ as object.__getattribute__ gives it, a
// new reference. The dict is made if the instance has none yet.
func GenericDict(o Object) Object {
	if d := madeDict(o); !d.IsNil() {
		d.IncRef()
		return d
	}
	return askedDict(o)
}

func askedDict(o Object) Object { return Object{C.generic_dict(o.ref())} }

// IsSubtype reports whether type a is b or derives from it.
func IsSubtype(a, b Object) bool {
	if a == b {
		return true
	}
	if !fast {
		return C.is_subtype(a.ref(), b.ref()) != 0
	}
	mro := MRO(a)
	if mro.IsNil() { // a is being made
		return C.is_subtype(a.ref(), b.ref()) != 0
	}
	for i := range TupleSize(mro) {
		if TupleItem(mro, i) == b {
			return true
		}
	}
	return false
}

// Intern gives the interned str of s, a new reference.
func Intern(s string) Object {
	c := C.CString(s)
	defer C.free(unsafe.Pointer(c))
	return Object{C.intern(c)}
}

// Import imports a module by its full name: a new reference, or Nil with an exception set.
func Import(name string) Object {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return Object{C.import_name(c)}
}

// ImportObject is __import__ of a str object, as pickle does it: a new
// reference, or Nil with an exception set.
func ImportObject(name Object) Object { return Object{C.import_object(name.ref())} }

// Modules is sys.modules, borrowed: the dict that the interpreter has from its
// start to its end, whatever the name sys.modules is bound to.
func Modules() Object { return modules }

var modules Object

// bindModules holds the dict: finalizers run after the interpreter has dropped it.
func bindModules() {
	modules = Object{C.modules()}
	modules.IncRef()
}

// InMainInterpreter reports whether the caller is in the interpreter that the
// process started with: the only one that this package can serve.
func InMainInterpreter() bool { return C.in_main() != 0 }

// Builtins is the dict of the builtins module, borrowed.
func Builtins() Object { return Object{C.builtins()} }

// NewWeakref is weakref.ref(o): a new reference, or Nil with an exception set.
func NewWeakref(o Object) Object { return Object{C.weakref_new(o.ref())} }

// NewTuple makes a tuple of the items, taking its own references to them.
func NewTuple(items ...Object) Object {
	var first *cref
	if len(items) > 0 {
		first = (*cref)(unsafe.Pointer(&items[0]))
	}
	return Object{C.cp_pack(C.Py_ssize_t(len(items)), first)}
}

// NewLong makes an int, a new reference.
func NewLong(n int) Object { return Object{C.long_from(C.Py_ssize_t(n))} }

// AsLong is an int's value as a C long; -1 and an exception when it isn't one.
func AsLong(o Object) int { return int(C.as_long(o.ref())) }

// RecursionLimit is sys.getrecursionlimit().
func RecursionLimit() int { return int(C.recursion_limit()) }

func setAttr(o, name, value Object) error {
	if C.set_attr(o.ref(), name.ref(), value.ref()) < 0 {
		return ErrPython
	}
	return nil
}

// NewAddress is id(o): a new reference to an int.
func NewAddress(o Object) Object { return Object{C.from_address(o.ref())} }
