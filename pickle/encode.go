package pickle

// The entrances of the writing side.

import (
	"io"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/encode"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
)

// DefaultProtocol is the protocol that is written unless [WithProtocol] says
// otherwise. Every Python since 3.4 reads it.
const DefaultProtocol = 4

// EncodeOption changes how values are encoded.
type EncodeOption func(*encode.Config)

// WithProtocol chooses the protocol, 0 to [HighestProtocol].
func WithProtocol(proto int) EncodeOption { return func(c *encode.Config) { c.Proto = proto } }

// WithOutOfBand hands byte slices of at least min bytes to a function instead
// of writing them, in protocol 5. The function returns false for those that
// should be written after all. The reader needs the buffers in the same order,
// see [WithBuffers]; Python gets them through pickle.loads(data, buffers=...).
func WithOutOfBand(min int, take func(b []byte) (outOfBand bool, err error)) EncodeOption {
	return func(c *encode.Config) { c.BufferMin, c.Buffer = min, take }
}

// WithPersistentID asks a function for each value whether it is one that the
// program keeps outside the stream, and by which id.
func WithPersistentID(find func(v any) (id any, ok bool)) EncodeOption {
	return func(c *encode.Config) { c.PersistentID = find }
}

// WithExtensionCodes writes the globals of the extension registry as their
// codes, from protocol 2 on.
func WithExtensionCodes(codes map[Global]int32) EncodeOption {
	return func(c *encode.Config) { c.Extensions = codes }
}

// WithPython3Names stops the renaming to Python 2's modules and names that
// CPython does for protocols below 3.
func WithPython3Names() EncodeOption { return func(c *encode.Config) { c.KeepNames = true } }

// WithEncodeDepth bounds how deep values nest. The default is 10,000.
func WithEncodeDepth(depth int) EncodeOption { return func(c *encode.Config) { c.MaxDepth = depth } }

// WithoutMemo writes every value as a new one, as CPython's Pickler.fast does:
// faster, and without references. A value that contains itself is an error.
func WithoutMemo() EncodeOption { return func(c *encode.Config) { c.Fast = true } }

func newEncodeConfig(opts []EncodeOption) encode.Config {
	c := encode.Config{Proto: DefaultProtocol, MaxDepth: machine.DefaultMaxDepth}
	for _, o := range opts {
		o(&c)
	}
	return c
}

// Marshaler is implemented by types that write themselves as another value,
// often a call of a Python constructor made by [Call].
type Marshaler interface {
	MarshalPickle() (any, error)
}

// Call is the value of calling a Python function or class.
func Call(module, name string, args ...any) *Object {
	return &Object{Op: OpReduce, Func: Global{Module: module, Name: name}, Args: args}
}

// Instance is an instance of a Python class made without running its
// __init__, which then gets the attributes as its state, as pickle writes
// instances of ordinary classes. The attributes are a *[Dict], a map or a struct.
func Instance(module, name string, attributes any) *Object {
	o := &Object{Op: OpNewObj, Func: Global{Module: module, Name: name}, Args: Tuple{}}
	if attributes != nil {
		o.Updates = []Update{{Op: OpBuild, Value: attributes}}
	}
	return o
}

// Marshal encodes a value as one pickle: the bytes CPython's pickle.dumps
// gives for the same value.
//
// The Go values that [Load] returns become the Python values they stand for.
// Other Go values become:
//
//   - bool, integers, big.Int, floats, complex numbers and strings the type of that name;
//     a string that is no UTF-8, nor UTF-8 with surrogates, is an error
//   - []byte and arrays of bytes bytes
//   - slices and arrays lists
//   - maps dicts, sorted by key; maps to struct{} sets
//   - structs dicts of their fields, named by the tag `pickle:"name,omitempty"`
//     or as the field is; with a field `_ struct{}` tagged `pickle:",tuple"`, tuples
//   - nil pointers, slices, maps and interfaces None
//   - time.Time a datetime with a time zone, time.Duration a timedelta,
//     big.Rat a Fraction
//   - a type with MarshalPickle what that returns
//
// What is one object in Python is written once: pointers, maps, slices and
// strings that share their memory become references, so that cycles work.
func Marshal(v any, opts ...EncodeOption) ([]byte, error) {
	return encode.Bytes(newEncodeConfig(opts), v)
}

// Encoder writes pickles one after another to a stream.
type Encoder struct {
	w   io.Writer
	cfg encode.Config
}

// NewEncoder returns an encoder that writes to w.
func NewEncoder(w io.Writer, opts ...EncodeOption) *Encoder {
	return &Encoder{w: w, cfg: newEncodeConfig(opts)}
}

// Encode writes one value as one pickle, by the rules of [Marshal]. On an
// error a part of the pickle may have been written.
func (enc *Encoder) Encode(v any) error {
	return encode.To(enc.w, enc.cfg, v)
}
