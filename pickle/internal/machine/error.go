package machine

import (
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// fail makes the error for the opcode at m.start.
func (m *machine) fail(kind error, msg string) error {
	e := &wire.Error{Kind: kind, Msg: msg, Offset: m.base + int64(m.start), Path: m.path()}
	if m.start < len(m.data) {
		e.Op = wire.Opcode(m.data[m.start])
	}
	return e
}

func (m *machine) failf(kind error, format string, args ...any) error {
	return m.fail(kind, fmt.Sprintf(format, args...))
}

// program wraps an error of the program's own function.
func (m *machine) program(err error) error {
	e := m.fail(wire.ErrProgram, err.Error()).(*wire.Error)
	e.Err = err
	return e
}

// path says where in the value the machine stands, as the stack tells: every
// container that is still open on it, and what of it is already there. Where
// the stack alone cannot tell a finished container from an open one, a
// container directly below a mark is open, and so is an empty one on top.
func (m *machine) path() string {
	var p value.PathBuilder
	p.Root()
	from := 0
	var owner any
	for k := 0; k <= len(m.marks) && p.Len() < value.MaxPathSteps; k++ {
		to, last := len(m.stack), k == len(m.marks)
		if !last {
			to = min(m.marks[k], to)
		}
		seg := m.stack[min(from, to):to]
		if k == 0 {
			addChain(&p, seg, last)
		} else {
			addBatch(&p, owner, seg, last)
		}
		owner = nil
		if len(seg) > 0 {
			owner = seg[len(seg)-1]
		}
		from = to
	}
	return p.String()
}

// addChain adds the steps of containers that lie directly on one another, as
// they do for containers of one item.
func addChain(p *value.PathBuilder, seg []any, last bool) {
	for i := 0; i < len(seg) && p.Len() < value.MaxPathSteps; i++ {
		top := i == len(seg)-1
		if top && !last {
			return
		}
		switch c := seg[i].(type) {
		case *value.List:
			p.Index(len(c.Items))
		case *value.Dict:
			if !top {
				i++
				p.Key(seg[i])
			}
		}
	}
}

// addBatch adds the step of the values above a mark, which belong to owner.
func addBatch(p *value.PathBuilder, owner any, seg []any, last bool) {
	n := len(seg)
	var open *value.List
	if n > 0 && isOpen(seg[n-1], last) {
		n--
		open, _ = seg[n].(*value.List)
	}
	switch c := owner.(type) {
	case *value.List:
		p.Index(len(c.Items) + n)
	case *value.Dict:
		if n%2 == 1 {
			p.Key(seg[n-1])
		}
	default:
		p.Index(n)
	}
	if last && open != nil {
		p.Index(0)
	}
}

// isOpen reports whether the last value before a mark, or on top of the
// stack, is one that still takes values.
func isOpen(v any, last bool) bool {
	switch c := v.(type) {
	case *value.List:
		return !last || len(c.Items) == 0
	case *value.Dict:
		return !last || c.Len() == 0
	case *value.Set:
		return !last
	}
	return false
}
