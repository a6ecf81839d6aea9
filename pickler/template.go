package pickler

import (
	"slices"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A template says how to write an object whose parts never change: the opcodes, with
// the places where the memo decides. A code object is written by one from the
// second time on, since finding its parts anew takes longer than writing them.
//
// A template is used where Pickler.fastPath is set and the frame can hold all of it:
// nothing in it runs Python code or asks a hook.
type template struct {
	steps []templateStep
	text  []byte // what the steps write
	size  int    // the most that all of them write
}

type templateStep struct {
	kind     stepKind
	skip     uint16 // slots that temporaries in the text take
	next     uint32 // stepBegin: the step to go on with for an object that is in the memo
	from, to uint32 // of template.text
	object   python.Object
}

type stepKind uint8

const (
	stepText   stepKind = iota // write the text
	stepShared                 // write the object's slot, or the text for an object new to the memo
	stepBegin                  // write the object's slot and skip its steps, or go on with them
	stepPut                    // give the object the next slot, the text being its MEMOIZE
)

// follow writes what a template says; false, and nothing written, where the frame
// cannot hold it.
func (p *Pickler) follow(r *template) bool {
	b, limit := p.w.Take()
	if len(b)+r.size >= limit {
		return false
	}
	b = slices.Grow(b, r.size+wire.MaxShort)
	m := &p.memo
	for i := 0; i < len(r.steps); {
		s := &r.steps[i]
		i++
		switch s.kind {
		case stepShared:
			if slot, memoized := m.getOrPut(s.object); memoized {
				b = wire.PutGet(b, uint32(slot))
				continue
			}
		case stepBegin:
			if slot, memoized := m.get(s.object); memoized {
				b = wire.PutGet(b, uint32(slot))
				i = int(s.next)
				continue
			}
		case stepPut:
			m.put(s.object)
		}
		b = append(b, r.text[s.from:s.to]...)
		m.slots += int(s.skip)
	}
	p.w.Give(b)
	return true
}

// templateBuilder makes a template. Its Pickler only writes opcodes; its memo is not used.
type templateBuilder struct {
	template
	p  Pickler
	ok bool // so far nothing has come that can't be in a template
}

func newTemplateBuilder() *templateBuilder {
	m := &templateBuilder{ok: true}
	m.p.proto = wire.HighestProtocol
	m.p.w.Reset(m.p.proto, nil, false)
	return m
}

// step adds a step whose text is what the Pickler has written.
func (m *templateBuilder) step(kind stepKind, o python.Object, skip int) {
	b, _ := m.p.w.Take()
	from := len(m.text)
	m.text = append(m.text, b...)
	m.p.w.Give(b[:0])
	m.size += len(b) + 5
	if last := len(m.steps) - 1; kind == stepText && last >= 0 && m.steps[last].kind == stepText {
		m.steps[last].to = uint32(len(m.text))
		m.steps[last].skip += uint16(skip)
		return
	}
	m.steps = append(m.steps, templateStep{
		kind: kind, object: o, skip: uint16(skip), from: uint32(from), to: uint32(len(m.text)),
	})
}

func (m *templateBuilder) op(op wire.Opcode) {
	m.p.w.Op(op)
	m.step(stepText, python.Nil, 0)
}

func (m *templateBuilder) int(n int) {
	m.ok = m.ok && m.p.w.Int(int64(n))
	m.step(stepText, python.Nil, 0)
}

// begin starts an object that ends with put, which takes what begin gave.
func (m *templateBuilder) begin(o python.Object) (at int) {
	m.step(stepBegin, o, 0)
	return len(m.steps) - 1
}

func (m *templateBuilder) put(o python.Object, at int) {
	m.p.w.Op(wire.OpMemoize)
	m.step(stepPut, o, 0)
	// What follows must not be joined to what is skipped.
	m.steps = append(m.steps, templateStep{kind: stepText, from: uint32(len(m.text)), to: uint32(len(m.text))})
	m.steps[at].next = uint32(len(m.steps) - 1)
}

// temporary ends an object that exists only as opcodes.
func (m *templateBuilder) temporary() {
	m.p.w.Op(wire.OpMemoize)
	m.step(stepText, python.Nil, 1)
}

// maxTemplateText bounds each text, so that none leaves the frame.
const maxTemplateText = 8 << 10

// atom adds what save writes for an object, which is no str, bytes or tuple of more
// than a template's size, and has nothing in it but these and numbers.
func (m *templateBuilder) atom(o python.Object) {
	var err error
	switch o.Type() {
	case python.StrType:
		m.text256(o)
		return
	case python.BytesType:
		b := python.Bytes(o)
		if m.ok = m.ok && len(b) < maxTemplateText; !m.ok {
			return
		}
		_, err = m.p.w.Bytes(b, o)
		m.p.w.Op(wire.OpMemoize)
		m.step(stepShared, o, 0)
	case python.TupleType:
		m.tuple(o)
	case python.NoneType:
		m.op(wire.OpNone)
	case python.BoolType:
		m.p.w.Bool(o == python.True)
		m.step(stepText, python.Nil, 0)
	case python.IntType:
		err = m.p.saveInt(o)
		m.step(stepText, python.Nil, 0)
	case python.FloatType:
		m.p.w.Float(python.Float(o))
		m.step(stepText, python.Nil, 0)
	default:
		m.ok = false
	}
	if err != nil {
		python.ClearError()
		m.ok = false
	}
}

func (m *templateBuilder) text256(o python.Object) {
	if python.StrLength(o) >= maxTemplateText/4 {
		m.ok = false
		return
	}
	if err := m.p.writeText(o); err != nil {
		python.ClearError()
		m.ok = false
	}
	m.p.w.Op(wire.OpMemoize)
	m.step(stepShared, o, 0)
}

// tuple adds a tuple that can come again.
func (m *templateBuilder) tuple(o python.Object) {
	n := python.TupleSize(o)
	if n == 0 {
		m.op(wire.OpEmptyTuple)
		return
	}
	at := m.begin(o)
	m.tupleItems(o)
	m.put(o, at)
}

// tupleCopy adds what saveTupleCopy writes.
func (m *templateBuilder) tupleCopy(o python.Object) {
	if python.TupleSize(o) == 0 {
		m.op(wire.OpEmptyTuple)
		return
	}
	m.tupleItems(o)
	m.temporary()
}

func (m *templateBuilder) tupleItems(o python.Object) {
	n := python.TupleSize(o)
	if n > maxTemplateText/16 {
		m.ok = false
		return
	}
	m.openTuple(n)
	for i := range n {
		m.atom(python.TupleItem(o, i))
	}
	m.closeTuple(n)
}

func (m *templateBuilder) openTuple(n int) {
	if n > 3 {
		m.op(wire.OpMark)
	}
}

func (m *templateBuilder) closeTuple(n int) {
	m.p.closeTuple(n)
	m.step(stepText, python.Nil, 0)
}

// freshStr adds what saveFreshStr writes.
func (m *templateBuilder) freshStr(s python.Object) {
	if text, ok := python.ASCII(s); ok && len(text) > 1 && len(text) < 256 {
		m.p.w.ShortText(text)
		m.step(stepText, python.Nil, 1)
	} else if ok && len(text) == 1 {
		m.atom(stdlib.chars[text[0]])
	} else {
		m.ok = false
	}
}

// done returns the template, or nil where the object can't have one.
func (m *templateBuilder) done() *template {
	if !m.ok || m.size >= maxTemplateText*2 {
		return nil
	}
	r := m.template
	r.steps, r.text = slices.Clip(r.steps), slices.Clip(r.text)
	return &r
}
