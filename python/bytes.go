package python

/*
#include <string.h>
#include "shims.h"
static void *bytes_from(const char *s, Py_ssize_t n) { return py.PyBytes_FromStringAndSize(s, n); }
static char *bytes_data(ref o) { return py.PyBytes_AsString((PyObject *)o); }
static Py_ssize_t bytes_size(ref o) { return py.PyBytes_Size((PyObject *)o); }
static void *bytes_resize(ref o, Py_ssize_t n) {
    PyObject *b = (PyObject *)o;
    return py._PyBytes_Resize(&b, n) < 0 ? NULL : b;
}
static char *bytearray_data(ref o) { return py.PyByteArray_AsString((PyObject *)o); }
static Py_ssize_t bytearray_size(ref o) { return py.PyByteArray_Size((PyObject *)o); }
static const Py_buffer *picklebuffer(ref o) { return py.PyPickleBuffer_GetBuffer((PyObject *)o); }
static int contiguous(const Py_buffer *b) { return py.PyBuffer_IsContiguous(b, 'A'); }
static void copy_large(ref to, ref from, size_t n) { memcpy((void *)to, (const void *)from, n); }
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Bytes views the content of a bytes object; the view is dead when the object is.
func Bytes(o Object) []byte {
	if !fast {
		return portableBytes(o)
	}
	return unsafe.Slice((*byte)(unsafe.Add(o.p, offBytesData)), *(*int)(unsafe.Add(o.p, offSize)))
}

//go:noinline
func portableBytes(o Object) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(C.bytes_data(o.ref()))), C.bytes_size(o.ref()))
}

// NewBytes makes a bytes object with a copy of b: a new reference, or Nil.
func NewBytes(b []byte) Object {
	o := AllocBytes(len(b))
	if !o.IsNil() {
		copy(Bytes(o), b)
	}
	return o
}

// AllocBytes makes a bytes object of n bytes, not yet filled: a new reference,
// or Nil with MemoryError set.
func AllocBytes(n int) Object { return Object{C.bytes_from(nil, C.Py_ssize_t(n))} }

// ResizeBytes changes the size of a bytes object that nobody else has seen. It
// consumes the reference and gives another, or Nil with MemoryError set.
func ResizeBytes(o Object, n int) Object { return Object{C.bytes_resize(o.ref(), C.Py_ssize_t(n))} }

// ByteArray views the content of a bytearray; the view is dead after any call
// that can run Python code, since the array can be resized.
func ByteArray(o Object) []byte {
	if fast {
		return unsafe.Slice((*byte)(at[unsafe.Pointer](o, offByteArrayStart)), at[int](o, offSize))
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(C.bytearray_data(o.ref()))), C.bytearray_size(o.ref()))
}

// A BufferView is the memory behind a PickleBuffer (PEP 574).
type BufferView struct {
	Data       []byte
	Readonly   bool
	Contiguous bool // in C or Fortran order, without suboffsets
}

// PickleBuffer gives the memory of a PickleBuffer; an error when it was released.
func PickleBuffer(o Object) (BufferView, error) {
	b := C.picklebuffer(o.ref())
	if b == nil {
		return BufferView{}, ErrPython
	}
	return BufferView{
		Data:       unsafe.Slice((*byte)(b.buf), b.len),
		Readonly:   b.readonly != 0,
		Contiguous: b.suboffsets == nil && C.contiguous(b) != 0,
	}, nil
}

// largeCopy is from where C's memcpy is quicker, which knows more of the processor.
const largeCopy = 256 << 10

// Copy is copy. Much is left to C's memcpy: it doesn't read what it is about to write, and
// what is larger than the caches it writes past them; Go's memmove does neither.
func Copy(to, from []byte) int {
	n := min(len(to), len(from))
	if n < largeCopy {
		return copy(to, from)
	}
	C.copy_large(C.ref(uintptr(unsafe.Pointer(unsafe.SliceData(to)))), C.ref(uintptr(unsafe.Pointer(unsafe.SliceData(from)))), C.size_t(n))
	runtime.KeepAlive(to)
	runtime.KeepAlive(from)
	return n
}
