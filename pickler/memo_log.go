package pickler

import "unsafe"

// log is a list to which items are appended. Nothing in it moves when it grows past
// logHead: the first items are in Go's heap, the others in blocks of an arena, so T
// may have no pointers.
//
// Invariant: tail is of blocks[at], and the blocks before it are full.
type log[T any] struct {
	tail   []T
	blocks [][]T // of full length; those after at are for later
	at     int
	done   int // items before tail
}

const (
	// logHead is the number of items up to which a log has one block, which grows.
	logHead = 1 << 12

	logBlock = 64 << 10 // bytes of each further block
)

func (l *log[T]) len() int { return l.done + len(l.tail) }

// reserve makes sure that there is memory for one more item.
func (l *log[T]) reserve(memory *arena) {
	if len(l.tail) == cap(l.tail) {
		l.grow(memory)
	}
}

// add appends an item, for which reserve has been called.
func (l *log[T]) add(item T) {
	l.tail = append(l.tail, item)
}

//go:noinline
func (l *log[T]) grow(memory *arena) {
	if n := cap(l.tail); l.at == 0 && n < logHead {
		head := make([]T, max(64, 4*n))
		copy(head, l.tail)
		l.blocks, l.tail = [][]T{head}, head[:n]
		return
	}
	if l.at+1 == len(l.blocks) {
		var item T
		block := unsafe.Slice((*T)(memory.alloc(logBlock)), logBlock/unsafe.Sizeof(item))
		l.blocks = append(l.blocks, block)
	}
	l.done += len(l.tail)
	l.at++
	l.tail = l.blocks[l.at][:0]
}

// truncate keeps the first n items.
func (l *log[T]) truncate(n int) {
	for l.done > n {
		l.at--
		l.done -= len(l.blocks[l.at])
	}
	if l.blocks != nil {
		l.tail = l.blocks[l.at][:n-l.done]
	}
}

// drop forgets all items, and the memory of the arena.
func (l *log[T]) drop() {
	l.truncate(0)
	if len(l.blocks) > 1 {
		l.blocks = [][]T{l.blocks[0]}
	}
}

// item gives item number i.
func (l *log[T]) item(i int) T {
	head := l.blocks[0]
	if i < len(head) {
		return head[i]
	}
	i -= len(head)
	per := logBlock / int(unsafe.Sizeof(head[0]))
	return l.blocks[1+i/per][i%per]
}
