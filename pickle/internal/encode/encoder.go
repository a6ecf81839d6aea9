package encode

import (
	"io"
	"sync"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// Config is what the options of an encoder say.
type Config struct {
	Proto        int
	MaxDepth     int
	Buffer       func(b []byte) (outOfBand bool, err error)
	BufferMin    int
	PersistentID func(v any) (id any, ok bool)
	Extensions   map[value.Global]int32
	KeepNames    bool
	Fast         bool
}

// Bytes encodes a value as one pickle.
func Bytes(cfg Config, v any) ([]byte, error) {
	e := encoders.Get().(*encoder)
	defer e.release()
	if b, _ := e.w.Take(); b == nil && e.large > 0 {
		e.w.Give(make([]byte, 0, e.large+e.large/16))
	}
	if err := e.encode(cfg, v, &e.out); err != nil {
		return nil, err
	}
	b, _ := e.w.Take()
	if n := len(b); len(e.out.b) == 0 && n >= giveAway && n > cap(b)/4*3 {
		e.w.Give(nil)
		e.large = n
		return b, nil
	}
	_ = e.out.Write(b)
	return e.out.b, nil
}

// To writes a value as one pickle to w.
func To(w io.Writer, cfg Config, v any) error {
	e := encoders.Get().(*encoder)
	defer e.release()
	if err := e.encode(cfg, v, streamer{w}); err != nil {
		return err
	}
	b, _ := e.w.Take()
	return streamer{w}.Write(b)
}

// giveAway is the size from which a result is the Writer's buffer and not a copy.
const giveAway = 64 << 10

// collector is a Sink that keeps everything.
type collector struct{ b []byte }

func (c *collector) Write(b []byte) error {
	c.b = append(c.b, b...)
	return nil
}

func (c *collector) WriteContent(b []byte, _ any) error { return c.Write(b) }

// streamer is a Sink that hands everything on.
type streamer struct{ w io.Writer }

func (s streamer) Write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := s.w.Write(b)
	return err
}

func (s streamer) WriteContent(b []byte, _ any) error { return s.Write(b) }

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encoder is one encode.
type encoder struct {
	w     wire.Writer
	cfg   Config
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
	e.cfg = Config{}
	e.depth, e.box, e.out = 0, box{}, collector{}
	encoders.Put(e)
}

// encode leaves in the Writer's buffer what the sink has not taken.
func (e *encoder) encode(cfg Config, v any, sink wire.Sink) error {
	e.cfg, e.memo.off = cfg, cfg.Fast
	e.plain4 = cfg.Proto >= 4 && cfg.PersistentID == nil
	if cfg.Proto < 0 || cfg.Proto > wire.HighestProtocol {
		return &wire.Error{Kind: wire.ErrType, Offset: -1, Msg: "there is no protocol " + itoa(cfg.Proto)}
	}
	e.w.Reset(cfg.Proto, sink, false)
	e.w.Begin()
	if err := e.save(v); err != nil {
		te, ok := err.(*gotype.Error)
		if !ok {
			return err
		}
		return te.Public()
	}
	e.w.End()
	return nil
}
