package machine

import "github.com/gocloudpickle/gocloudpickle/pickle/internal/value"

// Config is what the options of a decoder say.
type Config struct {
	Limits    Limits
	Strict    bool
	NoCopy    bool
	Symbolic  bool
	KeepNames bool
	Strings   StringEncoding
	Buffers   [][]byte
	// AbsentBuffers stands an empty one in for each buffer that Buffers doesn't have.
	AbsentBuffers bool
	Persistent    func(id any) (any, error)
	Constructors  map[value.Global]func(call *value.Object) (any, error)
	Extensions    map[int32]value.Global
	// Events is told what the stream does, and Extents filled with where its
	// containers and objects are written, by their identity.
	Events  func(Event)
	Extents map[any]Extent
}

// StringEncoding says what the 8-bit strings of Python 2 become.
type StringEncoding uint8

const (
	StringASCII StringEncoding = iota
	StringLatin1
	StringUTF8
	StringBytes
)

// Values that a constructor of the program returned take what the stream does to
// them after they are made.
type (
	stateSetter interface{ SetPickleState(state any) error }
	appender    interface{ AppendPickle(items []any) error }
	itemSetter  interface {
		SetPickleItem(key, value any) error
	}
)
