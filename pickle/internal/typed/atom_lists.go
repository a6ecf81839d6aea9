package typed

// Lists of atoms straight from the stream, into slices of int64,
// float64 and string, and of what is the same in memory.

import (
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// atomList reads a list of atoms. They go to the scratch first, and
// short lists from there into a piece of memory that they share.
func atomList[T any](t *typed, p *decPlan, dst *[]T, at place, s []T, pieces *mem.Slab[T], more func(t *typed, s []T) []T) bool {
	if !t.enter() {
		return false
	}
	start, number := t.pos, len(t.memo)
	if wire.Opcode(t.data[start]) != wire.OpEmptyList {
		return atomListAgain(t, p, dst)
	}
	t.pos++
	if !t.memoize(start) {
		return false
	}
	owned := false // whether s has outgrown the scratch
	grow := func() {
		grown := make([]T, len(s), t.capacity(len(s), cap(s), start, p.elem.size))
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
		if op == wire.OpMark {
			t.pos++
			before := len(s)
			for s = more(t, s); len(s) == cap(s); s = more(t, s) {
				grow()
			}
			if t.peek() != wire.OpAppends {
				return oddList(t, p, dst, s, start, at, wire.OpAppends)
			}
			t.pos++
			batch = len(s) - before
			continue
		}
		end, scalar := t.skipScalar(t.pos)
		if !scalar || end >= len(t.data) || wire.Opcode(t.data[end]) != wire.OpAppend {
			if at == alone {
				return oddList(t, p, dst, s, start, at, wire.OpAppend)
			}
			break
		}
		if len(s) == cap(s) {
			grow()
		}
		if s = more(t, s); t.peek() != wire.OpAppend {
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
	case n > len(pieces.Free) && n > mem.MaxSlab/8:
		t.Taken += int64(n) * int64(p.elem.size)
		*dst = append(make([]T, 0, n), s...)
	default:
		if n > len(pieces.Free) {
			pieces.Next = max(pieces.Next, n)
			t.Taken += int64(p.elem.size) * int64(pieces.Refill())
		}
		*dst = pieces.Free[:n:n]
		pieces.Free = pieces.Free[n:]
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

// atomListAgain reads a list out of the memo: each place has a copy of its own.
func atomListAgain[T any](t *typed, p *decPlan, dst *[]T) bool {
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
	t.Taken += int64(part.len) * int64(p.elem.size)
	*dst = append(make([]T, 0, part.len), unsafe.Slice((*T)(part.to), part.len)...)
	return t.memoryFits()
}

// oddList goes on with a list of atoms that has an item that takes more than a
// look, which the opcode end takes.
func oddList[T any](t *typed, p *decPlan, dst *[]T, s []T, start int, at place, end wire.Opcode) bool {
	r := row{p: p, n: len(s), capacity: len(s), from: start}
	fresh := append(make([]T, 0, len(s)), s...)
	clear(s)
	r.base = unsafe.Pointer(unsafe.SliceData(fresh))
	values, ok := t.rest()
	if !ok || end == wire.OpAppend && len(values) != 1 || !t.assignRow(&r, values) || !t.ends(end) || !t.list(&r, at) {
		return false
	}
	t.leave()
	*(*sliceHeader)(unsafe.Pointer(dst)) = sliceHeader{r.base, r.n, r.capacity}
	return true
}

// moreInts reads ints into s until its capacity is used up. Where it
// stops for another reason, t.pos is at what is no int.
func (t *typed) moreInts(s []int64) []int64 {
	for len(s) < cap(s) {
		rest := t.data[t.pos:]
		if len(rest) >= 5 {
			switch wire.Opcode(rest[0]) {
			case wire.OpBinInt:
				s = append(s, int64(atom.Int32(rest[1:])))
				t.pos += 5
				continue
			case wire.OpBinInt1:
				s = append(s, int64(rest[1]))
				t.pos += 2
				continue
			case wire.OpBinInt2:
				s = append(s, int64(atom.Uint16(rest[1:])))
				t.pos += 3
				continue
			case wire.OpAppends, wire.OpAppend:
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
		if len(rest) >= 9 && wire.Opcode(rest[0]) == wire.OpBinFloat {
			s = append(s, atom.Float64(rest[1:]))
			t.pos += 9
			continue
		}
		if len(rest) > 0 && (wire.Opcode(rest[0]) == wire.OpAppends || wire.Opcode(rest[0]) == wire.OpAppend) {
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
		if len(rest) >= 2 && wire.Opcode(rest[0]) == wire.OpShortBinUnicode && len(rest) > 2+int(rest[1]) {
			n := 2 + int(rest[1])
			text, ok := t.ShortText(rest[2:], n-2)
			if !ok {
				b := rest[2:n]
				if !atom.IsText(b) {
					return s
				}
				text = t.Text(b)
			}
			t.pos += n
			if wire.Opcode(rest[n]) == wire.OpMemoize && len(t.memo) < t.memoLimit {
				t.memo = append(t.memo, uint32(start))
				t.pos++
			} else if !t.memoize(start) {
				t.pos = start
				return s
			}
			s = append(s, text)
			continue
		}
		if len(rest) > 0 && (wire.Opcode(rest[0]) == wire.OpAppends || wire.Opcode(rest[0]) == wire.OpAppend) {
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
