package pickler

import (
	"iter"
	"math/bits"
	"slices"
	"unsafe"
)

// hashTable maps addresses to slots: open addressing. For a dump of few objects it fits the
// processor's caches; a large one is memory of its own, given back when the dump is over.
//
// An entry is valid when its generation is the table's, so that clear costs
// nothing for the table's size.
//
// Invariants: len(entries) is 0 or a power of two, 2*used <= len(entries), and
// each valid entry is less than maxProbes after the place its address hashes to.
type hashTable struct {
	entries    []memoEntry
	factor     uint64 // of the hash: one of hashFactors
	generation uint32
	used       int

	// sizes are tables of each size up to keptTable that has been in use, for the next time: of
	// older generations.
	sizes  [tableSizes][]memoEntry
	mapped []byte // what entries are in, of a larger table
	spare  []byte // of one, for the next time
}

type memoEntry struct {
	key        uintptr
	slot       uint32
	generation uint32
}

const (
	minTable   = 256
	keptTable  = minTable << (2 * (tableSizes - 1)) // 1 MiB
	tableSizes = 5

	// maxSpareTable bounds the memory of a table that is kept, in bytes.
	maxSpareTable = 4 << 20

	// maxProbes bounds the search for an address. There are no entries in a run this long
	// for addresses that the hash spreads as if at random. For those that it doesn't,
	// another factor is tried, and at last pages take over, which don't hash objects at all.
	maxProbes = 128
)

// hashFactors make hashes that have nothing to do with each other. Objects of one size, side
// by side or each so many apart, are at even distances: of a hundred such distances there are
// two or three that any one factor leaves in long runs.
var hashFactors = [...]uint64{0x9e3779b97f4a7c15, 0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db}

// hashAddress spreads addresses: the halves of a product have between them all bits of
// the address, high and low.
func hashAddress(addr uintptr, factor uint64) uintptr {
	hi, lo := bits.Mul64(uint64(addr), factor)
	return uintptr(hi ^ lo)
}

// entry finds the key's entry, or the free one where it belongs; nil when neither
// is near.
func (t *hashTable) entry(key uintptr) *memoEntry {
	entries := t.entries
	if len(entries) == 0 {
		t.init(minTable)
		entries = t.entries
	}
	mask := uintptr(len(entries) - 1)
	i := hashAddress(key>>4, t.factor)
	for range maxProbes {
		e := &entries[i&mask]
		if e.generation != t.generation || e.key == key {
			return e
		}
		i++
	}
	return nil
}

// add fills a free entry that entry gave. ok is false when the table is more than half full
// then: it must grow, or its entries must go elsewhere.
func (t *hashTable) add(e *memoEntry, key uintptr, slot uint32) (ok bool) {
	*e = memoEntry{key, slot, t.generation}
	t.used++
	return 2*t.used <= len(t.entries)
}

// grow takes a larger table into use. ok is false, and nothing has changed, where that can't
// hold the keys; it panics with outOfMemory where there is no memory for it.
func (t *hashTable) grow() (ok bool) {
	size := 4 * len(t.entries)
	if size > keptTable {
		size = 2 * len(t.entries)
	}
	old := *t
	t.init(size)
	if !t.fill(old.all()) {
		clear(t.entries)
		t.release(t.mapped)
		t.entries, t.factor, t.generation, t.used, t.mapped = old.entries, old.factor, old.generation, old.used, old.mapped
		return false
	}
	t.release(old.mapped)
	return true
}

// rehash spreads the keys by another factor. ok is false where none does, and then they are
// in the table by the factor that it had, some of them further than maxProbes from their place:
// they are to go to pages.
func (t *hashTable) rehash() (ok bool) {
	all := make([]memoEntry, 0, t.used)
	for key, slot := range t.all() {
		all = append(all, memoEntry{key: key, slot: slot})
	}
	before := t.factor
	t.useNextFactor()
	if t.fill(func(yield func(uintptr, uint32) bool) {
		for _, e := range all {
			if !yield(e.key, e.slot) {
				return
			}
		}
	}) {
		return true
	}
	t.factor = before
	t.generation++
	for _, e := range all {
		t.putAnywhere(e.key, e.slot)
	}
	t.used = len(all)
	return false
}

// putAnywhere adds a key that isn't there, however far its place is.
func (t *hashTable) putAnywhere(key uintptr, slot uint32) {
	mask := uintptr(len(t.entries) - 1)
	for i := hashAddress(key>>4, t.factor); ; i++ {
		if e := &t.entries[i&mask]; e.generation != t.generation {
			*e = memoEntry{key, slot, t.generation}
			return
		}
	}
}

// fill fills a table without valid entries. It tries each factor; ok is false where by none of
// them all keys have a place.
func (t *hashTable) fill(all iter.Seq2[uintptr, uint32]) (ok bool) {
	for range hashFactors {
		n := 0
		ok = true
		for key, slot := range all {
			e := t.entry(key)
			if e == nil {
				ok = false
				break
			}
			*e = memoEntry{key, slot, t.generation}
			n++
		}
		if ok {
			t.used = n
			return true
		}
		t.useNextFactor()
	}
	return false
}

// useNextFactor changes the hash of a table, of which no entry is valid then.
func (t *hashTable) useNextFactor() {
	t.factor = hashFactors[(slices.Index(hashFactors[:], t.factor)+1)%len(hashFactors)]
	t.generation++
}

// all gives the keys and their slots.
func (t *hashTable) all() iter.Seq2[uintptr, uint32] {
	entries, generation := t.entries, t.generation
	return func(yield func(uintptr, uint32) bool) {
		for i := range entries {
			if e := &entries[i]; e.generation == generation && !yield(e.key, e.slot) {
				return
			}
		}
	}
}

// release gives the memory of a large table back, or keeps it.
func (t *hashTable) release(mapped []byte) {
	if len(mapped) > len(t.spare) && len(mapped) <= maxSpareTable {
		mapped, t.spare = t.spare, mapped
	}
	if mapped != nil {
		_ = unmapMemory(mapped) // it fails only for what mapMemory has not given
	}
}

// remove forgets a key, if it is there, and moves entries that it stood before
// nearer to where they hash to.
func (t *hashTable) remove(key uintptr) {
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
		if home := hashAddress(e.key>>4, t.factor); (i-home)&mask >= (i-gap)&mask {
			t.entries[gap&mask] = *e
			gap = i
		}
	}
	t.entries[gap&mask] = memoEntry{}
	t.used--
}

// init takes a table of a size into use, with no valid entries. It panics with outOfMemory,
// and nothing has changed, where there is no memory for it.
func (t *hashTable) init(size int) {
	if t.factor == 0 {
		t.factor = hashFactors[0]
	}
	if size > keptTable {
		bytes := size * int(unsafe.Sizeof(memoEntry{}))
		if mapped := t.spare; len(mapped) >= bytes {
			t.mapped, t.spare = mapped, nil
		} else if mapped, err := mapMemory(bytes); err == nil {
			t.mapped = mapped
		} else {
			panic(outOfMemory{})
		}
		t.entries = entriesIn(t.mapped)
		t.generation++
		return
	}
	n := bits.Len(uint(size/minTable)) / 2
	if t.sizes[n] == nil {
		t.sizes[n] = make([]memoEntry, size)
	}
	t.mapped = nil
	t.entries = t.sizes[n]
	t.generation++
}

func entriesIn(mapped []byte) []memoEntry {
	return unsafe.Slice((*memoEntry)(unsafe.Pointer(unsafe.SliceData(mapped))), len(mapped)/int(unsafe.Sizeof(memoEntry{})))
}

// leave forgets all entries. No table is in use after it.
func (t *hashTable) leave() {
	t.release(t.mapped)
	t.entries, t.mapped, t.used = nil, nil, 0
}

// clear forgets all entries, and goes back to a small table.
func (t *hashTable) clear() {
	t.used = 0
	if len(t.entries) > minTable {
		t.leave()
	}
	if t.generation++; t.generation > 1<<31 {
		// Long before it comes round, and with no entries to keep.
		for _, entries := range t.sizes {
			clear(entries)
		}
		clear(t.spare)
		t.generation = 1
	}
}

// drop gives back what clear has kept and Go's garbage collector doesn't know.
func (t *hashTable) drop() {
	spare := t.spare
	t.spare = nil
	if spare != nil {
		_ = unmapMemory(spare) // it fails only for what mapMemory has not given
	}
}

// isDense estimates whether the keys lie so close together that pages for them stay well
// within their bound.
func (t *hashTable) isDense() bool {
	// Four bits for each entry, eight for each key: few numbers fall together.
	seen := make([]uint64, len(t.entries)/16)
	most := boundAtFirst/2 + boundPerCell/4*3*t.used
	taken := countDistinct(t, seen, regionBits) * int(unsafe.Sizeof(region{}))
	if taken > most {
		return false
	}
	clear(seen)
	return taken+countDistinct(t, seen, chunkBits)*int(unsafe.Sizeof(directory{})) <= most
}

// countDistinct estimates, from below, how many numbers there are among the keys' without
// their lowest shift bits, given bits that are a power of two in number, and clear.
func countDistinct(t *hashTable, set []uint64, shift uint) int {
	n := 0
	for i := range t.entries {
		e := &t.entries[i]
		if e.generation != t.generation {
			continue
		}
		h := hashAddress(e.key>>shift, hashFactors[1])
		word, bit := &set[h>>6%uintptr(len(set))], uint64(1)<<(h&63)
		if *word&bit == 0 {
			*word |= bit
			n++
		}
	}
	return n
}
