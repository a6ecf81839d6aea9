package pickle

// Slabs: memory for the many small parts of a decoded value, taken in pieces
// that grow with the value. A part that stays in use keeps its piece.

import "encoding/binary"

const (
	minSlab = 8   // parts in the first piece
	maxSlab = 512 // parts in a large one
)

// slab hands out zero values of T one by one.
type slab[T any] struct {
	free []T
	next int
}

// refill takes a new piece and returns how many parts are in it.
func (s *slab[T]) refill() int {
	n := min(max(s.next, minSlab), maxSlab)
	s.next = n * 2
	s.free = make([]T, n)
	return n
}

// arena hands out copies of byte strings.
type arena struct {
	free []byte
	next int
}

const (
	minArena = 256
	maxArena = 16 << 10
)

// smallInts are the boxed ints from -minSmallInt on.
const minSmallInt = 256

var smallInts = func() (boxed [minSmallInt + 1024]any) {
	ints := make([]int64, len(boxed))
	for i := range boxed {
		ints[i] = int64(i - minSmallInt)
		boxed[i] = intAny(&ints[i])
	}
	return boxed
}()

// store is all the memory of one decode.
type store struct {
	taken int64 // bytes, as the limits count
	// views says that strings may point into the input.
	views   bool
	ints    slab[int64]
	floats  slab[float64]
	strings slab[string]
	tuples  slab[Tuple]
	lists   slab[List]
	dicts   slab[Dict]
	objects slab[Object]
	updates slab[Update]
	items   slab[any]
	entries slab[Entry]
	bytes   arena
}

func (s *store) reset() { *s = store{} }

func (s *store) boxInt(i int64) any {
	if uint64(i)+minSmallInt < uint64(len(smallInts)) {
		return smallInts[i+minSmallInt]
	}
	if len(s.ints.free) == 0 {
		s.taken += 8 * int64(s.ints.refill())
	}
	p := &s.ints.free[0]
	s.ints.free = s.ints.free[1:]
	*p = i
	return intAny(p)
}

func (s *store) boxFloat(f float64) any {
	if len(s.floats.free) == 0 {
		s.taken += 8 * int64(s.floats.refill())
	}
	p := &s.floats.free[0]
	s.floats.free = s.floats.free[1:]
	*p = f
	return floatAny(p)
}

func (s *store) header(str string) *string {
	if len(s.strings.free) == 0 {
		s.taken += 16 * int64(s.strings.refill())
	}
	p := &s.strings.free[0]
	s.strings.free = s.strings.free[1:]
	*p = str
	return p
}

// text is a string of bytes of the input.
func (s *store) text(b []byte) string {
	if s.views {
		return viewString(b)
	}
	return s.copyString(b)
}

// copyString copies bytes of the input.
func (s *store) copyString(b []byte) string {
	if len(b) > len(s.bytes.free) {
		if len(b) >= maxArena/4 {
			s.taken += int64(len(b))
			return string(b)
		}
		n := max(s.bytes.next, minArena)
		for n < len(b) {
			n *= 2
		}
		s.bytes.next = min(2*n, maxArena)
		s.bytes.free = make([]byte, n)
		s.taken += int64(n)
	}
	p := s.bytes.free[:len(b):len(b)]
	s.bytes.free = s.bytes.free[len(b):]
	copy(p, b)
	return viewString(p)
}

// shortText is text for a str of n bytes whose first is b[0], copied and looked
// at in one go: eight bytes at a time, in the input and in the arena, where there is
// room for that behind both. It reports false for what is not ASCII.
func (s *store) shortText(b []byte, n int) (string, bool) {
	if s.views {
		return viewShortText(b, n)
	}
	if n > maxShort || len(b) < n+8 || len(s.bytes.free) < n+8 {
		return "", false
	}
	to := s.bytes.free
	var all uint64
	i := 0
	for ; i+8 <= n; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		all |= w
		binary.LittleEndian.PutUint64(to[i:], w)
	}
	if i < n {
		w := binary.LittleEndian.Uint64(b[i:])
		all |= w & (1<<(8*(n-i)) - 1)
		binary.LittleEndian.PutUint64(to[i:], w)
	}
	if all&0x8080808080808080 != 0 {
		return "", false
	}
	s.bytes.free = to[n:]
	return viewString(to[:n:n]), true
}

// viewShortText is shortText where the string may stay in the input.
func viewShortText(b []byte, n int) (string, bool) {
	if n > maxShort || len(b) < n+8 {
		return "", false
	}
	var all uint64
	i := 0
	for ; i+8 <= n; i += 8 {
		all |= binary.LittleEndian.Uint64(b[i:])
	}
	if i < n {
		all |= binary.LittleEndian.Uint64(b[i:]) & (1<<(8*(n-i)) - 1)
	}
	return viewString(b[:n:n]), all&0x8080808080808080 == 0
}

// maxShort is the length from which on copying and checking apart is faster.
const maxShort = 64

func (s *store) newList() *List {
	if len(s.lists.free) == 0 {
		s.taken += 24 * int64(s.lists.refill())
	}
	p := &s.lists.free[0]
	s.lists.free = s.lists.free[1:]
	return p
}

func (s *store) newDict() *Dict {
	if len(s.dicts.free) == 0 {
		s.taken += 32 * int64(s.dicts.refill())
	}
	p := &s.dicts.free[0]
	s.dicts.free = s.dicts.free[1:]
	return p
}

func (s *store) newObject() *Object {
	if len(s.objects.free) == 0 {
		s.taken += 96 * int64(s.objects.refill())
	}
	p := &s.objects.free[0]
	s.objects.free = s.objects.free[1:]
	return p
}

// newUpdates is a slice of one update with no room for another.
func (s *store) newUpdates() []Update {
	if len(s.updates.free) == 0 {
		s.taken += 40 * int64(s.updates.refill())
	}
	p := s.updates.free[:1:1]
	s.updates.free = s.updates.free[1:]
	return p
}

func (s *store) boxTuple(t Tuple) any {
	if len(s.tuples.free) == 0 {
		s.taken += 24 * int64(s.tuples.refill())
	}
	p := &s.tuples.free[0]
	s.tuples.free = s.tuples.free[1:]
	*p = t
	return tupleAny(p)
}

// newItems copies values off the stack. The copy has no room to grow, so that
// appending to it never writes into a neighbour.
func (s *store) newItems(from []any) []any {
	n := len(from)
	if n > len(s.items.free) {
		if n > maxSlab/8 {
			s.taken += 16 * int64(n)
			return append(make([]any, 0, n), from...)
		}
		s.items.next = max(s.items.next, n)
		s.taken += 16 * int64(s.items.refill())
	}
	p := s.items.free[:n:n]
	s.items.free = s.items.free[n:]
	copy(p, from)
	return p
}

// newEntries is room for n entries, none in it yet.
func (s *store) newEntries(n int) []Entry {
	if n > len(s.entries.free) {
		if n > maxSlab/8 {
			s.taken += 32 * int64(n)
			return make([]Entry, 0, n)
		}
		s.entries.next = max(s.entries.next, n)
		s.taken += 32 * int64(s.entries.refill())
	}
	p := s.entries.free[:0:n]
	s.entries.free = s.entries.free[n:]
	return p
}
