package pickler

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/python"
)

func (p *Pickler) saveInt(o python.Object) error {
	if n, ok := python.IntSmall(o); ok && p.w.Int(n) {
		return nil
	}
	if p.proto < 2 {
		// int.__repr__ is bounded by sys.set_int_max_str_digits, and so is this.
		repr := python.Repr(o)
		if repr.IsNil() {
			return python.ErrPython
		}
		p.w.LongDecimal(python.String(repr))
		repr.DecRef()
		return nil
	}
	var err error
	p.text, err = appendTwosComplement(p.text[:0], o)
	if err != nil {
		return err
	}
	if !p.w.Long(p.text) {
		return python.Raise(python.OverflowError, "int too large to pickle")
	}
	return nil
}

// appendTwosComplement appends an int's little-endian two's complement, in the
// fewest bytes that hold its sign.
func appendTwosComplement(dst []byte, o python.Object) ([]byte, error) {
	digits, negative, ok := python.IntDigits(o)
	if !ok {
		return python.AppendIntBytes(dst, o)
	}
	start := len(dst)
	dst = slices.Grow(dst, 4*len(digits))
	var acc uint64
	var n uint
	carry := uint64(1) // two's complement is the inverted digits plus one
	for i, d := range digits {
		digit := uint64(d)
		if negative {
			digit = (^digit & (1<<30 - 1)) + carry
			carry = digit >> 30
			digit &= 1<<30 - 1
		}
		acc |= digit << n
		n += 30
		if i == len(digits)-1 {
			// Of the last digit only what carries information, and a sign bit.
			if negative {
				acc |= ^uint64(0) << n
			}
			n = n - 30 + uint(bits.Len32(d)) + 1
		}
		if n >= 32 {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(acc))
			acc >>= 32
			n -= 32
		}
	}
	for ; int(n) > 0; n -= 8 {
		dst = append(dst, byte(acc))
		acc >>= 8
	}
	return trimSign(dst, start, negative), nil
}

// trimSign drops a last byte that only repeats the sign.
func trimSign(b []byte, start int, negative bool) []byte {
	if n := len(b); n-start > 1 {
		last, before := b[n-1], b[n-2]
		if last == 0xff && before&0x80 != 0 && negative || last == 0 && before&0x80 == 0 && !negative {
			return b[:n-1]
		}
	}
	return b
}

func (p *Pickler) saveFloat(o python.Object) error {
	x := python.Float(o)
	if p.proto > 0 {
		p.w.Float(x)
		return nil
	}
	p.w.Buffer(func(b []byte) []byte {
		b = append(b, 'F')
		b = python.AppendFloatRepr(b, x)
		return append(b, '\n')
	})
	return nil
}
