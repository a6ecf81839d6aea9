package pickler

// index maps addresses of living objects to slots, 0 to maxSlot. Those of few
// objects are in a small hash table, those of many in pages; so are those of few objects
// whose addresses collide in the table. No lookup takes longer because of where objects
// lie, or how many there are.
//
// Each method that may need memory takes it from an arena, and panics with outOfMemory
// where there is none; the index is unchanged then.
type index struct {
	table smallTable
	pages pages
	paged bool // the addresses are in pages, and none in table
}

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
		x.usePages(0, memory)
		return x.get(addr, memory)
	}
	return e.slot, e.generation == x.table.generation
}

// getOrAdd gives the slot of an address, which gets this slot if it has none.
func (x *index) getOrAdd(addr uintptr, slot uint32, memory *arena) (found uint32, memoized bool) {
	if x.paged {
		c := x.pages.cell(addr, memory)
		if *c != 0 {
			return *c - 1, true
		}
		*c = slot + 1
		return 0, false
	}
	e := x.table.entry(addr)
	if e == nil {
		x.usePages(0, memory)
		return x.getOrAdd(addr, slot, memory)
	}
	if e.generation == x.table.generation {
		return e.slot, true
	}
	if !x.table.add(e, addr, slot) {
		x.usePages(addr, memory)
	}
	return 0, false
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

// usePages moves the entries of the table to pages. Where there is no memory for
// that, the entry of an address that was just added is taken away.
func (x *index) usePages(added uintptr, memory *arena) {
	defer func() {
		if !x.paged {
			x.pages.clear()
			x.table.remove(added)
		}
	}()
	for i := range x.table.entries {
		if e := &x.table.entries[i]; e.generation == x.table.generation {
			*x.pages.cell(e.key, memory) = e.slot + 1
		}
	}
	x.paged = true
	x.table.leave()
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
