package machine

// What a stream does, told while it is done, and where in the stream each value is
// written. Both are for readers that judge or describe a pickle: without them the main
// loop notes nothing.

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// EventKind says what an [Event] is.
type EventKind uint8

const (
	// Named is a name that is looked up, or a number of the extension registry.
	Named EventKind = iota + 1
	// Identified is an object asked for by its persistent id.
	Identified
	// Called is a call: REDUCE, NEWOBJ, NEWOBJ_EX, INST or OBJ.
	Called
	// Updated is a change of an object that isn't of Python's own types: its state, items.
	Updated
	// Discarded is a value that is thrown away, or left below the pickle's own.
	Discarded
)

// String is the kind in lower case.
func (k EventKind) String() string {
	return [...]string{"unknown", "named", "identified", "called", "updated", "discarded"}[k]
}

// Event is something that a stream does besides making values of Python's own types.
type Event struct {
	Kind EventKind
	Op   wire.Opcode
	// Offset is the place of the opcode, From that of the first one which what it
	// works on is written with.
	Offset, From int64
	Value        any
	Update       *value.Update
}

// Extent is where a value is written: from the first opcode of its first part to the
// end of the last opcode that changes it in the same place.
type Extent struct{ From, To int64 }

// extentSize is what an entry of a map of extents takes, about.
const extentSize = 96

// observer follows the stack and knows where each value on it begins.
//
// Invariant: before each opcode len(begins) is the height of the stack.
type observer struct {
	emit    func(Event)
	extents map[any]Extent
	begins  []int64
	// setter is set where the opcode has dropped the result of a state setter.
	setter bool
}

func newObserver(cfg *Config) *observer {
	if cfg.Events == nil && cfg.Extents == nil {
		return nil
	}
	return &observer{emit: cfg.Events, extents: cfg.Extents}
}

// after notes what the opcode from start to end, of a stack that is now this, has done.
// It returns the memory that it has taken.
func (o *observer) after(op wire.Opcode, start, end int64, stack []any) (taken int64) {
	n := len(stack)
	if n > len(o.begins) {
		for len(o.begins) < n {
			o.begins = append(o.begins, start)
		}
		taken = 8
	}
	o.begins = o.begins[:n]
	setter := o.setter
	o.setter = false
	if o.extents == nil || n == 0 {
		return taken
	}
	switch op {
	case wire.OpPop:
		if !setter {
			return taken
		}
	case wire.OpMark, wire.OpPopMark, wire.OpDup, wire.OpGet, wire.OpBinGet, wire.OpLongBinGet,
		wire.OpPut, wire.OpBinPut, wire.OpLongBinPut, wire.OpMemoize, wire.OpProto, wire.OpFrame, wire.OpStop:
		return taken
	}
	key := partKey(stack[n-1])
	if key == nil {
		return taken
	}
	had, known := o.extents[key]
	switch {
	case !known:
		o.extents[key] = Extent{o.begins[n-1], end}
		taken += extentSize
	case had.From == o.begins[n-1]: // elsewhere it is a second reference, and what surrounds it isn't its own
		o.extents[key] = Extent{had.From, end}
	}
	return taken
}

// opcode is the one that is being run.
func (m *machine) opcode() wire.Opcode { return wire.Opcode(m.data[m.start]) }

// tell emits an event about the value that begins at a height of the stack.
func (m *machine) tell(kind EventKind, op wire.Opcode, at int, v any, u *value.Update) {
	if m.observer == nil || m.observer.emit == nil {
		return
	}
	offset := m.base + int64(m.start)
	from := offset
	if at < len(m.observer.begins) {
		from = m.observer.begins[at]
	}
	m.observer.emit(Event{Kind: kind, Op: op, Offset: offset, From: from, Value: v, Update: u})
}

// Find is the extent of a container or an object.
func Find(extents map[any]Extent, v any) (Extent, bool) {
	key := partKey(v)
	if key == nil {
		return Extent{}, false
	}
	e, ok := extents[key]
	return e, ok
}
