package bytecode_test

import (
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

func TestForVersion(t *testing.T) {
	for _, v := range []bytecode.Version{{Major: 3, Minor: 7}, {Major: 3, Minor: 15}, {Major: 2, Minor: 12}, {Major: 4, Minor: 10}, {}} {
		if table, err := bytecode.ForVersion(v); err == nil || table != nil {
			t.Errorf("%v: got a table", v)
		}
	}
}

func TestTable(t *testing.T) {
	for _, v := range bytecode.Versions() {
		table := tableFor(t, v)
		if table.Version() != v {
			t.Errorf("the table of %v says %v", v, table.Version())
		}
		first := table.HaveArgument()
		if v.AtLeast(3, 13) {
			first++
		}
		known := 0
		for op := range 256 {
			op := byte(op)
			name := table.Name(op)
			if !table.Known(op) {
				if table.ArgKind(op) != bytecode.ArgUnknown || table.Caches(op) != 0 || name[0] != '<' {
					t.Errorf("CPython %v: unknown opcode %d is %s", v, op, name)
				}
				continue
			}
			known++
			if back, ok := table.Opcode(name); !ok || back != op {
				t.Errorf("CPython %v: Opcode(%q) = %d, %v, want %d", v, name, back, ok, op)
			}
			// Instrumented opcodes do not keep to HAVE_ARGUMENT.
			if !strings.HasPrefix(name, "INSTRUMENTED_") && table.HasArg(op) != (op >= first) {
				t.Errorf("CPython %v: HasArg(%s) = %v", v, name, table.HasArg(op))
			}
			if table.Caches(op) != 0 && !v.AtLeast(3, 11) {
				t.Errorf("CPython %v: %s has caches", v, name)
			}
		}
		if known < 100 {
			t.Errorf("CPython %v: only %d opcodes", v, known)
		}
		if _, ok := table.Opcode("NO_SUCH_OPCODE"); ok {
			t.Errorf("CPython %v has NO_SUCH_OPCODE", v)
		}
	}
}
