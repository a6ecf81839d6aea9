package audit

import (
	"encoding/binary"
	"testing"
)

// dense is a list of small dicts, as a pickle with n of them: about 20 opcodes and 60 bytes each.
func dense(n int) []byte {
	data := []byte("\x80\x04]\x94(")
	for i := range n {
		data = append(data, "}\x94(\x8c\x04name\x94\x8c\x05alice\x94\x8c\x03age\x94J"...)
		data = binary.LittleEndian.AppendUint32(data, uint32(i))
		data = append(data, "\x8c\x05score\x94G\x3f\xf0\x00\x00\x00\x00\x00\x00\x8c\x02ok\x94\x88u"...)
	}
	return append(data, 'e', '.')
}

// instances is a list of n instances of a class that is named.
func instances(n int) []byte {
	data := []byte("\x80\x04]\x94(\x8c\x07decimal\x94\x8c\x07Decimal\x94\x93\x94")
	for range n {
		data = append(data, "h\x03)\x81}\x94\x8c\x01x\x94K\x01sb"...)
	}
	return append(data, 'e', '.')
}

func BenchmarkDense(b *testing.B) {
	data := dense(50_000) // a million opcodes
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for range b.N {
		if r := Examine(data); len(r.Unread) > 0 {
			b.Fatal(r.Unread)
		}
	}
}

func BenchmarkInstances(b *testing.B) {
	data := instances(100_000) // 900,000 opcodes
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for range b.N {
		if r := Examine(data); len(r.Unread) > 0 {
			b.Fatal(r.Unread)
		}
	}
}

func BenchmarkBytes(b *testing.B) {
	data := binary.LittleEndian.AppendUint32([]byte("\x80\x04B"), 100<<20)
	data = append(append(data, make([]byte, 100<<20)...), '.')
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for range b.N {
		if r := Examine(data); len(r.Unread) > 0 {
			b.Fatal(r.Unread)
		}
	}
}
