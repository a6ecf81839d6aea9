package machine

// Opcodes that make and fill containers.

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// container runs the opcodes that make a container of values on the stack.
func (m *machine) container(op wire.Opcode) error {
	switch op {
	case wire.OpEmptyTuple:
		m.pos++
		return m.pushDeep(emptyTuple, 1)
	case wire.OpEmptySet:
		m.Taken += 56
		m.pos++
		return m.pushDeep(&value.Set{}, 1)
	case wire.OpTuple1, wire.OpTuple2, wire.OpTuple3:
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
	case wire.OpTuple:
		if len(items) == 0 {
			v = emptyTuple
		} else {
			v = m.BoxTuple(m.NewItems(items))
		}
	case wire.OpList:
		l := m.NewList()
		l.Items = m.NewItems(items)
		v = l
	case wire.OpDict:
		if len(items)%2 != 0 {
			return m.fail(wire.ErrSyntax, "a key has no value")
		}
		d := m.NewDict()
		if err := m.fillDict(d, items); err != nil {
			return m.keyError(err)
		}
		v = d
	case wire.OpFrozenSet:
		s := &value.FrozenSet{}
		if err := m.fillSet(value.DictOfFrozen(s), items); err != nil {
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

var emptyTuple any = value.Tuple{}

// keyError reports why a key was refused.
func (m *machine) keyError(err error) error {
	if err == value.ErrHashBudget {
		return m.fail(wire.ErrLimit, err.Error())
	}
	return m.fail(wire.ErrSyntax, err.Error())
}

// fillDict stores keys and values in a dict.
func (m *machine) fillDict(d *value.Dict, items []any) error {
	n := len(items) / 2
	if value.IsUnused(d) {
		entries := m.NewEntries(n)
		if n <= value.SmallDict && m.fillSmall(d, entries[:n], items) {
			return nil
		}
		value.SetEntries(d, entries)
	}
	h := m.grant()
	if value.NeedsIndex(d, n) {
		m.Taken += 16 * int64(d.Len()+n)
		m.Taken += 32 * int64(value.ReserveEntries(d, n))
		if err := value.GrowIndex(d, h, n); err != nil {
			return err
		}
	}
	for i := 0; i+1 < len(items); i += 2 {
		if err := value.PutKey(d, h, items[i], items[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// fillSmall fills an empty dict, by way of e, with a few keys that are distinct strings, and
// reports whether they are. Dicts of records come one after another with the
// very same keys, so that the last answer is good for the next dict.
func (m *machine) fillSmall(d *value.Dict, e []value.Entry, items []any) bool {
	same := len(m.shape) == len(e)
	for i := range e {
		e[i] = value.Entry{Key: items[2*i], Value: items[2*i+1]}
		if same && !mem.SameBox(&e[i].Key, &m.shape[i].Key) {
			same = false
		}
	}
	if !same {
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
	value.SetEntries(d, e)
	return true
}

// fillSet adds items to a set.
func (m *machine) fillSet(d *value.Dict, items []any) error {
	h := m.grant()
	m.Taken += 48 * int64(value.ReserveEntries(d, len(items)))
	if value.NeedsIndex(d, len(items)) {
		if err := value.GrowIndex(d, h, len(items)); err != nil {
			return err
		}
	}
	for _, v := range items {
		if err := value.AddKey(d, h, v); err != nil {
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
func (m *machine) append(op wire.Opcode) error {
	at := len(m.stack) - 1
	if op == wire.OpAppends {
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
	case *value.List:
		if cap(t.Items)-len(t.Items) < len(items) {
			m.growList(t, len(items))
		}
		t.Items = append(t.Items, items...)
	case *value.Object, value.Global, value.PersistentID, value.Extension:
		if len(items) == 0 && m.cfg.Strict {
			return m.failf(wire.ErrStrict, "only CPython's Python unpickler calls extend of %s with no items", value.TypeName(target))
		}
		m.updateItems(wire.OpAppends, at, items)
	case *value.ByteArray:
		for _, v := range items {
			b, ok := v.(int64)
			if !ok || b < 0 || b > 255 {
				return m.failf(wire.ErrSyntax, "a bytearray takes ints from 0 to 255, not %s", value.TypeName(v))
			}
			t.Data = append(t.Data, byte(b))
		}
		m.Taken += int64(len(items))
	case appender:
		if len(items) > 0 {
			if err := t.AppendPickle(m.NewItems(items)); err != nil {
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
		return m.failf(wire.ErrSyntax, "%s takes no items", value.TypeName(target))
	}
	if m.cfg.Strict {
		return m.failf(wire.ErrStrict, "only CPython's C unpickler adds no items to %s", value.TypeName(target))
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
func (m *machine) updateItems(op wire.Opcode, at int, items []any) {
	if len(items) > 0 {
		m.update(at-1, value.Update{Op: op, Value: m.BoxTuple(m.NewItems(items))})
	}
}

// growList grows a list by n items. A long list comes in batches, each of
// which says how many bytes an item takes, and so how many items the rest of the
// input can hold. That guess costs at most 4 times the input if it is wrong.
func (m *machine) growList(l *value.List, n int) {
	here := m.offset()
	last := m.grown
	m.grown = grownList{l, here}
	if l.Items == nil && n <= mem.MaxSlab/8 {
		// A short list most often stays as it is.
		l.Items = m.NewItems(m.stack[len(m.stack)-n:])[:0]
		return
	}
	need := len(l.Items) + n
	capacity := max(need, 2*cap(l.Items))
	if each := (here - last.offset) / int64(n); last.list == l && each > 0 {
		rest := len(m.data) - m.pos
		guess := need + min(rest/int(each), rest/4)
		capacity = max(capacity, min(guess, 64*need))
	}
	grown := make([]any, len(l.Items), capacity)
	m.Taken += 16 * int64(capacity)
	copy(grown, l.Items)
	l.Items = grown
}

// grownList is the list that grew last, and where in the input that was.
type grownList struct {
	list   *value.List
	offset int64
}

// setItems runs SETITEM and SETITEMS.
func (m *machine) setItems(op wire.Opcode) error {
	at := len(m.stack) - 2
	if op == wire.OpSetItems {
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
		return m.fail(wire.ErrSyntax, "a key has no value")
	}
	switch t := target.(type) {
	case *value.Dict:
		if err := m.fillDict(t, items); err != nil {
			return m.keyError(err)
		}
	case *value.Object, value.Global, value.PersistentID, value.Extension:
		m.updateItems(wire.OpSetItems, at, items)
	case *value.List, *value.ByteArray:
		for i := 0; i < len(items); i += 2 {
			if err := m.setIndex(t, items[i], items[i+1]); err != nil {
				return err
			}
		}
	case itemSetter:
		for i := 0; i < len(items); i += 2 {
			if err := t.SetPickleItem(items[i], items[i+1]); err != nil {
				return m.program(err)
			}
		}
	default:
		if len(items) > 0 {
			return m.failf(wire.ErrSyntax, "%s takes no keys", value.TypeName(target))
		}
	}
	return m.absorb(at)
}

// setIndex is container[index] = value for sequences, which Python allows SETITEM to do.
func (m *machine) setIndex(target, index, item any) error {
	var i int64
	switch x := index.(type) {
	case int64:
		i = x
	case bool:
		if x {
			i = 1
		}
	default:
		return m.failf(wire.ErrSyntax, "%s is no index", value.TypeName(index))
	}
	switch t := target.(type) {
	case *value.List:
		if i < 0 {
			i += int64(len(t.Items))
		}
		if i < 0 || i >= int64(len(t.Items)) {
			return m.fail(wire.ErrSyntax, "the index is out of range")
		}
		t.Items[i] = item
	case *value.ByteArray:
		if i < 0 {
			i += int64(len(t.Data))
		}
		b, ok := item.(int64)
		if v, isBool := item.(bool); isBool {
			ok = true
			if v {
				b = 1
			}
		}
		if i < 0 || i >= int64(len(t.Data)) || !ok || b < 0 || b > 255 {
			return m.fail(wire.ErrSyntax, "the index or the value is out of range")
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
	case *value.Set:
		if err := m.fillSet(value.DictOf(t), items); err != nil {
			return m.keyError(err)
		}
	case *value.Object, value.Global, value.PersistentID, value.Extension:
		m.updateItems(wire.OpAddItems, at, items)
	default:
		if err := m.emptyUpdate(items, target); err != nil {
			return err
		}
	}
	return m.absorb(at)
}
