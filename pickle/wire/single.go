package wire

import (
	"encoding/binary"
	"math"
)

// MaxSingleHeader is more than what AppendSingleHeader appends.
const MaxSingleHeader = 32

// SingleTrailer is what comes after the content of a single object: MEMOIZE and STOP.
var SingleTrailer = [2]byte{byte(OpMemoize), byte(OpStop)}

// AppendSingleHeader appends what comes before the content of a stream of one object, from
// protocol 4 on: a str whose UTF-8 has n bytes, or a bytes object of n. A content that isn't
// InFrame has no frame, and what comes after it is too short for one.
func AppendSingleHeader(b []byte, proto int, isText bool, n int) []byte {
	short, long, longest := OpShortBinBytes, OpBinBytes, OpBinBytes8
	if isText {
		short, long, longest = OpShortBinUnicode, OpBinUnicode, OpBinUnicode8
	}
	switch {
	case uint64(n) > math.MaxUint32:
		return binary.LittleEndian.AppendUint64(append(b, byte(OpProto), byte(proto), byte(longest)), uint64(n))
	case !InFrame(n):
		return binary.LittleEndian.AppendUint32(append(b, byte(OpProto), byte(proto), byte(long)), uint32(n))
	}
	header := 2
	if n > 0xff {
		header = 5
	}
	b = append(b, byte(OpProto), byte(proto), byte(OpFrame))
	b = binary.LittleEndian.AppendUint64(b, uint64(header+n+2))
	if n <= 0xff {
		return append(b, byte(short), byte(n))
	}
	return binary.LittleEndian.AppendUint32(append(b, byte(long)), uint32(n))
}

// MaxSmallStream is the most bytes of a stream that AppendSmallStream appends.
const MaxSmallStream = 2 + frameHeader + MaxShort

// AppendSmallStream appends a stream of one object, from protocol 4 on, whose opcodes are
// body: STOP is the last of them, and there are at most MaxShort bytes.
func AppendSmallStream(b []byte, proto int, body []byte) []byte {
	b = append(b, byte(OpProto), byte(proto))
	if len(body) >= frameMin {
		b = binary.LittleEndian.AppendUint64(append(b, byte(OpFrame)), uint64(len(body)))
	}
	return append(b, body...)
}
