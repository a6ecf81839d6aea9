package pickle

// The pickler's memo: which values are written already. CPython goes by the
// identity of objects; here identity is the memory a value lives in.

import (
	"strconv"
	"unsafe"
)

func itoa(i int) string { return strconv.Itoa(i) }

// identity is the memory of a value. Values of different kinds may share it,
// as a struct does with its first field.
type identity struct {
	p    unsafe.Pointer
	n    int
	kind unsafe.Pointer // the type word of a Go type, or a kind below
}

// Kinds of identity for values that are no pointers.
var (
	kindString = unsafe.Pointer(new(byte))
	kindBytes  = unsafe.Pointer(new(byte))
	kindTuple  = unsafe.Pointer(new(byte))
	kindObject = unsafe.Pointer(new(byte))
)

// encodeMemo maps identities to slots: open addressing, which is half the time of a Go map.
//
// Invariant: len(table) == 0 or a power of two above twice the entries.
// The keys keep the memory alive, so that no two values get the same address.
type encodeMemo struct {
	table []memoSlot
	used  int
	// count is the number of slots given out; globals and characters take
	// slots too.
	count   int
	chars   [256]int32 // 1 + slot of the str of one Latin-1 character
	empty   [2]int32   // 1 + slot of the empty str and the empty bytes
	globals map[Global]int
	zones   map[zoneKey]*Object
	held    []any
}

type memoSlot struct {
	id   identity
	slot int
}

func (id identity) hash() uint64 {
	return mix(uint64(uintptr(id.p))) ^ uint64(id.n)*0x9e3779b97f4a7c15
}

// get is the slot of a value that is written already.
func (m *encodeMemo) get(id identity) (int, bool) {
	if len(m.table) == 0 {
		return 0, false
	}
	mask := uint64(len(m.table) - 1)
	for i := id.hash() & mask; ; i = (i + 1) & mask {
		s := &m.table[i]
		if s.id.p == nil {
			return 0, false
		}
		if s.id == id {
			return s.slot, true
		}
	}
}

// put gives a value the next slot.
func (m *encodeMemo) put(id identity) int {
	if 2*(m.used+1) > len(m.table) {
		m.grow()
	}
	m.place(id, m.count)
	m.used++
	m.count++
	return m.count - 1
}

func (m *encodeMemo) place(id identity, slot int) {
	mask := uint64(len(m.table) - 1)
	i := id.hash() & mask
	for m.table[i].id.p != nil && m.table[i].id != id {
		i = (i + 1) & mask
	}
	m.table[i] = memoSlot{id, slot}
}

func (m *encodeMemo) grow() {
	old := m.table
	m.table = make([]memoSlot, max(64, 4*len(old)))
	for i := range old {
		if old[i].id.p != nil {
			m.place(old[i].id, old[i].slot)
		}
	}
}

// keepTable is the size up to which a table is kept for the next use.
const keepTable = 1 << 12

func (m *encodeMemo) clear() {
	table := m.table
	if len(table) > keepTable {
		table = nil
	}
	if m.used > 0 {
		clear(table)
	}
	*m = encodeMemo{table: table}
}

func pointerID(p unsafe.Pointer, kind unsafe.Pointer) identity { return identity{p: p, kind: kind} }

// stringID is the identity of a str or bytes of at least one byte.
func stringID(s string, kind unsafe.Pointer) identity {
	return identity{p: unsafe.Pointer(unsafe.StringData(s)), n: len(s), kind: kind}
}

func tupleID(t Tuple) identity {
	return identity{p: unsafe.Pointer(unsafe.SliceData(t)), n: len(t), kind: kindTuple}
}
