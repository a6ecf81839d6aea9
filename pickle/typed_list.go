//go:build !pickle_safe

package pickle

// Lists and tuples straight from the stream, into slices, arrays and structs.

import (
	"encoding/binary"
	"math"
	"reflect"
	"unicode/utf8"
	"unsafe"
)

// fullBatch is how many items a pickler puts into one APPENDS; after a batch
// of any other size a list is complete (_pickle.c, BATCHSIZE).
const fullBatch = 1000

// row is where the items of a list or tuple go: a slice that grows, or the
// places of an array or a struct.
type row struct {
	p    *decPlan
	base unsafe.Pointer
	n    int
	room int
	// from is where in the stream the items begin.
	from int
}

// sliceHeader is the layout of a slice.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

func newPiece(p *decPlan, n int) unsafe.Pointer {
	return reflect.MakeSlice(p.piece, n, n).UnsafePointer()
}

// next is the plan and the place of the next item; it is nil when there is no
// room in an array or a struct.
func (t *typed) next(r *row) (*decPlan, unsafe.Pointer) {
	switch r.p.kind {
	case intoStruct:
		if r.n < len(r.p.fields) {
			f := &r.p.fields[r.n]
			return f.plan, unsafe.Add(r.base, f.offset)
		}
		return nil, nil
	case intoArray:
		if r.n >= r.p.count {
			return nil, nil
		}
	default:
		if r.n >= r.room {
			t.grow(r)
		}
	}
	return r.p.elem, unsafe.Add(r.base, uintptr(r.n)*r.p.elem.size)
}

// room is how many items to make room for, n of which are there. A long list is
// most often the rest of the stream, so the bytes its items took so far say
// how many are to come. If that is wrong it costs at most twice the input.
func (t *typed) room(n, have, from int, size uintptr) int {
	want := max(4, 2*have)
	if n >= scratch {
		each := max(1, (t.pos-from)/n)
		rest := len(t.data) - t.pos
		guess := n + min(rest/each, 2*rest/int(max(size, 1))) + 1
		want = max(want, min(guess, 64*n))
	}
	t.taken += int64(want) * int64(size)
	return want
}

func (t *typed) grow(r *row) {
	r.room = t.room(r.n, r.room, r.from, r.p.elem.size)
	fresh := reflect.MakeSlice(r.p.typ, r.room, r.room)
	if r.n > 0 {
		old := sliceHeader{r.base, r.n, r.n}
		reflect.Copy(fresh, reflect.NewAt(r.p.typ, unsafe.Pointer(&old)).Elem())
	}
	r.base = fresh.UnsafePointer()
}

// slice reads a list or a tuple into a slice.
func (t *typed) slice(p *decPlan, dst unsafe.Pointer, at place) bool {
	if t.peek() == OpNone {
		t.pos++
		return true
	}
	if op := t.peek(); op == OpEmptyList || op == OpBinGet || op == OpLongBinGet {
		switch p.elem.kind {
		case intoInt:
			if p.elem.size == 8 {
				return plainList(t, p, (*[]int64)(dst), at, t.ints[:0], &t.intRoom, (*typed).moreInts)
			}
		case intoFloat:
			if p.elem.size == 8 {
				return plainList(t, p, (*[]float64)(dst), at, t.floats[:0], &t.fltRoom, (*typed).moreFloats)
			}
		case intoString:
			return plainList(t, p, (*[]string)(dst), at, t.strs[:0], &t.strRoom, (*typed).moreStrings)
		}
	}
	if !t.enter() {
		return false
	}
	r := row{p: p, from: t.pos}
	if !t.items(&r, at) {
		return false
	}
	t.leave()
	if r.base == nil {
		r.base = unsafe.Pointer(&zeroItems)
	}
	*(*sliceHeader)(dst) = sliceHeader{r.base, r.n, max(r.room, r.n)}
	return true
}

// zeroItems is what slices of no items point to, which are not nil.
var zeroItems [0]unsafe.Pointer

// array reads a list or a tuple of the right length.
func (t *typed) array(p *decPlan, dst unsafe.Pointer, at place) bool {
	if !t.enter() {
		return false
	}
	r := row{p: p, base: dst, from: t.pos}
	if !t.items(&r, at) || r.n != p.count {
		return false
	}
	t.leave()
	return true
}

// items reads a list or a tuple into a row.
func (t *typed) items(r *row, at place) bool {
	switch op, start := t.peek(), t.pos; op {
	case OpEmptyList:
		t.pos++
		return t.memoize(start) && t.list(r, at)
	case OpEmptyTuple:
		t.pos++
		return t.memoize(start)
	case OpMark:
		t.pos++
		if !t.batch(r, OpTuple) {
			return false
		}
		return t.memoize(t.pos - 1)
	}
	return t.shortTuple(r)
}

// list reads what is added to a list.
func (t *typed) list(r *row, at place) bool {
	batch := fullBatch
	for {
		op := t.peek()
		switch {
		case op == OpMark:
			if batch != fullBatch {
				return true
			}
			t.pos++
			before := r.n
			if !t.batch(r, OpAppends) {
				return false
			}
			batch = r.n - before
		case batch != fullBatch || endsValue(op):
			return true
		default:
			taken, ok := t.appended(r, at)
			if !ok {
				return false
			}
			if !taken {
				return true
			}
			batch = 1
		}
	}
}

// endsValue reports whether an opcode takes what is on the stack, so that the value before it is complete.
func endsValue(op Opcode) bool {
	switch op {
	case 0, OpStop, OpAppend, OpAppends, OpSetItem, OpSetItems, OpAddItems, OpTuple, OpTuple1, OpTuple2, OpTuple3,
		OpReduce, OpBuild, OpNewObj, OpNewObjEx, OpObj, OpInst, OpList, OpDict, OpFrozenSet, OpPop, OpPopMark, OpBinPersID:
		return true
	}
	return false
}

// batch reads values up to an opcode that takes them, which it reads too.
func (t *typed) batch(r *row, end Opcode) bool {
	for {
		if t.peek() == end {
			t.pos++
			return true
		}
		p, dst := t.next(r)
		if p == nil {
			return false
		}
		back := t.mark()
		if t.value(p, dst, inList) {
			r.n++
			continue
		}
		if !t.back(back) {
			return false
		}
		p.zero(dst)
		values, ok := t.rest()
		return ok && t.assignRow(r, values) && t.ends(end)
	}
}

// ends reads the opcode that must come next.
func (t *typed) ends(op Opcode) bool {
	if t.peek() != op {
		return false
	}
	t.pos++
	return true
}

// assignRow adds generic values to a row.
func (t *typed) assignRow(r *row, values []any) bool {
	for _, v := range values {
		p, dst := t.next(r)
		if p == nil || !t.assignTo(p, dst, v) {
			return false
		}
		r.n++
	}
	return true
}

// appended reads a value that is added alone. It reports whether there is one:
// in a batch, the next value can belong to the list or stand beside it, which
// shows in the APPEND behind it.
func (t *typed) appended(r *row, at place) (taken, ok bool) {
	if at != alone {
		if end, scalar := t.skipScalar(t.pos); scalar {
			if end >= len(t.data) || Opcode(t.data[end]) != OpAppend {
				return false, true
			}
		}
	}
	p, dst := t.next(r)
	if p == nil {
		return false, at != alone
	}
	back := t.mark()
	if t.value(p, dst, alone) && t.peek() == OpAppend {
		t.pos++
		r.n++
		return true, true
	}
	if !t.back(back) {
		return false, false
	}
	p.zero(dst)
	if at != alone {
		return false, true
	}
	values, ok := t.rest()
	return true, ok && len(values) == 1 && t.assignRow(r, values) && t.ends(OpAppend)
}

// shortTuple reads a tuple of one to three items: their number comes last.
func (t *typed) shortTuple(r *row) bool {
	for n := range 4 {
		if op := t.peek(); n > 0 && op == OpTuple1+Opcode(n-1) {
			start := t.pos
			t.pos++
			return t.memoize(start)
		}
		p, dst := t.next(r)
		if p == nil || n == 3 {
			return false
		}
		back := t.mark()
		if t.value(p, dst, inList) {
			r.n++
			continue
		}
		if n == 0 || !t.back(back) {
			return false
		}
		p.zero(dst)
		values, ok := t.rest()
		if !ok || n+len(values) > 3 || !t.assignRow(r, values) {
			return false
		}
		start := t.pos
		return t.ends(OpTuple1+Opcode(r.n-1)) && t.memoize(start)
	}
	return false
}

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
			if t.cfg.noCopy || !ok {
				b := rest[2:n]
				if !utf8.Valid(b) && !validSurrogates(b) {
					return s
				}
				text = t.keepString(b)
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

// skipScalar is the place after the scalar at data[pos] and its memo opcode,
// and whether there is a scalar.
func (t *typed) skipScalar(pos int) (end int, ok bool) {
	rest := t.data[pos:]
	if len(rest) == 0 {
		return 0, false
	}
	op := Opcode(rest[0])
	size := 0
	switch op {
	case OpNone, OpNewTrue, OpNewFalse, OpEmptyTuple:
		size = 1
	case OpBinInt1, OpBinGet:
		size = 2
	case OpBinInt2:
		size = 3
	case OpBinInt, OpLongBinGet:
		size = 5
	case OpBinFloat:
		size = 9
	case OpShortBinUnicode, OpShortBinBytes, OpLong1:
		if len(rest) < 2 {
			return 0, false
		}
		size = 2 + int(rest[1])
	case OpBinUnicode, OpBinBytes:
		if len(rest) < 5 {
			return 0, false
		}
		size = 5 + int(le32(rest[1:]))
	default:
		return 0, false
	}
	if size >= len(rest) {
		return 0, false
	}
	switch Opcode(rest[size]) {
	case OpMemoize:
		size++
	case OpBinPut:
		size += 2
	case OpLongBinPut:
		size += 5
	}
	if size > len(rest) {
		return 0, false
	}
	return pos + size, true
}
