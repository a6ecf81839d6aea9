package wire

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Framing constants of protocol 4 (PEP 3154), as in CPython's Modules/_pickle.c:
// a frame is closed at the first opcode boundary past frameTarget, and one of
// less than frameMin bytes is written without its header.
const (
	frameTarget = 64 << 10
	frameMin    = 4
	frameHeader = 9

	// maxFrame is the length of most frames at most: what ends one is a text or a bytes object
	// that is as long as itself.
	maxFrame = 2*frameTarget + MaxShort

	// maxBuffered bounds what a Writer without a Sink.Frame hands over late.
	maxBuffered = 1 << 20

	// maxCopied bounds a content that goes through the buffer: a copy of more costs
	// more than what the Sink does to take it.
	maxCopied = 128 << 10
)

// HighestProtocol is the newest pickle protocol.
const HighestProtocol = 5

// BatchSize is the number of items between MARK and APPENDS, SETITEMS or ADDITEMS.
const BatchSize = 1000

// A Sink takes what a Writer has finished. The Writer keeps b: a Sink that
// retains it must copy it.
type Sink interface {
	// Write takes the next bytes of the stream.
	Write(b []byte) error
	// WriteContent takes the content of a large bytes or str object, which
	// follows in the stream. It is apart so that it need not be copied.
	WriteContent(b []byte, owner any) error
}

// A SizedSink is a Sink that makes the memory for a content which is yet to be written.
type SizedSink interface {
	Sink
	// WriteSized is WriteContent of what put writes into a slice of n bytes.
	WriteSized(n int, put func(dst []byte)) error
}

// A LendingSink is a Sink in whose memory the stream can be made, so that it need not be copied.
type LendingSink interface {
	Sink
	// Lend gives memory for about n bytes, up to the slice's capacity, or nil. It is the Writer's
	// until anything is called but Write with its first bytes, which takes them as they are.
	Lend(n int) ([]byte, error)
}

// A Writer puts opcodes into a buffer: framing, argument encoding, nothing about
// what they mean. The zero Writer is ready after Reset.
//
// Invariant while framing: 0 <= frame <= len(buf)-frameHeader, buf[frame:] is the
// open frame with its header reserved.
type Writer struct {
	buf     []byte
	limit   int // len(buf) at which the open frame is closed, or "never"
	frame   int // start of the open frame in buf, -1 when there is none
	proto   int
	framing bool
	eager   bool // hand over each frame, not only full buffers
	sink    Sink

	lent bool   // buf began as the memory of a LendingSink
	own  []byte // what buf was before
}

// Reset starts a stream at a protocol (0 to HighestProtocol). Finished bytes go
// to sink. With eager, each closed frame goes there at once, as CPython does
// for a file; otherwise only when much has gathered, unless it is made in a LendingSink's memory.
func (w *Writer) Reset(proto int, sink Sink, eager bool) {
	w.reuse()
	w.proto, w.sink, w.eager = proto, sink, eager
	w.framing, w.frame, w.limit = false, -1, math.MaxInt
	if proto < 4 && !eager {
		w.limit = maxBuffered
	}
}

// Protocol is the protocol of the stream.
func (w *Writer) Protocol() int { return w.proto }

// Begin writes PROTO, from protocol 2 on, and opens the first frame.
func (w *Writer) Begin() {
	if w.proto >= 2 {
		w.buf = append(w.buf, byte(OpProto), byte(w.proto))
	}
	if w.proto >= 4 {
		w.framing = true
		w.openFrame()
	}
}

// End writes STOP and gives the bytes that no Sink has taken yet.
func (w *Writer) End() []byte {
	w.buf = append(w.buf, byte(OpStop))
	w.closeFrame()
	w.framing = false
	return w.buf
}

func (w *Writer) openFrame() {
	w.frame = len(w.buf)
	w.buf = append(w.buf, byte(OpFrame), 0, 0, 0, 0, 0, 0, 0, 0)
	w.limit = w.frame + frameHeader + frameTarget
}

// closeFrame fills in the open frame's header, or takes it away from a frame
// that is too small to be worth one.
func (w *Writer) closeFrame() {
	if w.frame < 0 {
		return
	}
	n := len(w.buf) - w.frame - frameHeader
	if n >= frameMin {
		binary.LittleEndian.PutUint64(w.buf[w.frame+1:], uint64(n))
	} else {
		copy(w.buf[w.frame:], w.buf[w.frame+frameHeader:])
		w.buf = w.buf[:w.frame+n]
	}
	w.frame, w.limit = -1, math.MaxInt
}

// Boundary must be called before each object: it is where a frame may end.
func (w *Writer) Boundary() error {
	if len(w.buf) < w.limit {
		return nil
	}
	return w.boundary()
}

func (w *Writer) boundary() error {
	w.closeFrame()
	lender := w.lender()
	if w.eager || lender != nil || len(w.buf) >= maxBuffered {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if lender != nil {
		if err := w.borrow(lender); err != nil {
			return err
		}
	}
	if w.framing {
		w.openFrame()
	} else if !w.eager {
		w.limit = maxBuffered
	}
	return nil
}

func (w *Writer) flush() error {
	err := w.sink.Write(w.buf)
	w.reuse()
	return err
}

// lender is the Sink, if frames can be made in its memory.
func (w *Writer) lender() LendingSink {
	if !w.framing || w.eager {
		return nil
	}
	lender, _ := w.sink.(LendingSink)
	return lender
}

// borrow makes the memory of a LendingSink the buffer.
func (w *Writer) borrow(lender LendingSink) error {
	b, err := lender.Lend(maxFrame)
	if err == nil && b != nil {
		w.own, w.lent = w.buf, true
		w.buf = b[:0]
	}
	return err
}

// reuse empties the buffer, or the one of before borrow.
func (w *Writer) reuse() {
	if w.lent {
		w.buf, w.own, w.lent = w.own, nil, false
	}
	w.buf = w.buf[:0]
}

// Op writes one opcode.
func (w *Writer) Op(op Opcode) { w.buf = append(w.buf, byte(op)) }

// Op2 writes two opcodes.
func (w *Writer) Op2(a, b Opcode) { w.buf = append(w.buf, byte(a), byte(b)) }

// Raw writes bytes as they are.
func (w *Writer) Raw(b []byte) { w.buf = append(w.buf, b...) }

// RawString writes a string's bytes as they are.
func (w *Writer) RawString(s string) { w.buf = append(w.buf, s...) }

// Buffer lends the buffer to a function that appends to it; the function's
// result becomes the buffer.
func (w *Writer) Buffer(appendTo func([]byte) []byte) { w.buf = appendTo(w.buf) }

// Take lends the buffer, for the Put functions, until Give. limit is the
// length from which the frame is full.
func (w *Writer) Take() (b []byte, limit int) { return w.buf, w.limit }

// Give returns what Take lent, with what has been appended.
func (w *Writer) Give(b []byte) { w.buf = b }

// Bool writes a bool: its own opcodes from protocol 2 on, before that INT with
// two digits, which is what tells it from an int.
func (w *Writer) Bool(b bool) {
	switch {
	case w.proto >= 2 && b:
		w.Op(OpNewTrue)
	case w.proto >= 2:
		w.Op(OpNewFalse)
	case b:
		w.RawString("I01\n")
	default:
		w.RawString("I00\n")
	}
}

// Int writes an int that fits in 32 bits signed; ok is false, and nothing
// written, for any other.
func (w *Writer) Int(n int64) (ok bool) {
	if int64(int32(n)) != n {
		return false
	}
	if w.proto == 0 {
		w.buf = append(w.buf, byte(OpInt))
		w.buf = strconv.AppendInt(w.buf, n, 10)
		w.buf = append(w.buf, '\n')
		return true
	}
	w.Int32(int32(n))
	return true
}

// Int32 writes an int, from protocol 1 on.
func (w *Writer) Int32(n int32) { w.buf = PutInt32(Reserve(w.buf), n) }

// Long writes an int of any size as LONG1 or LONG4, from protocol 2 on: twos is
// its little-endian two's complement, in as few bytes as hold its sign.
// ok is false, and nothing written, from 2 GiB on.
func (w *Writer) Long(twos []byte) (ok bool) {
	switch n := len(twos); {
	case n < 256:
		w.buf = append(w.buf, byte(OpLong1), byte(n))
	case n <= math.MaxInt32:
		w.buf = append(w.buf, byte(OpLong4))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(n))
	default:
		return false
	}
	w.buf = append(w.buf, twos...)
	return true
}

// LongDecimal writes an int as LONG with its decimal digits, for protocols 0 and 1.
func (w *Writer) LongDecimal(digits string) {
	w.buf = append(w.buf, byte(OpLong))
	w.buf = append(w.buf, digits...)
	w.buf = append(w.buf, 'L', '\n')
}

// Float writes BINFLOAT, from protocol 1 on.
func (w *Writer) Float(x float64) {
	w.buf = PutFloat(Reserve(w.buf), x)
}

// Line writes an opcode with a text argument that ends at a newline.
func (w *Writer) Line(op Opcode, text []byte) {
	w.buf = append(w.buf, byte(op))
	w.buf = append(w.buf, text...)
	w.buf = append(w.buf, '\n')
}

// Memoize writes the opcode that stores the top of the stack in memo slot i,
// which is the number of slots taken before. ok is false, and nothing written,
// for a slot past 32 bits before protocol 4.
func (w *Writer) Memoize(i int) (ok bool) {
	switch {
	case w.proto >= 4:
		w.buf = append(w.buf, byte(OpMemoize))
	case w.proto == 0:
		w.buf = append(w.buf, byte(OpPut))
		w.buf = strconv.AppendInt(w.buf, int64(i), 10)
		w.buf = append(w.buf, '\n')
	case i < 256:
		w.buf = append(w.buf, byte(OpBinPut), byte(i))
	case i <= math.MaxUint32:
		w.buf = append(w.buf, byte(OpLongBinPut))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(i))
	default:
		return false
	}
	return true
}

// Get writes the opcode that pushes memo slot i. ok is false, and nothing
// written, for a slot past 32 bits.
func (w *Writer) Get(i int) (ok bool) {
	switch {
	case w.proto == 0:
		w.buf = append(w.buf, byte(OpGet))
		w.buf = strconv.AppendInt(w.buf, int64(i), 10)
		w.buf = append(w.buf, '\n')
	case i < 256:
		w.buf = append(w.buf, byte(OpBinGet), byte(i))
	case i <= math.MaxUint32:
		w.buf = append(w.buf, byte(OpLongBinGet))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(i))
	default:
		return false
	}
	return true
}

// ShortGet is Get from protocol 1 on, for a slot of at most 32 bits.
func (w *Writer) ShortGet(slot uint32) { w.buf = PutGet(Reserve(w.buf), slot) }

// Extension writes EXT1, EXT2 or EXT4 for a code of the extension registry,
// 1 <= code < 2**31 (PEP 307).
func (w *Writer) Extension(code int) {
	switch {
	case code <= 0xff:
		w.buf = append(w.buf, byte(OpExt1), byte(code))
	case code <= 0xffff:
		w.buf = append(w.buf, byte(OpExt2), byte(code), byte(code>>8))
	default:
		w.buf = append(w.buf, byte(OpExt4))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(code))
	}
}

// EmptyTuple writes an empty tuple.
func (w *Writer) EmptyTuple() {
	if w.proto == 0 {
		w.Op2(OpMark, OpTuple)
		return
	}
	w.Op(OpEmptyTuple)
}

// EmptyList writes an empty list.
func (w *Writer) EmptyList() {
	if w.proto == 0 {
		w.Op2(OpMark, OpList)
		return
	}
	w.Op(OpEmptyList)
}

// EmptyDict writes an empty dict.
func (w *Writer) EmptyDict() {
	if w.proto == 0 {
		w.Op2(OpMark, OpDict)
		return
	}
	w.Op(OpEmptyDict)
}

// Full reports whether the open frame must be closed before the next object.
func (w *Writer) Full() bool { return len(w.buf) >= w.limit }

// Shrink drops a buffer that a large stream has left.
func (w *Writer) Shrink() {
	w.reuse()
	if cap(w.buf) > 2*maxBuffered {
		w.buf = nil
	}
	w.sink = nil
}
