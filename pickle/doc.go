// Package pickle reads and writes Python's pickle format, protocols 0 to 5,
// in Go alone: there is no interpreter, and nothing a pickle names is ever
// imported or called.
//
// # Reading into Go types
//
// [Unmarshal] works like encoding/json: the type of the variable says what the
// value must be.
//
//	var user struct {
//		Name string   `pickle:"name"`
//		Tags []string `pickle:"tags"`
//	}
//	err := pickle.Unmarshal(data, &user)
//
// Dicts and instances of classes fill structs by the names of keys and
// attributes, tuples fill them by position. NumPy arrays fill slices, or an
// [Array], which keeps the shape. datetime, Decimal, UUID and other types of the
// standard library have Go types to go to. [Decoder] reads pickle after
// pickle from a stream.
//
// Lists, tuples and dicts of numbers, strings and bytes go straight from the
// stream into slices, structs and maps; what takes more is decoded as [Load]
// does and assigned. Either way nothing of the input stays in use, unless
// [NoCopy] allows it.
//
// # Reading anything
//
// [Load] returns a value that keeps what Python means by it:
//
//	None       nil
//	bool       bool
//	int        int64, or *big.Int where that is too small
//	float      float64
//	complex    complex128
//	str        string
//	bytes      Bytes
//	bytearray  *ByteArray
//	list       *List
//	tuple      Tuple
//	dict       *Dict
//	set        *Set
//	frozenset  *FrozenSet
//
// Lists, dicts and sets are pointers because they have an identity: a list
// that is shared in Python, or contains itself, is the same *List in each
// place. A *Dict keeps its order and has any hashable key.
//
// # What a pickle names
//
// A class or function is a [Global], a pair of names. An instance, or the
// result of any call, is an [*Object]: the calls that Python would make,
// with the callable, its arguments, and the state that is set on the result.
// Nothing of it is run. [WithConstructor] makes Go values of the calls a
// program knows; what it does not know stays as it is, and [Marshal] writes
// it back unchanged.
//
// What the stream makes and throws away again is in [Decoder.Discarded]: in
// Python a call has an effect even if nobody keeps its result.
//
// # Hostile input
//
// A length in a stream is believed only as far as there are bytes behind it,
// and [Limits] bounds the bytes, the depth, the memo and the memory, with
// defaults that let through what CPython writes. Values may be cyclic and
// deep: code that walks them needs a bound of its own, as the functions of
// this package have. The decoder accepts what CPython's C unpickler accepts;
// [Strict] refuses what CPython's two unpicklers read differently.
//
// An error is an [*Error] with the byte offset, the opcode and the place in
// the value, such as $.agents[3].score.
//
// # Writing
//
// [Marshal] and [Encoder] write the bytes that pickle.dumps writes for the
// same value, framing and memo included. Maps are sorted, so that the same
// value gives the same bytes. A type with MarshalPickle writes itself as
// something else, often a [Call] of a Python constructor. [WithOutOfBand]
// keeps large byte slices out of the stream.
//
// # The format
//
// A pickle is a program for a stack machine, one byte an opcode, most with an
// argument behind them. [Disassemble] prints a stream as pickletools.dis does.
// Package wire is the layer below: the table of all opcodes, with what each does
// to the stack, and a Writer of opcodes and frames that has no idea what they
// mean.
package pickle
