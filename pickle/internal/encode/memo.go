package encode

// The pickler's memo: which values are written already. CPython goes by the
// identity of objects; here identity is the memory a value lives in.

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
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
	kindStr = iota + 1
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

func strID(s string) identity {
	return identity{unsafe.Pointer(unsafe.StringData(s)), uint64(len(s))<<kindBits | kindStr}
}

// bytesID is the identity of bytes, of which there is at least one.
func bytesID(s string) identity {
	return identity{unsafe.Pointer(unsafe.StringData(s)), uint64(len(s))<<kindBits | kindBytes}
}

func tupleID(t value.Tuple) identity {
	return identity{unsafe.Pointer(unsafe.SliceData(t)), uint64(len(t))<<kindBits | kindTuple}
}

// sliceID is the identity of a slice with items in it.
func sliceID(p unsafe.Pointer, n int, kind uint32) identity {
	return identity{p, uint64(n)<<kindBits | uint64(kind)}
}

// encodeMemo maps identities to slots: the identities in the order of their
// slots, and a table of the slots with open addressing, which takes a fraction
// of the time of a Go map.
//
// Invariant: len(index) is 0 or a power of two, and at least twice len(slots).
// The identities keep the memory alive, so that no two values get the same
// address.
type encodeMemo struct {
	index []uint32     // 1 + slot
	slots []identity   // empty for what is not looked for here
	later deferredStrs // of which slots and index know nothing
	// count is the number of slots given out; globals and characters take
	// slots too.
	count   int
	chars   [256]int32 // 1 + slot of the str of one Latin-1 character
	once    bool       // chars or empty are in use
	empty   [2]int32   // 1 + slot of the empty str and the empty bytes
	names   []int32    // 1 + slot of each fieldName
	named   []int32    // the names in use
	aliases map[identity]int
	globals map[value.Global]int
	zones   map[zoneKey]*value.Object
	held    []any
	// off makes every value a new one.
	off bool
}

const hashFactor = 0x9e3779b97f4a7c15

// near is where an identity is looked for first. What lies side by side in
// memory lies side by side in the index, too: values that are encoded one
// after another often were made one after another, so that few of them meet,
// and the cache is used well.
func (id identity) near() uint64 {
	shift := 4
	if id.tag < 16<<kindBits {
		shift = 3 // it may share 16 bytes with another one
	}
	return uint64(uintptr(id.p))>>shift + (id.tag&(1<<kindBits-1))*(hashFactor>>32)
}

// far is where it is looked for next.
func (id identity) far() uint64 {
	x := (uint64(uintptr(id.p)) ^ id.tag<<40 ^ id.tag>>kindBits) * hashFactor
	return x>>32 ^ x
}

// find is the slot of an identity, or a negative number, together with the
// place in index where it belongs. The index must not be full.
func (m *encodeMemo) find(id identity) (slot int, place uint64) {
	mask := uint64(len(m.index) - 1)
	place = id.near() & mask
	n := m.index[place]
	if n == 0 {
		return -1, place
	}
	if m.slots[n-1] == id {
		return int(n - 1), place
	}
	for place = id.far() & mask; ; place = (place + 1) & mask {
		n := m.index[place]
		if n == 0 {
			return -1, place
		}
		if m.slots[n-1] == id {
			return int(n - 1), place
		}
	}
}

// get is the slot of a value that is written already.
func (m *encodeMemo) get(id identity) (int, bool) {
	if len(m.slots) == 0 {
		return 0, false
	}
	if slot, _ := m.find(id); slot >= 0 {
		return slot, true
	}
	slot, ok := m.aliases[id]
	return slot, ok
}

// see is the slot of a value that is written already. Otherwise it gives the
// value the next slot and returns false. Aliases are not looked for.
func (m *encodeMemo) see(id identity) (int, bool) {
	if !m.later.off && id.tag&(1<<kindBits-1) == kindStr {
		m.putDeferred()
	}
	if m.off || 2*m.count >= len(m.index) || len(m.slots) != m.count {
		if !m.level() {
			m.count++
			return m.count - 1, false
		}
	}
	place := id.near() & uint64(len(m.index)-1)
	if m.index[place] != 0 {
		var slot int
		if slot, place = m.find(id); slot >= 0 {
			return slot, true
		}
	}
	slot := m.count
	m.slots = append(m.slots, id)
	m.count++
	m.index[place] = uint32(m.count)
	return slot, false
}

// level grows the memo by one value, and len(slots) the number of slots
// given out. It is false where nothing is looked for.
func (m *encodeMemo) level() bool {
	if m.off || m.count >= math.MaxUint32 {
		return false
	}
	m.reserve(m.count + 1)
	for len(m.slots) < m.count {
		m.slots = append(m.slots, identity{})
	}
	return true
}

// put gives a value that has none the next slot.
func (m *encodeMemo) put(id identity) int {
	slot, seen := m.see(id)
	if seen {
		// Something that its own parts refer to: they have the first slot.
		m.count++
		return m.count - 1
	}
	return slot
}

// alias gives a value another one's slot.
func (m *encodeMemo) alias(id identity, slot int) {
	if m.off {
		return
	}
	if m.aliases == nil {
		m.aliases = map[identity]int{}
	}
	m.aliases[id] = slot
}

// reserve grows the memo for n values.
func (m *encodeMemo) reserve(n int) {
	if m.off || 2*n <= len(m.index) {
		return
	}
	size := max(64, 2*len(m.index))
	for size < 2*n {
		size *= 2
	}
	m.index = make([]uint32, size)
	if capacity := size / 2; cap(m.slots) < capacity {
		grown := make([]identity, len(m.slots), capacity)
		copy(grown, m.slots)
		m.slots = grown
	}
	for i, id := range m.slots {
		if id.p != nil {
			_, place := m.find(id)
			m.index[place] = uint32(i + 1)
		}
	}
}

// keepIndex is the size up to which an index is kept for the next use, if it
// is well filled.
const keepIndex = 1 << 18

func (m *encodeMemo) clear() {
	switch n := len(m.slots); {
	case len(m.index) > keepIndex || len(m.index) > 512 && 16*n < len(m.index):
		m.index, m.slots = nil, nil
	case n > 0:
		clear(m.index)
		clear(m.slots)
		m.slots = m.slots[:0]
	}
	if m.once {
		m.chars, m.empty, m.once = [256]int32{}, [2]int32{}, false
	}
	for _, i := range m.named {
		m.names[i] = 0
	}
	m.named = m.named[:0]
	m.later.clear()
	m.count, m.aliases, m.globals, m.zones = 0, nil, nil, nil
	clear(m.held)
	m.held = m.held[:0]
}
