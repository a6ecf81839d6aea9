package pickle

// Options of decoding.

import "github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"

// Limits bound what a stream may cost. A zero field means the default; a
// negative one means no limit.
type Limits struct {
	// MaxBytes bounds the length of one pickle read from an io.Reader.
	// The default is 1 GiB.
	MaxBytes int64
	// MaxDepth bounds how deep containers nest in the stream, and how deep
	// typed decoding and encoding follow values. The default is 10,000.
	MaxDepth int
	// MaxMemo bounds the memo: how many values the stream may set aside for
	// repeated use, and the numbers it may give them. The default is 1<<26.
	MaxMemo int
	// MaxMemory bounds the memory a generic decode takes for the value and
	// for itself, as counted when it is taken. The default is 64 MiB plus 64
	// times the bytes read: every stream that CPython writes fits.
	MaxMemory int64
}

// Option changes how a stream is decoded.
type Option func(*machine.Config)

// WithLimits sets the limits. Fields left zero keep their defaults.
func WithLimits(l Limits) Option { return func(c *machine.Config) { c.Limits = machine.Limits(l) } }

// Strict refuses streams that CPython's C and Python unpicklers read
// differently, or that only one of them reads: frames whose edges cut an
// argument, numbers as text that are not plain decimal ones (which CPython
// 3.14 reads differently from 3.13, too), empty updates of a value that
// cannot be updated, extension codes nobody registered. Without it the C
// unpickler up to 3.13 is followed.
func Strict() Option { return func(c *machine.Config) { c.Strict = true } }

// NoCopy lets decoded strings and bytes point into the input of [Load] and
// [Unmarshal] instead of being copied. The input must not be changed while they
// are used, and a single one of them keeps all of it in memory. Without it
// nothing that is decoded refers to the input. A [Decoder] always copies.
func NoCopy() Option { return func(c *machine.Config) { c.NoCopy = true } }

// Symbolic keeps even calls of harmless built-in constructors as an
// [*Object], where they are otherwise turned into values: before protocol 4
// a set is written as a call of builtins.set, and bytes as one of
// _codecs.encode.
func Symbolic() Option { return func(c *machine.Config) { c.Symbolic = true } }

// KeepPython2Names stops the renaming of Python 2's modules and names
// (__builtin__ to builtins) that CPython does for protocols below 3.
func KeepPython2Names() Option { return func(c *machine.Config) { c.KeepNames = true } }

// StringEncoding says what the 8-bit strings of Python 2 become.
type StringEncoding uint8

const (
	// StringASCII makes a str of ASCII and refuses other bytes, as CPython does by default.
	StringASCII = StringEncoding(machine.StringASCII)
	// StringLatin1 makes a str, each byte one character. NumPy arrays and
	// datetimes pickled by Python 2 need it, or StringBytes.
	StringLatin1 = StringEncoding(machine.StringLatin1)
	// StringUTF8 makes a str and refuses what is not UTF-8.
	StringUTF8 = StringEncoding(machine.StringUTF8)
	// StringBytes makes bytes.
	StringBytes = StringEncoding(machine.StringBytes)
)

// WithStringEncoding says what the 8-bit strings of Python 2 become.
func WithStringEncoding(e StringEncoding) Option {
	return func(c *machine.Config) { c.Strings = machine.StringEncoding(e) }
}

// WithBuffers gives the decoder the buffers that traveled outside the stream, in
// the order in which the pickler handed them out.
func WithBuffers(buffers ...[]byte) Option { return func(c *machine.Config) { c.Buffers = buffers } }

// WithAbsentBuffers stands an empty buffer in for each that travels outside the stream and
// that [WithBuffers] doesn't give, for who reads a pickle without them.
func WithAbsentBuffers() Option { return func(c *machine.Config) { c.AbsentBuffers = true } }

// WithPersistentLoad gives the decoder the function that finds an object by its
// persistent id. Without one the id stays in the value as a [PersistentID].
func WithPersistentLoad(load func(id any) (any, error)) Option {
	return func(c *machine.Config) { c.Persistent = load }
}

// WithExtensions tells the decoder what the numbers of the extension registry
// stand for. An unknown number stays in the value as an [Extension].
func WithExtensions(codes map[int32]Global) Option {
	return func(c *machine.Config) { c.Extensions = codes }
}

// Constructor makes a Go value for a call that a stream asks for. What it
// returns takes the place of the object. If it implements [StateSetter],
// [Appender] or [ItemSetter] it also gets what the stream does to the object
// after it is made.
type Constructor func(call *Object) (any, error)

// WithConstructor registers a constructor for the calls of one global,
// whether by REDUCE, NEWOBJ, or the functions of copyreg.
func WithConstructor(module, name string, make Constructor) Option {
	return func(c *machine.Config) {
		if c.Constructors == nil {
			c.Constructors = map[Global]func(*Object) (any, error){}
		}
		c.Constructors[Global{Module: module, Name: name}] = make
	}
}

// StateSetter is implemented by values of a registered constructor that take
// a state, as Python objects do with __setstate__.
type StateSetter interface {
	SetPickleState(state any) error
}

// Appender is implemented by values of a registered constructor that take items.
type Appender interface {
	AppendPickle(items []any) error
}

// ItemSetter is implemented by values of a registered constructor that take keys and values.
type ItemSetter interface {
	SetPickleItem(key, value any) error
}
