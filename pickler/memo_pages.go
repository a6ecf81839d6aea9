package pickler

import (
	"iter"
	"unsafe"
)

// pages map addresses to slots for a dump of many objects, like the page tables
// of a processor: a chunk of 256 KiB of the address space has a directory of its
// regions, a region of 512 bytes has a cell for each 16 of them. No two objects
// begin in the same 16 bytes, since PyObject itself takes as many: so the cell is
// the object's own, and wherever memory lies, finding it takes the same steps.
//
// Objects that lie side by side have their cells side by side, and nothing is
// moved when there are more of them. Where objects fill their memory the cells
// take 8 to 16 bytes for each; where they are strewn far apart, as in a process with a large
// heap, up to a directory and a region for each, all of them memory that nobody has touched.
// Pages that are bounded say so instead.
//
// Only the chunks are in a hash table. There are few: 4,000 for each GiB.
type pages struct {
	near   [32]chunk // those used last, by the low bits of their numbers
	chunks []chunk   // open addressing; a power of two, at most half full
	used   int
	seed   uintptr // of their hash

	cells   int  // in use
	taken   int  // bytes of directories and regions
	bounded bool // taken has a bound
}

// The bound of the bytes taken: about what a table's entries take, and some for the first.
const (
	boundPerCell = 96
	boundAtFirst = 64 << 10
)

func (pg *pages) isFull() bool {
	return pg.bounded && pg.taken > boundAtFirst+boundPerCell*pg.cells
}

const (
	cellBits   = 4
	regionBits = 9
	chunkBits  = 18
)

type (
	region    [1 << (regionBits - cellBits)]uint32 // slots, plus one
	directory [1 << (chunkBits - regionBits)]*region
)

type chunk struct {
	number  uintptr // of the chunk, plus one
	regions *directory
}

// cell gives the cell of the object at an address: its slot plus one, or 0. What
// it needs for that is made, of an arena's memory. It is nil where that goes beyond the bound.
func (pg *pages) cell(addr uintptr, memory *arena) *uint32 {
	number := addr>>chunkBits + 1
	near := &pg.near[number%uintptr(len(pg.near))]
	d := near.regions
	if near.number != number {
		if d = pg.find(number, memory); d == nil {
			return nil
		}
	}
	r := &d[addr>>regionBits%uintptr(len(d))]
	if *r == nil {
		if *r = pg.newRegion(memory); *r == nil {
			return nil
		}
	}
	return &(*r)[addr>>cellBits%uintptr(len(*r))]
}

// look gives what is in the cell of an address, without making anything.
func (pg *pages) look(addr uintptr) uint32 {
	number := addr>>chunkBits + 1
	near := &pg.near[number%uintptr(len(pg.near))]
	d := near.regions
	if near.number != number {
		if d = pg.known(number); d == nil {
			return 0
		}
	}
	r := d[addr>>regionBits%uintptr(len(d))]
	if r == nil {
		return 0
	}
	return r[addr>>cellBits%uintptr(len(r))]
}

// known gives the directory of a chunk, nil where it has none.
//
//go:noinline
func (pg *pages) known(number uintptr) *directory {
	if pg.used == 0 {
		return nil
	}
	c := pg.place(number)
	if c == nil || c.number == 0 {
		return nil
	}
	pg.near[number%uintptr(len(pg.near))] = *c
	return c.regions
}

//go:noinline
func (pg *pages) newRegion(memory *arena) *region {
	if pg.isFull() {
		return nil
	}
	r := (*region)(memory.alloc(unsafe.Sizeof(region{})))
	pg.taken += int(unsafe.Sizeof(region{}))
	return r
}

// find gives the directory of a chunk, which it makes if it isn't there; nil where that goes
// beyond the bound.
//
//go:noinline
func (pg *pages) find(number uintptr, memory *arena) *directory {
	var c *chunk
	if 2*pg.used < len(pg.chunks) {
		c = pg.place(number)
	}
	for c == nil {
		pg.grow()
		c = pg.place(number)
	}
	if c.number == 0 {
		if pg.isFull() {
			return nil
		}
		d := (*directory)(memory.alloc(unsafe.Sizeof(directory{})))
		pg.taken += int(unsafe.Sizeof(directory{}))
		*c = chunk{number, d}
		pg.used++
	}
	pg.near[number%uintptr(len(pg.near))] = *c
	return c.regions
}

// place finds a chunk, or the free place where it belongs; nil when neither is near.
func (pg *pages) place(number uintptr) *chunk {
	mask := uintptr(len(pg.chunks) - 1)
	i := hashAddress(number^pg.seed, hashFactors[0])
	for range maxProbes {
		if c := &pg.chunks[i&mask]; c.number == number || c.number == 0 {
			return c
		}
		i++
	}
	return nil
}

// grow makes a larger hash table, with another hash: chunks that met in the old one
// need not meet in the new one.
func (pg *pages) grow() {
	old := pg.chunks
	for size := max(64, 4*len(old)); ; size *= 2 {
		pg.chunks = make([]chunk, size)
		pg.seed += 0x632be59bd9b4e019
		if pg.placeAll(old) {
			return
		}
	}
}

func (pg *pages) placeAll(old []chunk) bool {
	for _, c := range old {
		if c.number == 0 {
			continue
		}
		to := pg.place(c.number)
		if to == nil {
			return false
		}
		*to = c
	}
	return true
}

// maxSpareChunks is the size up to which the hash table is kept for the next time.
const maxSpareChunks = 1 << 12

// clear forgets all addresses. The caller clears the arena: no pointer into it stays.
func (pg *pages) clear() {
	chunks := pg.chunks
	*pg = pages{}
	if len(chunks) <= maxSpareChunks {
		clear(chunks)
		pg.chunks = chunks
	}
}

// remove forgets an address, if it is there.
func (pg *pages) remove(addr uintptr) {
	d := pg.known(addr>>chunkBits + 1)
	if d == nil {
		return
	}
	if r := d[addr>>regionBits%uintptr(len(d))]; r != nil {
		c := &r[addr>>cellBits%uintptr(len(r))]
		if *c != 0 {
			pg.cells--
		}
		*c = 0
	}
}

// all gives the addresses that have a slot.
func (pg *pages) all() iter.Seq2[uintptr, uint32] {
	return func(yield func(uintptr, uint32) bool) {
		for _, c := range pg.chunks {
			if c.number == 0 {
				continue
			}
			for i, r := range c.regions {
				if r == nil {
					continue
				}
				for j, cell := range r {
					addr := (c.number-1)<<chunkBits | uintptr(i)<<regionBits | uintptr(j)<<cellBits
					if cell != 0 && !yield(addr, cell-1) {
						return
					}
				}
			}
		}
	}
}
