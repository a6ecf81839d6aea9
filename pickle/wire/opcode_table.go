package wire

// The opcode table: what each instruction is called, what follows it in the
// stream, what it does to the stack, and since which protocol it exists. The
// disassembler reads it, and so can a person.

import (
	"fmt"
	"iter"
)

// OpcodeInfo describes one opcode.
type OpcodeInfo struct {
	Code Opcode
	// Name is the name in CPython's Lib/pickle.py.
	Name string
	// Arg is what follows the opcode in the stream.
	Arg ArgKind
	// Before and After are the top of the stack before and after, topmost
	// last. "mark items..." stands for everything down to the topmost mark.
	Before, After string
	// Proto is the first protocol with this opcode.
	Proto int
	// Doc says what the opcode does or pushes.
	Doc string
}

// Opcodes yields the opcode table, ordered by protocol and code.
func Opcodes() iter.Seq[OpcodeInfo] {
	return func(yield func(OpcodeInfo) bool) {
		for i := range opcodes {
			if !yield(opcodes[i]) {
				return
			}
		}
	}
}

// Info looks the opcode up in the table.
func (op Opcode) Info() (OpcodeInfo, bool) {
	if i := opcodeIndex[op]; i != 0 {
		return opcodes[i-1], true
	}
	return OpcodeInfo{}, false
}

// String is the name of the opcode, or its code when there is no such opcode.
func (op Opcode) String() string {
	if i := opcodeIndex[op]; i != 0 {
		return opcodes[i-1].Name
	}
	return fmt.Sprintf("opcode 0x%02x", byte(op))
}

// opcodeIndex maps a code to 1 + its place in the table.
var opcodeIndex = func() (index [256]uint8) {
	for i := range opcodes {
		index[opcodes[i].Code] = uint8(i + 1)
	}
	return index
}()

// opcodes is the table. It is ordered by protocol, then by code.
var opcodes = [...]OpcodeInfo{
	// Protocol 0.
	{OpMark, "MARK", ArgNone, "", "mark", 0, "marks a place on the stack"},
	{OpStop, "STOP", ArgNone, "any", "", 0, "ends the pickle; the top of the stack is its value"},
	{OpPop, "POP", ArgNone, "any", "", 0, "drops the top of the stack, or the mark if that is on top"},
	{OpDup, "DUP", ArgNone, "any", "any any", 0, "the top of the stack once more"},
	{OpFloat, "FLOAT", ArgFloatLine, "", "float", 0, "a float in decimal, as repr writes it"},
	{OpInt, "INT", ArgDecimalLine, "", "int|bool", 0, "an int in decimal; the texts 00 and 01 mean False and True"},
	{OpLong, "LONG", ArgLongLine, "", "int", 0, "an int of any size in decimal, ending in L"},
	{OpNone, "NONE", ArgNone, "", "None", 0, "None"},
	{OpPersID, "PERSID", ArgLine, "", "any", 0, "an object outside the stream, named by a line of text"},
	{OpReduce, "REDUCE", ArgNone, "any any", "any", 0, "calls a callable with a tuple of arguments"},
	{OpString, "STRING", ArgQuotedLine, "", "str", 0, "a Python 2 str, quoted and escaped as repr writes it"},
	{OpUnicode, "UNICODE", ArgUnicodeLine, "", "str", 0, "a str in Python's raw-unicode-escape encoding"},
	{OpAppend, "APPEND", ArgNone, "list any", "list", 0, "appends one value to a list"},
	{OpBuild, "BUILD", ArgNone, "any any", "any", 0, "gives an object its state"},
	{OpGlobal, "GLOBAL", ArgTwoLines, "", "any", 0, "an attribute of a module; two lines, module and name"},
	{OpDict, "DICT", ArgNone, "mark items...", "dict", 0, "a dict of the keys and values above the mark"},
	{OpGet, "GET", ArgDecimalLine, "", "any", 0, "a value from the memo; the number is text"},
	{OpInst, "INST", ArgTwoLines, "mark items...", "any", 0, "makes an instance of the class named, of the arguments above the mark"},
	{OpList, "LIST", ArgNone, "mark items...", "list", 0, "a list of all values above the mark"},
	{OpPut, "PUT", ArgDecimalLine, "", "", 0, "stores the top of the stack in the memo; the number is text"},
	{OpSetItem, "SETITEM", ArgNone, "dict any any", "dict", 0, "stores one key and value in a dict"},
	{OpTuple, "TUPLE", ArgNone, "mark items...", "tuple", 0, "a tuple of all values above the mark"},
	// Protocol 1.
	{OpEmptyTuple, "EMPTY_TUPLE", ArgNone, "", "tuple", 1, "the empty tuple"},
	{OpPopMark, "POP_MARK", ArgNone, "mark items...", "", 1, "drops everything above the mark, and the mark"},
	{OpBinFloat, "BINFLOAT", ArgFloat8, "", "float", 1, "a float in IEEE 754, big-endian"},
	{OpBinInt, "BININT", ArgInt4, "", "int", 1, "an int of 32 bits, signed, little-endian"},
	{OpBinInt1, "BININT1", ArgUint1, "", "int", 1, "an int from 0 to 255"},
	{OpBinInt2, "BININT2", ArgUint2, "", "int", 1, "an int from 0 to 65535, little-endian"},
	{OpBinPersID, "BINPERSID", ArgNone, "any", "any", 1, "an object outside the stream, named by the top of the stack"},
	{OpBinString, "BINSTRING", ArgString4, "", "str", 1, "a Python 2 str; the length is a signed int"},
	{OpShortBinString, "SHORT_BINSTRING", ArgString1, "", "str", 1, "a Python 2 str of up to 255 bytes"},
	{OpBinUnicode, "BINUNICODE", ArgUnicode4, "", "str", 1, "a str in UTF-8, surrogates allowed"},
	{OpEmptyList, "EMPTY_LIST", ArgNone, "", "list", 1, "a new list"},
	{OpAppends, "APPENDS", ArgNone, "list mark items...", "list", 1, "appends all values above the mark to a list"},
	{OpBinGet, "BINGET", ArgUint1, "", "any", 1, "a value from memo slots 0 to 255"},
	{OpLongBinGet, "LONG_BINGET", ArgUint4, "", "any", 1, "a value from the memo"},
	{OpObj, "OBJ", ArgNone, "mark any items...", "any", 1, "makes an instance of the class above the mark, of the arguments above it"},
	{OpBinPut, "BINPUT", ArgUint1, "", "", 1, "stores the top of the stack in memo slots 0 to 255"},
	{OpLongBinPut, "LONG_BINPUT", ArgUint4, "", "", 1, "stores the top of the stack in the memo"},
	{OpSetItems, "SETITEMS", ArgNone, "dict mark items...", "dict", 1, "stores the keys and values above the mark in a dict"},
	{OpEmptyDict, "EMPTY_DICT", ArgNone, "", "dict", 1, "a new dict"},
	// Protocol 2.
	{OpProto, "PROTO", ArgUint1, "", "", 2, "says which protocol the stream is written in; comes first"},
	{OpNewObj, "NEWOBJ", ArgNone, "any any", "any", 2, "calls cls.__new__(cls, *args)"},
	{OpExt1, "EXT1", ArgUint1, "", "any", 2, "a global of the extension registry, numbers 1 to 255"},
	{OpExt2, "EXT2", ArgUint2, "", "any", 2, "a global of the extension registry, numbers 1 to 65535"},
	{OpExt4, "EXT4", ArgInt4, "", "any", 2, "a global of the extension registry, numbers 1 to 2**31-1"},
	{OpTuple1, "TUPLE1", ArgNone, "any", "tuple", 2, "a tuple of one value"},
	{OpTuple2, "TUPLE2", ArgNone, "any any", "tuple", 2, "a tuple of two values"},
	{OpTuple3, "TUPLE3", ArgNone, "any any any", "tuple", 2, "a tuple of three values"},
	{OpNewTrue, "NEWTRUE", ArgNone, "", "bool", 2, "True"},
	{OpNewFalse, "NEWFALSE", ArgNone, "", "bool", 2, "False"},
	{OpLong1, "LONG1", ArgLong1, "", "int", 2, "an int of up to 255 bytes, little-endian two's complement"},
	{OpLong4, "LONG4", ArgLong4, "", "int", 2, "an int of any size, little-endian two's complement"},
	// Protocol 3.
	{OpBinBytes, "BINBYTES", ArgBytes4, "", "bytes", 3, "a bytes object"},
	{OpShortBinBytes, "SHORT_BINBYTES", ArgBytes1, "", "bytes", 3, "a bytes object of up to 255 bytes"},
	// Protocol 4.
	{OpShortBinUnicode, "SHORT_BINUNICODE", ArgUnicode1, "", "str", 4, "a str of up to 255 bytes of UTF-8"},
	{OpBinUnicode8, "BINUNICODE8", ArgUnicode8, "", "str", 4, "a str of any size in UTF-8"},
	{OpBinBytes8, "BINBYTES8", ArgBytes8, "", "bytes", 4, "a bytes object of any size"},
	{OpEmptySet, "EMPTY_SET", ArgNone, "", "set", 4, "a new set"},
	{OpAddItems, "ADDITEMS", ArgNone, "set mark items...", "set", 4, "adds all values above the mark to a set"},
	{OpFrozenSet, "FROZENSET", ArgNone, "mark items...", "frozenset", 4, "a frozenset of all values above the mark"},
	{OpNewObjEx, "NEWOBJ_EX", ArgNone, "any any any", "any", 4, "calls cls.__new__(cls, *args, **kwargs)"},
	{OpStackGlobal, "STACK_GLOBAL", ArgNone, "str str", "any", 4, "an attribute of a module; module and name are on the stack"},
	{OpMemoize, "MEMOIZE", ArgNone, "any", "any", 4, "stores the top of the stack in the memo slot numbered by how many are filled"},
	{OpFrame, "FRAME", ArgUint8, "", "", 4, "says that the next bytes, so many, belong together and may be read at once"},
	// Protocol 5.
	{OpByteArray8, "BYTEARRAY8", ArgByteArray8, "", "bytearray", 5, "a bytearray"},
	{OpNextBuffer, "NEXT_BUFFER", ArgNone, "", "buffer", 5, "the next of the buffers that travel outside the stream"},
	{OpReadonlyBuffer, "READONLY_BUFFER", ArgNone, "buffer", "buffer", 5, "makes the buffer on the stack one that cannot be written to"},
}
