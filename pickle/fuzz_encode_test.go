package pickle

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// gene is a Go value of many types, made from the bytes of the fuzzer.
type gene struct {
	I    int
	I64  int64 `pickle:"i64"`
	I8   int8  `pickle:",omitempty"`
	U    uint64
	F    float64 `pickle:"f"`
	F32  float32
	B    bool
	S    string `pickle:"text"`
	Raw  []byte
	Ints []int
	I64s []int64 `pickle:",omitempty"`
	Fs   []float64
	Ss   []string
	Arr  [2]string
	M    map[string]int
	MI   map[int16]gene2
	Any  any
	Anys []any
	Next *gene
	Tree []*gene
	Flat []gene2
	T    pair
	D    time.Duration
	gene2
}

type gene2 struct {
	X int `pickle:"text2"`
	Y string
}

type pair struct {
	_ struct{} `pickle:",tuple"`
	A int64
	B string
}

// genes reads values from bytes; past their end there are zeros.
type genes struct {
	b    []byte
	made []*gene
	strs []string
}

func (g *genes) byte() byte {
	if len(g.b) == 0 {
		return 0
	}
	c := g.b[0]
	g.b = g.b[1:]
	return c
}

func (g *genes) int() (n int64) {
	for range g.byte() % 9 {
		n = n<<8 | int64(g.byte())
	}
	if g.byte()%2 == 1 {
		n = -n
	}
	return n
}

func (g *genes) text() string {
	if n := int(g.byte()); n >= 250 && len(g.strs) > 0 {
		return g.strs[n%len(g.strs)]
	}
	n := min(int(g.byte())%40, len(g.b))
	s := string([]rune(string(g.b[:n])))
	g.b = g.b[n:]
	if n := len(g.strs); n > 0 && len(s) == 39 {
		s = string(bytes.Repeat([]byte(s), 1<<(g.byte()%12)))
	}
	g.strs = append(g.strs, s)
	return s
}

func (g *genes) size() int { return min(int(g.byte())%6, len(g.b)) }

func (g *genes) any(depth int) any {
	switch g.byte() % 9 {
	case 0:
		return nil
	case 1:
		return g.int()
	case 2:
		return g.text()
	case 3:
		return g.byte() < 128
	case 4:
		return float64(g.int()) / 8
	case 5:
		return Bytes(g.text())
	case 6:
		l := &List{}
		for range g.size() {
			l.Items = append(l.Items, g.any(depth-1))
		}
		return l
	case 7:
		t := make(Tuple, 0, 4)
		for range g.size() {
			t = append(t, g.any(depth-1))
		}
		return t
	}
	d := &Dict{}
	for range g.size() {
		_ = d.Set(g.text(), g.any(depth-1))
	}
	return d
}

func (g *genes) gene(depth int) *gene {
	if n := int(g.byte()); n >= 200 && len(g.made) > 0 {
		return g.made[n%len(g.made)] // shared, or a cycle
	}
	x := &gene{}
	g.made = append(g.made, x)
	for len(g.b) > 0 {
		switch g.byte() % 25 {
		case 0:
			x.I = int(g.int())
		case 1:
			x.I64 = g.int()
		case 2:
			x.I8 = int8(g.byte())
		case 3:
			x.U = uint64(g.int())
		case 4:
			if x.F = math.Float64frombits(uint64(g.int())); x.F != x.F {
				x.F = 0 // NaN is not equal to itself
			}
		case 5:
			x.F32 = float32(g.byte()) / 4
		case 6:
			x.B = !x.B
		case 7:
			x.S = g.text()
		case 8:
			x.Raw = []byte(g.text())
		case 9:
			x.Ints = append(x.Ints, int(g.int()))
		case 10:
			x.I64s = append(x.I64s, g.int())
		case 11:
			x.Fs = append(x.Fs, float64(g.int()))
		case 12:
			x.Ss = append(x.Ss, g.text())
		case 13:
			x.Arr[g.byte()%2] = g.text()
		case 14:
			if x.M == nil {
				x.M = map[string]int{}
			}
			x.M[g.text()] = int(g.int())
		case 15:
			if x.MI == nil {
				x.MI = map[int16]gene2{}
			}
			x.MI[int16(g.int())] = gene2{int(g.int()), g.text()}
		case 16:
			x.Any = g.any(3)
		case 17:
			x.Anys = append(x.Anys, g.any(3))
		case 18:
			if depth > 0 {
				x.Next = g.gene(depth - 1)
			}
		case 19:
			if depth > 0 {
				x.Tree = append(x.Tree, g.gene(depth-1))
			}
		case 20:
			x.Flat = append(x.Flat, gene2{int(g.int()), g.text()})
		case 21:
			x.T = pair{A: g.int(), B: g.text()}
		case 22:
			x.D = time.Duration(g.int() % (1 << 40) / 1000 * 1000)
		case 23:
			x.gene2 = gene2{int(g.int()), g.text()}
		case 24:
			return x
		}
	}
	return x
}

// FuzzMarshal encodes Go values at some protocol in several ways, decodes
// them into the same type, and lets the disassembler check the stack and memo.
func FuzzMarshal(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Add([]byte("\x00\x00\x12\xff\x13\xff\x13\x00\x07\x00\x05hello\x18\x0c\xff\x0c\xfe\x14\x01\x05\x00\x00\x03abc"))
	f.Fuzz(func(t *testing.T, data []byte) {
		g := &genes{b: data}
		proto := (int(g.byte()) + DefaultProtocol) % (wire.HighestProtocol + 1)
		checkMarshal(t, g.gene(40), proto)
	})
}

func checkMarshal(t *testing.T, v *gene, proto int) {
	b, err := Marshal(v, WithProtocol(proto))
	if err != nil {
		t.Fatalf("protocol %d: %v", proto, err)
	}
	if again, err := Marshal(v, WithProtocol(proto)); err != nil || !bytes.Equal(again, b) {
		t.Fatalf("protocol %d: the second time %q, %v, the first %q", proto, again, err, b)
	}
	var stream bytes.Buffer
	if err := NewEncoder(&stream, WithProtocol(proto)).Encode(v); err != nil || !bytes.Equal(stream.Bytes(), b) {
		t.Fatalf("protocol %d: Encoder wrote %q, %v, Marshal %q", proto, stream.Bytes(), err, b)
	}
	// With a function that knows no persistent ids other code writes the same.
	slow, err := Marshal(v, WithProtocol(proto), WithPersistentID(func(any) (any, bool) { return nil, false }))
	if err != nil || !bytes.Equal(slow, b) {
		t.Fatalf("protocol %d: %s, %v", proto, firstDifference(slow, b), err)
	}
	if err := wire.Disassemble(io.Discard, b); err != nil {
		t.Fatalf("protocol %d: %v\n%q", proto, err, b)
	}
	generic, err := Load(b, Strict())
	if err != nil {
		t.Fatalf("protocol %d: %v\n%q", proto, err, b)
	}
	if round, err := Marshal(generic, WithProtocol(proto)); err != nil || !bytes.Equal(round, b) {
		t.Fatalf("protocol %d: after a generic decode %v, %s", proto, err, firstDifference(round, b))
	}
	var back *gene
	if err := Unmarshal(b, &back); err != nil {
		t.Fatalf("protocol %d: %v\n%q", proto, err, b)
	}
	// A typed decode may give each place a str of its own.
	round, err := Marshal(back, WithProtocol(proto))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Load(round); err != nil || canon(again) != canon(generic) {
		t.Fatalf("protocol %d: after a typed decode %v, %s", proto, err, firstDifference(round, b))
	}
	fast, err := Marshal(v, WithProtocol(proto), WithoutMemo(), WithEncodeDepth(200))
	if errors.Is(err, wire.ErrLimit) {
		return // a cycle
	}
	if err != nil {
		t.Fatal(err)
	}
	back = nil
	if err := Unmarshal(fast, &back); err != nil {
		t.Fatalf("protocol %d: without memo %v\n%q", proto, err, fast)
	}
	if again, err := Marshal(back, WithProtocol(proto), WithoutMemo()); err != nil || !bytes.Equal(again, fast) {
		t.Fatalf("protocol %d: without memo %v, %s", proto, err, firstDifference(again, fast))
	}
}
