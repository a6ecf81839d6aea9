package machine

// Frames. CPython's C unpickler only makes sure that the bytes of a frame are
// there; the Python unpickler reads them apart and refuses arguments that
// cross the edge (Lib/pickle.py, _Unframer). In strict mode both must agree.

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// frame runs FRAME.
func (m *machine) frame() error {
	b, err := m.arg(8)
	if err != nil {
		return err
	}
	size := atom.Uint64(b)
	if size > uint64(maxInt-64) {
		return m.failf(wire.ErrSyntax, "a frame of %d bytes is more than any memory holds", size)
	}
	if len(m.data)-m.pos-9 < int(size) {
		return needMore(9 + int(size))
	}
	m.pos += 9
	if m.cfg.Strict {
		here := m.offset()
		if m.frameEnd > here-8 && m.frameEnd != here {
			return m.fail(wire.ErrStrict, "a frame begins before the one around it ends")
		}
		m.frameEnd = here + int64(size)
	}
	return nil
}

// checkFrame looks at the reads that the opcode in data[start:end] took: none
// may cross the end of the frame.
func (m *machine) checkFrame(data []byte, start, end int) error {
	at := m.base + int64(start)
	op := wire.Opcode(data[start])
	if m.frameEnd <= at || op == wire.OpFrame || m.base+int64(end) <= m.frameEnd {
		return nil
	}
	info, _ := op.Info()
	edge := int(m.frameEnd - m.base)
	from := start + 1
	crosses := func(to int) bool { return from < edge && edge < to }
	if n := info.Arg.Lines(); n > 0 {
		for to := from; to < end; to++ {
			if data[to] == '\n' {
				if crosses(to + 1) {
					return m.fail(wire.ErrStrict, "the frame ends inside a line")
				}
				from = to + 1
			}
		}
		return nil
	}
	fixed := info.Arg.Fixed()
	if crosses(from + fixed) {
		return m.fail(wire.ErrStrict, "the frame ends inside an argument")
	}
	from += fixed
	if crosses(end) {
		return m.fail(wire.ErrStrict, "the frame ends inside an argument")
	}
	return nil
}
