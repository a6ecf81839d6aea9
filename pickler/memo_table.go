package pickler

import (
	"math/bits"
	"unsafe"
)

// smallTable maps addresses to slots for a dump of few objects: open addressing
// in a table that fits the processor's caches.
//
// An entry is valid when its generation is the table's, so that clear costs
// nothing for the table's size.
//
// Invariants: len(entries) is 0 or a power of two, 2*used <= len(entries), and
// each valid entry is less than maxProbes after the place its address hashes to.
type smallTable struct {
	entries    []memoEntry
	generation uint32
	used       int

	// sizes are tables of each size that has been in use, for the next time: of
	// older generations.
	sizes [tableSizes][]memoEntry
}

type memoEntry struct {
	key        uintptr
	slot       uint32
	generation uint32
}

const (
	minTable   = 256
	maxTable   = minTable << (2 * (tableSizes - 1))
	tableSizes = 3

	// maxProbes bounds the search for an address. Entries in a run this long are
	// many in a billion for addresses that the hash spreads as if at random; for
	// those that it doesn't, pages take over, which don't hash objects at all.
	maxProbes = 64
)

// hashAddress spreads addresses of any pattern: the halves of a product have
// between them all bits of the address, high and low.
func hashAddress(addr uintptr) uintptr {
	hi, lo := bits.Mul64(uint64(addr), 0x9e3779b97f4a7c15)
	return uintptr(hi ^ lo)
}

// entry finds the key's entry, or the free one where it belongs; nil when neither
// is near.
func (t *smallTable) entry(key uintptr) *memoEntry {
	entries := t.entries
	if len(entries) == 0 {
		t.init(minTable)
		entries = t.entries
	}
	mask := uintptr(len(entries) - 1)
	i := hashAddress(key >> 4)
	for range maxProbes {
		e := &entries[i&mask]
		if e.generation != t.generation || e.key == key {
			return e
		}
		i++
	}
	return nil
}

// add fills a free entry that entry gave. ok is false when the table is at its
// largest and half full, or can't hold the keys it has in a larger one.
func (t *smallTable) add(e *memoEntry, key uintptr, slot uint32) (ok bool) {
	*e = memoEntry{key, slot, t.generation}
	if t.used++; 2*t.used <= len(t.entries) {
		return true
	}
	return t.grow()
}

func (t *smallTable) grow() (ok bool) {
	old, generation := t.entries, t.generation
	if len(old) >= maxTable {
		return false
	}
	t.init(len(old) * 4)
	for _, e := range old {
		if e.generation != generation {
			continue
		}
		to := t.entry(e.key)
		if to == nil {
			clear(t.entries)
			t.entries, t.generation = old, generation
			return false
		}
		*to = memoEntry{e.key, e.slot, t.generation}
	}
	return true
}

// remove forgets a key, if it is there, and moves entries that it stood before
// nearer to where they hash to.
func (t *smallTable) remove(key uintptr) {
	e := t.entry(key)
	if e == nil || e.generation != t.generation {
		return
	}
	mask := uintptr(len(t.entries) - 1)
	gap := (uintptr(unsafe.Pointer(e)) - uintptr(unsafe.Pointer(&t.entries[0]))) / unsafe.Sizeof(*e)
	for i := gap + 1; ; i++ {
		e := &t.entries[i&mask]
		if e.generation != t.generation {
			break
		}
		if home := hashAddress(e.key >> 4); (i-home)&mask >= (i-gap)&mask {
			t.entries[gap&mask] = *e
			gap = i
		}
	}
	t.entries[gap&mask] = memoEntry{}
	t.used--
}

// init takes a table of a size into use, with no valid entries.
func (t *smallTable) init(size int) {
	n := bits.Len(uint(size/minTable)) / 2
	if t.sizes[n] == nil {
		t.sizes[n] = make([]memoEntry, size)
	}
	t.entries = t.sizes[n]
	t.generation++
}

// leave forgets all entries. No table is in use after it.
func (t *smallTable) leave() { t.entries, t.used = nil, 0 }

// clear forgets all entries, and goes back to a small table.
func (t *smallTable) clear() {
	t.used = 0
	if len(t.entries) > minTable {
		t.entries = nil
	}
	if t.generation++; t.generation > 1<<31 {
		// Long before it comes round, and with no entries to keep.
		for _, entries := range t.sizes {
			clear(entries)
		}
		t.generation = 1
	}
}
