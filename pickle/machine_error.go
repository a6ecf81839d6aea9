package pickle

import (
	"fmt"
	"strconv"
)

// fail makes the error for the opcode at m.start.
func (m *machine) fail(kind error, msg string) error {
	e := &Error{Kind: kind, Msg: msg, Offset: m.base + int64(m.start), Path: m.path()}
	if m.start < len(m.data) {
		e.Op = Opcode(m.data[m.start])
	}
	return e
}

func (m *machine) failf(kind error, format string, args ...any) error {
	return m.fail(kind, fmt.Sprintf(format, args...))
}

// program wraps an error of the program's own function.
func (m *machine) program(err error) error {
	e := m.fail(ErrProgram, err.Error()).(*Error)
	e.Err = err
	return e
}

// quote shows bytes of the input, the first of them when they are many.
func quote(b []byte) string {
	const most = 40
	if len(b) > most {
		return strconv.Quote(string(b[:most])) + "..."
	}
	return strconv.Quote(string(b))
}

// path says where in the value the machine stands, as the stack tells: every
// container that is still open on it, and what of it is already there. Where
// the stack alone cannot tell a finished container from an open one, a
// container directly below a mark is open, and so is an empty one on top.
func (m *machine) path() string {
	var p pathBuilder
	p.root()
	from := 0
	var owner any
	for k := 0; k <= len(m.marks) && p.len() < maxPathSteps; k++ {
		to, last := len(m.stack), k == len(m.marks)
		if !last {
			to = min(m.marks[k], to)
		}
		seg := m.stack[min(from, to):to]
		if k == 0 {
			p.chain(seg, last)
		} else {
			p.batch(owner, seg, last)
		}
		owner = nil
		if len(seg) > 0 {
			owner = seg[len(seg)-1]
		}
		from = to
	}
	return p.String()
}

// chain adds the steps of containers that lie directly on one another, as
// they do for containers of one item.
func (p *pathBuilder) chain(seg []any, last bool) {
	for i := 0; i < len(seg) && p.len() < maxPathSteps; i++ {
		top := i == len(seg)-1
		if top && !last {
			return
		}
		switch c := seg[i].(type) {
		case *List:
			p.index(len(c.Items))
		case *Dict:
			if !top {
				i++
				p.key(seg[i])
			}
		}
	}
}

// batch adds the step of the values above a mark, which belong to owner.
func (p *pathBuilder) batch(owner any, seg []any, last bool) {
	n := len(seg)
	var open *List
	if n > 0 && isOpen(seg[n-1], last) {
		n--
		open, _ = seg[n].(*List)
	}
	switch c := owner.(type) {
	case *List:
		p.index(len(c.Items) + n)
	case *Dict:
		if n%2 == 1 {
			p.key(seg[n-1])
		}
	default:
		p.index(n)
	}
	if last && open != nil {
		p.index(0)
	}
}

// isOpen reports whether the last value before a mark, or on top of the
// stack, is one that still takes values.
func isOpen(v any, last bool) bool {
	switch c := v.(type) {
	case *List:
		return !last || len(c.Items) == 0
	case *Dict:
		return !last || c.Len() == 0
	case *Set:
		return !last
	}
	return false
}
