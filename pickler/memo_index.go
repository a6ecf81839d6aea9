package pickler

import "slices"

// index maps addresses of living objects to slots, 0 to maxSlot. Those of few objects are in
// a hash table. Those of many are in pages, as long as they lie close enough together that
// pages take little memory; objects strewn far apart stay in the table, which grows. So no
// lookup takes longer because of where objects lie, or how many there are.
//
// Addresses that collide in the table by each of its hashes, as only made ones can, are in pages
// whatever those take.
//
// Each method that may need memory takes it from an arena or from the system, and panics with
// outOfMemory where there is none; the index is unchanged then.
type index struct {
	table hashTable
	pages pages
	paged bool // the addresses are in pages, and none in table
}

// pagesFrom are sizes of the table at which, when it is full, pages are tried: their cells
// are nearer to each other than a large table's entries.
var pagesFrom = [...]int{1 << 12, 1 << 16}

const (
	maxSlot = 1<<32 - 2

	// slotsAhead is more than the slots that a frame, or a buffer, can take.
	slotsAhead = 1 << 22
)

// get gives the slot of an address.
func (x *index) get(addr uintptr, memory *arena) (slot uint32, ok bool) {
	if x.paged {
		c := x.pages.look(addr)
		return c - 1, c != 0
	}
	if x.table.used == 0 {
		return 0, false
	}
	e := x.table.entry(addr)
	if e == nil {
		x.spread(memory)
		return x.get(addr, memory)
	}
	return e.slot, e.generation == x.table.generation
}

// getOrAdd gives the slot of an address, which gets this slot if it has none.
func (x *index) getOrAdd(addr uintptr, slot uint32, memory *arena) (found uint32, memoized bool) {
	if x.paged {
		c := x.pages.cell(addr, memory)
		if c == nil {
			x.useTable()
			return x.getOrAdd(addr, slot, memory)
		}
		if *c != 0 {
			return *c - 1, true
		}
		*c = slot + 1
		x.pages.cells++
		return 0, false
	}
	e := x.table.entry(addr)
	if e == nil {
		x.spread(memory)
		return x.getOrAdd(addr, slot, memory)
	}
	if e.generation == x.table.generation {
		return e.slot, true
	}
	if !x.table.add(e, addr, slot) {
		x.makeRoom(addr, memory)
	}
	return 0, false
}

// spread is what is to be done about addresses that collide in the table.
func (x *index) spread(memory *arena) {
	// What rehash needs is of Go's heap, so that a large table grows instead.
	if len(x.table.entries) < keptTable && x.table.rehash() || len(x.table.entries) >= keptTable && x.table.grow() {
		return
	}
	x.usePages(0, false, memory)
}

// makeRoom is what is to be done about a table that has become more than half full with an
// address, which is taken away again where there is no memory for more.
func (x *index) makeRoom(added uintptr, memory *arena) {
	if slices.Contains(pagesFrom[:], len(x.table.entries)) && x.table.isDense() && x.usePages(added, true, memory) {
		return
	}
	done := false
	defer func() {
		if !done {
			x.table.remove(added)
		}
	}()
	grown := x.table.grow()
	done = true
	if !grown {
		x.usePages(added, false, memory)
	}
}

// set gives an address a slot, whether it has one or not.
func (x *index) set(addr uintptr, slot uint32, memory *arena) {
	if _, memoized := x.getOrAdd(addr, slot, memory); !memoized {
		return
	}
	if x.paged {
		*x.pages.cell(addr, memory) = slot + 1
		return
	}
	x.table.entry(addr).slot = slot
}

// usePages moves the entries of the table to pages, which are to be bounded, or not. done is
// false, and nothing has changed, where they would take too much. Where there is no memory for
// them, the entry of an address that was just added is taken away.
func (x *index) usePages(added uintptr, bounded bool, memory *arena) (done bool) {
	failed := true
	defer func() {
		if failed {
			x.pages.clear()
			x.table.remove(added)
		}
	}()
	x.pages.bounded = bounded
	for i := range x.table.entries {
		e := &x.table.entries[i]
		if e.generation != x.table.generation {
			continue
		}
		c := x.pages.cell(e.key, memory)
		if c == nil {
			failed = false
			x.pages.clear()
			return false
		}
		*c = e.slot + 1
		x.pages.cells++
	}
	failed = false
	x.paged = true
	x.table.leave()
	return true
}

// useTable moves what is in pages to the table, or where that can't hold it lets pages take
// what they need.
func (x *index) useTable() {
	size := minTable
	for size < 4*x.pages.cells && size < keptTable {
		size *= 4
	}
	for size < 4*x.pages.cells {
		size *= 2
	}
	x.table.init(size)
	if !x.table.fill(x.pages.all()) {
		clear(x.table.entries)
		x.table.leave()
		x.pages.bounded = false
		return
	}
	x.pages.clear()
	x.paged = false
}

// remove forgets an address, if it is there.
func (x *index) remove(addr uintptr) {
	if x.paged {
		x.pages.remove(addr)
	} else {
		x.table.remove(addr)
	}
}

// clear forgets all addresses. The caller clears the arena.
func (x *index) clear() {
	x.table.clear()
	if x.paged {
		x.pages.clear()
		x.paged = false
	}
}
