package pickler

import (
	"syscall"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// arena is memory outside of Go's heap, for what grows with the number of objects
// of a dump: zeroed, never moved, and given back to the system when the dump is
// over, at once and without a garbage collection.
//
// Nothing in it may point into Go's heap, and no pointer into it may outlive clear:
// Go's heap can later be mapped at the same addresses, and its collector takes any
// pointer there for one of its own.
type arena struct {
	blocks [][]byte
	free   []byte // the rest of the last block
	mapped int    // bytes in blocks
}

const (
	minBlock = 256 << 10
	maxBlock = 16 << 20

	// maxSpareBlocks bounds what the process keeps of cleared arenas: dumps of some thousand
	// objects, one after the other, should not ask the system each time. With the tables
	// that a Pickler keeps it is 8 MiB.
	maxSpareBlocks = 10
)

// spareBlocks are zeroed blocks of minBlock bytes; used under the GIL.
var spareBlocks [][]byte

// mapMemory and unmapMemory ask the system for memory; variables for tests.
var (
	mapMemory = func(n int) ([]byte, error) {
		return syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	}
	unmapMemory = syscall.Munmap
)

// outOfMemory is the panic of an arena that gets no memory. Pickler.dump turns it
// into a MemoryError.
type outOfMemory struct{}

// raiseMemoryError is to be deferred where a panic of outOfMemory ends.
func raiseMemoryError(err *error) {
	switch r := recover(); r {
	case nil:
	case outOfMemory{}:
		*err = python.NoMemory()
	default:
		panic(r)
	}
}

// alloc gives n zeroed bytes, aligned as n is, up to a page. n <= maxBlock.
func (a *arena) alloc(n uintptr) unsafe.Pointer {
	if uintptr(len(a.free)) < n {
		a.more(int(n))
	}
	p := unsafe.Pointer(unsafe.SliceData(a.free))
	a.free = a.free[n:]
	return p
}

// more adds a block of at least n bytes. Blocks grow with the arena, so that there
// are few of them, and an eighth of what is mapped is not in use at most.
func (a *arena) more(n int) {
	size := min(maxBlock, max(minBlock, a.mapped/8&^(minBlock-1)))
	for size < n {
		size *= 2
	}
	var b []byte
	if last := len(spareBlocks) - 1; size == minBlock && last >= 0 {
		b, spareBlocks = spareBlocks[last], spareBlocks[:last]
	} else {
		var err error
		if b, err = mapMemory(size); err != nil {
			panic(outOfMemory{})
		}
	}
	a.blocks = append(a.blocks, b)
	a.mapped += size
	a.free = b
}

// clear takes back all that alloc gave.
func (a *arena) clear() {
	for i, b := range a.blocks {
		if len(b) == minBlock && len(spareBlocks) < maxSpareBlocks {
			used := b
			if i == len(a.blocks)-1 {
				used = b[:len(b)-len(a.free)]
			}
			clear(used)
			spareBlocks = append(spareBlocks, b)
			continue
		}
		_ = unmapMemory(b) // it fails only for what mapMemory has not given
	}
	*a = arena{}
}
