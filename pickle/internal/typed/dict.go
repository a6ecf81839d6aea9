package typed

// Dicts straight from the stream, into structs and maps.

import (
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
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
	// maps is set for a map.
	maps *mapTable
}

// mapTable is a map with variables for one key and one value.
type mapTable struct {
	m, key, elem reflect.Value
	keyAt, at    unsafe.Pointer
}

func newMapTable(p *decPlan, dst unsafe.Pointer) *mapTable {
	m := &mapTable{m: reflect.MakeMap(p.typ), key: reflect.New(p.key.typ), elem: reflect.New(p.elem.typ)}
	m.keyAt, m.at = m.key.UnsafePointer(), m.elem.UnsafePointer()
	m.key, m.elem = m.key.Elem(), m.elem.Elem()
	reflect.NewAt(p.typ, dst).Elem().Set(m.m)
	return m
}

// mapping reads a dict, or a tuple, into a struct or a map. A dict of dicts
// runs through here and pointer at each level, and nothing between: the stack
// stays small.
func (t *typed) mapping(p *decPlan, dst unsafe.Pointer, at place) bool {
	if t.peek() != wire.OpEmptyDict {
		return t.noDict(p, dst, at)
	}
	start := t.pos
	t.pos++
	if !t.enter() || !t.memoize(start) {
		return false
	}
	d := table{p: p, dst: dst}
	if p.kind == intoMap {
		d.maps = newMapTable(p, dst)
	}
	for batch := fullBatch; batch == fullBatch; {
		op := t.peek()
		if op != wire.OpMark {
			if endsValue(op) {
				break
			}
			taken, ok := t.lone(&d, at)
			if !ok {
				return false
			}
			if !taken {
				break
			}
			batch = 1
			continue
		}
		t.pos++
		for batch = 0; t.peek() != wire.OpSetItems; batch++ {
			back := t.mark()
			to, q, ok := t.keyOf(&d)
			if !ok {
				n, ok := t.restOfPairs(&d, back)
				if !ok {
					return false
				}
				batch += n - 1
				continue
			}
			back = t.mark()
			switch {
			case to == nil:
				ok = t.skip()
			case to.kind == intoPointer:
				ok = t.pointer(to, (*unsafe.Pointer)(q), inDict)
			default:
				ok = t.value(to, q, inDict)
			}
			if !ok {
				n, ok := t.restOfValues(&d, to, q, back)
				if !ok {
					return false
				}
				batch += n - 1
				continue
			}
			if d.maps != nil {
				d.maps.m.SetMapIndex(d.maps.key, d.maps.elem)
			}
		}
		t.pos++
	}
	t.leave()
	return true
}

// noDict reads what else a struct or a map takes.
func (t *typed) noDict(p *decPlan, dst unsafe.Pointer, at place) bool {
	switch op := t.peek(); {
	case op == wire.OpNone:
		t.pos++
		return true
	case p.kind != intoStruct || op == wire.OpEmptyList || !t.enter():
		return false
	}
	r := row{p: p, base: dst, from: t.pos}
	ok := t.items(&r, at)
	t.leave()
	return ok
}

// restOfPairs goes on generically from a key to the end of its batch, and
// gives the number of the pairs.
func (t *typed) restOfPairs(d *table, back typedMark) (int, bool) {
	if !t.back(back) {
		return 0, false
	}
	values, ok := t.rest()
	return len(values) / 2, ok && len(values) > 0 && t.assignPairs(d, values) && t.peek() == wire.OpSetItems
}

// restOfValues is restOfPairs from the value of a key on.
func (t *typed) restOfValues(d *table, p *decPlan, dst unsafe.Pointer, back typedMark) (int, bool) {
	if !t.back(back) {
		return 0, false
	}
	values, ok := t.rest()
	return 1 + len(values)/2, ok && len(values) > 0 && t.assignEntry(d, p, dst, values[0]) &&
		t.assignPairs(d, values[1:]) && t.peek() == wire.OpSetItems
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
		if end, scalar = t.skipScalar(end); scalar && (end >= len(t.data) || wire.Opcode(t.data[end]) != wire.OpSetItem) {
			return false, true
		}
	}
	back := t.mark()
	seen := d.seen
	empty := seen == 0 && d.turn == 0 && (d.maps == nil || d.maps.m.Len() == 0)
	if p, dst, ok := t.keyOf(d); ok && t.entry(d, p, dst, alone) && t.peek() == wire.OpSetItem {
		t.pos++
		return true, true
	}
	if !t.back(back) {
		return false, false
	}
	if at != alone {
		if d.maps != nil {
			d.maps = newMapTable(d.p, d.dst)
		} else {
			d.p.zero(d.dst)
			d.seen, d.turn = 0, 0
		}
		return false, empty
	}
	if d.p.kind == intoStruct && d.seen != seen {
		return false, false
	}
	values, ok := t.rest()
	return true, ok && len(values) == 2 && t.assignPairs(d, values) && t.ends(wire.OpSetItem)
}

// keyOf reads a key and says where its value goes; a value that goes nowhere
// has no plan.
func (t *typed) keyOf(d *table) (*decPlan, unsafe.Pointer, bool) {
	if d.maps != nil {
		d.maps.key.SetZero()
		d.maps.elem.SetZero()
		return d.p.elem, d.maps.at, t.value(d.p.key, d.maps.keyAt, inDict)
	}
	var i int
	s := &t.states[d.p.id]
	rest := t.data[t.pos:]
	if d.turn < len(s.order) && len(rest) > 1 && wire.Opcode(rest[0]) == wire.OpBinGet && int(rest[1]) == s.order[d.turn].number {
		i = s.order[d.turn].field
		t.pos += 2
	} else {
		name, number, ok := t.name()
		if !ok {
			return nil, nil, false
		}
		if d.turn < len(s.order) && d.p.fields[s.order[d.turn].field].name == string(name) {
			i = s.order[d.turn].field
			s.order[d.turn].number = number
		} else if i, ok = d.p.names.Lookup(string(name)); !ok {
			return nil, nil, atom.IsText(name)
		} else if d.turn == len(s.order) {
			s.order = append(s.order, keyTurn{i, number})
		} else if d.turn < len(s.order) {
			s.order[d.turn] = keyTurn{i, number}
		}
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

// name reads a str that is a key, and gives its bytes in the data, which may
// not be UTF-8, and its number in the memo.
func (t *typed) name() (name []byte, number int, ok bool) {
	op := t.peek()
	if op == wire.OpBinGet || op == wire.OpLongBinGet {
		n, size, ok := t.number()
		if !ok {
			return nil, 0, false
		}
		t.pos += size
		if t.memo[n] == inMachine {
			s, ok := t.part.Str(n)
			return []byte(s), n, ok
		}
		b, _, ok := textAt(t.data, int(t.memo[n]))
		return b, n, ok
	}
	start, number := t.pos, len(t.memo)
	b, end, ok := textAt(t.data, start)
	if !ok {
		return nil, 0, false
	}
	t.pos = end
	ok = t.memoize(start)
	if len(t.memo) == number {
		number = -1
	}
	return b, number, ok
}

// entry reads the value of a key.
func (t *typed) entry(d *table, p *decPlan, dst unsafe.Pointer, at place) bool {
	if p == nil {
		return t.skip()
	}
	if !t.value(p, dst, at) {
		return false
	}
	if d.maps != nil {
		d.maps.m.SetMapIndex(d.maps.key, d.maps.elem)
	}
	return true
}

// skip passes a value that nobody wants, if it is an atom.
func (t *typed) skip() bool {
	op := t.peek()
	start := t.pos
	switch op {
	case wire.OpNone, wire.OpNewTrue, wire.OpNewFalse:
		t.pos++
		return true
	case wire.OpBinInt1, wire.OpBinInt2, wire.OpBinInt, wire.OpLong1:
		_, ok := t.integer()
		return ok
	case wire.OpBinFloat:
		if len(t.data)-t.pos < 9 {
			return false
		}
		t.pos += 9
		return true
	case wire.OpShortBinUnicode, wire.OpBinUnicode, wire.OpBinUnicode8:
		b, ok := t.rawText()
		return ok && atom.IsText(b) && t.memoize(start)
	case wire.OpShortBinBytes, wire.OpBinBytes, wire.OpBinBytes8, wire.OpByteArray8:
		_, ok := t.bytes()
		return ok && t.memoize(start)
	case wire.OpBinGet, wire.OpLongBinGet:
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
	p.zero(dst)
	if !t.assignTo(p, dst, v) {
		return false
	}
	if d.maps != nil {
		d.maps.m.SetMapIndex(d.maps.key, d.maps.elem)
	}
	return true
}

// assignPairs stores generic keys and values.
func (t *typed) assignPairs(d *table, values []any) bool {
	if len(values)%2 != 0 {
		return false
	}
	for i := 0; i < len(values); i += 2 {
		if d.maps != nil {
			d.maps.key.SetZero()
			if !t.assignTo(d.p.key, d.maps.keyAt, values[i]) || !t.assignEntry(d, d.p.elem, d.maps.at, values[i+1]) {
				return false
			}
			continue
		}
		name, ok := values[i].(string)
		if !ok {
			return false
		}
		n, ok := d.p.names.Lookup(name)
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
