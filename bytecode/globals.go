package bytecode

import "math"

// scanStep tells GlobalNames all it needs of an opcode: the two-byte units that
// the instruction takes, caches included, in the low bits, and what to do with
// the instruction in the high bits.
//
//	step = 1 + caches | action,  1 + caches < scanUnitsEnd
type scanStep uint8

const (
	scanUnitsEnd   scanStep = 1 << 5
	scanUnits               = scanUnitsEnd - 1
	scanExtended   scanStep = 1 << 5
	scanGlobal     scanStep = 2 << 5
	scanGlobalFlag scanStep = 3 << 5 // a flag bit below the index
	scanBad        scanStep = 4 << 5
)

func (t *Table) scanStepFor(op byte) scanStep {
	units := scanStep(1 + t.caches[op])
	if units >= scanUnitsEnd {
		panic("BUG: inline caches do not fit a scanStep")
	}
	switch t.names[op] {
	case "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL":
		if t.args[op] == ArgName1 {
			return units | scanGlobalFlag
		}
		return units | scanGlobal
	}
	switch t.args[op] {
	case ArgUnknown, ArgHidden:
		return units | scanBad
	case ArgExtended:
		return units | scanExtended
	}
	return units
}

// GlobalNames appends to dst the indices into co_names that the LOAD_GLOBAL,
// STORE_GLOBAL and DELETE_GLOBAL instructions of code name, one for each
// instruction, in the order of the code: what dis.get_instructions, filtered
// on these three, gives as argval. An index that occurs twice is appended
// twice. Only dst is ever allocated.
//
// The indices are not checked against co_names, which GlobalNames does not
// see: the caller must, since code can be made by hand. They are never
// negative on 64-bit and 32-bit platforms alike.
//
// On error, a [*CodeError], dst is returned as it was.
func (t *Table) GlobalNames(dst []int, code []byte) ([]int, error) {
	before := len(dst)
	if len(code)%2 != 0 {
		last := len(code) - 1
		return dst, &CodeError{t.version, last, code[last], ErrTruncated}
	}
	var high uint32 // bits from EXTENDED_ARG, already shifted
	i, start := 0, 0
	for i < len(code) {
		start = i
		step := t.scan[code[i]]
		if step < scanUnitsEnd {
			i += 2 * int(step)
			high = 0
			continue
		}
		// In bounds: i is even and so is len(code).
		arg := high | uint32(code[i+1])
		switch step &^ scanUnits {
		case scanExtended:
			if arg > math.MaxInt32>>8 {
				return dst[:before], &CodeError{t.version, i, code[i], ErrArgTooBig}
			}
			if i+2 == len(code) {
				return dst[:before], &CodeError{t.version, i, code[i], ErrTruncated}
			}
			high = arg << 8
			i += 2
			continue
		case scanGlobal:
			dst = append(dst, int(arg))
		case scanGlobalFlag:
			dst = append(dst, int(arg>>1))
		default:
			return dst[:before], t.badOpcode(i, code[i])
		}
		high = 0
		i += 2 * int(step&scanUnits)
	}
	if i > len(code) {
		return dst[:before], &CodeError{t.version, start, code[start], ErrTruncated}
	}
	return dst, nil
}

// badOpcode says why an instruction can't be read.
func (t *Table) badOpcode(offset int, op byte) *CodeError {
	err := ErrUnknownOpcode
	if t.args[op] == ArgHidden {
		err = ErrHidden
	}
	return &CodeError{t.version, offset, op, err}
}
