//go:build !pickle_safe

package pickle

// Lists of plain values straight from the stream, into slices of int64,
// float64 and string, and of what is the same in memory.

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
	"unsafe"
)

// plainList reads a list of plain values. They go to the scratch first, and
// short lists from there into a common piece of memory.
func plainList[T any](t *typed, p *decPlan, dst *[]T, at place, s []T, pieces *slab[T], more func(t *typed, s []T) []T) bool {
	if !t.enter() {
		return false
	}
	start, number := t.pos, len(t.memo)
	if Opcode(t.data[start]) != OpEmptyList {
		return plainAgain(t, p, dst)
	}
	t.pos++
	if !t.memoize(start) {
		return false
	}
	owned := false // whether s has outgrown the scratch
	grow := func() {
		grown := make([]T, len(s), t.room(len(s), cap(s), start, p.elem.size))
		copy(grown, s)
		if !owned {
			clear(s)
		}
		s, owned = grown, true
	}
	for batch := fullBatch; batch == fullBatch; {
		op := t.peek()
		if endsValue(op) {
			break
		}
		if op == OpMark {
			t.pos++
			before := len(s)
			for s = more(t, s); len(s) == cap(s); s = more(t, s) {
				grow()
			}
			if t.peek() != OpAppends {
				return oddList(t, p, dst, s, start, at, OpAppends)
			}
			t.pos++
			batch = len(s) - before
			continue
		}
		end, scalar := t.skipScalar(t.pos)
		if !scalar || end >= len(t.data) || Opcode(t.data[end]) != OpAppend {
			if at == alone {
				return oddList(t, p, dst, s, start, at, OpAppend)
			}
			break
		}
		if len(s) == cap(s) {
			grow()
		}
		if s = more(t, s); t.peek() != OpAppend {
			return false
		}
		t.pos++
		batch = 1
	}
	t.leave()
	n := len(s)
	switch {
	case owned:
		*dst = s
	case n == 0:
		*dst = []T{}
	case n > len(pieces.free) && n > maxSlab/8:
		t.taken += int64(n) * int64(p.elem.size)
		*dst = append(make([]T, 0, n), s...)
	default:
		if n > len(pieces.free) {
			pieces.next = max(pieces.next, n)
			t.taken += int64(p.elem.size) * int64(pieces.refill())
		}
		*dst = pieces.free[:n:n]
		pieces.free = pieces.free[n:]
		copy(*dst, s)
	}
	if !owned {
		clear(s)
	}
	if len(t.memo) > number {
		t.made = append(t.made, madePart{number, p, unsafe.Pointer(unsafe.SliceData(*dst)), n})
	}
	return true
}

// plainAgain reads a list out of the memo: each place has a copy of its own.
func plainAgain[T any](t *typed, p *decPlan, dst *[]T) bool {
	n, size, ok := t.number()
	if !ok || t.memo[n] == inMachine {
		return false
	}
	part, ok := t.find(n, p)
	if !ok {
		return false
	}
	t.pos += size
	t.leave()
	t.taken += int64(part.len) * int64(p.elem.size)
	*dst = append(make([]T, 0, part.len), unsafe.Slice((*T)(part.to), part.len)...)
	return t.memoryFits()
}

// oddList goes on with a plain list that has an item that takes more than a
// look, which the opcode end takes.
func oddList[T any](t *typed, p *decPlan, dst *[]T, s []T, start int, at place, end Opcode) bool {
	r := row{p: p, n: len(s), room: len(s), from: start}
	fresh := append(make([]T, 0, len(s)), s...)
	clear(s)
	r.base = unsafe.Pointer(unsafe.SliceData(fresh))
	values, ok := t.rest()
	if !ok || end == OpAppend && len(values) != 1 || !t.assignRow(&r, values) || !t.ends(end) || !t.list(&r, at) {
		return false
	}
	t.leave()
	*(*sliceHeader)(unsafe.Pointer(dst)) = sliceHeader{r.base, r.n, r.room}
	return true
}

// moreInts reads ints into s as long as there is room for them. Where it
// stops for another reason, t.pos is at what is no int.
func (t *typed) moreInts(s []int64) []int64 {
	for len(s) < cap(s) {
		rest := t.data[t.pos:]
		if len(rest) >= 5 {
			switch Opcode(rest[0]) {
			case OpBinInt:
				s = append(s, int64(int32(binary.LittleEndian.Uint32(rest[1:]))))
				t.pos += 5
				continue
			case OpBinInt1:
				s = append(s, int64(rest[1]))
				t.pos += 2
				continue
			case OpBinInt2:
				s = append(s, int64(binary.LittleEndian.Uint16(rest[1:])))
				t.pos += 3
				continue
			case OpAppends, OpAppend:
				return s
			}
		}
		i, ok := t.integer()
		if !ok {
			return s
		}
		s = append(s, i)
	}
	return s
}

// moreFloats is moreInts for floats.
func (t *typed) moreFloats(s []float64) []float64 {
	for len(s) < cap(s) {
		rest := t.data[t.pos:]
		if len(rest) >= 9 && Opcode(rest[0]) == OpBinFloat {
			s = append(s, math.Float64frombits(binary.BigEndian.Uint64(rest[1:])))
			t.pos += 9
			continue
		}
		if len(rest) > 0 && (Opcode(rest[0]) == OpAppends || Opcode(rest[0]) == OpAppend) {
			return s
		}
		var f float64
		if !t.float(unsafe.Pointer(&f), 8) {
			return s
		}
		s = append(s, f)
	}
	return s
}

// moreStrings is moreInts for strs.
func (t *typed) moreStrings(s []string) []string {
	for len(s) < cap(s) {
		start := t.pos
		rest := t.data[start:]
		if len(rest) >= 2 && Opcode(rest[0]) == OpShortBinUnicode && len(rest) > 2+int(rest[1]) {
			n := 2 + int(rest[1])
			text, ok := t.shortText(rest[2:], n-2)
			if !ok {
				b := rest[2:n]
				if !utf8.Valid(b) && !validSurrogates(b) {
					return s
				}
				text = t.text(b)
			}
			t.pos += n
			if Opcode(rest[n]) == OpMemoize && len(t.memo) < t.memoLimit {
				t.memo = append(t.memo, uint32(start))
				t.pos++
			} else if !t.memoize(start) {
				t.pos = start
				return s
			}
			s = append(s, text)
			continue
		}
		if len(rest) > 0 && (Opcode(rest[0]) == OpAppends || Opcode(rest[0]) == OpAppend) {
			return s
		}
		x, ok := t.string()
		if !ok {
			t.pos = start
			return s
		}
		s = append(s, x)
	}
	return s
}
