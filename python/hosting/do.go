package hosting

/*
#include "start.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// ErrNotStarted says that there is no interpreter to enter.
var ErrNotStarted = errors.New("hosting: no interpreter has been started: call hosting.Start first")

// Do runs f with the GIL held, on one thread of the system. What needs the GIL is
// everything of package python, and it is called from inside such an f.
// Calls nest. Other goroutines that want the GIL wait until f is in Python code
// or in Unlocked, so an f that waits for one of them anywhere else hangs.
//
// An exception that f leaves set comes back as an *Exception: f says
// "return python.ErrPython", or nothing. A panic in f goes on after the GIL is
// given back.
func Do(f func() error) (err error) {
	if !hosted.Load() {
		return ErrNotStarted
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	state := python.EnsureGIL()
	defer python.ReleaseGIL(state)
	defer func() {
		if python.Occurred() { // f panicked
			python.ClearError()
		}
	}()
	err = f()
	if !python.Occurred() {
		return err
	}
	raised := takeException()
	if err == nil || err == python.ErrPython {
		return raised
	}
	return fmt.Errorf("%w: %w", err, raised)
}

// Unlocked runs f without the GIL, from inside an f of Do: what waits for
// something else than Python belongs in here.
func Unlocked(f func() error) error {
	if !hosted.Load() {
		return ErrNotStarted
	}
	state := C.start_release()
	defer C.start_acquire(state)
	return f()
}

// An Exception is a Python exception that left the interpreter, as text: it can
// be read without the GIL.
type Exception struct {
	Type      string // such as "ValueError" or "_pickle.PicklingError"
	Message   string // str() of it
	Traceback string // a line for each call, the last one innermost
}

// Error gives the last line that Python would print.
func (e *Exception) Error() string {
	if e.Message == "" {
		return e.Type
	}
	return e.Type + ": " + e.Message
}

// takeException takes the exception that is set out of the thread.
func takeException() error {
	if !python.Occurred() {
		return errors.New("hosting: a call failed without an exception")
	}
	r := python.FetchError()
	defer r.Drop()
	e := &Exception{Type: typeNameOf(r.Value()), Traceback: describeTraceback(r.Traceback())}
	if text := python.Str(r.Value()); !text.IsNil() {
		e.Message = python.String(text)
		text.DecRef()
	}
	python.ClearError() // of a __str__ that fails
	return e
}

// typeNameOf is the qualified name of o's class, without "builtins".
func typeNameOf(o python.Object) string {
	name := textOf(o.Type(), "__qualname__")
	if module := textOf(o.Type(), "__module__"); module != "builtins" && module != "" {
		name = module + "." + name
	}
	return name
}

func describeTraceback(tb python.Object) string {
	var s strings.Builder
	if !tb.IsNil() {
		tb.IncRef()
	}
	for !tb.IsNil() && tb != python.None {
		frame := getAttr(tb, "tb_frame")
		code := getAttr(frame, "f_code")
		line := getAttr(tb, "tb_lineno")
		if !line.IsNil() && line != python.None {
			fmt.Fprintf(&s, "  File \"%s\", line %d, in %s\n", textOf(code, "co_filename"), python.AsLong(line), textOf(code, "co_name"))
		}
		next := getAttr(tb, "tb_next")
		for _, o := range []python.Object{line, code, frame, tb} {
			o.XDecRef()
		}
		tb = next
	}
	tb.XDecRef()
	return s.String()
}

// getAttr is getattr(o, name): a new reference, or Nil when there is none.
func getAttr(o python.Object, name string) python.Object {
	if o.IsNil() {
		return python.Nil
	}
	key := python.Intern(name)
	defer key.DecRef()
	value := python.GetAttr(o, key)
	if value.IsNil() {
		python.ClearError()
	}
	return value
}

// textOf is a str attribute's text, empty when there is none.
func textOf(o python.Object, name string) string {
	value := getAttr(o, name)
	defer value.XDecRef()
	if value.IsNil() || !python.IsStr(value) {
		return ""
	}
	return python.String(value)
}

// callMethod1 is o.name(a): a new reference, or Nil with an exception set.
func callMethod1(o python.Object, name string, a python.Object) python.Object {
	key := python.Intern(name)
	defer key.DecRef()
	method := python.GetAttr(o, key)
	if method.IsNil() {
		return python.Nil
	}
	defer method.DecRef()
	return python.Call1(method, a)
}
