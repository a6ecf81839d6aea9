package pickle

import "github.com/gocloudpickle/gocloudpickle/pickle/internal/typed"

// DType is the type of the items of a NumPy array: Kind is NumPy's letter (b bool,
// i int, u unsigned, f float, c complex, S bytes, U str, M datetime64,
// m timedelta64, O objects, V records), Size is how many bytes an item takes, and
// Order the byte order: '<' little-endian, '>' big-endian, '|' when there is none.
// String is NumPy's short name, as in <f8.
type DType = typed.DType

// NDArray is a NumPy array with its items as bytes: DType, Shape, Fortran (set when
// the first index varies fastest in Data), Data, and for an array of objects Objects
// instead of Data, which are the items. Data is not copied out of the decoded value.
// Len is the number of items, and UnmarshalPickle reads an array from a generic value.
type NDArray = typed.NDArray

// Array is a NumPy array as a Go slice, with its shape and type kept: Data, Shape,
// Fortran (set when the first index varies fastest in Data) and DType. The slice
// is a view of the decoded bytes where their type, byte order and alignment
// allow it, otherwise a conversion; a conversion never loses a value.
//
//	var a pickle.Array[float64]
//	err := pickle.Unmarshal(data, &a) // a.Data, a.Shape
type Array[T any] = typed.Array[T]
