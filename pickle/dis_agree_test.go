package pickle

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// unreadable are pickletools' errors about an argument that is text.
var unreadable = regexp.MustCompile(`codec can't decode|invalid literal for int|could not convert string to float|string quote|is not ascii|trailing \\`)

// TestDisassembleAgree compares with pickletools.dis on streams that are
// damaged or random: the lines up to where both end, and whether there is an error.
func TestDisassembleAgree(t *testing.T) {
	p := anyPython(t)
	seeds := seeds(t)
	r := rand.New(rand.NewPCG(3, 4))
	fine := 0
	for i := range *agreeCount {
		data := random(r)
		if i%2 == 0 {
			data = mutate(r, seeds)
		}
		// pickletools.dis does the first pickle only.
		for i := 0; i < len(data); {
			in, err := wire.ReadInstruction(data, i)
			if err != nil {
				break
			}
			if i += in.Size; in.Op == wire.OpStop {
				data = data[:i]
			}
		}
		var b strings.Builder
		err := wire.Disassemble(&b, data)
		a := p.must(t, request{Op: "dis", Data: data})
		if err == nil && unreadable.MatchString(a.Error) {
			continue // the line is printed as it is, and the disassembly goes on
		}
		if err != nil && a.OK && strings.Contains(err.Error(), "the stack is too short") && bytes.IndexByte(data, byte(wire.OpMark)) >= 0 {
			continue // pickletools takes a mark for a value
		}
		if err == nil && strings.Contains(a.Error, "already defined") {
			continue // pickletools lets a memo slot be filled again from 3.14 on only
		}
		if (err == nil) != a.OK {
			t.Errorf("%q: %v, pickletools says %.100q\n%s\n%s", data, err, a.Error, b.String(), a.Text)
			continue
		}
		if err == nil {
			fine++
			compareLines(t, b.String(), a.Text)
		}
	}
	if fine < *agreeCount/20 {
		t.Errorf("only %d streams were fine", fine)
	}
}
