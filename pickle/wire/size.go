package wire

import (
	"math"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
)

// Counted reads the argument that has its length in front, as those of strs, bytes
// and long ints have, of the opcode that b begins with. size is what both take.
// Where b is shorter, ok is false and size what b must have at least for more to be
// known: math.MaxInt where that is more than any memory holds.
func Counted(b []byte) (arg []byte, size int, ok bool) {
	head := 1 + int(fixedSizes[b[0]])
	if len(b) < head {
		return nil, head, false
	}
	var n uint64
	switch head {
	case 2:
		n = uint64(b[1])
	case 5:
		n = uint64(atom.Uint32(b[1:]))
	default:
		n = atom.Uint64(b[1:])
	}
	if n > uint64(len(b)-head) {
		if n > math.MaxInt-64 {
			return nil, math.MaxInt, false
		}
		return nil, head + int(n), false
	}
	return b[head : head+int(n)], head + int(n), true
}

// Size is how many bytes the opcode that b begins with and its argument take, as far
// as b tells: a line is not looked for.
func Size(b []byte) int {
	if isCounted[b[0]] {
		_, size, _ := Counted(b)
		return size
	}
	return 1 + int(fixedSizes[b[0]])
}

// fixedSizes and isCounted are ArgKind.Fixed and ArgKind.Counted by opcode.
var fixedSizes, isCounted = func() (sizes [256]uint8, counted [256]bool) {
	for _, info := range opcodes {
		sizes[info.Code] = uint8(info.Arg.Fixed())
		_, counted[info.Code] = info.Arg.Counted(make([]byte, 8))
	}
	return sizes, counted
}()
