package pickle

// The entrances of the reading side.

import (
	"bytes"
	"io"
)

// Load decodes the first pickle in data into the Go values that stand for
// Python's; the package documentation has the table. Bytes after the pickle are
// ignored, as pickle.loads does.
func Load(data []byte, opts ...Option) (any, error) {
	cfg := newConfig(opts)
	v, _, err := cfg.load(data)
	return v, err
}

// load is Load; tree says that no object is in two places of the value.
func (cfg *config) load(data []byte) (v any, tree bool, err error) {
	m := newMachine(cfg)
	defer m.release()
	m.data = data
	v, err = m.run()
	if err == io.EOF {
		err = m.fail(ErrTruncated, "there is no pickle: the input is empty")
	}
	return v, m.isTree(), err
}

// isTree reports whether no object is in two places of the value. Functions
// of the program may put one into several.
func (m *machine) isTree() bool {
	return !m.shares && m.cfg.persistent == nil && m.cfg.constructors == nil
}

func newConfig(opts []Option) (cfg config) {
	for _, o := range opts {
		o(&cfg)
	}
	return cfg
}

// Decoder reads pickles one after another from a stream.
type Decoder struct {
	cfg       config
	src       source
	discarded []any
	tree      bool
	err       error
}

// NewDecoder returns a decoder that reads from r. It may read beyond the
// pickle it decodes; [Decoder.Buffered] has what it read too much.
func NewDecoder(r io.Reader, opts ...Option) *Decoder {
	return &Decoder{cfg: newConfig(opts), src: source{r: r}}
}

// Load decodes the next pickle into the Go values that stand for Python's. It
// returns io.EOF when the stream ends before a pickle begins. The memo and
// the stack start empty in each pickle. After any other error the place where the next
// pickle would begin is not known, and the same error comes back.
func (d *Decoder) Load() (any, error) {
	if d.err != nil {
		return nil, d.err
	}
	m := newMachine(&d.cfg)
	m.source = d.src
	v, err := m.run()
	d.src = m.source
	d.discarded, d.tree = m.discarded, m.isTree()
	m.release()
	if err != nil {
		d.err = err
		return nil, err
	}
	return v, nil
}

// Buffered returns the bytes that were read from the reader and are not part
// of a pickle decoded so far. It is good until the next call of the decoder.
func (d *Decoder) Buffered() io.Reader { return bytes.NewReader(d.src.data[d.src.pos:]) }

// InputOffset is the place in the stream after the last pickle decoded.
func (d *Decoder) InputOffset() int64 { return d.src.offset() }

// Discarded are the values that the last pickle made and threw away before
// its end, or left on the stack below its value. Python made them all the
// same: if there is a call among them, loading the pickle runs it.
func (d *Decoder) Discarded() []any { return d.discarded }
