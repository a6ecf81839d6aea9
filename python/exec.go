package python

/*
#include <stdlib.h>
#include "module.h"
#include "shims.h"
static void *compile(const char *source, const char *file, int start) { return py.Py_CompileString(source, file, start); }
static void *eval(ref code, ref globals) { return py.PyEval_EvalCode((PyObject *)code, (PyObject *)globals, (PyObject *)globals); }
static void *engine(void) { return PyInit__engine(); }
*/
import "C"

import (
	"strings"
	"unsafe"
)

// Exec runs Python statements in a namespace, a dict; file is what tracebacks
// call them.
func Exec(source, file string, globals Object) error {
	result := run(source, file, 257, globals) // Py_file_input
	if result.IsNil() {
		return ErrPython
	}
	result.DecRef()
	return nil
}

// Eval is the value of a Python expression in a namespace, a dict: a new
// reference, or Nil with an exception set.
func Eval(expression string, globals Object) Object {
	return run(expression, "<go>", 258, globals) // Py_eval_input
}

func run(source, file string, start int, globals Object) Object {
	if strings.Contains(source, "\x00") {
		Raise(ValueError, "source code can't contain null bytes")
		return Nil
	}
	key := Intern("__builtins__")
	defer key.DecRef()
	found, err := DictGet(globals, key)
	if err == nil && found.IsNil() {
		err = DictSet(globals, key, Builtins())
	}
	if err != nil {
		return Nil
	}
	s, f := C.CString(source), C.CString(file)
	defer C.free(unsafe.Pointer(s))
	defer C.free(unsafe.Pointer(f))
	code := Object{C.compile(s, f, C.int(start))}
	if code.IsNil() {
		return Nil
	}
	defer code.DecRef()
	return Object{C.eval(code.ref(), globals.ref())}
}

// NewModule makes the extension module of Register in the interpreter that hosting.Start
// has started, where no shared library is there to import: a new reference, or
// Nil with an exception set. Call it once.
func NewModule() Object {
	if module.Init == nil {
		Raise(SystemError, "python.NewModule: no module was registered")
		return Nil
	}
	return Object{C.engine()}
}
