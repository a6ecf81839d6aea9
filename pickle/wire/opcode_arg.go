package wire

import "encoding/binary"

// ArgKind says what follows an opcode in the stream.
type ArgKind uint8

// The kinds of argument. Numbers are little-endian unless said otherwise; a
// line ends with a newline.
const (
	ArgNone        ArgKind = iota
	ArgUint1               // 1 byte, unsigned
	ArgUint2               // 2 bytes, unsigned
	ArgUint4               // 4 bytes, unsigned
	ArgUint8               // 8 bytes, unsigned
	ArgInt4                // 4 bytes, signed
	ArgLong1               // length in 1 byte, then two's complement
	ArgLong4               // length in 4 bytes, signed, then two's complement
	ArgFloat8              // 8 bytes, IEEE 754, big-endian
	ArgString1             // length in 1 byte, then the bytes of a Python 2 str
	ArgString4             // length in 4 bytes, signed, then the bytes of a Python 2 str
	ArgBytes1              // length in 1 byte, then bytes
	ArgBytes4              // length in 4 bytes, then bytes
	ArgBytes8              // length in 8 bytes, then bytes
	ArgByteArray8          // length in 8 bytes, then bytes
	ArgUnicode1            // length in 1 byte, then UTF-8
	ArgUnicode4            // length in 4 bytes, then UTF-8
	ArgUnicode8            // length in 8 bytes, then UTF-8
	ArgDecimalLine         // a line with a decimal number
	ArgLongLine            // a line with a decimal number, L at its end
	ArgFloatLine           // a line with a decimal fraction
	ArgQuotedLine          // a line with a quoted, escaped string
	ArgUnicodeLine         // a line in raw-unicode-escape encoding
	ArgLine                // a line of text
	ArgTwoLines            // two lines of text
)

var argKindNames = [...]string{
	"none", "uint1", "uint2", "uint4", "uint8", "int4", "long1", "long4", "float8",
	"string1", "string4", "bytes1", "bytes4", "bytes8", "bytearray8",
	"unicode1", "unicode4", "unicode8",
	"decimal line", "long line", "float line", "quoted line", "unicode line", "line", "two lines",
}

func (k ArgKind) String() string {
	if int(k) < len(argKindNames) {
		return argKindNames[k]
	}
	return "unknown"
}

// Fixed is the size of the argument, or of the length that comes before it.
func (k ArgKind) Fixed() int {
	switch k {
	case ArgUint1, ArgLong1, ArgString1, ArgBytes1, ArgUnicode1:
		return 1
	case ArgUint2:
		return 2
	case ArgUint4, ArgInt4, ArgLong4, ArgString4, ArgBytes4, ArgUnicode4:
		return 4
	case ArgUint8, ArgFloat8, ArgBytes8, ArgByteArray8, ArgUnicode8:
		return 8
	}
	return 0
}

// Counted is how many bytes follow a length, given the bytes of the length,
// and whether the argument has a length at all.
func (k ArgKind) Counted(b []byte) (uint64, bool) {
	switch k {
	case ArgLong1, ArgString1, ArgBytes1, ArgUnicode1:
		return uint64(b[0]), true
	case ArgLong4, ArgString4, ArgBytes4, ArgUnicode4:
		return uint64(binary.LittleEndian.Uint32(b)), true
	case ArgBytes8, ArgByteArray8, ArgUnicode8:
		return binary.LittleEndian.Uint64(b), true
	}
	return 0, false
}

// Lines is how many lines the argument has.
func (k ArgKind) Lines() int {
	switch k {
	case ArgDecimalLine, ArgLongLine, ArgFloatLine, ArgQuotedLine, ArgUnicodeLine, ArgLine:
		return 1
	case ArgTwoLines:
		return 2
	}
	return 0
}
