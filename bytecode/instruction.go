package bytecode

import (
	"iter"
	"math"
)

// NoTarget is the Target of an instruction that doesn't jump.
const NoTarget = -1

// Instruction is one instruction of a code object. EXTENDED_ARG counts as an
// instruction, as it does in dis.
type Instruction struct {
	Offset int     // of the opcode, in bytes from the start of co_code
	Start  int     // Offset, or that of the first EXTENDED_ARG before it
	Op     byte    // the opcode
	Name   string  // its name, "<N>" if unknown
	Kind   ArgKind // what Arg means
	HasArg bool    // whether the opcode reads Arg
	Arg    uint32  // with the bits from EXTENDED_ARG; 0 if !HasArg
	Caches int     // number of inline cache entries that follow
	Target int     // offset jumped to, or NoTarget; may lie outside the code
}

// End returns the offset after the instruction and its inline caches.
func (in Instruction) End() int {
	return in.Offset + 2 + 2*in.Caches
}

// Instructions walks co_code. Beside an instruction that is wrong in some way
// comes a [*CodeError]; the walk goes on after it, one unit further on, as dis
// does. Only the end of the code ends it.
func (t *Table) Instructions(code []byte) iter.Seq2[Instruction, error] {
	return func(yield func(Instruction, error) bool) {
		var high uint32
		start := 0
		for offset := 0; offset < len(code); {
			in, err := t.instruction(code, offset, high)
			in.Start = start
			if !yield(in, err) {
				return
			}
			offset = in.End()
			high = 0
			if in.Kind == ArgExtended {
				high = in.Arg << 8
			} else {
				start = offset
			}
		}
	}
}

// instruction decodes the one at an offset: 0 <= offset < len(code).
func (t *Table) instruction(code []byte, offset int, high uint32) (Instruction, error) {
	op := code[offset]
	in := Instruction{
		Offset: offset,
		Op:     op,
		Name:   t.names[op],
		Kind:   t.args[op],
		HasArg: t.HasArg(op),
		Caches: int(t.caches[op]),
		Target: NoTarget,
	}
	fail := func(err error) error {
		return &CodeError{t.version, offset, op, err}
	}
	if offset+1 == len(code) {
		return in, fail(ErrTruncated)
	}
	if in.HasArg {
		in.Arg = high | uint32(code[offset+1])
	}
	in.Target = t.target(in)
	switch {
	case in.Kind == ArgUnknown || in.Kind == ArgHidden:
		return in, t.badOpcode(offset, op)
	case in.End() > len(code), in.Kind == ArgExtended && in.End() == len(code):
		return in, fail(ErrTruncated)
	case in.Kind == ArgExtended && in.Arg > math.MaxInt32>>8:
		return in, fail(ErrArgTooBig)
	}
	return in, nil
}

// target follows a jump. Its argument counts bytes to 3.9 and two-byte units
// from 3.10 on.
func (t *Table) target(in Instruction) int {
	distance := int(in.Arg)
	if t.version.AtLeast(3, 10) {
		distance *= 2
	}
	switch in.Kind {
	case ArgJumpAbsolute:
		return distance
	case ArgJumpForward:
		return in.End() + distance
	case ArgJumpBackward:
		return in.End() - distance
	}
	return NoTarget
}
