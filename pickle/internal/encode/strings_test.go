package encode

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestStringsOfOneMemory encodes lists whose strs share memory in all ways, and
// compares with the same encoder looking each up in the index.
func TestStringsOfOneMemory(t *testing.T) {
	text := strings.Repeat("some words from that text which was read once ", 100)
	words := strings.Fields(text)
	r := rand.New(rand.NewPCG(1, 2))
	some := func() []string {
		n := r.IntN(60)
		s := make([]string, n)
		at, rare := r.IntN(100), 40+360*r.IntN(2)
		for i := range s {
			switch r.IntN(rare) {
			case 0:
				at = r.IntN(len(words) - n)
			case 1:
				s[i] = words[at][:1]
				continue
			case 2:
				s[i] = text[r.IntN(1000):][:r.IntN(300)]
				continue
			case 3:
				s[i] = words[at+max(i-1, 0)]
				continue
			case 4:
				s[i] = fmt.Sprint("é", i)
				continue
			}
			s[i] = words[at+i]
		}
		return s
	}
	later := 0
	for range 1000 {
		value := []any{some(), some()}
		switch r.IntN(3) {
		case 0:
			value = append(value, words[r.IntN(len(words))], some(), map[string]any{words[0]: some()}, struct{ Names []string }{some()})
		case 1:
			value = append(value, words[:r.IntN(len(words))], words[r.IntN(len(words)):])
		}
		cfg := Config{Proto: 4 + r.IntN(2), MaxDepth: 100}
		var fast, slow encoder
		slow.memo.later.off = true
		if err := fast.encode(cfg, value, &fast.out); err != nil {
			t.Fatal(err)
		}
		if err := slow.encode(cfg, value, &slow.out); err != nil {
			t.Fatal(err)
		}
		if !slow.memo.later.off {
			t.Fatal("this compares the encoder with itself")
		}
		got, _ := fast.w.Take()
		want, _ := slow.w.Take()
		if !bytes.Equal(got, want) {
			t.Fatalf("%q:\n got %q\nwant %q", value, got, want)
		}
		if len(fast.memo.later.runs) > 0 {
			later++
		}
	}
	one := encoder{}
	if err := one.encode(Config{Proto: 4, MaxDepth: 100}, words, &one.out); err != nil || len(one.memo.later.runs) == 0 {
		t.Errorf("strs that lie one above the other were looked up: %v", err)
	}
	if later == 0 {
		t.Error("all strs were looked up in the end")
	}
}
