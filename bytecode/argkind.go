package bytecode

// ArgKind says what the argument of an opcode means.
type ArgKind uint8

// The kinds of argument.
const (
	// ArgUnknown: the version has no such opcode.
	ArgUnknown ArgKind = iota
	// ArgHidden: the opcode stands in for another one that only the
	// interpreter knows (instrumentation, traces), or it is a cache entry.
	ArgHidden
	// ArgNone: the argument byte is not read.
	ArgNone
	// ArgNumber: a count or a flag without a name.
	ArgNumber
	// ArgExtended: the high bits of the next instruction's argument.
	ArgExtended
	// ArgConst: index into co_consts.
	ArgConst
	// ArgName, ArgName1 and ArgName2: index into co_names, above zero, one
	// or two flag bits. See [ArgKind.NameShift].
	ArgName
	ArgName1
	ArgName2
	// ArgLocal: a local variable. From 3.11 on, cells count too.
	ArgLocal
	// ArgLocalPair: two local variables, four bits each (3.13+).
	ArgLocalPair
	// ArgFree: a cell or free variable. See [Code.Variable].
	ArgFree
	// ArgJumpAbsolute, ArgJumpForward and ArgJumpBackward: a jump, from the
	// start of the code or from the end of this instruction.
	ArgJumpAbsolute
	ArgJumpForward
	ArgJumpBackward
	// ArgCompare: a comparison operator.
	ArgCompare
	// ArgBinaryOp: a binary operator (3.11+).
	ArgBinaryOp
	// ArgIntrinsic1 and ArgIntrinsic2: an internal function (3.12+).
	ArgIntrinsic1
	ArgIntrinsic2
	// ArgFormat: conversion and format flags of an f-string field (to 3.12).
	ArgFormat
	// ArgConvert: the conversion of an f-string field (3.13+).
	ArgConvert
	// ArgFunctionFlags: which attributes a new function gets.
	ArgFunctionFlags
	// ArgSpecialMethod: a special method's name (3.14+).
	ArgSpecialMethod
	// ArgCommonConstant: a builtin that code often names (3.14+).
	ArgCommonConstant
	// ArgIs and ArgContains: whether the test is negated. Explained from
	// 3.14 on, ArgNumber before.
	ArgIs
	ArgContains
)

// NameShift returns how many flag bits lie below the index into co_names, and
// whether the kind is an index into co_names at all.
func (k ArgKind) NameShift() (bits uint, ok bool) {
	return uint(k - ArgName), k >= ArgName && k <= ArgName2
}

// IsJump reports whether the argument gives a jump target.
func (k ArgKind) IsJump() bool {
	return k >= ArgJumpAbsolute && k <= ArgJumpBackward
}
