package typed

// Numbers, strings and bytes, straight from the stream.

import (
	"bytes"
	"math"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// place is where a value stands, which tells what may follow it.
type place uint8

const (
	// alone is a value whose container takes it next: an opcode that pushes
	// belongs to the value itself.
	alone place = iota
	// inList is a value between others that go into a list or a tuple.
	inList
	// inDict is the value of a key, between others.
	inDict
)

// value reads one value into dst.
func (t *typed) value(p *decPlan, dst unsafe.Pointer, at place) bool {
	switch p.kind {
	case intoBool:
		switch t.peek() {
		case wire.OpNewTrue:
			*(*bool)(dst) = true
		case wire.OpNewFalse:
			*(*bool)(dst) = false
		default:
			return false
		}
		t.pos++
		return true
	case intoInt:
		i, ok := t.integer()
		return ok && storeInt(dst, i, p.size)
	case intoUint:
		i, ok := t.integer()
		return ok && i >= 0 && storeUint(dst, uint64(i), p.size)
	case intoFloat:
		return t.float(dst, p.size)
	case intoString:
		s, ok := t.string()
		*(*string)(dst) = s
		return ok
	case intoBytes:
		return t.octets(p, (*[]byte)(dst))
	case intoOctets:
		t.peek()
		start := t.pos
		b, ok := t.bytes()
		if !ok || len(b) != p.count {
			return false
		}
		copy(unsafe.Slice((*byte)(dst), p.count), b)
		return t.memoize(start)
	case intoSlice:
		return t.slice(p, dst, at)
	case intoArray:
		return t.array(p, dst, at)
	case intoStruct, intoMap:
		return t.mapping(p, dst, at)
	case intoPointer:
		return t.pointer(p, (*unsafe.Pointer)(dst), at)
	}
	return false
}

// integer reads an int that fits 64 bits.
func (t *typed) integer() (int64, bool) {
	op := t.peek()
	rest := t.data[t.pos:]
	switch op {
	case wire.OpBinInt1:
		if len(rest) < 2 {
			return 0, false
		}
		t.pos += 2
		return int64(rest[1]), true
	case wire.OpBinInt2:
		if len(rest) < 3 {
			return 0, false
		}
		t.pos += 3
		return int64(atom.Uint16(rest[1:])), true
	case wire.OpBinInt:
		if len(rest) < 5 {
			return 0, false
		}
		t.pos += 5
		return int64(atom.Int32(rest[1:])), true
	case wire.OpLong1:
		if len(rest) < 2 || rest[1] > 8 || len(rest) < 2+int(rest[1]) {
			return 0, false
		}
		n := 2 + int(rest[1])
		t.pos += n
		return atom.Int64(rest[2:n]), true
	}
	return 0, false
}

func storeInt(dst unsafe.Pointer, i int64, size uintptr) bool {
	switch size {
	case 8:
		*(*int64)(dst) = i
		return true
	case 4:
		*(*int32)(dst) = int32(i)
		return int64(int32(i)) == i
	case 2:
		*(*int16)(dst) = int16(i)
		return int64(int16(i)) == i
	default:
		*(*int8)(dst) = int8(i)
		return int64(int8(i)) == i
	}
}

func storeUint(dst unsafe.Pointer, i uint64, size uintptr) bool {
	switch size {
	case 8:
		*(*uint64)(dst) = i
		return true
	case 4:
		*(*uint32)(dst) = uint32(i)
		return uint64(uint32(i)) == i
	case 2:
		*(*uint16)(dst) = uint16(i)
		return uint64(uint16(i)) == i
	default:
		*(*uint8)(dst) = uint8(i)
		return uint64(uint8(i)) == i
	}
}

// float reads a float, or an int where a float is wanted.
func (t *typed) float(dst unsafe.Pointer, size uintptr) bool {
	var f float64
	if t.peek() == wire.OpBinFloat {
		rest := t.data[t.pos:]
		if len(rest) < 9 {
			return false
		}
		f = atom.Float64(rest[1:])
		t.pos += 9
		if size == 4 {
			// What reflect.Value.OverflowFloat refuses.
			if x := math.Abs(f); math.MaxFloat32 < x && x <= math.MaxFloat64 {
				return false
			}
		}
	} else {
		i, ok := t.integer()
		if !ok {
			return false
		}
		f = float64(i)
	}
	if size == 4 {
		*(*float32)(dst) = float32(f)
	} else {
		*(*float64)(dst) = f
	}
	return true
}

// rawText reads the opcode of a str, and gives its bytes in the data.
func (t *typed) rawText() ([]byte, bool) {
	b, end, ok := textAt(t.data, t.pos)
	t.pos = end
	return b, ok
}

// textAt is the str whose opcode is at data[pos], and the place after it.
func textAt(data []byte, pos int) (b []byte, end int, ok bool) {
	if pos >= len(data) {
		return nil, pos, false
	}
	switch wire.Opcode(data[pos]) {
	case wire.OpShortBinUnicode, wire.OpBinUnicode, wire.OpBinUnicode8:
		b, size, ok := wire.Counted(data[pos:])
		if ok {
			return b, pos + size, true
		}
	}
	return nil, pos, false
}

// string reads a str.
func (t *typed) string() (string, bool) {
	op := t.peek()
	if op == wire.OpBinGet || op == wire.OpLongBinGet {
		return t.stringAgain()
	}
	start := t.pos
	if rest := t.data[start:]; op == wire.OpShortBinUnicode && len(rest) > 2 {
		if s, ok := t.ShortText(rest[2:], int(rest[1])); ok {
			t.pos = start + 2 + len(s)
			return s, t.memoize(start)
		}
	}
	b, ok := t.rawText()
	if !ok || !atom.IsText(b) {
		return "", false
	}
	s := t.Text(b)
	return s, t.memoize(start)
}

// stringAgain reads a str out of the memo. It is made once for all the
// places that have it, as in Python.
func (t *typed) stringAgain() (string, bool) {
	n, size, ok := t.number()
	if !ok {
		return "", false
	}
	s, ok := t.remembered(n)
	t.pos += size
	return s, ok
}

func (t *typed) remembered(n int) (string, bool) {
	if t.memo[n] == inMachine {
		return t.part.Str(n)
	}
	if n < len(t.texts) && t.texts[n] != "" {
		return t.texts[n], true
	}
	b, _, ok := textAt(t.data, int(t.memo[n]))
	if !ok {
		return "", false
	}
	if n >= len(t.texts) {
		grown := make([]string, len(t.memo), max(len(t.memo), 2*cap(t.texts)))
		t.Taken += 16 * int64(cap(grown))
		copy(grown, t.texts)
		t.texts = grown
	}
	t.texts[n] = t.Text(b)
	return t.texts[n], true
}

// bytes reads the opcode of a bytes or bytearray, and gives its bytes in the data.
func (t *typed) bytes() ([]byte, bool) {
	switch t.peek() {
	case wire.OpShortBinBytes, wire.OpBinBytes, wire.OpBinBytes8, wire.OpByteArray8:
		b, size, ok := wire.Counted(t.data[t.pos:])
		if ok {
			t.pos += size
			return b, true
		}
	}
	return nil, false
}

// octets reads bytes into a slice.
func (t *typed) octets(p *decPlan, dst *[]byte) bool {
	if t.peek() == wire.OpNone {
		t.pos++
		return true
	}
	start := t.pos
	b, ok := t.bytes()
	if !ok {
		return false
	}
	if t.cfg.NoCopy && wire.Opcode(t.data[start]) != wire.OpByteArray8 {
		*dst = b
	} else {
		t.Taken += int64(len(b))
		*dst = bytes.Clone(b)
	}
	return t.memoize(start)
}

// pointer reads a value into a new variable.
func (t *typed) pointer(p *decPlan, dst *unsafe.Pointer, at place) bool {
	op := t.peek()
	switch op {
	case wire.OpNone:
		t.pos++
		return true
	case wire.OpBinGet, wire.OpLongBinGet:
		if done, ok := t.pointerAgain(p, dst); done {
			return ok
		}
	case wire.OpEmptyList, wire.OpEmptyDict:
		// The object may be met again, even inside itself.
		if t.pos+1 < len(t.data) && isMemo(wire.Opcode(t.data[t.pos+1])) {
			q := t.newElem(p)
			t.made = append(t.made, madePart{len(t.memo), p, q, 0})
			*dst = q
			if k := p.elem.kind; k == intoStruct || k == intoMap {
				return t.mapping(p.elem, q, at)
			}
			return t.value(p.elem, q, at)
		}
	}
	*dst = t.newElem(p)
	if k := p.elem.kind; k == intoStruct || k == intoMap {
		return t.mapping(p.elem, *dst, at)
	}
	return t.value(p.elem, *dst, at)
}

func isMemo(op wire.Opcode) bool {
	return op == wire.OpMemoize || op == wire.OpBinPut || op == wire.OpLongBinPut
}

// pointerAgain reads an object out of the memo. It reports false if that is
// none with an identity, for which there are different pointers.
func (t *typed) pointerAgain(p *decPlan, dst *unsafe.Pointer) (done, ok bool) {
	n, size, ok := t.number()
	if !ok {
		return true, false
	}
	if t.memo[n] == inMachine {
		return true, false
	}
	switch wire.Opcode(t.data[t.memo[n]]) {
	case wire.OpEmptyList, wire.OpEmptyDict:
	default:
		return false, false
	}
	if t.depth >= t.limit {
		return true, false
	}
	part, ok := t.find(n, p)
	*dst = part.to
	t.pos += size
	return true, ok
}

// newElem is a new variable of the type that p points to. They are made
// several at once; one that stays in use keeps the others.
func (t *typed) newElem(p *decPlan) unsafe.Pointer {
	const piece = 8 << 10
	s := &t.states[p.id]
	if s.left == 0 {
		n := max(1, min(s.next, piece/int(max(p.elem.size, 1))))
		s.next = 2 * n
		t.Taken += int64(n) * int64(p.elem.size)
		s.piece, s.left = newPiece(p, n), n
	}
	q := s.piece
	s.left--
	if s.left > 0 {
		s.piece = unsafe.Add(q, p.elem.size)
	} else {
		s.piece = nil
	}
	return q
}
