package wire

// Opcode is one instruction of the pickle machine, as named in CPython's
// Lib/pickle.py. Protocols 0 to 5 together define 68 of them.
type Opcode byte

const (
	OpMark           Opcode = '('
	OpStop           Opcode = '.'
	OpPop            Opcode = '0'
	OpPopMark        Opcode = '1'
	OpDup            Opcode = '2'
	OpFloat          Opcode = 'F'
	OpInt            Opcode = 'I'
	OpBinInt         Opcode = 'J'
	OpBinInt1        Opcode = 'K'
	OpLong           Opcode = 'L'
	OpBinInt2        Opcode = 'M'
	OpNone           Opcode = 'N'
	OpPersID         Opcode = 'P'
	OpBinPersID      Opcode = 'Q'
	OpReduce         Opcode = 'R'
	OpString         Opcode = 'S'
	OpBinString      Opcode = 'T'
	OpShortBinString Opcode = 'U'
	OpUnicode        Opcode = 'V'
	OpBinUnicode     Opcode = 'X'
	OpAppend         Opcode = 'a'
	OpBuild          Opcode = 'b'
	OpGlobal         Opcode = 'c'
	OpDict           Opcode = 'd'
	OpEmptyDict      Opcode = '}'
	OpAppends        Opcode = 'e'
	OpGet            Opcode = 'g'
	OpBinGet         Opcode = 'h'
	OpInst           Opcode = 'i'
	OpLongBinGet     Opcode = 'j'
	OpList           Opcode = 'l'
	OpEmptyList      Opcode = ']'
	OpObj            Opcode = 'o'
	OpPut            Opcode = 'p'
	OpBinPut         Opcode = 'q'
	OpLongBinPut     Opcode = 'r'
	OpSetItem        Opcode = 's'
	OpTuple          Opcode = 't'
	OpEmptyTuple     Opcode = ')'
	OpSetItems       Opcode = 'u'
	OpBinFloat       Opcode = 'G'

	// Protocol 2.
	OpProto    Opcode = 0x80
	OpNewObj   Opcode = 0x81
	OpExt1     Opcode = 0x82
	OpExt2     Opcode = 0x83
	OpExt4     Opcode = 0x84
	OpTuple1   Opcode = 0x85
	OpTuple2   Opcode = 0x86
	OpTuple3   Opcode = 0x87
	OpNewTrue  Opcode = 0x88
	OpNewFalse Opcode = 0x89
	OpLong1    Opcode = 0x8a
	OpLong4    Opcode = 0x8b

	// Protocol 3.
	OpBinBytes      Opcode = 'B'
	OpShortBinBytes Opcode = 'C'

	// Protocol 4.
	OpShortBinUnicode Opcode = 0x8c
	OpBinUnicode8     Opcode = 0x8d
	OpBinBytes8       Opcode = 0x8e
	OpEmptySet        Opcode = 0x8f
	OpAddItems        Opcode = 0x90
	OpFrozenSet       Opcode = 0x91
	OpNewObjEx        Opcode = 0x92
	OpStackGlobal     Opcode = 0x93
	OpMemoize         Opcode = 0x94
	OpFrame           Opcode = 0x95

	// Protocol 5.
	OpByteArray8     Opcode = 0x96
	OpNextBuffer     Opcode = 0x97
	OpReadonlyBuffer Opcode = 0x98
)
