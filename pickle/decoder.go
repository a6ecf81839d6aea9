package pickle

// The entrances of the reading side.

import (
	"bytes"
	"io"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
)

// Load decodes the first pickle in data into the Go values that stand for
// Python's; the package documentation has the table. Bytes after the pickle are
// ignored, as pickle.loads does.
func Load(data []byte, opts ...Option) (any, error) {
	cfg := newConfig(opts)
	v, _, err := cfg.Load(data)
	return v, err
}

func newConfig(opts []Option) (cfg machine.Config) {
	for _, o := range opts {
		o(&cfg)
	}
	return cfg
}

// Decoder reads pickles one after another from a stream.
type Decoder struct {
	cfg machine.Config
	in  machine.Stream
	err error
}

// NewDecoder returns a decoder that reads from r. It may read beyond the
// pickle it decodes; [Decoder.Buffered] has what it read too much.
func NewDecoder(r io.Reader, opts ...Option) *Decoder {
	return &Decoder{cfg: newConfig(opts), in: machine.NewStream(r)}
}

// NewBytesDecoder returns a decoder of the pickles in data, one after another. It reads them
// where they are, so that [NoCopy] works as in [Load].
func NewBytesDecoder(data []byte, opts ...Option) *Decoder {
	return &Decoder{cfg: newConfig(opts), in: machine.StreamOf(data)}
}

// Load decodes the next pickle into the Go values that stand for Python's. It
// returns io.EOF when the stream ends before a pickle begins. The memo and
// the stack start empty in each pickle. After any other error the place where the next
// pickle would begin is not known, and the same error comes back.
func (d *Decoder) Load() (any, error) {
	return d.load(false)
}

func (d *Decoder) load(keep bool) (any, error) {
	if d.err != nil {
		return nil, d.err
	}
	v, err := d.in.Load(&d.cfg, keep)
	if err != nil {
		d.err = err
		return nil, err
	}
	return v, nil
}

// Buffered returns the bytes that were read from the reader and are not part
// of a pickle decoded so far. It is good until the next call of the decoder.
func (d *Decoder) Buffered() io.Reader { return bytes.NewReader(d.in.Buffered()) }

// InputOffset is the place in the stream after the last pickle decoded.
func (d *Decoder) InputOffset() int64 { return d.in.Offset() }

// Discarded are the values that the last pickle made and threw away before
// its end, or left on the stack below its value. Python made them all the
// same: if there is a call among them, loading the pickle runs it.
func (d *Decoder) Discarded() []any { return d.in.Discarded }
