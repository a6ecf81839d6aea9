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
	p   unsafe.Pointer
	tag uint64 // length<<kindBits | kind
}

// Kinds of identity. The types of Go values follow, numbered as they come.
const (
	kindStr = iota
	kindBytes
	kindTuple
	kindObject
	kindAnys
	kindStrings
	kindFloats
	kindInts
	kindInt64s
	firstTypeKind
)

const kindBits = 24

func pointerID(p unsafe.Pointer, kind uint32) identity { return identity{p, uint64(kind)} }

// bytesID is the identity of bytes, of which there is at least one.
func bytesID(s string) identity {
	return identity{unsafe.Pointer(unsafe.StringData(s)), uint64(len(s))<<kindBits | kindBytes}
}

func tupleID(t Tuple) identity {
	return identity{unsafe.Pointer(unsafe.SliceData(t)), uint64(len(t))<<kindBits | kindTuple}
}

// sliceID is the identity of a slice with items in it.
func sliceID(p unsafe.Pointer, n int, kind uint32) identity {
	return identity{p, uint64(n)<<kindBits | uint64(kind)}
}

// encodeMemo maps identities to slots: entries in the order in which they
// came, and a table with open addressing of their numbers, which takes a
// fraction of the time of a Go map.
//
// Invariant: len(index) is 0 or a power of two, and at least twice
// len(entries). The entries keep the memory alive, so that no two values get
// the same address.
type encodeMemo struct {
	index   []uint32 // 1 + position in entries
	entries []memoSlot
	// count is the number of slots given out; globals and characters take
	// slots too.
	count   int
	chars   [256]int32 // 1 + slot of the str of one Latin-1 character
	once    bool       // chars or empty are in use
	empty   [2]int32   // 1 + slot of the empty str and the empty bytes
	names   []int32    // 1 + slot of each fieldName
	named   []int32    // the names in use
	globals map[Global]int
	zones   map[zoneKey]*Object
	held    []any
	// off makes every value a new one.
	off bool
}

type memoSlot struct {
	identity
	slot int
}

const hashFactor = 0x9e3779b97f4a7c15

// near is where an identity is looked for first. What lies side by side in
// memory stays side by side in the index, for the sake of the cache: values
// that are encoded one after another often were made one after another.
func (id identity) near() uint64 {
	p := uint64(uintptr(id.p))
	return (p>>12^id.tag<<20^id.tag>>kindBits)*hashFactor>>32 + p>>3&511
}

// far is where it is looked for next.
func (id identity) far() uint64 {
	x := (uint64(uintptr(id.p)) ^ id.tag<<40 ^ id.tag>>kindBits) * hashFactor
	return x>>32 ^ x
}

// find is the position of an identity in entries, or a negative number,
// together with the place in index where it belongs, which must not be empty.
func (m *encodeMemo) find(id identity) (at int, place uint64) {
	mask := uint64(len(m.index) - 1)
	place = id.near() & mask
	n := m.index[place]
	if n == 0 {
		return -1, place
	}
	if m.entries[n-1].identity == id {
		return int(n - 1), place
	}
	for place = id.far() & mask; ; place = (place + 1) & mask {
		n := m.index[place]
		if n == 0 {
			return -1, place
		}
		if m.entries[n-1].identity == id {
			return int(n - 1), place
		}
	}
}

// get is the slot of a value that is written already.
func (m *encodeMemo) get(id identity) (int, bool) {
	if len(m.entries) == 0 {
		return 0, false
	}
	if at, _ := m.find(id); at >= 0 {
		return m.entries[at].slot, true
	}
	return 0, false
}

// see is the slot of a value that is written already. Otherwise it gives the
// value the next slot and returns false.
func (m *encodeMemo) see(id identity) (int, bool) {
	if 2*len(m.entries) >= len(m.index) {
		if m.off {
			m.count++
			return m.count - 1, false
		}
		m.reserve(len(m.entries) + 1)
	}
	at, place := m.find(id)
	if at >= 0 {
		return m.entries[at].slot, true
	}
	m.entries = append(m.entries, memoSlot{id, m.count})
	m.index[place] = uint32(len(m.entries))
	m.count++
	return m.count - 1, false
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
	if 2*len(m.entries) >= len(m.index) {
		m.reserve(len(m.entries) + 1)
	}
	at, place := m.find(id)
	if at >= 0 {
		m.entries[at].slot = slot
		return
	}
	m.entries = append(m.entries, memoSlot{id, slot})
	m.index[place] = uint32(len(m.entries))
}

// str is see for a str.
func (m *encodeMemo) str(s string) (int, bool) {
	return m.see(identity{unsafe.Pointer(unsafe.StringData(s)), uint64(len(s))<<kindBits | kindStr})
}

// reserve makes room for n values.
func (m *encodeMemo) reserve(n int) {
	if m.off || 2*n <= len(m.index) {
		return
	}
	size := max(64, 2*len(m.index))
	for size < 2*n {
		size *= 2
	}
	m.index = make([]uint32, size)
	if cap(m.entries) < size/2 {
		grown := make([]memoSlot, len(m.entries), size/2)
		copy(grown, m.entries)
		m.entries = grown
	}
	for i := range m.entries {
		_, place := m.find(m.entries[i].identity)
		m.index[place] = uint32(i + 1)
	}
}

// keepIndex is the size up to which an index is kept for the next use, if it
// is well filled.
const keepIndex = 1 << 18

func (m *encodeMemo) clear() {
	switch n := len(m.entries); {
	case len(m.index) > keepIndex || len(m.index) > 512 && 16*n < len(m.index):
		m.index, m.entries = nil, nil
	case n > 0:
		clear(m.index)
		clear(m.entries)
		m.entries = m.entries[:0]
	}
	if m.once {
		m.chars, m.empty, m.once = [256]int32{}, [2]int32{}, false
	}
	for _, i := range m.named {
		m.names[i] = 0
	}
	m.named = m.named[:0]
	m.count, m.globals, m.zones = 0, nil, nil
	clear(m.held)
	m.held = m.held[:0]
}
