package value

// Hashing and comparing keys with Python's equality: numbers compare across
// types, strings and bytes do not, containers that can change are refused.

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"math/big"
)

// hashSeed makes collisions unpredictable to whoever wrote the stream.
var hashSeed = maphash.MakeSeed()

// A tuple of the same tuple twice, nested 40 times, is a few bytes that take
// 2^40 steps to hash (CPython does take them). The budget ends that.
const userHashBudget = 1 << 24

var ErrHashBudget = errors.New("keys take too long to hash: nested tuples share their parts")

// Hasher counts the steps of hashing and comparing against a budget.
type Hasher struct {
	Budget int
}

func (h *Hasher) step() error {
	h.Budget--
	if h.Budget < 0 {
		return ErrHashBudget
	}
	return nil
}

// checkHashable refuses what Python's hash() refuses, hashing only when a
// look at the value itself is not enough.
func (h *Hasher) checkHashable(v any) error {
	switch v := v.(type) {
	case *List, *Dict, *Set, *ByteArray:
		return fmt.Errorf("unhashable type: '%s'", TypeName(v))
	case Tuple, PersistentID:
		_, err := h.hash(v)
		return err
	}
	return nil
}

func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

func hashInt(i int64) uint64 { return mix(uint64(i)) ^ intSalt }

// intSalt keeps the places of integers in an index secret.
var intSalt = maphash.String(hashSeed, "int")

func (h *Hasher) hash(v any) (uint64, error) {
	if err := h.step(); err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case string:
		return maphash.String(hashSeed, v), nil
	case int64:
		return hashInt(v), nil
	case nil:
		return 0x5bd1e995, nil
	case bool:
		if v {
			return hashInt(1), nil
		}
		return hashInt(0), nil
	case float64:
		return hashFloat(v), nil
	case complex128:
		if imag(v) == 0 {
			return hashFloat(real(v)), nil
		}
		return mix(hashFloat(real(v)) + 1000003*hashFloat(imag(v))), nil
	case Bytes:
		return maphash.String(hashSeed, string(v)) + 1, nil
	case *big.Int:
		if v.IsInt64() {
			return hashInt(v.Int64()), nil
		}
		h.Budget -= v.BitLen() / 64
		f, _ := new(big.Float).SetInt(v).Float64()
		return hashFloat(f), nil
	case Tuple:
		sum := uint64(len(v))
		for _, x := range v {
			hx, err := h.hash(x)
			if err != nil {
				return 0, err
			}
			sum = mix(sum*1000003 ^ hx)
		}
		return sum, nil
	case *FrozenSet:
		sum := uint64(v.Len())
		for i := range v.d.entries {
			hx, err := h.hash(v.d.entries[i].Key)
			if err != nil {
				return 0, err
			}
			sum += hx
		}
		return mix(sum), nil
	case *List, *Dict, *Set, *ByteArray:
		return 0, fmt.Errorf("unhashable type: '%s'", TypeName(v))
	case PersistentID:
		hx, err := h.hash(v.ID)
		return hx + 2, err
	case *Object:
		return maphash.Comparable(hashSeed, v), nil
	case *Buffer:
		return maphash.Comparable(hashSeed, v), nil
	default:
		return hashForeign(v)
	}
}

// hashForeign hashes what a registered constructor returned.
func hashForeign(v any) (sum uint64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("unhashable type: '%T'", v)
		}
	}()
	return maphash.Comparable(hashSeed, v), nil
}

func hashFloat(f float64) uint64 {
	if i := int64(f); f >= -1<<63 && f < 1<<63 && float64(i) == f {
		return hashInt(i)
	}
	return mix(math.Float64bits(f)) ^ intSalt
}

// equal is Python's == for hashable values, with identity for what the
// package cannot compare.
func (h *Hasher) equal(a, b any) (bool, error) {
	if err := h.step(); err != nil {
		return false, err
	}
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b, nil
	case Bytes:
		b, ok := b.(Bytes)
		return ok && a == b, nil
	case nil:
		return b == nil, nil
	case int64, bool, float64, *big.Int, complex128:
		return EqualNumbers(a, b), nil
	case Tuple:
		b, ok := b.(Tuple)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		if len(a) > 0 && &a[0] == &b[0] {
			return true, nil
		}
		for i := range a {
			if eq, err := h.equal(a[i], b[i]); !eq || err != nil {
				return false, err
			}
		}
		return true, nil
	case *FrozenSet:
		b, ok := b.(*FrozenSet)
		if !ok || a.Len() != b.Len() {
			return false, nil
		}
		if a == b {
			return true, nil
		}
		for i := range a.d.entries {
			j, _, err := b.d.find(h, a.d.entries[i].Key)
			if j < 0 || err != nil {
				return false, err
			}
		}
		return true, nil
	case PersistentID:
		b, ok := b.(PersistentID)
		if !ok {
			return false, nil
		}
		return h.equal(a.ID, b.ID)
	default:
		return EqualForeign(a, b), nil
	}
}

func EqualForeign(a, b any) (eq bool) {
	defer func() {
		if recover() != nil {
			eq = false // types that Go cannot compare are equal to nothing
		}
	}()
	return a == b
}

// EqualNumbers compares numbers of any types by value.
func EqualNumbers(a, b any) bool {
	x, xok := a.(int64)
	y, yok := b.(int64)
	if xok && yok {
		return x == y
	}
	ra, ia, ok := exactNumber(a)
	if !ok {
		return false
	}
	rb, ib, ok := exactNumber(b)
	if !ok || ia != ib {
		return false
	}
	return numberPartsEqual(ra, rb)
}

// exactNumber splits a number into its real part (int64, *big.Int or
// float64) and its imaginary part.
func exactNumber(v any) (re any, im float64, ok bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1), 0, true
		}
		return int64(0), 0, true
	case int64, *big.Int, float64:
		return v, 0, true
	case complex128:
		return real(v), imag(v), true
	}
	return nil, 0, false
}

func numberPartsEqual(a, b any) bool {
	switch a := a.(type) {
	case int64:
		switch b := b.(type) {
		case int64:
			return a == b
		case float64:
			i := int64(b)
			return b >= -1<<63 && b < 1<<63 && float64(i) == b && i == a
		case *big.Int:
			return b.IsInt64() && b.Int64() == a
		}
	case float64:
		switch b := b.(type) {
		case float64:
			return a == b
		case *big.Int:
			if math.IsInf(a, 0) || math.IsNaN(a) {
				return false
			}
			f := new(big.Float).SetPrec(uint(max(b.BitLen(), 64))).SetInt(b)
			return f.Cmp(big.NewFloat(a)) == 0
		default:
			return numberPartsEqual(b, a)
		}
	case *big.Int:
		if b, ok := b.(*big.Int); ok {
			return a.Cmp(b) == 0
		}
		return numberPartsEqual(b, a)
	}
	return false
}

// normalKey turns the number types a Go program may hold into the ones the
// decoder makes.
func normalKey(k any) any {
	switch k := k.(type) {
	case int:
		return int64(k)
	case int8:
		return int64(k)
	case int16:
		return int64(k)
	case int32:
		return int64(k)
	case uint8:
		return int64(k)
	case uint16:
		return int64(k)
	case uint32:
		return int64(k)
	case uint:
		return NormalUint(uint64(k))
	case uint64:
		return NormalUint(k)
	case float32:
		return float64(k)
	}
	return k
}

func NormalUint(u uint64) any {
	if u < 1<<63 {
		return int64(u)
	}
	return new(big.Int).SetUint64(u)
}

func isBigInt(v any) bool {
	_, ok := v.(*big.Int)
	return ok
}
