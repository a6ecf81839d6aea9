package bytecode

import "fmt"

// spec is one version's opcodes as the generated files write them down.
type spec struct {
	version      Version
	haveArgument byte

	// What the values of some arguments are called, by value.
	compare, binary, intrinsic1, intrinsic2, special, common []string

	ops []opSpec
}

type opSpec struct {
	op     byte
	name   string
	arg    ArgKind
	caches uint8
}

// Table holds the opcodes of one CPython version.
type Table struct {
	*spec
	names  [256]string
	args   [256]ArgKind
	caches [256]uint8
	scan   [256]scanStep
	byName map[string]byte
}

func (s *spec) table() *Table {
	t := &Table{spec: s, byName: make(map[string]byte, len(s.ops))}
	for op := range t.names {
		// The spelling is that of dis.
		t.names[op] = fmt.Sprintf("<%d>", op)
	}
	for _, o := range s.ops {
		t.names[o.op] = o.name
		t.args[o.op] = o.arg
		t.caches[o.op] = o.caches
		t.byName[o.name] = o.op
	}
	for op := range t.scan {
		t.scan[op] = t.scanStepFor(byte(op))
	}
	return t
}

// Version returns the CPython version that the table describes.
func (t *Table) Version() Version {
	return t.version
}

// Name returns the name of an opcode, "<N>" if the version has none.
func (t *Table) Name(op byte) string {
	return t.names[op]
}

// Opcode returns the opcode with a name.
func (t *Table) Opcode(name string) (op byte, ok bool) {
	op, ok = t.byName[name]
	return op, ok
}

// Known reports whether the version has the opcode.
func (t *Table) Known(op byte) bool {
	return t.args[op] != ArgUnknown
}

// ArgKind returns what the argument of an opcode means.
func (t *Table) ArgKind(op byte) ArgKind {
	return t.args[op]
}

// HasArg reports whether an opcode reads its argument. For an opcode the
// version does not have, it follows HAVE_ARGUMENT.
func (t *Table) HasArg(op byte) bool {
	switch t.args[op] {
	case ArgNone:
		return false
	case ArgUnknown, ArgHidden:
		if t.version.AtLeast(3, 13) {
			return op > t.haveArgument
		}
		return op >= t.haveArgument
	}
	return true
}

// HaveArgument returns the version's HAVE_ARGUMENT. Opcodes from it on read
// their argument in versions to 3.12, opcodes above it from 3.13 on, save for
// instrumented ones. [Table.HasArg] is exact for all of them.
func (t *Table) HaveArgument() byte {
	return t.haveArgument
}

// Caches returns the number of inline cache entries (two bytes each) that
// follow an opcode. Before 3.11 there are none.
func (t *Table) Caches(op byte) int {
	return int(t.caches[op])
}
