package pickle

import (
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// Streams for the differential tests: golden pickles that were damaged, and
// sequences of opcodes that no pickler wrote.

var allOpcodes = slices.Collect(wire.Opcodes())

// seeds are the golden pickles of moderate size, in a fixed order.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	all := golden(t)
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	var out [][]byte
	for _, name := range names {
		for _, data := range all[name] {
			if data != nil && len(data) < 600 {
				out = append(out, data)
			}
		}
	}
	return out
}

// mutate damages a stream in a few places.
func mutate(r *rand.Rand, seeds [][]byte) []byte {
	data := append([]byte(nil), seeds[r.IntN(len(seeds))]...)
	for range 1 + r.IntN(4) {
		i := r.IntN(len(data))
		switch r.IntN(8) {
		case 0: // another byte
			data[i] = byte(r.IntN(256))
		case 1: // another opcode
			data[i] = byte(allOpcodes[r.IntN(len(allOpcodes))].Code)
		case 2: // a bit
			data[i] ^= 1 << r.IntN(8)
		case 3: // one more opcode
			data = append(data[:i:i], append([]byte{byte(allOpcodes[r.IntN(len(allOpcodes))].Code)}, data[i:]...)...)
		case 4: // some bytes less
			j := min(len(data), i+1+r.IntN(4))
			if j-i < len(data) {
				data = append(data[:i:i], data[j:]...)
			}
		case 5: // a piece twice
			j := min(len(data), i+1+r.IntN(12))
			data = append(data[:j:j], data[i:]...)
		case 6: // a piece of another stream
			other := seeds[r.IntN(len(seeds))]
			j := r.IntN(len(other))
			k := min(len(other), j+1+r.IntN(16))
			data = append(data[:i:i], append(append([]byte(nil), other[j:k]...), data[i:]...)...)
		case 7: // another small number
			data[i] = byte(r.IntN(4))
		}
		if len(data) == 0 {
			data = []byte{'.'}
		}
	}
	return data
}

// texts are arguments of line opcodes, some of which only one unpickler reads.
var texts = []string{
	"0", "00", "01", " 1", "+1", "-1", "1 ", "10", "010", "0x10", "0b1", "0o7", "1_0", "1__0", "_1", "12L", "5\x00x", "",
	"99999999999999999999", "1.5", "nan", "inf", "-Infinity", "1e5", "1e400", " 1.5", "1_0.5", ".5", "5.", "1e", "0x1p3",
	"'a'", `"b"`, `'\x41\n\q'`, `'\x4'`, `'\777'`, "'", "''", "'é'", `a\u0041`, `a\\u0041`, `\U00110000`, `\u12`, "é",
	"builtins", "os", "set", "é",
}

// random makes a sequence of opcodes with arguments that are mostly whole.
func random(r *rand.Rand) []byte {
	var b []byte
	framed := -1
	n := 2 + r.IntN(14)
	for range n {
		info := allOpcodes[r.IntN(len(allOpcodes))]
		if r.IntN(3) == 0 { // what most other opcodes need below them
			info, _ = []wire.Opcode{wire.OpMark, wire.OpNone, wire.OpEmptyList, wire.OpEmptyDict, wire.OpEmptyTuple, wire.OpBinInt1, wire.OpShortBinUnicode, wire.OpEmptySet}[r.IntN(8)].Info()
		}
		if info.Code == wire.OpStop || info.Code == wire.OpProto && r.IntN(8) != 0 {
			continue
		}
		b = append(b, byte(info.Code))
		switch {
		case info.Code == wire.OpFrame:
			framed = len(b)
			b = append(b, byte(r.IntN(12)), 0, 0, 0, 0, 0, 0, 0)
		case info.Arg.Lines() > 0:
			for range info.Arg.Lines() {
				text := texts[r.IntN(len(texts))]
				if r.IntN(2) == 0 {
					text = strconv.Itoa(r.IntN(3))
				}
				b = append(b, text+"\n"...)
			}
		default:
			fixed := info.Arg.Fixed()
			arg := make([]byte, fixed)
			if fixed > 0 {
				arg[0] = byte(r.IntN(4))
			}
			b = append(b, arg...)
			if size, ok := info.Arg.Counted(arg); ok {
				for range size {
					b = append(b, "abc\xff"[r.IntN(3+r.IntN(20)/19)])
				}
			} else if info.Code == wire.OpBinFloat {
				b[len(b)-8] = 0x3f
			}
		}
	}
	b = append(b, '.')
	if framed >= 0 && r.IntN(2) == 0 {
		b[framed] = byte(len(b) - framed - 8)
	}
	return b
}
