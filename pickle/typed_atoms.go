//go:build !pickle_safe

package pickle

// Numbers, strings and bytes, straight from the stream.

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"
	"unsafe"
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
		case OpNewTrue:
			*(*bool)(dst) = true
		case OpNewFalse:
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
	case OpBinInt1:
		if len(rest) < 2 {
			return 0, false
		}
		t.pos += 2
		return int64(rest[1]), true
	case OpBinInt2:
		if len(rest) < 3 {
			return 0, false
		}
		t.pos += 3
		return int64(binary.LittleEndian.Uint16(rest[1:])), true
	case OpBinInt:
		if len(rest) < 5 {
			return 0, false
		}
		t.pos += 5
		return int64(int32(binary.LittleEndian.Uint32(rest[1:]))), true
	case OpLong1:
		if len(rest) < 2 || rest[1] > 8 || len(rest) < 2+int(rest[1]) {
			return 0, false
		}
		n := 2 + int(rest[1])
		t.pos += n
		return littleEndianInt(rest[2:n]), true
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
	if t.peek() == OpBinFloat {
		rest := t.data[t.pos:]
		if len(rest) < 9 {
			return false
		}
		f = math.Float64frombits(binary.BigEndian.Uint64(rest[1:]))
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
	rest := data[pos:]
	var head int
	var n uint64
	switch {
	case len(rest) >= 2 && Opcode(rest[0]) == OpShortBinUnicode:
		head, n = 2, uint64(rest[1])
	case len(rest) >= 5 && Opcode(rest[0]) == OpBinUnicode:
		head, n = 5, uint64(binary.LittleEndian.Uint32(rest[1:]))
	case len(rest) >= 9 && Opcode(rest[0]) == OpBinUnicode8:
		head, n = 9, binary.LittleEndian.Uint64(rest[1:])
	default:
		return nil, pos, false
	}
	if n > uint64(len(rest)-head) {
		return nil, pos, false
	}
	return rest[head : head+int(n)], pos + head + int(n), true
}

// string reads a str.
func (t *typed) string() (string, bool) {
	op := t.peek()
	if op == OpBinGet || op == OpLongBinGet {
		return t.stringAgain()
	}
	start := t.pos
	if rest := t.data[start:]; op == OpShortBinUnicode && len(rest) > 2 {
		if s, ok := t.shortText(rest[2:], int(rest[1])); ok {
			t.pos = start + 2 + len(s)
			return s, t.memoize(start)
		}
	}
	b, ok := t.rawText()
	if !ok || !utf8.Valid(b) && !validSurrogates(b) {
		return "", false
	}
	s := t.text(b)
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
		s, ok := t.m.memo.values[n].v.(string)
		return s, ok
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
		t.taken += 16 * int64(cap(grown))
		copy(grown, t.texts)
		t.texts = grown
	}
	t.texts[n] = t.text(b)
	return t.texts[n], true
}

// bytes reads the opcode of a bytes or bytearray, and gives its bytes in the data.
func (t *typed) bytes() ([]byte, bool) {
	t.peek()
	rest := t.data[t.pos:]
	var head int
	var n uint64
	switch {
	case len(rest) >= 2 && Opcode(rest[0]) == OpShortBinBytes:
		head, n = 2, uint64(rest[1])
	case len(rest) >= 5 && Opcode(rest[0]) == OpBinBytes:
		head, n = 5, uint64(binary.LittleEndian.Uint32(rest[1:]))
	case len(rest) >= 9 && (Opcode(rest[0]) == OpBinBytes8 || Opcode(rest[0]) == OpByteArray8):
		head, n = 9, binary.LittleEndian.Uint64(rest[1:])
	default:
		return nil, false
	}
	if n > uint64(len(rest)-head) {
		return nil, false
	}
	t.pos += head + int(n)
	return rest[head : head+int(n)], true
}

// octets reads bytes into a slice.
func (t *typed) octets(p *decPlan, dst *[]byte) bool {
	if t.peek() == OpNone {
		t.pos++
		return true
	}
	start := t.pos
	b, ok := t.bytes()
	if !ok {
		return false
	}
	if t.cfg.noCopy && Opcode(t.data[start]) != OpByteArray8 {
		*dst = b
	} else {
		t.taken += int64(len(b))
		*dst = bytes.Clone(b)
	}
	return t.memoize(start)
}

// pointer reads a value into a new variable.
func (t *typed) pointer(p *decPlan, dst *unsafe.Pointer, at place) bool {
	op := t.peek()
	switch op {
	case OpNone:
		t.pos++
		return true
	case OpBinGet, OpLongBinGet:
		if done, ok := t.pointerAgain(p, dst); done {
			return ok
		}
	case OpEmptyList, OpEmptyDict:
		// The object may be met again, even inside itself.
		if t.pos+1 < len(t.data) && isMemo(Opcode(t.data[t.pos+1])) {
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

func isMemo(op Opcode) bool { return op == OpMemoize || op == OpBinPut || op == OpLongBinPut }

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
	switch Opcode(t.data[t.memo[n]]) {
	case OpEmptyList, OpEmptyDict:
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
		t.taken += int64(n) * int64(p.elem.size)
		s.room, s.left = newPiece(p, n), n
	}
	q := s.room
	s.left--
	if s.left > 0 {
		s.room = unsafe.Add(q, p.elem.size)
	} else {
		s.room = nil
	}
	return q
}
