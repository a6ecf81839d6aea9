package bytecode_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// checkCode compares everything the package says about a code object with
// what dis says.
func checkCode(t *testing.T, c *bytecode.Code, want *oracleLine) {
	checkGlobals(t, c, want)
	checkInstructions(t, c, want)
	checkLines(t, c, want)
	if c.Version.AtLeast(3, 11) {
		checkPositions(t, c, want)
		checkHandlers(t, c, want)
	}
	if want.Listing != nil {
		checkListing(t, c, *want.Listing)
	}
}

func checkGlobals(t *testing.T, c *bytecode.Code, want *oracleLine) {
	indices, err := tableFor(t, c.Version).GlobalNames(nil, c.Code)
	if err != nil {
		t.Error(err)
		return
	}
	names := []string{}
	for _, i := range indices {
		names = append(names, c.Names[i])
	}
	if !slices.Equal(names, want.Globals) {
		t.Errorf("globals %q, want %q", names, want.Globals)
	}
	var once []string
	for _, name := range want.Globals {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	if got, err := c.GlobalNames(); err != nil || !slices.Equal(got, once) {
		t.Errorf("Code.GlobalNames %q, %v, want %q", got, err, once)
	}
}

func checkInstructions(t *testing.T, c *bytecode.Code, want *oracleLine) {
	r, err := bytecode.NewResolver(c)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for in, err := range r.Table().Instructions(c.Code) {
		if err != nil {
			t.Error(err)
			return
		}
		if n == len(want.Instructions) {
			t.Errorf("too many instructions: %+v", in)
			return
		}
		w := want.Instructions[n]
		n++
		if in.Offset != w.offset || in.Name != w.name || in.HasArg != (w.arg != nil) ||
			in.HasArg && in.Arg != *w.arg {
			t.Errorf("got %+v, want %s", in, show(w))
			return
		}
		target := bytecode.NoTarget
		if w.target != nil {
			target = *w.target
		}
		if in.Target != target {
			t.Errorf("%+v jumps, want to %d", in, target)
		}
		if got := r.Text(in); w.argrepr != nil && got != *w.argrepr {
			t.Errorf("offset %d, %s %d: text %q, want %q", in.Offset, in.Name, in.Arg, got, *w.argrepr)
		}
	}
	if n != len(want.Instructions) {
		t.Errorf("%d instructions, want %d", n, len(want.Instructions))
	}
}

func show(in oracleInstruction) string {
	if in.arg == nil {
		return in.name
	}
	return in.name + " with argument"
}

func checkLines(t *testing.T, c *bytecode.Code, want *oracleLine) {
	lines, err := c.Lines()
	if err != nil {
		t.Error(err)
	}
	got := perUnit(t, c, len(lines), func(i int) (int, int, [4]int) {
		return lines[i].Start, lines[i].End, [4]int{lines[i].Line}
	})
	var wanted [][4]int
	for _, run := range want.Lines {
		for range run.count {
			wanted = append(wanted, [4]int{orNone(run.line)})
		}
	}
	if !slices.Equal(got, wanted) {
		t.Errorf("lines by unit %v, want %v", got, wanted)
	}
}

func checkPositions(t *testing.T, c *bytecode.Code, want *oracleLine) {
	positions, err := c.Positions()
	if err != nil {
		t.Error(err)
	}
	got := perUnit(t, c, len(positions), func(i int) (int, int, [4]int) {
		p := positions[i]
		return p.Start, p.End, [4]int{p.Line, p.EndLine, p.Column, p.EndCol}
	})
	var wanted [][4]int
	for _, run := range want.Positions {
		var p [4]int
		for i := range p {
			p[i] = orNone(run.positions[i])
		}
		for range run.count {
			wanted = append(wanted, p)
		}
	}
	if !slices.Equal(got, wanted) {
		t.Errorf("positions by unit %v, want %v", got, wanted)
	}
}

// perUnit spreads ranges, which must follow each other without a gap and end
// with the code, over the two-byte units of the code.
func perUnit(t *testing.T, c *bytecode.Code, n int, at func(int) (start, end int, value [4]int)) [][4]int {
	var units [][4]int
	for i := range n {
		start, end, value := at(i)
		if start != 2*len(units) || end <= start {
			t.Errorf("range %d is %d to %d after %d units", i, start, end, len(units))
			return nil
		}
		for len(units) < end/2 {
			units = append(units, value)
		}
	}
	if 2*len(units) != len(c.Code) {
		t.Errorf("ranges cover %d units of %d bytes", len(units), len(c.Code))
	}
	return units
}

func orNone(n *int) int {
	if n == nil {
		return bytecode.NoLine
	}
	return *n
}

func checkHandlers(t *testing.T, c *bytecode.Code, want *oracleLine) {
	handlers, err := c.Handlers()
	if err != nil {
		t.Error(err)
	}
	wanted := make([]bytecode.Handler, len(want.Handlers))
	for i, h := range want.Handlers {
		wanted[i] = bytecode.Handler(h)
	}
	if !slices.Equal(handlers, wanted) {
		t.Errorf("handlers %v, want %v", handlers, wanted)
	}
}

// checkListing compares whole listings.
func checkListing(t *testing.T, c *bytecode.Code, want string) {
	var b strings.Builder
	if err := bytecode.Disassemble(&b, c); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, w := range strings.Split(want, "\n") {
		if i >= len(got) {
			t.Errorf("line %d: the listing ends, want %q", i+1, w)
			return
		}
		g := got[i]
		if c.Version == (bytecode.Version{Major: 3, Minor: 11}) && strings.Contains(w, " KW_NAMES ") {
			// 3.11's dis does not explain the constant.
			g, _, _ = strings.Cut(g, " (")
		}
		if g != w {
			t.Errorf("line %d: %q, want %q", i+1, g, w)
			return
		}
	}
}
