package value

// The Go values that stand for Python's own types in a generic decode. A
// Python object whose identity can be seen (a list, a dict, a set) is a
// pointer here, so that shared and cyclic values stay shared and cyclic.

import "fmt"

// List is a Python list. Two places of a decoded value that hold the same
// Python list hold the same *List.
type List struct {
	Items []any
}

// NewList returns a list of the items given.
func NewList(items ...any) *List { return &List{Items: items} }

// Len is the number of items; a nil list has none.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return len(l.Items)
}

// Tuple is a Python tuple. Python cannot change one, so do not change a
// decoded one either: it may be shared, and may be a key of a [Dict].
type Tuple []any

// Bytes is a Python bytes object: octets that cannot change, and can be a key
// of a dict. Convert with []byte(b); as a Go string its text is string(b).
type Bytes string

// ByteArray is a Python bytearray, the bytes type with identity.
type ByteArray struct {
	Data []byte
}

// Buffer is a value whose bytes came from outside the pickle stream (PEP 574).
type Buffer struct {
	// Data is the buffer as it was given to the decoder, not a copy.
	Data []byte
	// Index says which of the buffers given it is, from 0.
	Index int
	// ReadOnly is set when the stream marks the buffer as one that the
	// program must not write to.
	ReadOnly bool
}

// PersistentID is an object the stream names by an identifier that only the
// program that wrote it can resolve. With pickle.WithPersistentLoad the decoder asks the
// program instead of making one of these.
type PersistentID struct {
	ID any
}

// Extension is an object named by a number of the extension registry
// (copyreg.add_extension) that the decoder was not told about.
type Extension struct {
	Code int32
}

// TypeName names a decoded value the way Python would.
func TypeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64:
		return "int"
	case float64:
		return "float"
	case complex128:
		return "complex"
	case string:
		return "str"
	case Bytes:
		return "bytes"
	case *ByteArray:
		return "bytearray"
	case *List:
		return "list"
	case Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case *FrozenSet:
		return "frozenset"
	case *Buffer:
		return "memoryview"
	case Global:
		return "global " + v.String()
	case *Object:
		if g, ok := v.Class(); ok {
			return g.String()
		}
		return "object"
	case PersistentID:
		return "persistent id"
	case Extension:
		return "extension"
	default:
		if isBigInt(v) {
			return "int"
		}
		return fmt.Sprintf("%T", v)
	}
}

// HasIdentity reports whether two places can hold the same object of this kind.
func HasIdentity(v any) bool {
	switch v.(type) {
	case *List, *Dict, *Set, *Object, *ByteArray:
		return true
	}
	return false
}
