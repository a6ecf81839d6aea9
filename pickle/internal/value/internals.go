package value

// What decoders and the encoder do to dicts and sets, without the copies and the
// checks that their methods make for a program.

// EntriesIn are the entries of a dict themselves.
func EntriesIn(d *Dict) []Entry { return d.entries }

// DictOf is the dict whose keys are the items of a set.
func DictOf(s *Set) *Dict { return &s.d }

// DictOfFrozen is the dict whose keys are the items of a frozenset.
func DictOfFrozen(s *FrozenSet) *Dict { return &s.d }

// IsUnused reports whether nothing was ever stored in a dict.
func IsUnused(d *Dict) bool { return len(d.entries) == 0 && d.index == nil }

// SetEntries gives a dict without an index its entries, at most smallDict of them.
// No two of their keys may be equal.
func SetEntries(d *Dict, entries []Entry) { d.entries = entries }

// PutKey is Dict.Set with a decoder's budget for hashing. The key is none of Go's
// number types that a decoder does not make.
func PutKey(d *Dict, h *Hasher, key, value any) error { return d.set(h, key, value) }

// AddKey is putKey for a set: an equal key stays as it is.
func AddKey(d *Dict, h *Hasher, key any) error { return d.addHashed(h, key) }

// ReserveEntries makes sure that there is capacity for n more entries. Where they had to
// move it returns the new capacity, else 0.
func ReserveEntries(d *Dict, n int) (moved int) {
	want := len(d.entries) + n
	if want <= cap(d.entries) {
		return 0
	}
	grown := make([]Entry, len(d.entries), max(want, 2*cap(d.entries)))
	copy(grown, d.entries)
	d.entries = grown
	return cap(grown)
}

// NeedsIndex reports whether n entries more take an index larger than there is.
func NeedsIndex(d *Dict, n int) bool {
	want := len(d.entries) + n
	return want > SmallDict && 2*want > len(d.slots())
}

// GrowIndex makes an index for n entries more.
func GrowIndex(d *Dict, h *Hasher, n int) error {
	return d.reindex(h, max(len(d.entries)+n, len(d.slots())/2+1))
}
