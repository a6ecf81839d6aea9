package pickle

// What a stream does, and where its values are written: for those who judge or
// describe pickles.

import "github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"

// EventKind says what an [Event] is.
type EventKind = machine.EventKind

// The kinds of events.
const (
	// EventNamed is a name that Python looks up, importing its module: Value is a
	// [Global], or an [Extension] for an unknown number of the extension registry.
	EventNamed = machine.Named
	// EventIdentified asks the program for an object: Value is a [PersistentID].
	EventIdentified = machine.Identified
	// EventCalled is a call: Value is an [*Object] without updates so far. Harmless calls
	// that [Load] turns into values, such as set(), are among them.
	EventCalled = machine.Called
	// EventUpdated changes an object that isn't of Python's own types: Value is the
	// [*Object], and Update the last of its updates. Where what is changed is no result of
	// a call but a name, the Object has that as Func and OpBuild as Op.
	EventUpdated = machine.Updated
	// EventDiscarded throws Value away: it is no part of what the pickle stands for, but
	// whatever made it has run.
	EventDiscarded = machine.Discarded
)

// Event is something that loading a pickle does in Python besides making values of
// Python's own types. Op is the opcode that does it, at Offset in the input; From is the
// offset of the first opcode that writes what it works on, the callable for a call.
type Event = machine.Event

// WithEvents has a function called for each event of a stream, in order, while the
// stream is decoded: also for those before an error, which in Python have happened by
// then. It makes decoding some two times slower. [Unmarshal] has no events, it makes
// nothing that isn't data.
//
//	pickle.Load(data, pickle.WithEvents(func(e pickle.Event) {
//		if e.Kind == pickle.EventCalled {
//			fmt.Println(e.Offset, e.Value)
//		}
//	}))
func WithEvents(each func(Event)) Option {
	return func(c *machine.Config) { c.Events = each }
}

// Extents are the places of values in their stream, see [WithExtents].
type Extents struct{ of map[any]machine.Extent }

// Of tells where a value is written, in bytes of the input: from the first opcode of
// its first part to the end of the last one that makes or changes it. Only values with an
// identity and tuples with items have an extent; where one is met a second time, that is
// a reference to the first. An extent includes those of the parts that are
// written there for the first time.
func (e *Extents) Of(v any) (from, to int64, ok bool) {
	x, ok := machine.Find(e.of, v)
	return x.From, x.To, ok
}

// WithExtents notes where the values of a stream are written.
func WithExtents(to *Extents) Option {
	return func(c *machine.Config) {
		if to.of == nil {
			to.of = map[any]machine.Extent{}
		}
		c.Extents = to.of
	}
}
