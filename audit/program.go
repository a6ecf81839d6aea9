package audit

// Code objects, made ready to be executed.

import (
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// program is a code object as the interpreter wants it.
type program struct {
	code     *bytecode.Code
	resolver *bytecode.Resolver
	minor    int
	ins      []instruction
	index    map[int]int // of the instruction at an offset
	handlers []handler
	lines    []bytecode.LineRange
	fast     []string
	consts   []value
	bad      error
}

type instruction struct {
	bytecode.Instruction
	target int // the number of the instruction jumped to, or -1
}

// handler is where an exception goes that is raised in the instructions from start up to end.
type handler struct {
	start, end, target, depth int
	lasti                     bool
}

// maxCode bounds the instructions of a code object.
const maxCode = 1 << 18

func (x *examiner) program(c *bytecode.Code) *program {
	if p, ok := x.programs[c]; ok {
		return p
	}
	p := newProgram(c)
	x.programs[c] = p
	if p.bad != nil {
		x.problem("opcode", "the code of %s can't be read as that of CPython %v: %v", p.name(), c.Version, p.bad)
	}
	return p
}

func newProgram(c *bytecode.Code) *program {
	p := &program{code: c, minor: c.Version.Minor, index: map[int]int{}}
	r, err := bytecode.NewResolver(c)
	if err != nil {
		p.bad = err
		return p
	}
	p.resolver = r
	p.fast = c.FastLocals()
	if p.minor < 11 {
		p.fast = slices.Clone(c.VarNames)
	}
	for in, err := range r.Table().Instructions(c.Code) {
		if err != nil && p.bad == nil {
			p.bad = err
		}
		if len(p.ins) >= maxCode {
			p.bad = errTooLong
			break
		}
		if in.Name == "EXTENDED_ARG" || in.Name == "CACHE" {
			continue
		}
		p.index[in.Start] = len(p.ins)
		p.ins = append(p.ins, instruction{in, -1})
	}
	for i := range p.ins {
		in := &p.ins[i]
		if in.Target == bytecode.NoTarget {
			continue
		}
		target, ok := p.index[in.Target]
		if !ok {
			if p.bad == nil {
				p.bad = errTarget
			}
			continue
		}
		in.target = target
	}
	handlers, err := c.Handlers()
	if err != nil && p.bad == nil {
		p.bad = err
	}
	for _, h := range handlers {
		start, end := p.from(h.Start), p.from(h.End)
		target, ok := p.index[h.Target]
		if !ok {
			if p.bad == nil {
				p.bad = errTarget
			}
			continue
		}
		p.handlers = append(p.handlers, handler{start, end, target, h.Depth, h.Lasti})
	}
	p.lines, _ = c.Lines()
	p.consts = make([]value, len(c.Consts))
	for i, v := range c.Consts {
		p.consts[i] = constant(v, 20)
	}
	return p
}

type programError string

func (e programError) Error() string { return string(e) }

const (
	errTooLong = programError("it is too long")
	errTarget  = programError("it jumps into the middle of an instruction")
)

// from is the number of the first instruction at or after an offset.
func (p *program) from(offset int) int {
	i, _ := slices.BinarySearchFunc(p.ins, offset, func(in instruction, offset int) int { return in.Start - offset })
	return i
}

func (p *program) name() string {
	if p.code.QualName != "" {
		return p.code.QualName
	}
	return p.code.Name
}

// line is that of the source for an instruction, 0 if it has none.
func (p *program) line(at int) int {
	if at < 0 || at >= len(p.ins) {
		return 0
	}
	offset := p.ins[at].Offset
	i, ok := slices.BinarySearchFunc(p.lines, offset, func(r bytecode.LineRange, offset int) int {
		switch {
		case r.End <= offset:
			return -1
		case r.Start > offset:
			return 1
		}
		return 0
	})
	if !ok || p.lines[i].Line == bytecode.NoLine {
		return 0
	}
	return p.lines[i].Line
}

// handlerOf is the innermost handler of an instruction.
func (p *program) handlerOf(at int) *handler {
	// The entries don't overlap: the compiler writes one for each stretch of code.
	for i := range p.handlers {
		if h := &p.handlers[i]; h.start <= at && at < h.end {
			return h
		}
	}
	return nil
}

// text is a str of a code object or a stream. One with surrogates isn't followed: Go has no such runes.
func text(s string) value {
	if !utf8.ValidString(s) {
		return some("str", lost)
	}
	return s
}

// constant is a constant of a code object.
func constant(v any, depth int) value {
	if depth == 0 {
		return someLost()
	}
	switch v := v.(type) {
	case nil:
		return none{}
	case string:
		return text(v)
	case bool, int64, *big.Int, float64, complex128:
		return v
	case int:
		return int64(v)
	case []byte:
		return octets(v)
	case bytecode.Ellipsis:
		return ellipsis{}
	case *bytecode.Code:
		return &codeRef{v}
	case []any:
		t := &tuple{make([]value, len(v))}
		for i, item := range v {
			t.items[i] = constant(item, depth-1)
		}
		return t
	case bytecode.FrozenSet:
		l := &list{kind: "frozenset"}
		for _, item := range v {
			l.add(constant(item, depth-1))
		}
		return l
	case bytecode.Slice:
		return &slice{constant(v.Start, depth-1), constant(v.Stop, depth-1), constant(v.Step, depth-1)}
	}
	return someLost()
}
