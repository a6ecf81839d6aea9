package python

/*
#include <stdlib.h>
#include "call.h"
*/
import "C"

import (
	"fmt"
	"os"
	"runtime/debug"
	"unsafe"

	_ "github.com/gocloudpickle/gocloudpickle/python/loads" // for module.c
)

// A Method is a function of the extension module. It is called with the GIL
// held, args are borrowed, and its result is a new reference; an error is
// ErrPython, with the exception set.
type Method struct {
	Name string
	Doc  string // starts with "name(signature)\n--\n\n" so that inspect finds the signature
	In   string // the module it says it is from
	Call func(args Args) (Object, error)
	// Substitute says that gocloudpickle._loader has a function that does the same
	// without this package. It makes the call where Go must not have Python code
	// above it on the stack: see entry.h. What Call does until it first calls Python
	// code must not be seen from outside, then.
	Substitute bool
}

// Args are the arguments of a call, in CPython's vectorcall shape: the
// positional ones, then the values of the keywords.
type Args struct {
	Values   []Object
	Keywords Object // tuple of str, or Nil
}

// Positional is the number of positional arguments.
func (a Args) Positional() int {
	if a.Keywords.IsNil() {
		return len(a.Values)
	}
	return len(a.Values) - TupleSize(a.Keywords)
}

// Module is what cmd/engine registers: the extension module's functions.
type Module struct {
	// Init runs once, when the module is imported.
	Init    func() error
	Methods []Method
	// A Python object of the module's PicklerState type owns what these handle.
	States States
}

// States manages the Go side of PicklerState objects.
type States interface {
	// Traverse visits each object that the state holds a reference to.
	Traverse(handle uint64, visit func(Object) bool)
	// Clear drops those references; it can run Python code.
	Clear(handle uint64)
	// Gone forgets the state, which has given those back itself: see ShareMemoized.
	Gone(handle uint64)
	// Dealloc forgets the state and drops those references.
	Dealloc(handle uint64)
}

var module Module

// Register sets the extension module; call it from an init function or main.
func Register(m Module) { module = m }

//export goInit
func goInit(m C.uintptr_t) (status C.int) {
	defer func() {
		if r := recover(); r != nil {
			raiseBug(r)
			status = -1
		}
	}()
	if err := Init(); err != nil {
		if !Occurred() {
			Raise(ImportError, "%s", err)
		}
		return -1
	}
	for i, method := range module.Methods {
		if !addMethod(m, i, method) {
			return -1
		}
	}
	if err := module.Init(); err != nil {
		if !Occurred() {
			Raise(ImportError, "gocloudpickle: %s", err)
		}
		return -1
	}
	return 0
}

func addMethod(m C.uintptr_t, number int, method Method) bool {
	name, doc, in := C.CString(method.Name), C.CString(method.Doc), C.CString(method.In)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(doc))
	defer C.free(unsafe.Pointer(in))
	substitute := C.int(0)
	if method.Substitute {
		substitute = 1
	}
	return C.module_add_method(m, C.int(number), name, doc, in, substitute) == 0
}

//export goCall
func goCall(number C.int, args C.uintptr_t, nargs C.Py_ssize_t, kwnames C.uintptr_t) (result C.uintptr_t) {
	defer func() {
		if r := recover(); r != nil {
			raiseBug(r)
			result = 0
		}
	}()
	a := Args{Keywords: FromAddr(uintptr(kwnames))}
	n := int(nargs)
	if !a.Keywords.IsNil() {
		n += TupleSize(a.Keywords)
	}
	a.Values = unsafe.Slice((*Object)(FromAddr(uintptr(args)).p), n)
	o, err := module.Methods[number].Call(a)
	if err != nil {
		if !Occurred() {
			Raise(SystemError, "gocloudpickle: a failure without an exception: %s", err)
		}
		return 0
	}
	return C.uintptr_t(o.Addr())
}

// raiseBug turns a panic into an exception: panics never cross into Python.
func raiseBug(r any) {
	if os.Getenv("GOCLOUDPICKLE_DEBUG") != "" {
		fmt.Fprintf(os.Stderr, "panic: %v\n%s", r, debug.Stack())
	}
	Raise(SystemError, "gocloudpickle: this is a bug in the engine, please report it with the object that caused it: %v", r)
}

//export goStateTraverse
func goStateTraverse(handle C.uint64_t, visit, arg unsafe.Pointer) C.int {
	var stop C.int
	module.States.Traverse(uint64(handle), func(o Object) bool {
		stop = C.module_visit(visit, C.uintptr_t(o.Addr()), arg)
		return stop == 0
	})
	return stop
}

//export goStateClear
func goStateClear(handle C.uint64_t) { module.States.Clear(uint64(handle)) }

//export goStateGone
func goStateGone(handle C.uint64_t) { module.States.Gone(uint64(handle)) }

//export goStateDealloc
func goStateDealloc(handle C.uint64_t) { module.States.Dealloc(uint64(handle)) }
