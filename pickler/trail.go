package pickler

import (
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// A trail leads from where an exception came up to the object that is being dumped: each
// function that saves parts of an object notes at which of them it was, when the
// exception goes through it. Nothing is noted while nothing fails.
//
// From 3.14 on each place is a note in the exception as well, in the words of
// Modules/_pickle.c, which makes them on the way up too. What else becomes of
// the trail is in trail_end.go.
type trail struct {
	places  []placeOf     // the innermost first
	culprit python.Object // the innermost object with parts of its own; owned, or Nil

	// ofFile is set where the exception is that of a file's write: no object is to blame.
	ofFile bool
	// began is explained when the dump began.
	began uint64
}

// placeOf is a place in an object.
type placeOf struct {
	place place
	index int           // for placeIndex and placeListIndex
	in    python.Object // owned; Nil for a tuple, list or dict that has never been made
	key   python.Object // owned, for placeValue; Nil for one that is gone
}

// place says what an object is for the one that is being saved.
type place uint8

// In the order of _pickle_trail.py.
const (
	placeIndex         place = iota // in a tuple or list, or of what is appended
	placeListIndex                  // in a list that has never been made
	placeValue                      // in a dict, or of what is set
	placeKey                        // the same
	placeElement                    // in a set
	placeClass                      // of __newobj__ and __newobj_ex__
	placeNewArguments               // the same
	placeReconstructor              // of a reduce value: see parts
	placeArguments
	placeState
	placeSetter
	placeObject // the reduce value as a whole
	placePersistentID
)

// at notes that err came out of saving a part of an object, and returns it. in is held
// by the caller, or Nil for a tuple or dict that has never been made.
//
//go:noinline
func (p *Pickler) at(err error, where place, in python.Object) error {
	return p.note(err, placeOf{place: where, in: in})
}

// atIndex is at for an item of a tuple or list.
//
//go:noinline
func (p *Pickler) atIndex(err error, in python.Object, index int) error {
	return p.note(err, placeOf{place: placeIndex, in: in, index: index})
}

// atValue is at for a value in a dict, under a key that the caller holds.
//
//go:noinline
func (p *Pickler) atValue(err error, in, key python.Object) error {
	return p.note(err, placeOf{place: placeValue, in: in, key: key})
}

// atItem is at for an item of the dict d, whose key may be gone since.
//
//go:noinline
func (p *Pickler) atItem(err error, d, key python.Object) error {
	if _, ok := p.memo.get(key); !ok { // which holds what it knows
		key = heldKey(d, key)
	}
	return p.atValue(err, d, key)
}

// heldKey is key if it is still in d, else Nil.
func heldKey(d, key python.Object) python.Object {
	it := python.IterDict(d)
	for {
		k, _, ok := it.Next()
		if !ok {
			return python.Nil
		}
		if k == key {
			return key
		}
	}
}

// atArgument is at for an argument of the call that makes o, in a tuple that has never
// been made.
//
//go:noinline
func (p *Pickler) atArgument(err error, o python.Object, index int) error {
	return p.at(p.atIndex(err, python.Nil, index), placeArguments, o)
}

// ofReduced is at for a part of the reduce value of o, and for that as a whole.
//
//go:noinline
func (p *Pickler) ofReduced(err error, where place, o python.Object) error {
	return p.at(p.at(err, where, o), placeObject, o)
}

// blame notes the object that could not be saved, if none of its parts is to blame.
//
//go:noinline
func (p *Pickler) blame(err error, o python.Object) {
	t := &p.trail
	if err == python.ErrPython && len(t.places) == 0 && t.culprit.IsNil() {
		o.IncRef()
		t.culprit = o
	}
}

func (p *Pickler) note(err error, at placeOf) error {
	if err != python.ErrPython || python.IsRefused() {
		return err
	}
	if at.place == placeObject {
		p.blame(err, at.in)
	}
	at.in.XIncRef()
	at.key.XIncRef()
	p.trail.places = append(p.trail.places, at)
	if python.Minor() >= 14 {
		p.addNote(at)
	}
	return err
}

// addNote does what _PyErr_FormatNote does, in Python/errors.c: what fails meanwhile
// takes the exception's place, with that as its context.
func (p *Pickler) addNote(at placeOf) {
	if at.place == placeKey || at.place == placePersistentID || at.place == placeValue && at.key.IsNil() {
		return
	}
	p.beforePython() // a key's __repr__
	raised := python.FetchError()
	if addNoteTo(raised.Value(), at) != nil {
		python.SetContext(raised)
		return
	}
	raised.Restore()
}

var placeWords = [...]string{
	placeElement:       "element",
	placeClass:         "class",
	placeNewArguments:  "__new__ arguments",
	placeReconstructor: "reconstructor",
	placeArguments:     "reconstructor arguments",
	placeState:         "state",
	placeSetter:        "state setter",
	placeObject:        "object",
}

func addNoteTo(exception python.Object, at placeOf) error {
	var text string
	switch at.place {
	case placeListIndex:
		text = fmt.Sprintf("when serializing list item %d", at.index)
	case placeIndex:
		text = fmt.Sprintf("when serializing %s item %d", at.typeName("tuple"), at.index)
	case placeValue:
		key, ok := reprOf(at.key).(string)
		if !ok {
			return python.ErrPython
		}
		text = "when serializing " + at.typeName("dict") + " item " + key
	default:
		text = "when serializing " + at.typeName("") + " " + placeWords[at.place]
	}
	note := python.NewStr(text)
	if note.IsNil() {
		return python.ErrPython
	}
	defer note.DecRef()
	done := python.Call2(stdlib.addNote, exception, note)
	if done.IsNil() {
		return python.ErrPython
	}
	done.DecRef()
	return nil
}

// typeName is the name of the type of what the place is in, or what is said for one
// that has never been made.
func (at placeOf) typeName(unmade string) string {
	if at.in.IsNil() {
		return unmade
	}
	return nameOfType(at.in.Type())
}
