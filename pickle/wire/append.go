package wire

import (
	"encoding/binary"
	"math"
	"slices"
)

// The commonest opcodes, for a buffer that Writer.Take has lent. Each of these
// functions needs Reserve, and gives b with what it has appended.

// MaxShort is more bytes than any of these functions appends.
const MaxShort = 272

// Reserve grows b's capacity for MaxShort more bytes.
func Reserve(b []byte) []byte {
	if cap(b)-len(b) >= MaxShort {
		return b
	}
	return grow(b)
}

//go:noinline
func grow(b []byte) []byte { return slices.Grow(b, MaxShort) }

// PutOp appends an opcode without an argument.
func PutOp(b []byte, op Opcode) []byte {
	at := len(b)
	b = b[:at+1]
	b[at] = byte(op)
	return b
}

// PutBool appends NEWTRUE or NEWFALSE, for protocol 2 and later.
func PutBool(b []byte, x bool) []byte {
	if x {
		return PutOp(b, OpNewTrue)
	}
	return PutOp(b, OpNewFalse)
}

// PutInt32 appends an int, for protocol 1 and later.
func PutInt32(b []byte, n int32) []byte {
	at, u := len(b), uint32(n)
	out := (*[5]byte)(b[at : at+5])
	switch {
	case u < 1<<8:
		out[0], out[1] = byte(OpBinInt1), byte(u)
		return b[:at+2]
	case u < 1<<16:
		out[0], out[1], out[2] = byte(OpBinInt2), byte(u), byte(u>>8)
		return b[:at+3]
	}
	out[0] = byte(OpBinInt)
	binary.LittleEndian.PutUint32(out[1:], u)
	return b[:at+5]
}

// PutFloat appends BINFLOAT, for protocol 1 and later.
func PutFloat(b []byte, x float64) []byte {
	at := len(b)
	out := (*[9]byte)(b[at : at+9])
	out[0] = byte(OpBinFloat)
	binary.BigEndian.PutUint64(out[1:], math.Float64bits(x))
	return b[:at+9]
}

// PutGet appends the opcode that pushes a memo slot, for protocol 1 and later.
func PutGet(b []byte, slot uint32) []byte {
	at := len(b)
	out := (*[5]byte)(b[at : at+5])
	if slot < 256 {
		out[0], out[1] = byte(OpBinGet), byte(slot)
		return b[:at+2]
	}
	out[0] = byte(OpLongBinGet)
	binary.LittleEndian.PutUint32(out[1:], slot)
	return b[:at+5]
}

// PutShortText appends a str, as its UTF-8 s, and MEMOIZE, for protocol 4 and
// later. 0 <= len(s) < 256.
func PutShortText(b, s []byte) []byte { return putShort(b, OpShortBinUnicode, s) }

// PutShortBytes appends a bytes object and MEMOIZE, for protocol 4 and later.
// 0 <= len(s) < 256.
func PutShortBytes(b, s []byte) []byte { return putShort(b, OpShortBinBytes, s) }

func putShort(b []byte, op Opcode, s []byte) []byte {
	at, n := len(b), len(s)
	b = b[:at+n+3]
	out := b[at:]
	out[0], out[1] = byte(op), byte(n)
	out[n+2] = byte(OpMemoize)
	// Most texts are short, and a call of memmove would take longer than they do.
	text := out[2:]
	switch {
	case n > 32:
		copy(text, s)
	case n > 16:
		first, last := [16]byte(s), [16]byte(s[n-16:])
		copy(text[:16], first[:])
		copy(text[n-16:n], last[:])
	case n >= 8:
		first, last := binary.LittleEndian.Uint64(s), binary.LittleEndian.Uint64(s[n-8:])
		binary.LittleEndian.PutUint64(text, first)
		binary.LittleEndian.PutUint64(text[n-8:], last)
	case n >= 4:
		first, last := binary.LittleEndian.Uint32(s), binary.LittleEndian.Uint32(s[n-4:])
		binary.LittleEndian.PutUint32(text, first)
		binary.LittleEndian.PutUint32(text[n-4:], last)
	default:
		//lint:ignore S1001 a call of memmove would take longer
		for i, c := range s {
			text[i] = c
		}
	}
	return b
}

// ReserveText is Reserve for a text of at most max bytes, which the caller writes into room before
// EndText. max is at most MaxTextInFrame.
func ReserveText(b []byte, max int) (out, room []byte) {
	if max <= 0xff {
		b = Reserve(b)
		at := len(b) + shortTextHeader
		return b, b[at : at+max]
	}
	at := len(b) + longTextHeader
	b = slices.Grow(b, longTextHeader+max+MaxShort)
	return b, b[at : at+max]
}

// EndText appends the text of n bytes, of at most max, that is in the room of ReserveText, and
// memoizes it.
func EndText(b []byte, n, max int) []byte {
	at := len(b)
	if n > 0xff {
		b = b[:at+longTextHeader+n+1]
		b[at], b[len(b)-1] = byte(OpBinUnicode), byte(OpMemoize)
		binary.LittleEndian.PutUint32(b[at+1:], uint32(n))
		return b
	}
	if max > 0xff {
		whole := b[:at+longTextHeader+n]
		copy(whole[at+shortTextHeader:], whole[at+longTextHeader:])
	}
	b, _ = PutShortTextOf(b, n)
	return b
}

// The lengths of the headers of texts in a frame.
const shortTextHeader, longTextHeader = 2, 5

// PutShortTextOf is PutShortText of n bytes, which the caller writes into text.
// 0 <= n < 256.
func PutShortTextOf(b []byte, n int) (out, text []byte) {
	at := len(b)
	b = b[:at+n+3]
	b[at], b[at+1], b[at+n+2] = byte(OpShortBinUnicode), byte(n), byte(OpMemoize)
	return b, b[at+2 : at+n+2]
}
