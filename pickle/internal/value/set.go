package value

import "iter"

// Set is a Python set, in the order of the stream.
type Set struct {
	d Dict
}

// NewSet returns a set of the items given. It fails if one is not hashable.
func NewSet(items ...any) (*Set, error) {
	s := &Set{}
	for _, v := range items {
		if err := s.Add(v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Add puts an item into the set; an equal one stays as it is.
func (s *Set) Add(v any) error { return s.d.add(v) }

// Has reports whether an item equal to v is in the set.
func (s *Set) Has(v any) bool { _, ok := s.d.Get(v); return ok }

// Len is the number of items.
func (s *Set) Len() int { return s.d.Len() }

// All yields the items in order.
func (s *Set) All() iter.Seq[any] { return s.d.Keys() }

// Items are the items in order, in a new slice.
func (s *Set) Items() []any { return s.d.keySlice() }

// FrozenSet is a Python frozenset, which can be an item of a set and a key of a dict.
type FrozenSet struct {
	d Dict
}

// NewFrozenSet returns a frozenset of the items given. It fails if one is not hashable.
func NewFrozenSet(items ...any) (*FrozenSet, error) {
	s := &FrozenSet{}
	for _, v := range items {
		if err := s.d.add(v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Has reports whether an item equal to v is in the set.
func (s *FrozenSet) Has(v any) bool { _, ok := s.d.Get(v); return ok }

// Len is the number of items.
func (s *FrozenSet) Len() int { return s.d.Len() }

// All yields the items in order.
func (s *FrozenSet) All() iter.Seq[any] { return s.d.Keys() }

// Items are the items in order, in a new slice.
func (s *FrozenSet) Items() []any { return s.d.keySlice() }
