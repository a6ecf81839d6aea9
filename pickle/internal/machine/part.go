package machine

// Running a part of a pickle for the typed decoder, up to the opcode that takes
// the values of the part together with what the typed decoder has read.

import (
	"errors"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// outerMemo is the decoder that a part is run for.
type outerMemo interface {
	// Str is the str under a number of the memo, if the decoder has read that
	// itself. No other value has to be made a second time.
	Str(number int64) (string, bool)
}

// Part is a machine that runs parts of a pickle.
type Part machine

// NewPart makes the machine for the parts of the pickle that data begins with.
func NewPart(cfg *Config, data []byte, outer outerMemo) *Part {
	m := newMachine(cfg)
	m.data, m.sub = data, outer
	m.begin()
	return (*Part)(m)
}

// Run runs the opcodes from pos on, up to the one that takes their values together
// with what comes before them, at end. The values may nest to depth, and are good
// until the next run. The first filled numbers of the memo are in use.
func (p *Part) Run(pos int, depth int32, filled int) (values []any, end int, ok bool) {
	m := (*machine)(p)
	m.pos, m.stack, m.marks, m.fence = pos, m.stack[:0], m.marks[:0], 0
	m.depths.clear()
	m.depths.limit = depth
	if filled > cap(m.memo.values) {
		m.memo.taken += 24 * int64(filled)
		grown := make([]memoEntry, len(m.memo.values), filled+filled/4)
		copy(grown, m.memo.values)
		m.memo.values = grown
	}
	for len(m.memo.values) < filled {
		m.memo.values = append(m.memo.values, memoEntry{nil, emptyMemo})
	}
	m.memo.filled = len(m.memo.values)
	_, err := m.loop()
	// What is around the values counts as well; the machine looks at their own
	// depth when one is put into another.
	if err != errSubEnd || m.depths.pop(0) > m.depths.limit {
		return nil, 0, false
	}
	return m.stack, m.pos, true
}

// Filled is how many numbers of the memo are in use.
func (p *Part) Filled() int { return len(p.memo.values) }

// Str is the value under a number of the memo, if a part has read a str there.
func (p *Part) Str(number int) (string, bool) {
	s, ok := p.memo.values[number].v.(string)
	return s, ok
}

// Forget empties the memo from a number on.
func (p *Part) Forget(from int) {
	if len(p.memo.values) > from {
		clear(p.memo.values[from:])
		p.memo.values = p.memo.values[:from]
		p.memo.filled = from
	}
}

// Release gives the machine back.
func (p *Part) Release() { (*machine)(p).release() }

// errSubEnd ends the run of a machine at an opcode that would take values from
// below its stack.
var errSubEnd = errors.New("BUG: the end of a part left the typed decoder")

// errSubOdd ends the run where the machine does something to values that were
// assigned already.
var errSubOdd = errors.New("BUG: a change of an assigned value left the typed decoder")

// subEnds reports whether an opcode takes values, or a mark, that are not the machine's own.
func (m *machine) subEnds(op wire.Opcode) bool {
	if len(m.marks) > 0 {
		return false
	}
	switch op {
	case wire.OpAppends, wire.OpSetItems, wire.OpAddItems, wire.OpTuple, wire.OpList, wire.OpDict, wire.OpFrozenSet, wire.OpPopMark, wire.OpInst, wire.OpObj:
		return true
	case wire.OpTuple1:
		return len(m.stack) < 1
	case wire.OpAppend, wire.OpTuple2, wire.OpBuild, wire.OpReduce, wire.OpNewObj, wire.OpStackGlobal:
		return len(m.stack) < 2
	case wire.OpSetItem, wire.OpTuple3, wire.OpNewObjEx:
		return len(m.stack) < 3
	}
	return false
}
