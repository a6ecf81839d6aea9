package pickle

// Running a part of a pickle for the typed decoder, up to the opcode that takes
// the values of the part together with what the typed decoder has read.

import "errors"

// errSubEnd ends the run of a machine at an opcode that would take values from
// below its stack.
var errSubEnd = errors.New("BUG: the end of a part left the typed decoder")

// errSubOdd ends the run where the machine does something to values that were
// assigned already.
var errSubOdd = errors.New("BUG: a change of an assigned value left the typed decoder")

// subEnds reports whether an opcode takes values, or a mark, that are not the machine's own.
func (m *machine) subEnds(op Opcode) bool {
	if len(m.marks) > 0 {
		return false
	}
	switch op {
	case OpAppends, OpSetItems, OpAddItems, OpTuple, OpList, OpDict, OpFrozenSet, OpPopMark, OpInst, OpObj:
		return true
	case OpTuple1:
		return len(m.stack) < 1
	case OpAppend, OpTuple2, OpBuild, OpReduce, OpNewObj, OpStackGlobal:
		return len(m.stack) < 2
	case OpSetItem, OpTuple3, OpNewObjEx:
		return len(m.stack) < 3
	}
	return false
}
