package wire_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// TestSize gives each opcode with a length in front all prefixes of an argument, and
// lengths that nobody can have.
func TestSize(t *testing.T) {
	counted := 0
	for info := range wire.Opcodes() {
		head := 1 + info.Arg.Fixed()
		whole := make([]byte, head+5)
		whole[0] = byte(info.Code)
		if _, ok := info.Arg.Counted(whole[1:]); !ok {
			if got := wire.Size(whole); got != head {
				t.Errorf("%s takes %d bytes, want %d", info.Name, got, head)
			}
			continue
		}
		counted++
		whole[1] = 5
		for n := 1; n <= len(whole); n++ {
			want := len(whole)
			if n < head {
				want = head
			}
			arg, size, ok := wire.Counted(whole[:n])
			if ok != (n == len(whole)) || size != want || ok && len(arg) != 5 || wire.Size(whole[:n]) != want {
				t.Errorf("%s with %d bytes: got %d bytes, %d, %v", info.Name, n, len(arg), size, ok)
			}
		}
		if head == 9 {
			for _, n := range []uint64{math.MaxInt64 - 63, math.MaxInt64, math.MaxUint64} {
				binary.LittleEndian.PutUint64(whole[1:], n)
				if _, size, ok := wire.Counted(whole); ok || size != math.MaxInt {
					t.Errorf("%s with a length of %d: got %d, %v", info.Name, n, size, ok)
				}
			}
		}
	}
	if counted != 11 {
		t.Errorf("%d opcodes have a length in front, want 11", counted)
	}
}
