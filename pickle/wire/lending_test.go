package wire

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// lender is a LendingSink; every other time it lends nothing.
type lender struct {
	out      []byte
	used     int
	lent     int
	inPlace  int
	declines bool
}

func (l *lender) grow(n int) {
	if l.used+n > len(l.out) {
		// What has been lent must not be used any more.
		old := l.out
		l.out = append(bytes.Clone(old[:l.used]), make([]byte, n)...)
		clear(old)
	}
}

func (l *lender) Write(b []byte) error {
	if len(b) > 0 && l.used+len(b) <= len(l.out) && &b[0] == &l.out[l.used] {
		l.inPlace++
		l.used += len(b)
		return nil
	}
	l.grow(len(b))
	l.used += copy(l.out[l.used:], b)
	return nil
}

func (l *lender) WriteContent(b []byte, _ any) error { return l.Write(b) }

func (l *lender) Lend(n int) ([]byte, error) {
	if l.declines && l.lent%2 == 1 {
		l.lent++
		return nil, nil
	}
	l.lent++
	l.grow(n)
	return l.out[l.used:len(l.out):len(l.out)], nil
}

// plain is a Sink.
type plain struct{ out []byte }

func (p *plain) Write(b []byte) error {
	p.out = append(p.out, b...)
	return nil
}

func (p *plain) WriteContent(b []byte, _ any) error { return p.Write(b) }

// stream writes the same for the same seed.
func stream(t *testing.T, sink Sink, proto int, seed uint64) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var w Writer
	w.Reset(proto, sink, false)
	w.Begin()
	for range r.IntN(300) {
		if err := w.Boundary(); err != nil {
			t.Fatal(err)
		}
		text := []byte(strings.Repeat("text", r.IntN(1<<(2+r.IntN(15)))))
		if _, err := w.Text(text, nil); err != nil {
			t.Fatal(err)
		}
		w.Memoize(int(seed))
		w.Int32(int32(r.IntN(1 << 30)))
	}
	return bytes.Clone(w.End())
}

func TestAStreamMadeInLentMemoryIsTheSame(t *testing.T) {
	inPlace := 0
	for seed := range uint64(15) {
		for _, proto := range []int{2, 4, 5} {
			var p plain
			rest := stream(t, &p, proto, seed)
			want := append(p.out, rest...)
			l := &lender{declines: seed%3 == 0}
			rest = stream(t, l, proto, seed)
			got := append(bytes.Clone(l.out[:l.used]), rest...)
			if !bytes.Equal(got, want) {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				t.Fatalf("protocol %d, seed %d: %d bytes, want %d, alike up to %d", proto, seed, len(got), len(want), at)
			}
			inPlace += l.inPlace
		}
	}
	if inPlace == 0 {
		t.Fatal("nothing was made in place")
	}
}
