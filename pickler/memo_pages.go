package pickler

import "unsafe"

// pages map addresses to slots for a dump of many objects, like the page tables
// of a processor: a chunk of 256 KiB of the address space has a directory of its
// regions, a region of 512 bytes has a cell for each 16 of them. No two objects
// begin in the same 16 bytes, since PyObject itself takes as many: so the cell is
// the object's own, and wherever memory lies, finding it takes the same steps.
//
// Objects that lie side by side have their cells side by side, and nothing is
// moved when there are more of them. Where objects fill their memory the cells
// take 8 to 16 bytes for each; at worst, objects strewn far apart, a 64th of the memory
// they are strewn in and 128 bytes for each.
//
// Only the chunks are in a hash table. There are few: 4,000 for each GiB.
type pages struct {
	near   [32]chunk // those used last, by the low bits of their numbers
	chunks []chunk   // open addressing; a power of two, at most half full
	used   int
	seed   uintptr // of their hash
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
// it needs for that is made, of an arena's memory.
func (pg *pages) cell(addr uintptr, memory *arena) *uint32 {
	number := addr>>chunkBits + 1
	near := &pg.near[number%uintptr(len(pg.near))]
	d := near.regions
	if near.number != number {
		d = pg.find(number, memory)
	}
	r := &d[addr>>regionBits%uintptr(len(d))]
	if *r == nil {
		*r = newRegion(memory)
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
func newRegion(memory *arena) *region {
	return (*region)(memory.alloc(unsafe.Sizeof(region{})))
}

// find gives the directory of a chunk, which it makes if it isn't there.
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
		d := (*directory)(memory.alloc(unsafe.Sizeof(directory{})))
		*c = chunk{number, d}
		pg.used++
	}
	pg.near[number%uintptr(len(pg.near))] = *c
	return c.regions
}

// place finds a chunk, or the free place where it belongs; nil when neither is near.
func (pg *pages) place(number uintptr) *chunk {
	mask := uintptr(len(pg.chunks) - 1)
	i := hashAddress(number ^ pg.seed)
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
		r[addr>>cellBits%uintptr(len(r))] = 0
	}
}
