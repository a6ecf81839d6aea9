package typed

// Lists and tuples straight from the stream, into slices, arrays and structs.

import (
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// fullBatch is how many items a pickler puts into one APPENDS; after a batch
// of any other size a list is complete (_pickle.c, BATCHSIZE).
const fullBatch = 1000

// row is where the items of a list or tuple go: a slice that grows, or the
// places of an array or a struct.
type row struct {
	p        *decPlan
	base     unsafe.Pointer
	n        int
	capacity int
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

// next is the plan and the place of the next item; it is nil after the last
// place in an array or a struct.
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
		if r.n >= r.capacity {
			t.grow(r)
		}
	}
	return r.p.elem, unsafe.Add(r.base, uintptr(r.n)*r.p.elem.size)
}

// capacity is how many items to allocate memory for, n of which are there. A long list is
// most often the rest of the stream, so the bytes its items took so far say
// how many are to come. If that is wrong it costs at most twice the input.
func (t *typed) capacity(n, have, from int, size uintptr) int {
	want := max(4, 2*have)
	if n >= scratch {
		each := max(1, (t.pos-from)/n)
		rest := len(t.data) - t.pos
		guess := n + min(rest/each, 2*rest/int(max(size, 1))) + 1
		want = max(want, min(guess, 64*n))
	}
	t.Taken += int64(want) * int64(size)
	return want
}

func (t *typed) grow(r *row) {
	r.capacity = t.capacity(r.n, r.capacity, r.from, r.p.elem.size)
	fresh := reflect.MakeSlice(r.p.typ, r.capacity, r.capacity)
	if r.n > 0 {
		old := sliceHeader{r.base, r.n, r.n}
		reflect.Copy(fresh, reflect.NewAt(r.p.typ, unsafe.Pointer(&old)).Elem())
	}
	r.base = fresh.UnsafePointer()
}

// slice reads a list or a tuple into a slice.
func (t *typed) slice(p *decPlan, dst unsafe.Pointer, at place) bool {
	if t.peek() == wire.OpNone {
		t.pos++
		return true
	}
	if op := t.peek(); op == wire.OpEmptyList || op == wire.OpBinGet || op == wire.OpLongBinGet {
		switch p.elem.kind {
		case intoInt:
			if p.elem.size == 8 {
				return atomList(t, p, (*[]int64)(dst), at, t.ints[:0], &t.intSlab, (*typed).moreInts)
			}
		case intoFloat:
			if p.elem.size == 8 {
				return atomList(t, p, (*[]float64)(dst), at, t.floats[:0], &t.floatSlab, (*typed).moreFloats)
			}
		case intoString:
			return atomList(t, p, (*[]string)(dst), at, t.strs[:0], &t.stringSlab, (*typed).moreStrings)
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
	*(*sliceHeader)(dst) = sliceHeader{r.base, r.n, max(r.capacity, r.n)}
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
	case wire.OpEmptyList:
		t.pos++
		return t.memoize(start) && t.list(r, at)
	case wire.OpEmptyTuple:
		t.pos++
		return t.memoize(start)
	case wire.OpMark:
		t.pos++
		if !t.batch(r, wire.OpTuple) {
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
		case op == wire.OpMark:
			if batch != fullBatch {
				return true
			}
			t.pos++
			before := r.n
			if !t.batch(r, wire.OpAppends) {
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
func endsValue(op wire.Opcode) bool {
	switch op {
	case 0, wire.OpStop, wire.OpAppend, wire.OpAppends, wire.OpSetItem, wire.OpSetItems, wire.OpAddItems, wire.OpTuple, wire.OpTuple1, wire.OpTuple2, wire.OpTuple3,
		wire.OpReduce, wire.OpBuild, wire.OpNewObj, wire.OpNewObjEx, wire.OpObj, wire.OpInst, wire.OpList, wire.OpDict, wire.OpFrozenSet, wire.OpPop, wire.OpPopMark, wire.OpBinPersID:
		return true
	}
	return false
}

// batch reads values up to an opcode that takes them, which it reads too.
func (t *typed) batch(r *row, end wire.Opcode) bool {
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
func (t *typed) ends(op wire.Opcode) bool {
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
			if end >= len(t.data) || wire.Opcode(t.data[end]) != wire.OpAppend {
				return false, true
			}
		}
	}
	p, dst := t.next(r)
	if p == nil {
		return false, at != alone
	}
	back := t.mark()
	if t.value(p, dst, alone) && t.peek() == wire.OpAppend {
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
	return true, ok && len(values) == 1 && t.assignRow(r, values) && t.ends(wire.OpAppend)
}

// shortTuple reads a tuple of one to three items: their number comes last.
func (t *typed) shortTuple(r *row) bool {
	for n := range 4 {
		if op := t.peek(); n > 0 && op == wire.OpTuple1+wire.Opcode(n-1) {
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
		return t.ends(wire.OpTuple1+wire.Opcode(r.n-1)) && t.memoize(start)
	}
	return false
}

// skipScalar is the place after the scalar at data[pos] and its memo opcode,
// and whether there is a scalar. The place may be behind the data.
func (t *typed) skipScalar(pos int) (end int, ok bool) {
	if pos >= len(t.data) {
		return 0, false
	}
	rest := t.data[pos:]
	switch wire.Opcode(rest[0]) {
	case wire.OpNone, wire.OpNewTrue, wire.OpNewFalse, wire.OpEmptyTuple, wire.OpBinGet, wire.OpLongBinGet,
		wire.OpBinInt1, wire.OpBinInt2, wire.OpBinInt, wire.OpLong1, wire.OpBinFloat,
		wire.OpShortBinUnicode, wire.OpBinUnicode, wire.OpShortBinBytes, wire.OpBinBytes:
	default:
		return 0, false
	}
	size := wire.Size(rest)
	if size >= len(rest) {
		return 0, false
	}
	switch wire.Opcode(rest[size]) {
	case wire.OpMemoize:
		size++
	case wire.OpBinPut:
		size += 2
	case wire.OpLongBinPut:
		size += 5
	}
	return pos + size, true
}
