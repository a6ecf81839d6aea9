package mem

// Slabs: memory for the many small parts of a decoded value, taken in pieces
// that grow with the value. A part that stays in use keeps its piece.

import (
	"encoding/binary"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

const (
	minSlab = 8   // parts in the first piece
	MaxSlab = 512 // parts in a large one
)

// Slab hands out zero values of T one by one.
type Slab[T any] struct {
	Free []T
	Next int
}

// Refill takes a new piece and returns how many parts are in it.
func (s *Slab[T]) Refill() int {
	n := min(max(s.Next, minSlab), MaxSlab)
	s.Next = n * 2
	s.Free = make([]T, n)
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
const MinSmallInt = 256

var SmallInts = func() (boxed [MinSmallInt + 1024]any) {
	ints := make([]int64, len(boxed))
	for i := range boxed {
		ints[i] = int64(i - MinSmallInt)
		boxed[i] = IntAny(&ints[i])
	}
	return boxed
}()

// Store is all the memory of one decode.
type Store struct {
	Taken int64 // bytes, as the limits count
	// Views says that strings may point into the input.
	Views   bool
	Ints    Slab[int64]
	Floats  Slab[float64]
	strings Slab[string]
	tuples  Slab[value.Tuple]
	lists   Slab[value.List]
	dicts   Slab[value.Dict]
	objects Slab[value.Object]
	updates Slab[value.Update]
	items   Slab[any]
	entries Slab[value.Entry]
	bytes   arena
}

func (s *Store) Reset() { *s = Store{} }

func (s *Store) BoxInt(i int64) any {
	if uint64(i)+MinSmallInt < uint64(len(SmallInts)) {
		return SmallInts[i+MinSmallInt]
	}
	if len(s.Ints.Free) == 0 {
		s.Taken += 8 * int64(s.Ints.Refill())
	}
	p := &s.Ints.Free[0]
	s.Ints.Free = s.Ints.Free[1:]
	*p = i
	return IntAny(p)
}

func (s *Store) BoxFloat(f float64) any {
	if len(s.Floats.Free) == 0 {
		s.Taken += 8 * int64(s.Floats.Refill())
	}
	p := &s.Floats.Free[0]
	s.Floats.Free = s.Floats.Free[1:]
	*p = f
	return FloatAny(p)
}

func (s *Store) Header(str string) *string {
	if len(s.strings.Free) == 0 {
		s.Taken += 16 * int64(s.strings.Refill())
	}
	p := &s.strings.Free[0]
	s.strings.Free = s.strings.Free[1:]
	*p = str
	return p
}

// Text is a string of bytes of the input.
func (s *Store) Text(b []byte) string {
	if s.Views {
		return ViewString(b)
	}
	return s.CopyString(b)
}

// CopyString copies bytes of the input.
func (s *Store) CopyString(b []byte) string {
	if len(b) > len(s.bytes.free) {
		if len(b) >= maxArena/4 {
			s.Taken += int64(len(b))
			return string(b)
		}
		n := max(s.bytes.next, minArena)
		for n < len(b) {
			n *= 2
		}
		s.bytes.next = min(2*n, maxArena)
		s.bytes.free = make([]byte, n)
		s.Taken += int64(n)
	}
	p := s.bytes.free[:len(b):len(b)]
	s.bytes.free = s.bytes.free[len(b):]
	copy(p, b)
	return ViewString(p)
}

// ShortText is text for a str of n bytes whose first is b[0], copied and looked
// at in one go: eight bytes at a time, in the input and in the arena, where there is
// free capacity for that at the end of both. It reports false for what is not ASCII.
func (s *Store) ShortText(b []byte, n int) (string, bool) {
	if s.Views {
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
	return ViewString(to[:n:n]), true
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
	return ViewString(b[:n:n]), all&0x8080808080808080 == 0
}

// maxShort is the length from which on copying and checking apart is faster.
const maxShort = 64

func (s *Store) NewList() *value.List {
	if len(s.lists.Free) == 0 {
		s.Taken += 24 * int64(s.lists.Refill())
	}
	p := &s.lists.Free[0]
	s.lists.Free = s.lists.Free[1:]
	return p
}

func (s *Store) NewDict() *value.Dict {
	if len(s.dicts.Free) == 0 {
		s.Taken += 32 * int64(s.dicts.Refill())
	}
	p := &s.dicts.Free[0]
	s.dicts.Free = s.dicts.Free[1:]
	return p
}

func (s *Store) NewObject() *value.Object {
	if len(s.objects.Free) == 0 {
		s.Taken += 96 * int64(s.objects.Refill())
	}
	p := &s.objects.Free[0]
	s.objects.Free = s.objects.Free[1:]
	return p
}

// NewUpdates is a slice of one update that has no capacity for another.
func (s *Store) NewUpdates() []value.Update {
	if len(s.updates.Free) == 0 {
		s.Taken += 40 * int64(s.updates.Refill())
	}
	p := s.updates.Free[:1:1]
	s.updates.Free = s.updates.Free[1:]
	return p
}

func (s *Store) BoxTuple(t value.Tuple) any {
	if len(s.tuples.Free) == 0 {
		s.Taken += 24 * int64(s.tuples.Refill())
	}
	p := &s.tuples.Free[0]
	s.tuples.Free = s.tuples.Free[1:]
	*p = t
	return tupleAny(p)
}

// NewItems copies values off the stack. The copy has no spare capacity, so that
// appending to it never writes into a neighbour.
func (s *Store) NewItems(from []any) []any {
	n := len(from)
	if n > len(s.items.Free) {
		if n > MaxSlab/8 {
			s.Taken += 16 * int64(n)
			return append(make([]any, 0, n), from...)
		}
		s.items.Next = max(s.items.Next, n)
		s.Taken += 16 * int64(s.items.Refill())
	}
	p := s.items.Free[:n:n]
	s.items.Free = s.items.Free[n:]
	copy(p, from)
	return p
}

// NewEntries is an empty slice with capacity for n entries.
func (s *Store) NewEntries(n int) []value.Entry {
	if n > len(s.entries.Free) {
		if n > MaxSlab/8 {
			s.Taken += 32 * int64(n)
			return make([]value.Entry, 0, n)
		}
		s.entries.Next = max(s.entries.Next, n)
		s.Taken += 32 * int64(s.entries.Refill())
	}
	p := s.entries.Free[:0:n]
	s.entries.Free = s.entries.Free[n:]
	return p
}
