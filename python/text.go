package python

/*
#include <stdlib.h>
#include "shims.h"
static const char *utf8_data(ref o) { Py_ssize_t n; return py.PyUnicode_AsUTF8AndSize((PyObject *)o, &n); }
static Py_ssize_t utf8_size(ref o) { Py_ssize_t n = -1; py.PyUnicode_AsUTF8AndSize((PyObject *)o, &n); return n; }
static Py_ssize_t str_length(ref o) { return py.PyUnicode_GetLength((PyObject *)o); }
static void *str_from(const char *s, Py_ssize_t n) { return py.PyUnicode_FromStringAndSize(s, n); }
static void *ordinal(int c) { return py.PyUnicode_FromOrdinal(c); }
static void *encode(ref o, const char *enc, const char *errors) { return py.PyUnicode_AsEncodedString((PyObject *)o, enc, errors); }
static void *latin1(const char *p, Py_ssize_t n) { return py.PyUnicode_DecodeLatin1(p, n, NULL); }
*/
import "C"

import (
	"slices"
	"unicode/utf8"
	"unsafe"
)

// StrLength is len(s), in code points.
func StrLength(o Object) int {
	if !fast {
		return portableStrLength(o)
	}
	return *(*int)(unsafe.Add(o.p, offStrLength))
}

//go:noinline
func portableStrLength(o Object) int { return int(C.str_length(o.ref())) }

// strData gives a string's storage: its kind (bytes per code point), whether it
// is ASCII, and its bytes. ok is false on the portable path and for the legacy
// strings of 3.10 and 3.11 that are not compact.
func strData(o Object) (kind int, ascii bool, data unsafe.Pointer, ok bool) {
	if !fast {
		return 0, false, nil, false
	}
	state := at[uint32](o, offStrState) >> strKindBit
	kind, compact, ascii := int(state&7), state&8 != 0, state&16 != 0
	if !compact || kind == 0 {
		return 0, false, nil, false
	}
	if ascii {
		return 1, true, unsafe.Add(o.p, current.strASCII), true
	}
	return kind, false, unsafe.Add(o.p, current.strCompact), true
}

// ASCII gives the bytes of an ASCII string without a copy: a view that is dead
// when the object is. ok is false for any other string, and on the portable path.
func ASCII(o Object) (s []byte, ok bool) {
	if !fast {
		return nil, false
	}
	const compactASCII = 8 | 16
	if at[uint32](o, offStrState)>>strKindBit&compactASCII != compactASCII {
		return nil, false
	}
	return unsafe.Slice((*byte)(unsafe.Add(o.p, current.strASCII)), at[int](o, offStrLength)), true
}

// UTF8View gives a string's UTF-8 when the interpreter has it at hand (ASCII, or
// cached by an earlier call), without a copy. ok is false otherwise.
func UTF8View(o Object) (s []byte, ok bool) {
	_, ascii, data, ok := strData(o)
	if !ok {
		return nil, false
	}
	if ascii {
		return unsafe.Slice((*byte)(data), at[int](o, offStrLength)), true
	}
	cached := at[unsafe.Pointer](o, current.strUTF8)
	if cached == nil && at[int](o, offStrLength) >= keptFrom && isTurn(o) {
		if C.utf8_data(o.ref()) == nil {
			ClearError() // a lone surrogate, or no memory for it
		}
		cached = at[unsafe.Pointer](o, current.strUTF8)
	}
	if cached == nil {
		return nil, false
	}
	return unsafe.Slice((*byte)(cached), at[int](o, current.strUTF8Len)), true
}

// The C pickler leaves the UTF-8 of each str with it, which takes memory for as long as the str
// lives, and makes all dumps after the first a mere copy. Here each dump leaves that of one in
// sixteen, so that what is dumped once stays small and what is dumped over and over gets as
// quick.
const (
	turns    = 16
	keptFrom = 24 // characters: to encode fewer takes no longer than to find them
)

var turn uint64

// NextTurn begins a dump.
func NextTurn() { turn++ }

// isTurn reports whether it is a str's turn to keep its UTF-8: in one of any sixteen dumps.
func isTurn(o Object) bool {
	const spread = 0x9e37_79b9_7f4a_7c15 // 2**64 divided by the golden ratio
	return (uint64(o.Addr())*spread>>60^turn)%turns == 0
}

// AppendUTF8 appends a string's UTF-8, with lone surrogates encoded like any
// other code point (the "surrogatepass" error handler), as pickle does
// (bpo-8383).
func AppendUTF8(dst []byte, o Object) ([]byte, error) {
	if s, ok := UTF8View(o); ok {
		return append(dst, s...), nil
	}
	if c, ok := CharactersOf(o); ok {
		n := c.UTF8Size()
		dst = slices.Grow(dst, n)[:len(dst)+n]
		c.PutUTF8(dst[len(dst)-n:])
		return dst, nil
	}
	s, owner, err := UTF8(o)
	if err != nil {
		return dst, err
	}
	dst = append(dst, s...)
	owner.XDecRef()
	return dst, nil
}

// UTF8 is AppendUTF8 by the C API: a view that is dead when the object or its owner
// is, which is a new reference, or Nil. As after the C pickler, the interpreter may
// keep the text with the object.
func UTF8(o Object) (s []byte, owner Object, err error) {
	if p := C.utf8_data(o.ref()); p != nil {
		return unsafe.Slice((*byte)(unsafe.Pointer(p)), C.utf8_size(o.ref())), Nil, nil
	}
	ClearError()
	b := Encode(o, "utf-8", "surrogatepass")
	if b.IsNil() {
		return nil, Nil, ErrPython
	}
	return Bytes(b), b, nil
}

// Runes gives a string's code points, surrogates included.
func Runes(o Object) ([]rune, error) {
	b, err := AppendUTF8(nil, o)
	if err != nil {
		return nil, err
	}
	var out []rune
	for len(b) > 0 {
		r, n := decodeSurrogatePass(b)
		out = append(out, r)
		b = b[n:]
	}
	return out, nil
}

// decodeSurrogatePass is utf8.DecodeRune for text that may hold surrogates.
func decodeSurrogatePass(b []byte) (rune, int) {
	if len(b) >= 3 && b[0] == 0xed && b[1] >= 0xa0 {
		return rune(b[0]&0xf)<<12 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f), 3
	}
	return utf8.DecodeRune(b)
}

// TextView is a str's UTF-8 as a Go string that views it: dead when the object
// is. Text that the interpreter does not have as UTF-8 is copied.
func TextView(o Object) string {
	if s, ok := UTF8View(o); ok {
		return unsafe.String(unsafe.SliceData(s), len(s))
	}
	return String(o)
}

// String is a string's UTF-8 as a Go string; empty when o is no str or can't be
// encoded.
func String(o Object) string {
	if !IsStr(o) {
		return ""
	}
	if s, ok := UTF8View(o); ok {
		return string(s)
	}
	b, err := AppendUTF8(nil, o)
	if err != nil {
		ClearError()
		return ""
	}
	return string(b)
}

// StrEquals reports whether a str has the text s, which must be ASCII.
func StrEquals(o Object, s string) bool {
	if b, ok := ASCII(o); ok {
		return string(b) == s
	}
	return String(o) == s
}

// NewStr makes a str from UTF-8: a new reference, or Nil with an exception set.
func NewStr(s string) Object {
	c := C.CString(s)
	defer C.free(unsafe.Pointer(c))
	return Object{C.str_from(c, C.Py_ssize_t(len(s)))}
}

// Char is chr(c), a new reference; below 256 always the same object.
func Char(c int) Object { return Object{C.ordinal(C.int(c))} }

// Encode is o.encode(encoding, errors): a new reference to bytes, or Nil.
func Encode(o Object, encoding, errors string) Object {
	e, h := C.CString(encoding), C.CString(errors)
	defer C.free(unsafe.Pointer(e))
	defer C.free(unsafe.Pointer(h))
	return Object{C.encode(o.ref(), e, h)}
}

// DecodeLatin1 makes a str of bytes, one code point a byte: a new reference.
func DecodeLatin1(b []byte) Object {
	return Object{C.latin1((*C.char)(unsafe.Pointer(unsafe.SliceData(b))), C.Py_ssize_t(len(b)))}
}

// SameStr reports whether two str objects have the same text.
func SameStr(a, b Object) bool {
	if fast {
		return sameText(a, b)
	}
	return String(a) == String(b)
}
