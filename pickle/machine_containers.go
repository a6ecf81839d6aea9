package pickle

// Opcodes that make and fill containers.

// container runs the opcodes that make a container of values on the stack.
func (m *machine) container(op Opcode) error {
	switch op {
	case OpEmptyTuple:
		m.pos++
		return m.pushDeep(emptyTuple, 1)
	case OpEmptySet:
		m.taken += 56
		m.pos++
		return m.pushDeep(&Set{}, 1)
	case OpTuple1, OpTuple2, OpTuple3:
		// Only reached when the stack is too short.
		return m.underflow()
	}
	at, err := m.popMark()
	if err != nil {
		return err
	}
	items := m.stack[at:]
	var v any
	switch op {
	case OpTuple:
		if len(items) == 0 {
			v = emptyTuple
		} else {
			v = m.boxTuple(m.newItems(items))
		}
	case OpList:
		l := m.newList()
		l.Items = m.newItems(items)
		v = l
	case OpDict:
		if len(items)%2 != 0 {
			return m.fail(ErrSyntax, "a key has no value")
		}
		d := m.newDict()
		if err := m.fillDict(d, items); err != nil {
			return m.keyError(err)
		}
		v = d
	case OpFrozenSet:
		s := &FrozenSet{}
		if err := m.fillSet(&s.d, items); err != nil {
			return m.keyError(err)
		}
		v = s
	}
	m.pos++
	depth := m.depths.pop(at) + 1
	m.stack = m.stack[:at]
	if err := m.checkMemory(); err != nil {
		return err
	}
	return m.pushDeep(v, depth)
}

var emptyTuple any = Tuple{}

// keyError reports why a key was refused.
func (m *machine) keyError(err error) error {
	if err == errHashBudget {
		return m.fail(ErrLimit, err.Error())
	}
	return m.fail(ErrSyntax, err.Error())
}

// fillDict stores keys and values in a dict.
func (m *machine) fillDict(d *Dict, items []any) error {
	n := len(items) / 2
	if len(d.entries) == 0 && d.index == nil {
		d.entries = m.newEntries(n)
		if n <= smallDict && m.fillSmall(d, items) {
			return nil
		}
	}
	h := m.grant()
	if want := len(d.entries) + n; want > smallDict && 2*want > len(d.slots()) {
		m.taken += 16 * int64(want)
		if want > cap(d.entries) {
			grown := make([]Entry, len(d.entries), max(want, 2*cap(d.entries)))
			m.taken += 32 * int64(cap(grown))
			copy(grown, d.entries)
			d.entries = grown
		}
		if err := d.reindex(h, max(want, len(d.slots())/2+1)); err != nil {
			return err
		}
	}
	for i := 0; i+1 < len(items); i += 2 {
		if err := d.set(h, items[i], items[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// fillSmall fills an empty dict with a few keys that are distinct strings, and
// reports whether they are. Dicts of records come one after another with the
// very same keys, so that the last answer is good for the next dict.
func (m *machine) fillSmall(d *Dict, items []any) bool {
	n := len(items) / 2
	e := d.entries[:n]
	known := len(m.shape) == n
	for i := range e {
		e[i] = Entry{items[2*i], items[2*i+1]}
		if known && !sameBox(&e[i].Key, &m.shape[i].Key) {
			known = false
		}
	}
	if !known {
		for i := range e {
			s, ok := e[i].Key.(string)
			if !ok {
				return false
			}
			for j := range i {
				if e[j].Key.(string) == s {
					return false
				}
			}
		}
		m.shape = e
	}
	d.entries = e
	return true
}

// fillSet adds items to a set.
func (m *machine) fillSet(d *Dict, items []any) error {
	h := m.grant()
	if want := len(d.entries) + len(items); want > cap(d.entries) {
		grown := make([]Entry, len(d.entries), max(want, 2*cap(d.entries)))
		m.taken += 48 * int64(cap(grown))
		copy(grown, d.entries)
		d.entries = grown
	}
	if want := len(d.entries) + len(items); want > smallDict && 2*want > len(d.slots()) {
		if err := d.reindex(h, max(want, len(d.slots())/2+1)); err != nil {
			return err
		}
	}
	for _, v := range items {
		if err := d.addHashed(h, v); err != nil {
			return err
		}
	}
	return nil
}

// below finds the container that the values from at on go into.
func (m *machine) below(at int) (any, error) {
	if at > len(m.stack) || at <= m.fence {
		return nil, m.underflow()
	}
	if m.sub != nil && m.depths.isShared(at-1) {
		return nil, errSubOdd
	}
	return m.stack[at-1], nil
}

// append runs APPEND and APPENDS.
func (m *machine) append(op Opcode) error {
	at := len(m.stack) - 1
	if op == OpAppends {
		var err error
		if at, err = m.popMark(); err != nil {
			return err
		}
	}
	target, err := m.below(at)
	if err != nil {
		return err
	}
	items := m.stack[at:]
	switch t := target.(type) {
	case *List:
		if cap(t.Items)-len(t.Items) < len(items) {
			m.growList(t, len(items))
		}
		t.Items = append(t.Items, items...)
	case *Object, Global, PersistentID, Extension:
		if len(items) == 0 && m.cfg.strict {
			return m.failf(ErrStrict, "only CPython's Python unpickler calls extend of %s with no items", typeName(target))
		}
		m.updateItems(OpAppends, at, items)
	case *ByteArray:
		for _, v := range items {
			b, ok := v.(int64)
			if !ok || b < 0 || b > 255 {
				return m.failf(ErrSyntax, "a bytearray takes ints from 0 to 255, not %s", typeName(v))
			}
			t.Data = append(t.Data, byte(b))
		}
		m.taken += int64(len(items))
	case Appender:
		if len(items) > 0 {
			if err := t.AppendPickle(m.newItems(items)); err != nil {
				return m.program(err)
			}
		}
	default:
		if err := m.emptyUpdate(items, target); err != nil {
			return err
		}
	}
	return m.absorb(at)
}

// emptyUpdate accepts an update of nothing, of whatever it is an update: the C unpickler
// returns before it looks at the value (_pickle.c, do_append, do_setitems).
func (m *machine) emptyUpdate(items []any, target any) error {
	if len(items) > 0 {
		return m.failf(ErrSyntax, "%s takes no items", typeName(target))
	}
	if m.cfg.strict {
		return m.failf(ErrStrict, "only CPython's C unpickler adds no items to %s", typeName(target))
	}
	return nil
}

// absorb ends an update: the values from at on belong to the one below them.
func (m *machine) absorb(at int) error {
	if len(m.stack) > at && !m.depths.absorb(at-1) {
		return m.tooDeep()
	}
	m.stack = m.stack[:at]
	m.pos++
	return m.checkMemory()
}

// updateItems notes that a symbolic value gets items.
func (m *machine) updateItems(op Opcode, at int, items []any) {
	if len(items) > 0 {
		m.update(at-1, Update{Op: op, Value: m.boxTuple(m.newItems(items))})
	}
}

// growList makes room for n more items. A long list comes in batches, each of
// which says how many bytes an item takes, and so how many items the rest of the
// input can hold. That guess costs at most 4 times the input if it is wrong.
func (m *machine) growList(l *List, n int) {
	here := m.offset()
	last := m.grown
	m.grown = grownList{l, here}
	if l.Items == nil && n <= maxSlab/8 {
		// A short list most often stays as it is.
		l.Items = m.newItems(m.stack[len(m.stack)-n:])[:0]
		return
	}
	need := len(l.Items) + n
	room := max(need, 2*cap(l.Items))
	if each := (here - last.offset) / int64(n); last.list == l && each > 0 {
		rest := len(m.data) - m.pos
		guess := need + min(rest/int(each), rest/4)
		room = max(room, min(guess, 64*need))
	}
	grown := make([]any, len(l.Items), room)
	m.taken += 16 * int64(room)
	copy(grown, l.Items)
	l.Items = grown
}

// grownList is the list that grew last, and where in the input that was.
type grownList struct {
	list   *List
	offset int64
}

// setItems runs SETITEM and SETITEMS.
func (m *machine) setItems(op Opcode) error {
	at := len(m.stack) - 2
	if op == OpSetItems {
		var err error
		if at, err = m.popMark(); err != nil {
			return err
		}
	}
	target, err := m.below(at)
	if err != nil {
		return err
	}
	items := m.stack[at:]
	if len(items)%2 != 0 {
		return m.fail(ErrSyntax, "a key has no value")
	}
	switch t := target.(type) {
	case *Dict:
		if err := m.fillDict(t, items); err != nil {
			return m.keyError(err)
		}
	case *Object, Global, PersistentID, Extension:
		m.updateItems(OpSetItems, at, items)
	case *List, *ByteArray:
		for i := 0; i < len(items); i += 2 {
			if err := m.setIndex(t, items[i], items[i+1]); err != nil {
				return err
			}
		}
	case ItemSetter:
		for i := 0; i < len(items); i += 2 {
			if err := t.SetPickleItem(items[i], items[i+1]); err != nil {
				return m.program(err)
			}
		}
	default:
		if len(items) > 0 {
			return m.failf(ErrSyntax, "%s takes no keys", typeName(target))
		}
	}
	return m.absorb(at)
}

// setIndex is container[index] = value for sequences, which Python allows SETITEM to do.
func (m *machine) setIndex(target, index, value any) error {
	var i int64
	switch x := index.(type) {
	case int64:
		i = x
	case bool:
		if x {
			i = 1
		}
	default:
		return m.failf(ErrSyntax, "%s is no index", typeName(index))
	}
	switch t := target.(type) {
	case *List:
		if i < 0 {
			i += int64(len(t.Items))
		}
		if i < 0 || i >= int64(len(t.Items)) {
			return m.fail(ErrSyntax, "the index is out of range")
		}
		t.Items[i] = value
	case *ByteArray:
		if i < 0 {
			i += int64(len(t.Data))
		}
		b, ok := value.(int64)
		if v, isBool := value.(bool); isBool {
			ok = true
			if v {
				b = 1
			}
		}
		if i < 0 || i >= int64(len(t.Data)) || !ok || b < 0 || b > 255 {
			return m.fail(ErrSyntax, "the index or the value is out of range")
		}
		t.Data[i] = byte(b)
	}
	return nil
}

// addItems runs ADDITEMS.
func (m *machine) addItems() error {
	at, err := m.popMark()
	if err != nil {
		return err
	}
	target, err := m.below(at)
	if err != nil {
		return err
	}
	items := m.stack[at:]
	switch t := target.(type) {
	case *Set:
		if err := m.fillSet(&t.d, items); err != nil {
			return m.keyError(err)
		}
	case *Object, Global, PersistentID, Extension:
		m.updateItems(OpAddItems, at, items)
	default:
		if err := m.emptyUpdate(items, target); err != nil {
			return err
		}
	}
	return m.absorb(at)
}
