package machine

// One pickle out of bytes, and pickles one after another out of a reader.

import (
	"io"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// Load decodes the first pickle in data; tree says that no object is in two places of the value.
func (cfg *Config) Load(data []byte) (v any, tree bool, err error) {
	m := newMachine(cfg)
	defer m.release()
	m.data = data
	v, err = m.run()
	if err == io.EOF {
		err = m.fail(wire.ErrTruncated, "there is no pickle: the input is empty")
	}
	return v, m.isTree(), err
}

// isTree reports whether no object is in two places of the value. Functions
// of the program may put one into several.
func (m *machine) isTree() bool {
	return !m.shares && m.cfg.Persistent == nil && m.cfg.Constructors == nil
}

// Stream is pickles one after another.
type Stream struct {
	src source
	// Tree says that no object is in two places of the last value, and discarded
	// what its pickle made and threw away.
	Tree      bool
	Discarded []any
}

// NewStream is the pickles of a reader.
func NewStream(r io.Reader) Stream { return Stream{src: source{r: r}} }

// StreamOf is the pickles in data, which is not copied.
func StreamOf(data []byte) Stream { return Stream{src: source{data: data}} }

// Load decodes the next pickle. It returns io.EOF where the input ends before one
// begins. With keep its bytes are still there afterwards, see last.
func (s *Stream) Load(cfg *Config, keep bool) (any, error) {
	m := newMachine(cfg)
	s.src.keep = keep
	m.source = s.src
	v, err := m.run()
	s.src = m.source
	s.src.keep = false
	s.Discarded, s.Tree = m.discarded, m.isTree()
	m.release()
	return v, err
}

// Last is the pickle that has just been loaded, and the offset of its first byte.
func (s *Stream) Last() (data []byte, base int64) {
	from := int(s.src.first - s.src.base)
	return s.src.data[from:s.src.pos], s.src.first
}

// Next is what has arrived of the next pickle, at most limit bytes of it, for
// another decoder. ok is false where nothing comes.
func (s *Stream) Next(limit int64) (there []byte, ok bool) {
	s.src.first = s.src.offset()
	if s.src.more(1, limit) != nil {
		return nil, false
	}
	there = s.Buffered()
	if int64(len(there)) > limit {
		there = there[:limit]
	}
	return there, true
}

// Skip moves on by n bytes of next, a pickle that another decoder has read.
func (s *Stream) Skip(n int) {
	s.src.pos += n
	if n > 0 {
		s.Discarded = nil
	}
}

// Buffered is what has been read and is not part of a pickle so far.
func (s *Stream) Buffered() []byte { return s.src.data[s.src.pos:] }

// Offset is the number of the byte after the last pickle.
func (s *Stream) Offset() int64 { return s.src.offset() }
