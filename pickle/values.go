package pickle

// The Go values that stand for Python's own types in a generic decode. A
// Python object whose identity can be seen (a list, a dict, a set) is a
// pointer here, so that shared and cyclic values stay shared and cyclic.
//
// They are the types of package value, which the decoders and the encoder know
// from closer by.

import "github.com/gocloudpickle/gocloudpickle/pickle/internal/value"

// TypeName names a decoded value the way Python would: "str", "dict", and the class of
// an [Object] where the stream names it.
func TypeName(v any) string { return value.TypeName(v) }

// List is a Python list: its items are the field Items, and Len counts them. Two
// places of a decoded value that hold the same Python list hold the same *List.
type List = value.List

// NewList returns a list of the items given.
func NewList(items ...any) *List { return value.NewList(items...) }

// Tuple is a Python tuple, a slice of its items. Python cannot change one, so do
// not change a decoded one either: it may be shared, and may be a key of a [Dict].
type Tuple = value.Tuple

// Bytes is a Python bytes object: octets that cannot change, and can be a key
// of a dict. Convert with []byte(b); as a Go string its text is string(b).
type Bytes = value.Bytes

// ByteArray is a Python bytearray, the bytes type with identity: its bytes are the
// field Data.
type ByteArray = value.ByteArray

// Dict is a Python dict: it keeps the order of insertion and takes any
// hashable key, among them tuples, frozensets and None. Keys are equal when
// Python finds them equal: 1, 1.0 and True are one key, "a" and Bytes("a") are
// two. The zero Dict is empty and ready to use.
//
//	func (d *Dict) Len() int
//	func (d *Dict) Get(key any) (value any, ok bool)
//	func (d *Dict) Set(key, value any) error // fails if the key is not hashable
//	func (d *Dict) Delete(key any) bool
//	func (d *Dict) All() iter.Seq2[any, any]
//	func (d *Dict) Keys() iter.Seq[any]
//	func (d *Dict) Entries() []Entry
//
// Go integers of any size may be used for Python ints. A Dict may be read by
// several goroutines at once, and changed by one alone.
type Dict = value.Dict

// Entry is one key of a [Dict] and its value, the fields Key and Value.
type Entry = value.Entry

// NewDict returns a dict with the entries given, later ones replacing the
// values of earlier ones with an equal key. It fails if a key is not hashable.
func NewDict(entries ...Entry) (*Dict, error) { return value.NewDict(entries...) }

// Set is a Python set, in the order of the stream.
//
//	func (s *Set) Add(v any) error // fails if v is not hashable
//	func (s *Set) Has(v any) bool
//	func (s *Set) Len() int
//	func (s *Set) All() iter.Seq[any]
//	func (s *Set) Items() []any
type Set = value.Set

// NewSet returns a set of the items given. It fails if one is not hashable.
func NewSet(items ...any) (*Set, error) { return value.NewSet(items...) }

// FrozenSet is a Python frozenset, which can be an item of a set and a key of a
// dict. It has the methods of [Set] but for Add.
type FrozenSet = value.FrozenSet

// NewFrozenSet returns a frozenset of the items given. It fails if one is not hashable.
func NewFrozenSet(items ...any) (*FrozenSet, error) { return value.NewFrozenSet(items...) }

// Buffer is a value whose bytes came from outside the pickle stream (PEP 574).
// Data is the buffer as it was given to the decoder, not a copy, Index says which
// of the buffers given it is, from 0, and ReadOnly is set when the stream marks it
// as one that the program must not write to.
type Buffer = value.Buffer

// PersistentID is an object the stream names by an identifier, the field ID, that
// only the program that wrote it can resolve. With [WithPersistentLoad] the
// decoder asks the program instead of making one of these.
type PersistentID = value.PersistentID

// Extension is an object named by a number of the extension registry
// (copyreg.add_extension), the field Code, that the decoder was not told about.
type Extension = value.Extension
