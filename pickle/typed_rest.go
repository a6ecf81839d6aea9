//go:build !pickle_safe

package pickle

// The way around for items that are not of the shape their Go type has in
// streams: the machine runs them, and the rest of their batch.

import (
	"reflect"
	"unsafe"
)

// rest decodes values up to the opcode that takes them together with what is
// before them.
func (t *typed) rest() ([]any, bool) {
	if t.dead {
		return nil, false
	}
	m := t.m
	if m == nil {
		m = newMachine(t.cfg)
		m.data, m.sub = t.data, t
		m.begin()
		t.m = m
	}
	m.pos, m.stack, m.marks, m.fence = t.pos, m.stack[:0], m.marks[:0], 0
	m.depths.clear()
	m.depths.limit = t.limit - t.depth
	if grown := len(t.memo); grown > cap(m.memo.values) {
		m.memo.taken += 24 * int64(grown)
		values := make([]memoEntry, len(m.memo.values), grown+grown/4)
		copy(values, m.memo.values)
		m.memo.values = values
	}
	for len(m.memo.values) < len(t.memo) {
		m.memo.values = append(m.memo.values, memoEntry{nil, emptyMemo})
	}
	m.memo.filled = len(m.memo.values)
	_, err := m.loop()
	// What is around the values counts as well; the machine looks at their own
	// depth when one is put into another.
	if err != errSubEnd || m.depths.pop(0) > m.depths.limit {
		t.dead = true
		return nil, false
	}
	t.pos = m.pos
	for len(t.memo) < len(m.memo.values) {
		t.memo = append(t.memo, inMachine)
	}
	return m.stack, true
}

// forMachine is a value of the memo that the typed decoder has read: only
// strs can be made a second time.
func (t *typed) forMachine(number int64) (any, bool) {
	if number < 0 || number >= int64(len(t.memo)) || t.memo[number] == inMachine {
		return nil, false
	}
	s, ok := t.remembered(int(number))
	if !ok {
		return nil, false
	}
	v := t.m.boxString(s)
	t.m.memo.values[number] = memoEntry{v, 0}
	return v, true
}

// assignTo stores a generic value.
func (t *typed) assignTo(p *decPlan, dst unsafe.Pointer, v any) bool {
	return p.assign(&t.a, v, reflect.NewAt(p.typ, dst).Elem()) == nil
}
