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

// IntSmall gives the value of an int that fits in a C long, and whether it did.
// On the layout path it is false from two digits (60 bits) on.
func IntSmall(o Object) (int64, bool) {
	if v, ok := Int32(o); ok {
		return v, true
	}
	if !fast {
		return portableInt(o)
	}
	digits, negative, _ := IntDigits(o)
	if len(digits) != 2 {
		return 0, false
	}
	v := int64(digits[0]) | int64(digits[1])<<digitBits
	if negative {
		v = -v
	}
	return v, true
}

// Int32 gives the value of an int of one digit, which is any below 2**30, and
// whether it was one. It is false on the portable path.
func Int32(o Object) (v int64, ok bool) {
	if !fast {
		return 0, false
	}
	d := int64(at[uint32](o, offIntDigits))
	tag := at[int64](o, offIntSize)
	if current.intTag {
		// ndigits<<3 | sign, where sign is 0, 1 for zero and 2 for negative
		return (1 - tag&3) * d, tag < 2<<3
	}
	return tag * d, uint64(tag+1) <= 2
}

//go:noinline
func portableInt(o Object) (int64, bool) {
	if C.ll_overflow(o.ref()) != 0 {
		return 0, false
	}
	return int64(C.as_ll(o.ref())), true
}

// IntDigits gives the magnitude of any int as digits of 30 bits, least
// significant first, and its sign. The slice views the object: it is dead when
// the object is. It is not available on the portable path (ok is false).
func IntDigits(o Object) (digits []uint32, negative, ok bool) {
	if !fast {
		return nil, false, false
	}
	data := (*uint32)(unsafe.Add(o.p, offIntDigits))
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
		return portableFloat(o)
	}
	return *(*float64)(unsafe.Add(o.p, offFloatValue))
}

//go:noinline
func portableFloat(o Object) float64 { return float64(C.as_double(o.ref())) }

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
