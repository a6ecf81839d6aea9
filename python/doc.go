// Package python is the only package that talks to a live CPython: its C API by
// symbol name, its objects' memory by probed offsets, and the extension module
// through which CPython calls Go.
//
// # One interpreter, two hosts
//
// The engine is loaded by an interpreter (cmd/engine, a shared library that
// CPython imports), or it loads one (package hosting, in a Go program). Init binds the
// package to that interpreter: it resolves the C API with dlsym, so that
// nothing is built against Python.h and one library serves CPython 3.10 to 3.14.
//
// # Two paths
//
// Reading a field from memory costs a nanosecond, asking the C API for it 28 and
// more. Each reader here (IntSmall, TupleItem, DictIter, ReadFunction, ...)
// therefore has two paths behind one signature: the layout path, by offsets that
// probe has checked at import in the interpreter that is running, and the
// portable path, through the C API alone. A failed probe means the portable
// path; both give the same answers.
//
// # Rules of the house
//
//   - The GIL is held from entry to exit. Nothing of Python is touched from
//     another goroutine.
//   - An Object is a bare pointer. A function says whether what it returns is a
//     new reference (DecRef it) or borrowed.
//   - A borrowed Object is dead after any call that can run Python code.
//   - Errors are ErrPython: the exception is set in the thread, as in C.
//   - Panics stop at the entry point and become SystemError.
package python
