package python

/*
#include "utf8_blocks.h"

// Pointers as numbers: cgo would look for Go's pointers in what they point to.
static size_t blocks_size(int kind, uintptr_t p, size_t n) {
	return utf8_blocks_size(kind, (const unsigned char *)p, n);
}

struct done { size_t characters, bytes; };
static struct done blocks_put(int kind, uintptr_t p, size_t n, uintptr_t dst, size_t size) {
	struct done d;
	d.characters = utf8_blocks_put(kind, (const unsigned char *)p, n, (unsigned char *)dst, size, &d.bytes);
	return d;
}
*/
import "C"

import (
	"encoding/binary"
	"math/bits"
	"runtime"
	"sync"
	"unsafe"
)

// UTF-8 of the three ways in which CPython stores characters (PEP 393), with lone
// surrogates encoded like any other code point. Its size is counted first, so that
// the text goes at once to where it is to be.
//
// Both are done on words of eight bytes, and characters that are not alike by
// arithmetic instead of branches: no text is slow for what is in it.

const (
	high8  = 0x8080_8080_8080_8080 // the high bit of each of 8, 4 and 2 numbers in a word
	high16 = 0x8000_8000_8000_8000
	high32 = 0x8000_0000_8000_0000

	// Numbers that have one of these bits are past one byte, or past two.
	pastOne16 = 0xff80_ff80_ff80_ff80
	pastTwo16 = 0xf800_f800_f800_f800
	pastOne32 = 0xffff_ff80_ffff_ff80
)

// nonzero16 gives a word with high16's bit for each of its four numbers that isn't 0.
func nonzero16(w uint64) uint64 { return (w&^high16 + ^uint64(high16) | w) & high16 }

// size8 is the number of bytes that Latin-1 takes as UTF-8.
func size8(p []byte) int {
	n := len(p)
	for ; len(p) >= 8; p = p[8:] {
		n += bits.OnesCount64(binary.NativeEndian.Uint64(p) & high8)
	}
	for _, c := range p {
		n += int(c >> 7)
	}
	return n
}

// size16 is size8 for characters of two bytes, which p has as bytes.
func size16(p []byte) int {
	n := len(p) / 2
	for ; len(p) >= 8; p = p[8:] {
		w := binary.NativeEndian.Uint64(p)
		n += bits.OnesCount64(nonzero16(w&pastOne16) | nonzero16(w&pastTwo16)>>1)
	}
	for ; len(p) > 0; p = p[2:] {
		n += utf8Len(uint32(binary.NativeEndian.Uint16(p))) - 1
	}
	return n
}

// size32 is size8 for characters of four bytes.
func size32(p []byte) int {
	n := len(p)
	for ; len(p) >= 8; p = p[8:] {
		// A difference keeps the high bit where the number is not larger.
		w := binary.NativeEndian.Uint64(p)
		n -= bits.OnesCount64(((high32|0x7f_0000_007f)-w)&high32 |
			((high32|0x7ff_0000_07ff)-w)&high32>>1 |
			((high32|0xffff_0000_ffff)-w)&high32>>2)
	}
	for ; len(p) > 0; p = p[4:] {
		n += utf8Len(binary.NativeEndian.Uint32(p)) - 4
	}
	return n
}

func utf8Len(c uint32) int {
	switch {
	case c < 0x80:
		return 1
	case c < 0x800:
		return 2
	case c < 0x10000:
		return 3
	}
	return 4
}

// Characters as UTF-8 in a number, whose lowest byte comes first.
func utf8Two(c uint32) uint32   { return 0x80c0 | c>>6 | c&0x3f<<8 }
func utf8Three(c uint32) uint32 { return 0x8080e0 | c>>12 | c&0xfc0<<2 | c&0x3f<<16 }
func utf8Four(c uint32) uint32 {
	return 0x808080f0 | c>>18 | c>>12&0x3f<<8 | c>>6&0x3f<<16 | c&0x3f<<24
}

// narrow is four ASCII characters of 16 bits in a byte each: four bytes.
func narrow(w uint64) uint64 {
	w |= w >> 8
	return w&0xffff | w>>16&0xffff_0000
}

// twos is utf8Two for four characters, in 16 bits each.
func twos(w uint64) uint64 {
	return 0x80c0_80c0_80c0_80c0 | w>>6&0x001f_001f_001f_001f | w&0x003f_003f_003f_003f<<8
}

// threes is utf8Three for two characters of 16 bits: six bytes.
func threes(w uint64) uint64 {
	w = w&0xffff | w&0xffff_0000<<8
	return 0x8080e0_8080e0 | w>>12&0x00000f_00000f | w&0x000fc0_000fc0<<2 | w&0x00003f_00003f<<16
}

// fours is utf8Four for two characters of 32 bits.
func fours(w uint64) uint64 {
	return 0x808080f0_808080f0 | w>>18&0x00000007_00000007 | w>>12&0x0000003f_0000003f<<8 |
		w>>6&0x0000003f_0000003f<<16 | w&0x0000003f_0000003f<<24
}

func word(p []byte, at int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(p)), at))
}

func setWord(p []byte, at int, w uint64) {
	*(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(p)), at)) = w
}

// The loops of the following functions read and write whole words, of which the rest
// belongs to what follows: they end where that would be past the end.

// put8 writes the UTF-8 of Latin-1, for which dst has enough bytes, and gives its number of bytes.
func put8(dst, p []byte) int {
	i, at := 0, 0
	for i+9 <= len(p) && at+16 <= len(dst) {
		w := word(p, i)
		switch high := w & high8; high {
		case 0:
			setWord(dst, at, w)
			i, at = i+8, at+8
		case high8:
			a, b := w&0xffff_ffff, w>>32
			a, b = (a|a<<16)&0x0000_ffff_0000_ffff, (b|b<<16)&0x0000_ffff_0000_ffff
			a, b = (a|a<<8)&0x00ff_00ff_00ff_00ff, (b|b<<8)&0x00ff_00ff_00ff_00ff
			setWord(dst, at, twos(a))
			setWord(dst, at+8, twos(b))
			i, at = i+8, at+16
		default:
			// As many as are ASCII, and the one after them.
			n := bits.TrailingZeros64(high) >> 3
			setWord(dst, at, w)
			c := uint32(w >> (8 * n) & 0xff)
			*(*uint16)(unsafe.Pointer(&dst[at+n])) = uint16(utf8Two(c))
			i, at = i+n+1, at+n+2
		}
	}
	for _, c := range p[i:] {
		at += putOne(dst[at:], uint32(c))
	}
	return at
}

// put16 is put8 for characters of two bytes.
func put16(dst, p []byte) int {
	i, at := 0, 0
	for i+8 <= len(p) && at+14 <= len(dst) {
		w := word(p, i)
		one, two := nonzero16(w&pastOne16), nonzero16(w&pastTwo16)
		switch {
		case two == high16:
			setWord(dst, at, threes(w))
			setWord(dst, at+6, threes(w>>32))
			i, at = i+8, at+12
		case one == 0:
			setWord(dst, at, narrow(w))
			i, at = i+8, at+4
			for i+16 <= len(p) && at+8 <= len(dst) {
				v, w := word(p, i), word(p, i+8)
				if (v|w)&pastOne16 != 0 {
					break
				}
				setWord(dst, at, narrow(v)|narrow(w)<<32)
				i, at = i+16, at+8
			}
		case one == high16 && two == 0:
			setWord(dst, at, twos(w))
			i, at = i+8, at+8
		// As many as are like the first: all four are written, some of them in vain.
		case one&0x8000 == 0:
			n := bits.TrailingZeros64(one) >> 4
			setWord(dst, at, narrow(w))
			i, at = i+2*n, at+n
			// A currency sign or a quotation mark between ASCII is mostly alone.
			if c := uint32(w >> (16 * n) & 0xffff); c >= 0x800 {
				*(*uint32)(unsafe.Pointer(&dst[at])) = utf8Three(c)
				i, at = i+2, at+3
			}
		case two&0x8000 == 0:
			n := bits.TrailingZeros64(one&^two^high16) >> 4
			setWord(dst, at, twos(w))
			i, at = i+2*n, at+2*n
		default:
			n := bits.TrailingZeros64(two^high16) >> 4
			setWord(dst, at, threes(w))
			setWord(dst, at+6, threes(w>>32))
			i, at = i+2*n, at+3*n
		}
	}
	for ; i < len(p); i += 2 {
		at += putOne(dst[at:], uint32(binary.NativeEndian.Uint16(p[i:])))
	}
	return at
}

// put32 is put8 for characters of four bytes.
func put32(dst, p []byte) int {
	i, at := 0, 0
	for i+16 <= len(p) && at+8 <= len(dst) {
		a, b := word(p, i), word(p, i+8)
		c := uint32(a)
		switch {
		case c >= 0x10000:
			n := int(past(uint32(a>>32), 0xffff) & 1)
			setWord(dst, at, fours(a))
			i, at = i+4+4*n, at+4+4*n
		case c >= 0x800:
			setWord(dst, at, uint64(utf8Three(c)))
			i, at = i+4, at+3
		case c >= 0x80:
			setWord(dst, at, uint64(utf8Two(c)))
			i, at = i+4, at+2
		case (a|b)&pastOne32 == 0:
			a, b = a|a>>24, b|b>>24
			setWord(dst, at, a&0xffff|b&0xffff<<16)
			i, at = i+16, at+4
		default:
			dst[at] = byte(c)
			i, at = i+4, at+1
		}
	}
	for ; i < len(p); i += 4 {
		at += putOne(dst[at:], binary.NativeEndian.Uint32(p[i:]))
	}
	return at
}

// past gives all bits set for c > limit, none for others; both are below 2**31.
func past(c, limit uint32) uint32 { return uint32(int32(limit-c) >> 31) }

// putOne writes one character and gives its number of bytes.
func putOne(dst []byte, c uint32) int {
	switch {
	case c < 0x80:
		dst[0] = byte(c)
		return 1
	case c < 0x800:
		binary.LittleEndian.PutUint16(dst, uint16(utf8Two(c)))
		return 2
	case c < 0x10000:
		v := utf8Three(c)
		dst[0], dst[1], dst[2] = byte(v), byte(v>>8), byte(v>>16)
		return 3
	}
	binary.LittleEndian.PutUint32(dst, utf8Four(c))
	return 4
}

// Characters are those of a str as they are in memory: dead when the object is.
type Characters struct {
	kind int // bytes for each
	data []byte
}

// CharactersOf gives a str's characters; ok is false on the portable path and for
// the legacy strings of 3.10 and 3.11 that are not compact.
func CharactersOf(o Object) (c Characters, ok bool) {
	kind, _, data, ok := strData(o)
	if !ok {
		return c, false
	}
	return Characters{kind, unsafe.Slice((*byte)(data), kind*at[int](o, offStrLength))}, true
}

// From these numbers of bytes of characters on, blocks in C are worth the call: to write them,
// and to count them, by the bytes of a character.
const putInBlocksFrom = 48

var sizeInBlocksFrom = [...]int{1: 1024, 2: 256, 4: 512}

var hasBlocks = sync.OnceValue(func() bool { return C.utf8_blocks_usable() != 0 })

func address(p []byte) C.uintptr_t { return C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(p)))) }

// UTF8Size is the number of bytes that the characters take as UTF-8.
func (c Characters) UTF8Size() int {
	if len(c.data) >= sizeInBlocksFrom[c.kind] && hasBlocks() {
		n := int(C.blocks_size(C.int(c.kind), address(c.data), C.size_t(len(c.data)/c.kind)))
		runtime.KeepAlive(c.data)
		return n
	}
	switch c.kind {
	case 1:
		return size8(c.data)
	case 2:
		return size16(c.data)
	}
	return size32(c.data)
}

// MaxUTF8 is the number of bytes that the characters can take as UTF-8 at most.
func (c Characters) MaxUTF8() int {
	n := len(c.data) / c.kind
	if c.kind == 4 {
		return 4 * n
	}
	return (c.kind + 1) * n
}

// PutUTF8 writes the characters' UTF-8 into dst, which has UTF8Size bytes or more, and gives that
// size. What follows in dst can be written too.
func (c Characters) PutUTF8(dst []byte) (n int) {
	if len(c.data) >= putInBlocksFrom && hasBlocks() {
		done := C.blocks_put(C.int(c.kind), address(c.data), C.size_t(len(c.data)/c.kind), address(dst), C.size_t(len(dst)))
		runtime.KeepAlive(c.data)
		n = int(done.bytes)
		c.data, dst = c.data[int(done.characters)*c.kind:], dst[n:]
	}
	switch c.kind {
	case 1:
		return n + put8(dst, c.data)
	case 2:
		return n + put16(dst, c.data)
	}
	return n + put32(dst, c.data)
}
