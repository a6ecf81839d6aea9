package python

/*
#include "shims.h"
static long long as_ll(ref o) {
    int overflow = 0;
    return py.PyLong_AsLongLongAndOverflow((PyObject *)o, &overflow);
}
static int ll_overflow(ref o) {
    int overflow = 0;
    py.PyLong_AsLongLongAndOverflow((PyObject *)o, &overflow);
    return overflow;
}
static double as_double(ref o) { return py.PyFloat_AsDouble((PyObject *)o); }
static char *double_repr(double x) { return py.PyOS_double_to_string(x, 'r', 0, 0x02, NULL); }
static void mem_free(void *p) { py.PyMem_Free(p); }
*/
import "C"

import "unsafe"

// digitBits is PyLong_SHIFT of every 64-bit build.
const digitBits = 30

// IntSmall gives the value of an int of at most two digits (60 bits), and
// whether it was one.
func IntSmall(o Object) (int64, bool) {
	if !fast {
		if C.ll_overflow(o.ref()) != 0 {
			return 0, false
		}
		return int64(C.as_ll(o.ref())), true
	}
	digits := unsafe.Add(o.p, current.intDigits)
	if current.intTag {
		tag := at[uintptr](o, offIntSize)
		switch tag >> 3 {
		case 0, 1:
			return (1 - int64(tag&3)) * int64(*(*uint32)(digits)), true
		case 2:
			d := (*[2]uint32)(digits)
			return (1 - int64(tag&3)) * (int64(d[0]) | int64(d[1])<<digitBits), true
		}
		return 0, false
	}
	switch n := at[int64](o, offIntSize); n {
	case 0:
		return 0, true
	case 1, -1:
		return n * int64(*(*uint32)(digits)), true
	case 2, -2:
		d := (*[2]uint32)(digits)
		return n / 2 * (int64(d[0]) | int64(d[1])<<digitBits), true
	}
	return 0, false
}

// IntDigits gives the magnitude of any int as digits of 30 bits, least
// significant first, and its sign. The slice views the object: it is dead when
// the object is. It is not available on the portable path (ok is false).
func IntDigits(o Object) (digits []uint32, negative, ok bool) {
	if !fast {
		return nil, false, false
	}
	data := (*uint32)(unsafe.Add(o.p, current.intDigits))
	if current.intTag {
		tag := at[uintptr](o, offIntSize)
		return unsafe.Slice(data, tag>>3), tag&3 == 2, true
	}
	n := at[int64](o, offIntSize)
	if n < 0 {
		return unsafe.Slice(data, -n), true, true
	}
	return unsafe.Slice(data, n), false, true
}

// Float is a float's value.
func Float(o Object) float64 {
	if !fast {
		return float64(C.as_double(o.ref()))
	}
	return at[float64](o, offFloatValue)
}

// AppendFloatRepr appends repr(x), the shortest text that reads back as x.
func AppendFloatRepr(dst []byte, x float64) []byte {
	c := C.double_repr(C.double(x))
	if c == nil {
		return dst
	}
	dst = append(dst, C.GoString(c)...)
	C.mem_free(unsafe.Pointer(c))
	return dst
}
