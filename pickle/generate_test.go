package pickle

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// generator makes values of all of Python's own types, with shared and cyclic
// parts, for comparing with Python in both directions.
type generator struct {
	r      *rand.Rand
	shared []any
	// ordered leaves out sets, whose order in Python is Python's business.
	ordered bool
	made    int
}

func (g *generator) value(depth int) any {
	if len(g.shared) > 0 && g.r.IntN(8) == 0 {
		return g.shared[g.r.IntN(len(g.shared))]
	}
	n := 18
	g.made++
	if depth <= 0 || g.made > 3000 {
		n = 11
	}
	switch g.r.IntN(n) {
	case 0:
		return nil
	case 1:
		return g.r.IntN(2) == 0
	case 2:
		return int64(g.r.IntN(300))
	case 3:
		return int64(g.r.Uint64()) >> g.r.IntN(64)
	case 4:
		i := new(big.Int).Lsh(big.NewInt(int64(g.r.Uint64()>>1)), uint(2+g.r.IntN(300)))
		if g.r.IntN(2) == 0 {
			i.Neg(i)
		}
		return machine.NormalBig(i)
	case 5:
		return math.Float64frombits(g.r.Uint64() & ^uint64(1<<52)) // never a NaN
	case 6:
		return complex(float64(g.r.IntN(10)), float64(g.r.IntN(10))/4)
	case 7, 8:
		return g.keep(g.text())
	case 9:
		return g.keep(Bytes(g.text()))
	case 10:
		return g.keep(&ByteArray{Data: []byte(g.text())})
	case 11, 12:
		l := &List{}
		g.keep(l)
		for range g.size() {
			l.Items = append(l.Items, g.value(depth-1))
		}
		return l
	case 13, 14:
		d := &Dict{}
		g.keep(d)
		for range g.size() {
			_ = d.Set(g.key(2), g.value(depth-1))
		}
		return d
	case 15:
		t := make(Tuple, g.size())
		for i := range t {
			t[i] = g.value(depth - 1)
		}
		return g.keep(t)
	case 16:
		if g.ordered {
			return g.key(3)
		}
		s := &Set{}
		for range g.size() {
			_ = s.Add(g.key(2))
		}
		return g.keep(s)
	default:
		if g.ordered {
			return g.key(3)
		}
		s := &FrozenSet{}
		for range g.size() {
			_ = value.AddKey(value.DictOfFrozen(s), &value.Hasher{Budget: 1 << 20}, g.key(2))
		}
		return g.keep(s)
	}
}

func (g *generator) keep(v any) any {
	g.shared = append(g.shared, v)
	return v
}

func (g *generator) size() int {
	if g.r.IntN(40) == 0 && g.made < 1000 {
		return 999 + g.r.IntN(4) // about one batch
	}
	return g.r.IntN(6)
}

// text is at least two characters long: those of one are shared in some
// versions of Python and not in others.
func (g *generator) text() string {
	alphabets := []string{"abcdefgh", "äöüß€", "世界😀\x00\n\\'\"", "abc\x1a\r"}
	letters := []rune(alphabets[g.r.IntN(len(alphabets))])
	var b strings.Builder
	for range 2 + g.r.IntN(12) {
		b.WriteRune(letters[g.r.IntN(len(letters))])
	}
	if g.r.IntN(60) == 0 {
		b.WriteString(strings.Repeat("long ", 100+g.r.IntN(20000)))
	}
	return b.String()
}

func (g *generator) key(depth int) any {
	switch g.r.IntN(6) {
	case 0:
		return int64(g.r.IntN(100000))
	case 1:
		return Bytes(g.text())
	case 2:
		if depth > 0 {
			t := make(Tuple, g.r.IntN(4))
			for i := range t {
				t[i] = g.key(depth - 1)
			}
			return t
		}
	case 3:
		return nil
	}
	return g.text()
}

// TestGenerated lets each Python load what Go writes, and compares; then lets
// it write the same value again, and compares the bytes.
func TestGenerated(t *testing.T) {
	pythons(t, func(t *testing.T, p *python) {
		for seed := range uint64(24) {
			g := &generator{r: rand.New(rand.NewPCG(seed, 7)), ordered: seed%2 == 0}
			v := g.value(4)
			want := canon(v)
			for proto := range wire.HighestProtocol + 1 {
				data, err := Marshal(v, WithProtocol(proto))
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if back, err := Load(data); err != nil || canon(back) != want {
					t.Fatalf("seed %d, protocol %d: Go reads something else back: %v", seed, proto, err)
				}
				a := p.must(t, request{Op: "real", Data: data, Proto: proto})
				if !a.OK {
					t.Fatalf("seed %d, protocol %d: %s", seed, proto, a.Error)
				}
				if a.Canon != want {
					t.Fatalf("seed %d, protocol %d: Python has\n%.400s, want\n%.400s", seed, proto, a.Canon, want)
				}
				var again []byte
				if err := unquote(a.Data, &again); err != nil {
					t.Fatal(err)
				}
				if back, err := Load(again); err != nil {
					t.Fatalf("seed %d, protocol %d: Go cannot read what Python wrote: %v", seed, proto, err)
				} else if got := canon(back); got != want {
					t.Fatalf("seed %d, protocol %d: Go reads\n%.400s, want\n%.400s", seed, proto, got, want)
				}
				if g.ordered && !bytes.Equal(again, data) && proto >= 3 {
					t.Fatalf("seed %d, protocol %d: Python writes %s", seed, proto, firstDifference(again, data))
				}
			}
		}
	})
}

func firstDifference(got, want []byte) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-40)
	return fmt.Sprintf("%q from byte %d on, Go %q", got[from:min(len(got), i+40)], i, want[from:min(len(want), i+40)])
}
