package pickle

// The pickler's memo: which values are written already. CPython goes by the
// identity of objects; here identity is the memory a value lives in.

import (
	"math"
	"strconv"
	"unsafe"
)

func itoa(i int) string { return strconv.Itoa(i) }

// identity is the memory of a value that is no str. Values of different kinds
// may share it, as a struct does with its first field.
type identity struct {
	p    unsafe.Pointer
	n    int
	kind unsafe.Pointer // the type word of a Go type, or a kind below
}

// Kinds of identity for values that are no pointers to Go types.
var (
	kindBytes  = unsafe.Pointer(new(byte))
	kindTuple  = unsafe.Pointer(new(byte))
	kindObject = unsafe.Pointer(new(byte))
)

// encodeMemo maps identities to slots. The tables use open addressing, which
// takes half the time of a Go map, and hold strs apart, of which there are most.
//
// Invariant: the length of a table is 0 or a power of two, and at most three
// quarters of it are used. The keys keep the memory alive, so that no two
// values get the same address.
type encodeMemo struct {
	table    []memoSlot
	used     int
	strings  []stringSlot
	usedStrs int
	// count is the number of slots given out; globals and characters take
	// slots too.
	count   int
	chars   [256]int32 // 1 + slot of the str of one Latin-1 character
	once    bool       // chars or empty are in use
	empty   [2]int32   // 1 + slot of the empty str and the empty bytes
	globals map[Global]int
	zones   map[zoneKey]*Object
	held    []any
	// off makes every value a new one.
	off bool
}

type memoSlot struct {
	id   identity
	slot int
}

// stringSlot is a str with its length and slot.
type stringSlot struct {
	p       unsafe.Pointer
	n, slot uint32
}

func (id identity) hash() uint64 {
	return mix(uint64(uintptr(id.p))) ^ uint64(id.n)*0x9e3779b97f4a7c15
}

// get is the slot of a value that is written already.
func (m *encodeMemo) get(id identity) (int, bool) {
	if m.used == 0 {
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
	m.alias(id, m.count)
	m.count++
	return m.count - 1
}

// alias gives a value a slot.
func (m *encodeMemo) alias(id identity, slot int) {
	if m.off {
		return
	}
	if 4*(m.used+1) > 3*len(m.table) {
		old := m.table
		m.table = make([]memoSlot, max(32, 4*len(old)))
		for i := range old {
			if old[i].id.p != nil {
				m.place(old[i].id, old[i].slot)
			}
		}
	}
	m.place(id, slot)
	m.used++
}

func (m *encodeMemo) place(id identity, slot int) {
	mask := uint64(len(m.table) - 1)
	i := id.hash() & mask
	for m.table[i].id.p != nil && m.table[i].id != id {
		i = (i + 1) & mask
	}
	m.table[i] = memoSlot{id, slot}
}

// str is the slot of a str that is written already. Otherwise it gives the
// str the next slot and returns false. A str of 4 GiB is never seen again.
func (m *encodeMemo) str(s string) (int, bool) {
	if m.off || uint64(len(s)) > math.MaxUint32 || uint64(m.count) > math.MaxUint32 {
		m.count++
		return m.count - 1, false
	}
	if 4*(m.usedStrs+1) > 3*len(m.strings) {
		m.reserve(2 * (m.usedStrs + 1))
	}
	p := unsafe.Pointer(unsafe.StringData(s))
	mask := uint64(len(m.strings) - 1)
	i := stringHash(p, len(s)) & mask
	for m.strings[i].p != nil {
		if m.strings[i].p == p && m.strings[i].n == uint32(len(s)) {
			return int(m.strings[i].slot), true
		}
		i = (i + 1) & mask
	}
	m.strings[i] = stringSlot{p, uint32(len(s)), uint32(m.count)}
	m.usedStrs++
	m.count++
	return m.count - 1, false
}

func stringHash(p unsafe.Pointer, n int) uint64 {
	x := uint64(uintptr(p))*0x9e3779b97f4a7c15 + uint64(n)
	return x ^ x>>32
}

// reserve makes room for n strs.
func (m *encodeMemo) reserve(n int) {
	if m.off {
		return
	}
	size := max(32, len(m.strings))
	for 3*size < 4*n {
		size *= 2
	}
	if size == len(m.strings) {
		return
	}
	old := m.strings
	m.strings = make([]stringSlot, size)
	mask := uint64(size - 1)
	for _, s := range old {
		if s.p == nil {
			continue
		}
		i := stringHash(s.p, int(s.n)) & mask
		for m.strings[i].p != nil {
			i = (i + 1) & mask
		}
		m.strings[i] = s
	}
}

// keepTable is the size up to which a table is kept for the next use, if it
// is well filled.
const keepTable = 1 << 16

func keepSlots[T any](table []T, used int) []T {
	if len(table) > keepTable || len(table) > 256 && 8*used < len(table) {
		return nil
	}
	if used > 0 {
		clear(table)
	}
	return table
}

func (m *encodeMemo) clear() {
	m.table, m.used = keepSlots(m.table, m.used), 0
	m.strings, m.usedStrs = keepSlots(m.strings, m.usedStrs), 0
	if m.once {
		m.chars, m.empty, m.once = [256]int32{}, [2]int32{}, false
	}
	m.count, m.globals, m.zones = 0, nil, nil
	clear(m.held)
	m.held = m.held[:0]
}

func pointerID(p unsafe.Pointer, kind unsafe.Pointer) identity { return identity{p: p, kind: kind} }

// bytesID is the identity of bytes, of which there is at least one.
func bytesID(s string) identity {
	return identity{p: unsafe.Pointer(unsafe.StringData(s)), n: len(s), kind: kindBytes}
}

func tupleID(t Tuple) identity {
	return identity{p: unsafe.Pointer(unsafe.SliceData(t)), n: len(t), kind: kindTuple}
}
