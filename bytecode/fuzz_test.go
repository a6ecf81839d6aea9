package bytecode_test

import (
	"io"
	"slices"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// FuzzCode feeds all decoders with hostile fields: nothing may panic or read
// out of bounds, and results stay within what the input's length allows.
func FuzzCode(f *testing.F) {
	for i, v := range bytecode.Versions() {
		table := tableFor(f, v)
		f.Add(byte(i), benchmarkCode(f, table), []byte{0xf8, 0x80, 0x00, 6, 1, 2, 255}, []byte{0x81, 2, 0x43, 4, 5}, 1)
		f.Add(byte(i), []byte{90, 255, 144, 255, 144}, []byte{0xf0, 0x41, 1, 0x7f, 0x7f, 0x7f}, []byte{0xc1}, -1)
	}
	f.Fuzz(func(t *testing.T, version byte, code, lineTable, exceptionTable []byte, firstLine int) {
		versions := bytecode.Versions()
		c := &bytecode.Code{
			Version:  versions[int(version)%len(versions)],
			Code:     code,
			Names:    []string{"a", "\x1b[31m", "\xff"},
			VarNames: []string{"x"}, CellVars: []string{"x", "y"}, FreeVars: []string{"z"},
			LineTable: lineTable, ExceptionTable: exceptionTable, FirstLine: firstLine,
		}
		c.Consts = []any{nil, c, string(lineTable), lineTable, []any{c.VarNames}}
		fuzzInstructions(t, c)
		fuzzTables(t, c)
		if err := bytecode.Disassemble(io.Discard, c); err != nil {
			t.Errorf("Disassemble: %v", err)
		}
	})
}

// fuzzInstructions checks the two walks against each other.
func fuzzInstructions(t *testing.T, c *bytecode.Code) {
	table := tableFor(t, c.Version)
	indices, err := table.GlobalNames(nil, c.Code)
	var slow []int
	var slowErr error
	next, n := 0, 0
	for in, err := range table.Instructions(c.Code) {
		if n++; in.Offset != next || in.Start > in.Offset || in.End() <= in.Offset {
			t.Fatalf("%+v follows offset %d", in, next)
		}
		next = in.End()
		if slowErr == nil {
			slowErr = err
		}
		switch in.Name {
		case "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL":
			shift, _ := in.Kind.NameShift()
			slow = append(slow, int(in.Arg>>shift))
		}
	}
	if n > (len(c.Code)+1)/2 || next < len(c.Code) {
		t.Errorf("%d instructions, up to %d of %d bytes", n, next, len(c.Code))
	}
	if (err == nil) != (slowErr == nil) {
		t.Errorf("GlobalNames says %v, Instructions say %v", err, slowErr)
	}
	if err == nil && !slices.Equal(indices, slow) {
		t.Errorf("GlobalNames %v, by instructions %v", indices, slow)
	}
	if err != nil && len(indices) != 0 {
		t.Errorf("GlobalNames failed and returned %v", indices)
	}
}

// fuzzTables checks the bounds that the decoders promise. Errors are fine.
func fuzzTables(t *testing.T, c *bytecode.Code) {
	lines, _ := c.Lines()
	if len(lines) > len(c.LineTable)+1 {
		t.Errorf("%d line ranges from %d bytes", len(lines), len(c.LineTable))
	}
	end := 0
	for _, l := range lines {
		if l.Start != end || l.End <= l.Start {
			t.Fatalf("line range %+v after offset %d", l, end)
		}
		end = l.End
	}
	handlers, _ := c.Handlers()
	if len(handlers) > len(c.ExceptionTable)/4 {
		t.Errorf("%d handlers from %d bytes", len(handlers), len(c.ExceptionTable))
	}
	for _, h := range handlers {
		if h.Start < 0 || h.End < h.Start || h.Target < 0 || h.Depth < 0 {
			t.Errorf("handler %+v", h)
		}
	}
}
