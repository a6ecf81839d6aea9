package pickle

// The entrances of the writing side.

import (
	"io"
	"sync"
)

// DefaultProtocol is the protocol that is written unless [WithProtocol] says
// otherwise. Every Python since 3.4 reads it.
const DefaultProtocol = 4

// EncodeOption changes how values are encoded.
type EncodeOption func(*encodeConfig)

type encodeConfig struct {
	proto        int
	maxDepth     int
	buffer       func(b []byte) (outOfBand bool, err error)
	bufferMin    int
	persistentID func(v any) (id any, ok bool)
	extensions   map[Global]int32
	keepNames    bool
	fast         bool
}

// WithProtocol chooses the protocol, 0 to [HighestProtocol].
func WithProtocol(proto int) EncodeOption { return func(c *encodeConfig) { c.proto = proto } }

// WithOutOfBand hands byte slices of at least min bytes to a function instead
// of writing them, in protocol 5. The function returns false for those that
// should be written after all. The reader needs the buffers in the same order,
// see [WithBuffers]; Python gets them through pickle.loads(data, buffers=...).
func WithOutOfBand(min int, take func(b []byte) (outOfBand bool, err error)) EncodeOption {
	return func(c *encodeConfig) { c.bufferMin, c.buffer = min, take }
}

// WithPersistentID asks a function for each value whether it is one that the
// program keeps outside the stream, and by which id.
func WithPersistentID(find func(v any) (id any, ok bool)) EncodeOption {
	return func(c *encodeConfig) { c.persistentID = find }
}

// WithExtensionCodes writes the globals of the extension registry as their
// codes, from protocol 2 on.
func WithExtensionCodes(codes map[Global]int32) EncodeOption {
	return func(c *encodeConfig) { c.extensions = codes }
}

// WithPython3Names stops the renaming to Python 2's modules and names that
// CPython does for protocols below 3.
func WithPython3Names() EncodeOption { return func(c *encodeConfig) { c.keepNames = true } }

// WithEncodeDepth bounds how deep values nest. The default is 10,000.
func WithEncodeDepth(depth int) EncodeOption { return func(c *encodeConfig) { c.maxDepth = depth } }

// WithoutMemo writes every value as a new one, as CPython's Pickler.fast does:
// faster, and without references. A value that contains itself is an error.
func WithoutMemo() EncodeOption { return func(c *encodeConfig) { c.fast = true } }

func newEncodeConfig(opts []EncodeOption) encodeConfig {
	c := encodeConfig{proto: DefaultProtocol, maxDepth: defaultMaxDepth}
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
	return &Object{Op: OpReduce, Func: Global{module, name}, Args: args}
}

// Instance is an instance of a Python class made without running its
// __init__, which then gets the attributes as its state, as pickle writes
// instances of plain classes. The attributes are a *[Dict], a map or a struct.
func Instance(module, name string, attributes any) *Object {
	o := &Object{Op: OpNewObj, Func: Global{module, name}, Args: Tuple{}}
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
	e := encoders.Get().(*encoder)
	defer e.release()
	if e.w.buf == nil && e.large > 0 {
		e.w.buf = make([]byte, 0, e.large+e.large/16)
	}
	if err := e.encode(newEncodeConfig(opts), v, &e.out); err != nil {
		return nil, err
	}
	if n := len(e.w.buf); len(e.out.b) == 0 && n >= giveAway && n > cap(e.w.buf)/4*3 {
		out := e.w.buf
		e.w.buf, e.large = nil, n
		return out, nil
	}
	_ = e.out.Write(e.w.buf)
	return e.out.b, nil
}

// Encoder writes pickles one after another to a stream.
type Encoder struct {
	w   io.Writer
	cfg encodeConfig
}

// NewEncoder returns an encoder that writes to w.
func NewEncoder(w io.Writer, opts ...EncodeOption) *Encoder {
	return &Encoder{w: w, cfg: newEncodeConfig(opts)}
}

// Encode writes one value as one pickle, by the rules of [Marshal]. On an
// error a part of the pickle may have been written.
func (enc *Encoder) Encode(v any) error {
	e := encoders.Get().(*encoder)
	defer e.release()
	if err := e.encode(enc.cfg, v, streamer{enc.w}); err != nil {
		return err
	}
	return streamer{enc.w}.Write(e.w.buf)
}

// giveAway is the size from which a result is the Writer's buffer and not a copy.
const giveAway = 64 << 10

// collector is a Sink that keeps everything.
type collector struct{ b []byte }

func (c *collector) Write(b []byte) error {
	c.b = append(c.b, b...)
	return nil
}

func (c *collector) WritePayload(b []byte, _ any) error { return c.Write(b) }

// streamer is a Sink that hands everything on.
type streamer struct{ w io.Writer }

func (s streamer) Write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := s.w.Write(b)
	return err
}

func (s streamer) WritePayload(b []byte, _ any) error { return s.Write(b) }

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encoder is one encode.
type encoder struct {
	w     Writer
	cfg   encodeConfig
	memo  encodeMemo
	depth int
	box   box
	out   collector
	large int // the size of the last result that was given away
	// plain4 is set from protocol 4 on when nobody asks for persistent ids:
	// each kind of value is written in one way only.
	plain4 bool
}

func (e *encoder) release() {
	e.memo.clear()
	e.w.Shrink()
	e.cfg = encodeConfig{}
	e.depth, e.box, e.out = 0, box{}, collector{}
	encoders.Put(e)
}

// encode leaves in the Writer's buffer what the sink has not taken.
func (e *encoder) encode(cfg encodeConfig, v any, sink Sink) error {
	e.cfg, e.memo.off = cfg, cfg.fast
	e.plain4 = cfg.proto >= 4 && cfg.persistentID == nil
	if cfg.proto < 0 || cfg.proto > HighestProtocol {
		return &Error{Kind: ErrType, Offset: -1, Msg: "there is no protocol " + itoa(cfg.proto)}
	}
	e.w.Reset(cfg.proto, sink, false)
	e.w.Begin()
	if err := e.save(v); err != nil {
		te, ok := err.(*typeError)
		if !ok {
			return err
		}
		return te.public()
	}
	e.w.End()
	return nil
}
