//go:build !pickle_safe

package pickle

// Dicts straight from the stream, into structs and maps.

import (
	"reflect"
	"unicode/utf8"
	"unsafe"
)

// table is where the entries of a dict go: the fields of a struct, or a map.
type table struct {
	p   *decPlan
	dst unsafe.Pointer
	// seen has a bit for each field that is filled. A dict with equal keys, or
	// keys for one field, is left to the general way.
	seen uint64
	// turn counts the keys, for guessing the field of the next one.
	turn int

	m, key, elem reflect.Value
}

// mapping reads a dict, or a tuple, into a struct or a map.
func (t *typed) mapping(p *decPlan, dst unsafe.Pointer, at place) bool {
	op := t.peek()
	switch {
	case op == OpNone:
		t.pos++
		return true
	case !t.enter():
		return false
	case op != OpEmptyDict && p.kind == intoStruct && op != OpEmptyList:
		r := row{p: p, base: dst, from: t.pos}
		ok := t.items(&r, at)
		t.leave()
		return ok
	case op != OpEmptyDict:
		return false
	}
	start := t.pos
	t.pos++
	if !t.memoize(start) {
		return false
	}
	d := table{p: p, dst: dst}
	if p.kind == intoMap {
		d.m = reflect.MakeMap(p.typ)
		reflect.NewAt(p.typ, dst).Elem().Set(d.m)
		d.key, d.elem = reflect.New(p.key.typ).Elem(), reflect.New(p.elem.typ).Elem()
	}
	for batch := fullBatch; batch == fullBatch; {
		op := t.peek()
		if endsValue(op) {
			break
		}
		if op == OpMark {
			t.pos++
			var ok bool
			if batch, ok = t.entries(&d); !ok {
				return false
			}
			continue
		}
		taken, ok := t.lone(&d, at)
		if !ok {
			return false
		}
		if !taken {
			break
		}
		batch = 1
	}
	t.leave()
	return true
}

// entries reads keys and values up to the SETITEMS that takes them.
func (t *typed) entries(d *table) (n int, ok bool) {
	for ; ; n++ {
		if t.peek() == OpSetItems {
			t.pos++
			return n, true
		}
		back := t.mark()
		p, dst, ok := t.keyOf(d)
		if !ok {
			if !t.back(back) {
				return 0, false
			}
			values, ok := t.rest()
			return n + len(values)/2, ok && t.assignPairs(d, values) && t.ends(OpSetItems)
		}
		back = t.mark()
		if t.entry(d, p, dst, inDict) {
			continue
		}
		if !t.back(back) {
			return 0, false
		}
		values, ok := t.rest()
		return n + 1 + len(values)/2, ok && len(values) > 0 && t.assignEntry(d, p, dst, values[0]) && t.assignPairs(d, values[1:]) &&
			t.ends(OpSetItems)
	}
}

// lone reads a key and a value that are set alone, and reports whether there
// are such: beside other values, a str may also be a key of the dict around
// this one, which shows in the SETITEM behind the value.
func (t *typed) lone(d *table, at place) (taken, ok bool) {
	if at != alone {
		end, scalar := t.skipScalar(t.pos)
		if !scalar {
			return false, true
		}
		if end, scalar = t.skipScalar(end); scalar && (end >= len(t.data) || Opcode(t.data[end]) != OpSetItem) {
			return false, true
		}
	}
	back := t.mark()
	seen, turn := d.seen, d.turn
	if p, dst, ok := t.keyOf(d); ok && t.entry(d, p, dst, alone) && t.peek() == OpSetItem {
		t.pos++
		return true, true
	}
	if !t.back(back) {
		return false, false
	}
	if at != alone {
		if d.p.kind == intoStruct {
			d.p.zero(d.dst)
			d.seen, d.turn = seen, turn
		}
		return false, d.turn == 0 && (d.p.kind == intoStruct || d.m.Len() == 0)
	}
	if d.p.kind == intoStruct && d.seen != seen {
		return false, false
	}
	values, ok := t.rest()
	return true, ok && len(values) == 2 && t.assignPairs(d, values) && t.ends(OpSetItem)
}

// keyOf reads a key and says where its value goes; a value that goes nowhere
// has no plan.
func (t *typed) keyOf(d *table) (*decPlan, unsafe.Pointer, bool) {
	if d.p.kind == intoMap {
		key := d.key.Addr().UnsafePointer()
		d.key.SetZero()
		return d.p.elem, d.elem.Addr().UnsafePointer(), t.value(d.p.key, key, inDict)
	}
	name, ok := t.name()
	if !ok {
		return nil, nil, false
	}
	s := &t.states[d.p.id]
	var i int
	if d.turn < len(s.order) && d.p.fields[s.order[d.turn]].name == string(name) {
		i = int(s.order[d.turn])
	} else if i, ok = d.p.names.lookup(string(name)); !ok {
		return nil, nil, utf8.Valid(name) || validSurrogates(name)
	} else if d.turn == len(s.order) {
		s.order = append(s.order, uint8(i))
	} else if d.turn < len(s.order) {
		s.order[d.turn] = uint8(i)
	}
	d.turn++
	if d.seen&(1<<i) != 0 {
		return nil, nil, t.never()
	}
	d.seen |= 1 << i
	f := &d.p.fields[i]
	return f.plan, unsafe.Add(d.dst, f.offset), true
}

// never leaves everything to the general way.
func (t *typed) never() bool {
	t.dead = true
	return false
}

// name reads a str that is a key, and gives its bytes in the data. It may not
// be UTF-8.
func (t *typed) name() ([]byte, bool) {
	op := t.peek()
	if op == OpBinGet || op == OpLongBinGet {
		n, size, ok := t.number()
		if !ok {
			return nil, false
		}
		t.pos += size
		if t.memo[n] == inMachine {
			s, ok := t.m.memo.values[n].v.(string)
			return []byte(s), ok
		}
		b, _, ok := textAt(t.data, int(t.memo[n]))
		return b, ok
	}
	start := t.pos
	b, end, ok := textAt(t.data, start)
	if !ok {
		return nil, false
	}
	t.pos = end
	return b, t.memoize(start)
}

// entry reads the value of a key.
func (t *typed) entry(d *table, p *decPlan, dst unsafe.Pointer, at place) bool {
	if p == nil {
		return t.skip()
	}
	if d.p.kind != intoMap {
		return t.value(p, dst, at)
	}
	// The map has to have no part in what the value fills: a map inside the
	// map uses variables of its own.
	d.elem.SetZero()
	if !t.value(p, dst, at) {
		return false
	}
	d.m.SetMapIndex(d.key, d.elem)
	return true
}

// skip passes a value that nobody wants, if it is a plain one.
func (t *typed) skip() bool {
	op := t.peek()
	start := t.pos
	switch op {
	case OpNone, OpNewTrue, OpNewFalse:
		t.pos++
		return true
	case OpBinInt1, OpBinInt2, OpBinInt, OpLong1:
		_, ok := t.integer()
		return ok
	case OpBinFloat:
		t.pos += 9
		return t.pos <= len(t.data)
	case OpShortBinUnicode, OpBinUnicode, OpBinUnicode8:
		b, ok := t.rawText()
		return ok && (utf8.Valid(b) || validSurrogates(b)) && t.memoize(start)
	case OpShortBinBytes, OpBinBytes, OpBinBytes8, OpByteArray8:
		_, ok := t.bytes()
		return ok && t.memoize(start)
	case OpBinGet, OpLongBinGet:
		n, size, ok := t.number()
		t.pos += size
		if !ok || t.memo[n] == inMachine {
			return ok
		}
		_, _, ok = textAt(t.data, int(t.memo[n]))
		return ok
	}
	return false
}

// assignEntry stores a generic value under a key that was read.
func (t *typed) assignEntry(d *table, p *decPlan, dst unsafe.Pointer, v any) bool {
	if p == nil {
		return true
	}
	if d.p.kind != intoMap {
		p.zero(dst)
		return t.assignTo(p, dst, v)
	}
	d.elem.SetZero()
	if !t.assignTo(p, dst, v) {
		return false
	}
	d.m.SetMapIndex(d.key, d.elem)
	return true
}

// assignPairs stores generic keys and values.
func (t *typed) assignPairs(d *table, values []any) bool {
	if len(values)%2 != 0 {
		return false
	}
	for i := 0; i < len(values); i += 2 {
		if d.p.kind == intoMap {
			d.key.SetZero()
			if !t.assignTo(d.p.key, d.key.Addr().UnsafePointer(), values[i]) ||
				!t.assignEntry(d, d.p.elem, d.elem.Addr().UnsafePointer(), values[i+1]) {
				return false
			}
			continue
		}
		name, ok := values[i].(string)
		if !ok {
			return false
		}
		n, ok := d.p.names.lookup(name)
		if !ok {
			continue
		}
		if d.seen&(1<<n) != 0 {
			return t.never()
		}
		d.seen |= 1 << n
		f := &d.p.fields[n]
		if !t.assignEntry(d, f.plan, unsafe.Add(d.dst, f.offset), values[i+1]) {
			return false
		}
	}
	return true
}
