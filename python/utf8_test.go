package python

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// slowUTF8 is the UTF-8 of code points, surrogates included, one after the other.
func slowUTF8(points []uint32) (out []byte) {
	for _, c := range points {
		switch {
		case c < 0x80:
			out = append(out, byte(c))
		case c < 0x800:
			out = append(out, 0xc0|byte(c>>6), 0x80|byte(c&0x3f))
		case c < 0x10000:
			out = append(out, 0xe0|byte(c>>12), 0x80|byte(c>>6&0x3f), 0x80|byte(c&0x3f))
		default:
			out = append(out, 0xf0|byte(c>>18), 0x80|byte(c>>12&0x3f), 0x80|byte(c>>6&0x3f), 0x80|byte(c&0x3f))
		}
	}
	return out
}

// stored gives code points as a str of a kind has them.
func stored(points []uint32, kind int) Characters {
	switch kind {
	case 1:
		data := make([]byte, len(points))
		for i, c := range points {
			data[i] = byte(c)
		}
		return Characters{1, data}
	case 2:
		data := make([]uint16, len(points)+1)
		for i, c := range points {
			data[i] = uint16(c)
		}
		return Characters{2, unsafe.Slice((*byte)(unsafe.Pointer(&data[0])), 2*len(points))}
	}
	data := append(points[:len(points):len(points)], 0)
	return Characters{4, unsafe.Slice((*byte)(unsafe.Pointer(&data[0])), 4*len(points))}
}

func TestUTF8OfEveryKind(t *testing.T) {
	// The first and the last code point of each size, surrogates, and some between.
	points := map[int][]uint32{
		1: {0, 'a', 0x7f, 0x80, 0xe9, 0xbf, 0xc0, 0xff},
		2: {0, 'a', 0x7f, 0x80, 0xff, 0x100, 0x7ff, 0x800, 0x20ac, 0x7fff, 0x8000, 0xd7ff, 0xd800, 0xdc00, 0xdfff, 0xe000, 0xffff},
		4: {0, 'a', 0x7f, 0x80, 0xff, 0x100, 0x7ff, 0x800, 0x7fff, 0x8000, 0xd800, 0xdfff, 0xffff, 0x10000, 0x1f600, 0xfffff, 0x10ffff},
	}
	r := rand.New(rand.NewPCG(5, 6))
	for kind, from := range points {
		for n := range 400 {
			text := make([]uint32, n%67)
			if n%4 == 0 { // long enough to be counted in blocks
				text = make([]uint32, 3*n)
			}
			// Runs of characters of one size, of any length.
			for i := 0; i < len(text); {
				c, some := from[r.IntN(len(from))], r.IntN(3) > 0
				for end := min(len(text), i+1+r.IntN(20)); i < end; i++ {
					if text[i] = c; some {
						text[i] = from[r.IntN(len(from))]
					}
				}
			}
			checkUTF8(t, text, kind)
		}
	}
	for c := range uint32(0x110000) {
		if c%251 == 0 || c < 0x900 {
			checkUTF8(t, []uint32{'a', c, c, c, c, c, c, 'b', c}, 4)
			if c < 0x10000 {
				checkUTF8(t, []uint32{c, c, c, c, 'a', c, 0x7ff, c, c}, 2)
			}
		}
	}
}

func checkUTF8(t *testing.T, text []uint32, kind int) {
	t.Helper()
	c, want := stored(text, kind), slowUTF8(text)
	if n := c.UTF8Size(); n != len(want) {
		t.Fatalf("%d bytes each, %x: %d bytes, want %d", kind, text, n, len(want))
	}
	// Nothing past the end is written.
	out := bytes.Repeat([]byte{0x55}, len(want)+32)
	c.PutUTF8(out[:len(want)])
	if !bytes.Equal(out[:len(want)], want) || !bytes.Equal(out[len(want):], bytes.Repeat([]byte{0x55}, 32)) {
		t.Fatalf("%d bytes each, %x:\n%x, want\n%x", kind, text, out, want)
	}
}

func BenchmarkUTF8(b *testing.B) {
	for _, text := range []string{"hello world", "é", "abcdefgé", "привет мир ", "漢字", "hello wor€ld", "😀", "hello 😀 "} {
		var points []uint32
		kind := 1
		for len(points) < 1<<16 {
			for _, c := range text {
				points = append(points, uint32(c))
				if c > 0xff {
					kind = max(kind, 2)
				}
				if c > 0xffff {
					kind = 4
				}
			}
		}
		c := stored(points, kind)
		out := make([]byte, c.UTF8Size())
		b.Run(fmt.Sprintf("%s/size", text), func(b *testing.B) {
			b.SetBytes(int64(len(out)))
			for b.Loop() {
				c.UTF8Size()
			}
		})
		b.Run(fmt.Sprintf("%s/put", text), func(b *testing.B) {
			b.SetBytes(int64(len(out)))
			for b.Loop() {
				c.PutUTF8(out)
			}
		})
	}
}
