package bytecode

import (
	"math"
	"strconv"
)

// appendFloat writes a float as Python does: the shortest digits that read
// back, with an exponent below 1e-4 and from 1e16 on. Whole numbers without
// exponent get a suffix (float_repr_style "short", Python/pystrtod.c).
func appendFloat(buf []byte, f float64, suffix string) []byte {
	switch {
	case math.IsNaN(f):
		return append(buf, "nan"...)
	case math.IsInf(f, 1):
		return append(buf, "inf"...)
	case math.IsInf(f, -1):
		return append(buf, "-inf"...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.AppendFloat(buf, f, 'e', -1, 64)
	}
	start := len(buf)
	buf = strconv.AppendFloat(buf, f, 'f', -1, 64)
	for _, b := range buf[start:] {
		if b == '.' {
			return buf
		}
	}
	return append(buf, suffix...)
}

// appendComplex writes a complex number as Python does: without the real part
// if that is +0.0 (complex_repr, Objects/complexobject.c).
func appendComplex(buf []byte, c complex128) []byte {
	re, im := real(c), imag(c)
	if re == 0 && !math.Signbit(re) {
		return append(appendFloat(buf, im, ""), 'j')
	}
	buf = append(buf, '(')
	buf = appendFloat(buf, re, "")
	if !math.Signbit(im) || math.IsNaN(im) {
		buf = append(buf, '+')
	}
	buf = appendFloat(buf, im, "")
	return append(buf, "j)"...)
}
