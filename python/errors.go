package python

/*
#include <stdlib.h>
#include "shims.h"
// Names can have surrogates, which strict UTF-8 has not, and of types in C any bytes.
static void set_string(ref t, const char *s, Py_ssize_t n) {
    PyObject *text = py.PyUnicode_DecodeUTF8(s, n, "surrogatepass");
    if (!text) {
        py.PyErr_Clear();
        text = py.PyUnicode_DecodeUTF8(s, n, "backslashreplace");
    }
    if (!text)
        return;
    py.PyErr_SetObject((PyObject *)t, text);
    py.Py_DecRef(text);
}
static void set_object(ref t, ref value) { py.PyErr_SetObject((PyObject *)t, (PyObject *)value); }
static void *occurred(void) { return py.PyErr_Occurred(); }
static void clear(void) { py.PyErr_Clear(); }
static int matches(ref t) { return py.PyErr_ExceptionMatches((PyObject *)t); }
static void fetch(void **t, void **v, void **tb) {
    py.PyErr_Fetch((PyObject **)t, (PyObject **)v, (PyObject **)tb);
    py.PyErr_NormalizeException((PyObject **)t, (PyObject **)v, (PyObject **)tb);
    if (*tb)
        py.PyException_SetTraceback(*v, *tb);
}
static void restore(void *t, void *v, void *tb) { py.PyErr_Restore(t, v, tb); }
// PyException_SetContext and PyException_SetCause steal the reference.
static void set_context(void *v, void *context) { py.PyException_SetContext(v, context); }
static void set_cause(void *v, void *cause) { py.PyException_SetCause(v, cause); }
// Whether PyErr_Format leaves the exception that kept it from making its text, and does
// not put its own in the place of it.
static int format_failure_stays(void) {
	static int stays = -1;
	if (stays < 0) {
		PyObject *t, *v, *tb;
		py.PyErr_Fetch(&t, &v, &tb);
		py.PyErr_Format(*py.PyExc_TypeError, "%c", 0x110000); // an OverflowError for %c
		stays = py.PyErr_ExceptionMatches(*py.PyExc_OverflowError);
		py.PyErr_Restore(t, v, tb);
	}
	return stays;
}
static void *no_memory(void) { return py.PyErr_NoMemory(); }
static void write_unraisable(ref o) { py.PyErr_WriteUnraisable((PyObject *)o); }
*/
import "C"

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"
)

// ErrPython says that a Python exception is set in the current thread; the
// exception itself stays there until Python code or FetchError takes it.
var ErrPython = errors.New("a Python exception is set")

// Raise sets an exception of class exc and returns ErrPython.
//
// Where one of args is ErrPython, the message could not be made: it comes to what PyErr_Format
// does where %R runs a __repr__ that raises. That is an exception without a message, or
// the one of the __repr__ from some 3.11 on (_PyErr_FormatV in Python/errors.c).
func Raise(exc Object, format string, args ...any) error {
	if slices.Contains(args, any(ErrPython)) {
		if C.format_failure_stays() == 0 {
			C.set_object(exc.ref(), 0)
		}
		return ErrPython
	}
	text := fmt.Sprintf(format, args...)
	c := C.CString(text)
	defer C.free(unsafe.Pointer(c))
	C.set_string(exc.ref(), c, C.Py_ssize_t(len(text)))
	return ErrPython
}

// RaiseObject sets an exception of class exc about an object and returns ErrPython.
func RaiseObject(exc, about Object) error {
	C.set_object(exc.ref(), about.ref())
	return ErrPython
}

// Occurred reports whether an exception is set.
func Occurred() bool { return C.occurred() != nil }

// ClearError forgets the exception that is set, if any. It is for exceptions that no
// Python code has raised: see Forgive.
func ClearError() { C.clear() }

// Forgive forgets the exception that is set, if any, as "except Exception: pass" does: an
// interrupt, an exit or another BaseException stays set, and is ErrPython.
func Forgive() error {
	if !Occurred() {
		return nil
	}
	if !Matches(ExceptionType) {
		return ErrPython
	}
	ClearError()
	return nil
}

// Matches reports whether the exception that is set is an instance of exc.
func Matches(exc Object) bool { return C.matches(exc.ref()) != 0 }

// Raised is an exception taken out of the thread, with its three references.
type Raised struct{ typ, value, traceback unsafe.Pointer }

// FetchError takes the exception that is set out of the thread.
// The caller must Restore or Drop it.
func FetchError() Raised {
	var r Raised
	C.fetch(&r.typ, &r.value, &r.traceback)
	return r
}

// Traceback is the exception's traceback, borrowed, or Nil.
func (r Raised) Traceback() Object { return Object{r.traceback} }

// Restore sets the exception again.
func (r Raised) Restore() { C.restore(r.typ, r.value, r.traceback) }

// Value is the exception object, borrowed from r.
func (r Raised) Value() Object { return Object{r.value} }

// Drop forgets the exception.
func (r Raised) Drop() {
	Object{r.typ}.XDecRef()
	Object{r.value}.XDecRef()
	Object{r.traceback}.XDecRef()
}

// NoMemory sets MemoryError and returns ErrPython.
func NoMemory() error {
	C.no_memory()
	return ErrPython
}

// WriteUnraisable reports the exception that is set through sys.unraisablehook.
func WriteUnraisable(context Object) { C.write_unraisable(context.ref()) }

// SetContext gives the exception that is set another as its __context__, which
// it consumes.
func SetContext(context Raised) {
	current := FetchError()
	C.set_context(current.value, context.value)
	Object{context.typ}.XDecRef()
	Object{context.traceback}.XDecRef()
	current.Restore()
}

// SetCause gives the exception that is set another as its __cause__, which it
// consumes: raise ... from cause.
func SetCause(cause Raised) {
	current := FetchError()
	Object{cause.value}.IncRef()
	C.set_context(current.value, cause.value)
	C.set_cause(current.value, cause.value)
	Object{cause.typ}.XDecRef()
	Object{cause.traceback}.XDecRef()
	current.Restore()
}
