package pickle

// Encoding of slices of plain types, without reflection and in tight loops.

import (
	"encoding/binary"
	"math"
	"reflect"
	"unsafe"
)

// plainSliceEncoder is the function for a slice of a plain type, or nil.
func plainSliceEncoder(t reflect.Type) encodeFunc {
	switch t {
	case reflect.TypeFor[[]string]():
		return plainEncoder(writeStrings)
	case reflect.TypeFor[[]float64]():
		return plainEncoder(writeFloats)
	case reflect.TypeFor[[]int64]():
		return plainEncoder(writeInts[int64])
	case reflect.TypeFor[[]int]():
		return plainEncoder(writeInts[int])
	case reflect.TypeFor[[]any]():
		return plainEncoder(writeAnys)
	}
	return nil
}

func plainEncoder[T any](write func(e *encoder, s []T) error) encodeFunc {
	return func(e *encoder, v reflect.Value) error {
		if v.CanAddr() {
			return plainItems(e, *(*[]T)(v.Addr().UnsafePointer()), write)
		}
		return plainItems(e, v.Interface().([]T), write)
	}
}

// plainItems writes a slice; write does the items of one batch.
func plainItems[T any](e *encoder, s []T, write func(e *encoder, s []T) error) error {
	if s == nil {
		e.w.Op(OpNone)
		return nil
	}
	if len(s) == 0 {
		return e.emptyList()
	}
	id := identity{p: unsafe.Pointer(unsafe.SliceData(s)), n: len(s), kind: typePointer(reflect.TypeFor[[]T]())}
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	e.w.EmptyList()
	if err := e.memoize(id); err != nil {
		return err
	}
	if err := e.enter(); err != nil {
		return err
	}
	for i := 0; i < len(s); {
		if e.cfg.proto == 0 || len(s) == 1 {
			if err := write(e, s[i:i+1]); err != nil {
				return shift(i, err)
			}
			e.w.Op(OpAppend)
			i++
			continue
		}
		end := min(len(s), i+BatchSize)
		e.w.Op(OpMark)
		if err := write(e, s[i:end]); err != nil {
			return shift(i, err)
		}
		e.w.Op(OpAppends)
		i = end
	}
	e.depth--
	return nil
}

// shift corrects the index in an error of a batch that begins at item n.
func shift(n int, err error) error {
	if te, ok := err.(*typeError); ok && len(te.steps) > 0 {
		if i, ok := te.steps[len(te.steps)-1].(int); ok {
			te.steps[len(te.steps)-1] = i + n
		}
	}
	return err
}

func writeAnys(e *encoder, s []any) error {
	for i, v := range s {
		if err := e.save(v); err != nil {
			return at(i, err)
		}
	}
	return nil
}

// plain reports whether nobody wants to see each item.
func (e *encoder) plain() bool { return e.cfg.persistentID == nil && e.cfg.proto > 0 }

func writeStrings(e *encoder, s []string) error {
	if e.cfg.persistentID == nil {
		e.memo.reserve(e.memo.usedStrs + len(s))
	}
	for i, v := range s {
		if err := e.fieldName(v); err != nil {
			return at(i, err)
		}
	}
	return nil
}

func writeFloats(e *encoder, s []float64) error {
	if !e.plain() {
		return writeEach(e, s)
	}
	for i := 0; i < len(s); {
		if err := e.w.Boundary(); err != nil {
			return err
		}
		b := e.w.buf
		for ; i < len(s) && len(b) < e.w.limit; i++ {
			bits := math.Float64bits(s[i])
			if bits == goNaN {
				bits--
			}
			b = append(b, byte(OpBinFloat))
			b = binary.BigEndian.AppendUint64(b, bits)
		}
		e.w.buf = b
	}
	return nil
}

func writeInts[T int | int64](e *encoder, s []T) error {
	if !e.plain() {
		return writeEach(e, s)
	}
	for i := 0; i < len(s); {
		if err := e.w.Boundary(); err != nil {
			return err
		}
		b := e.w.buf
		for ; i < len(s) && len(b) < e.w.limit; i++ {
			n := int64(s[i])
			u := uint32(n)
			if int64(int32(n)) != n {
				e.w.buf = b
				e.int(n)
				b = e.w.buf
				continue
			}
			switch {
			case u < 1<<8:
				b = append(b, byte(OpBinInt1), byte(u))
			case u < 1<<16:
				b = append(b, byte(OpBinInt2), byte(u), byte(u>>8))
			default:
				b = append(b, byte(OpBinInt), byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
			}
		}
		e.w.buf = b
	}
	return nil
}

func writeEach[T any](e *encoder, s []T) error {
	for i, v := range s {
		if err := e.save(v); err != nil {
			return at(i, err)
		}
	}
	return nil
}
