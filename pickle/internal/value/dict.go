package value

// Dict: an ordered mapping with Python's idea of equal keys.

import "iter"

// Entry is one key and its value.
type Entry struct {
	Key, Value any
}

// Dict is a Python dict: it keeps the order of insertion and takes any
// hashable key, among them tuples, frozensets and None. Keys are equal when
// Python finds them equal: 1, 1.0 and True are one key, "a" and Bytes("a") are
// two. The zero Dict is empty and ready to use.
//
// A Dict may be read by several goroutines at once, and changed by one alone.
type Dict struct {
	entries []Entry
	// index maps hashes to entries once there are more than smallDict of
	// them: open addressing, a power of two long, holding 1 + entry number. It is
	// apart because most dicts are small, and a pickle can hold many.
	// Invariant: index == nil || len(*index) >= 2*len(entries).
	index *[]uint32
}

// slots is the index, or nothing.
func (d *Dict) slots() []uint32 {
	if d.index == nil {
		return nil
	}
	return *d.index
}

// SmallDict is the size up to which comparing keys one by one is cheaper than hashing.
const SmallDict = 8

// NewDict returns a dict with the entries given, later ones replacing the
// values of earlier ones with an equal key. It fails if a key is not hashable.
func NewDict(entries ...Entry) (*Dict, error) {
	d := &Dict{}
	for _, e := range entries {
		if err := d.Set(e.Key, e.Value); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Len is the number of entries; a nil dict has none.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.entries)
}

// Get looks up a key. Go integers of any size may be used for Python ints.
func (d *Dict) Get(key any) (any, bool) {
	if d == nil {
		return nil, false
	}
	h := Hasher{Budget: userHashBudget}
	i, _, err := d.find(&h, normalKey(key))
	if err != nil || i < 0 {
		return nil, false
	}
	return d.entries[i].Value, true
}

// Set stores a value under a key. It fails if the key is not hashable.
func (d *Dict) Set(key, value any) error {
	h := Hasher{Budget: userHashBudget}
	return d.set(&h, normalKey(key), value)
}

// Delete removes a key and reports whether it was there. It takes time
// proportional to the size of the dict.
func (d *Dict) Delete(key any) bool {
	h := Hasher{Budget: userHashBudget}
	i, _, err := d.find(&h, normalKey(key))
	if err != nil || i < 0 {
		return false
	}
	d.entries = append(d.entries[:i:i], d.entries[i+1:]...)
	d.index = nil
	if len(d.entries) > SmallDict {
		return d.reindex(&h, len(d.entries)) == nil
	}
	return true
}

// Entries are the keys and values in order, in a new slice.
func (d *Dict) Entries() []Entry {
	if d == nil {
		return nil
	}
	return append([]Entry(nil), d.entries...)
}

// All yields the keys and values in order.
func (d *Dict) All() iter.Seq2[any, any] {
	return func(yield func(k, v any) bool) {
		if d == nil {
			return
		}
		for i := range d.entries {
			if !yield(d.entries[i].Key, d.entries[i].Value) {
				return
			}
		}
	}
}

// Keys yields the keys in order.
func (d *Dict) Keys() iter.Seq[any] {
	return func(yield func(k any) bool) {
		if d == nil {
			return
		}
		for i := range d.entries {
			if !yield(d.entries[i].Key) {
				return
			}
		}
	}
}

func (d *Dict) keySlice() []any {
	keys := make([]any, len(d.entries))
	for i := range d.entries {
		keys[i] = d.entries[i].Key
	}
	return keys
}

// add stores a key without replacing an equal one, for sets.
func (d *Dict) add(key any) error {
	h := Hasher{Budget: userHashBudget}
	return d.addHashed(&h, normalKey(key))
}

func (d *Dict) addHashed(h *Hasher, key any) error {
	i, hash, err := d.find(h, key)
	if err != nil || i >= 0 {
		return err
	}
	return d.push(h, hash, key, nil)
}

// set is Set with the decoder's budget for hashing.
func (d *Dict) set(h *Hasher, key, value any) error {
	i, hash, err := d.find(h, key)
	if err != nil {
		return err
	}
	if i >= 0 {
		d.entries[i].Value = value
		return nil
	}
	return d.push(h, hash, key, value)
}

// find returns the number of the entry with an equal key, or -1. The hash is
// only computed when there is an index.
func (d *Dict) find(h *Hasher, key any) (int, uint64, error) {
	if d.index == nil {
		if s, ok := key.(string); ok {
			for i := range d.entries {
				if k, ok := d.entries[i].Key.(string); ok && k == s {
					return i, 0, nil
				}
			}
			return -1, 0, nil
		}
		if err := h.checkHashable(key); err != nil {
			return -1, 0, err
		}
		for i := range d.entries {
			eq, err := h.equal(d.entries[i].Key, key)
			if err != nil {
				return -1, 0, err
			}
			if eq {
				return i, 0, nil
			}
		}
		return -1, 0, nil
	}
	hash, err := h.hash(key)
	if err != nil {
		return -1, 0, err
	}
	slots := *d.index
	mask := uint64(len(slots) - 1)
	for p := hash & mask; slots[p] != 0; p = (p + 1) & mask {
		i := int(slots[p] - 1)
		eq, err := h.equal(d.entries[i].Key, key)
		if err != nil {
			return -1, 0, err
		}
		if eq {
			return i, hash, nil
		}
	}
	return -1, hash, nil
}

// push appends an entry whose key is known to be new.
func (d *Dict) push(h *Hasher, hash uint64, key, value any) error {
	d.entries = append(d.entries, Entry{key, value})
	n := len(d.entries)
	switch {
	case d.index == nil && n <= SmallDict:
		return nil
	case 2*n > len(d.slots()):
		return d.reindex(h, 2*n)
	}
	d.place(hash, n-1)
	return nil
}

func (d *Dict) place(hash uint64, i int) {
	slots := *d.index
	mask := uint64(len(slots) - 1)
	p := hash & mask
	for slots[p] != 0 {
		p = (p + 1) & mask
	}
	slots[p] = uint32(i + 1)
}

// reindex makes a new index for n entries.
func (d *Dict) reindex(h *Hasher, n int) error {
	size := 4 * SmallDict
	for size < 2*n {
		size *= 2
	}
	slots := make([]uint32, size)
	d.index = &slots
	for i := range d.entries {
		hash, err := h.hash(d.entries[i].Key)
		if err != nil {
			return err
		}
		d.place(hash, i)
	}
	return nil
}
