package typed

// Typed decoding of numbers and strings.

import (
	"math"
	"math/big"
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

func assignBool(a *assigner, v any, dst reflect.Value) error {
	if b, ok := v.(bool); ok {
		dst.SetBool(b)
		return nil
	}
	return unwrapped(a, v, dst, assignBool)
}

// unwrapped tries what is inside a value that stands for another: an Enum
// member, an instance of a subclass of int, a NumPy scalar.
func unwrapped(a *assigner, v any, dst reflect.Value, f assignFunc) error {
	if s, ok := numpyScalar(v); ok {
		return f(a, s, dst)
	}
	x, ok := onlyArg(v)
	if !ok {
		return gotype.Mismatch(v, dst.Type())
	}
	if err := a.enter(); err != nil {
		return err
	}
	defer a.leave()
	if f(a, x, dst) != nil {
		return gotype.Mismatch(v, dst.Type())
	}
	return nil
}

func assignInt(a *assigner, v any, dst reflect.Value) error {
	switch x := v.(type) {
	case int64:
		if dst.OverflowInt(x) {
			return gotype.Mismatchf("the int %d overflows Go type %s", x, dst.Type())
		}
		dst.SetInt(x)
		return nil
	case *big.Int:
		return gotype.Mismatchf("an int of %d bits overflows Go type %s", x.BitLen(), dst.Type())
	}
	return unwrapped(a, v, dst, assignInt)
}

func assignUint(a *assigner, v any, dst reflect.Value) error {
	switch x := v.(type) {
	case int64:
		if x < 0 || dst.OverflowUint(uint64(x)) {
			return gotype.Mismatchf("the int %d overflows Go type %s", x, dst.Type())
		}
		dst.SetUint(uint64(x))
		return nil
	case *big.Int:
		if !x.IsUint64() || dst.OverflowUint(x.Uint64()) {
			return gotype.Mismatchf("an int of %d bits overflows Go type %s", x.BitLen(), dst.Type())
		}
		dst.SetUint(x.Uint64())
		return nil
	}
	return unwrapped(a, v, dst, assignUint)
}

func assignFloat(a *assigner, v any, dst reflect.Value) error {
	switch x := v.(type) {
	case float64:
		if dst.OverflowFloat(x) {
			return gotype.Mismatchf("the float %v overflows Go type %s", x, dst.Type())
		}
		dst.SetFloat(x)
		return nil
	case int64:
		dst.SetFloat(float64(x))
		return nil
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		if math.IsInf(f, 0) {
			return gotype.Mismatchf("an int of %d bits overflows Go type %s", x.BitLen(), dst.Type())
		}
		dst.SetFloat(f)
		return nil
	}
	return unwrapped(a, v, dst, assignFloat)
}

func assignComplex(a *assigner, v any, dst reflect.Value) error {
	switch x := v.(type) {
	case complex128:
		dst.SetComplex(x)
		return nil
	case float64:
		dst.SetComplex(complex(x, 0))
		return nil
	case int64:
		dst.SetComplex(complex(float64(x), 0))
		return nil
	}
	return unwrapped(a, v, dst, assignComplex)
}

func assignString(a *assigner, v any, dst reflect.Value) error {
	switch x := v.(type) {
	case string:
		dst.SetString(x)
		return nil
	case value.Bytes:
		if dst.Type() == gotype.BytesType {
			dst.SetString(string(x))
			return nil
		}
	case *value.Object:
		if s, ok := pathText(x); ok {
			dst.SetString(s)
			return nil
		}
	}
	return unwrapped(a, v, dst, assignString)
}

func assignBigInt(a *assigner, v any, dst reflect.Value) error {
	to := dst.Addr().Interface().(*big.Int)
	switch x := v.(type) {
	case int64:
		to.SetInt64(x)
		return nil
	case *big.Int:
		to.Set(x)
		return nil
	}
	return unwrapped(a, v, dst, assignBigInt)
}

// bytesOf are the octets of a value that is made of them.
func bytesOf(v any, noCopy bool) ([]byte, bool) {
	switch x := v.(type) {
	case value.Bytes:
		if noCopy {
			return unsafe.Slice(unsafe.StringData(string(x)), len(x)), true
		}
		return []byte(x), true
	case *value.ByteArray:
		if noCopy {
			return x.Data, true
		}
		return append([]byte{}, x.Data...), true
	case *value.Buffer:
		return x.Data, true
	}
	return nil, false
}
