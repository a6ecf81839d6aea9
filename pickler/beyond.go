package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// Right where cloudpickle is wrong: the reducers of py/gocloudpickle/_beyond, for objects
// that cloudpickle 3.1.2 refuses or breaks (docs/beyond-cloudpickle.md). They are asked
// by type, after all that a user can have said about the object, and never where the
// dump is strict. What they don't want goes cloudpickle's way, with its bytes.

// beyond is what a target has of them. The zero value has none: such dumps are strict.
type beyond struct {
	strict  bool          // what the environment says
	table   python.Object // a DispatchTable by type, owned, or Nil
	refused python.Object // for what object.__reduce_ex__ has refused, owned

	classPlan python.Object // of classes.py, owned
	noteClass python.Object // is given each class that gets a tracker id, owned

	beforeFunction python.Object // is given each function of functools that goes by value, owned
}

// strictness is whether a dump gives stock's results. It is asked when that first matters.
type strictness int8

const (
	notAsked strictness = iota
	isStrict
	notStrict
)

// beyondTable is the table of one target; the types in it are the same in all of them.
var beyondTable python.Object

// beyondBase is a type whose reducer is that of its subclasses, too, or None: see
// Beyond.base. Owned.
var beyondBase python.Object

// readBeyond reads a Beyond of _beyond, or None.
func readBeyond(o python.Object) (b beyond, err error) {
	b.strict = true
	if o == python.None {
		return b, nil
	}
	for _, part := range []struct {
		name string
		to   *python.Object
	}{
		{"table", &b.table}, {"refused", &b.refused}, {"class_plan", &b.classPlan},
		{"before_function", &b.beforeFunction}, {"note_class", &b.noteClass},
	} {
		if *part.to, err = attribute(o, part.name); err != nil {
			return b, err
		}
	}
	strict, err := attribute(o, "strict")
	if err != nil {
		return b, err
	}
	defer strict.DecRef()
	b.strict, err = python.IsTrue(strict)
	if err != nil {
		return b, err
	}
	stdlib.lateTable = b.table.Type()
	beyondTable = b.table
	if beyondBase.IsNil() {
		beyondBase, err = attribute(o, "base")
	}
	return b, err
}

// beyondReducer gives the reducer for the instances of a class, borrowed, or Nil.
func beyondReducer(table, t python.Object) (python.Object, error) {
	reducer, err := python.DictGetType(table, t)
	if err != nil || !reducer.IsNil() || beyondBase == python.None || !python.IsSubtype(t, beyondBase) {
		return reducer, err
	}
	return python.DictGetType(table, beyondBase)
}

// strict reports whether this dump gives stock's results: as the attribute strict of the
// Pickler or its class says, or, where that is None or absent, the environment.
func (p *Pickler) strict() (bool, error) {
	if p.strictness != notAsked {
		return p.strictness == isStrict, nil
	}
	strict, err := p.target.beyond.strict, error(nil)
	if !p.target.beyond.table.IsNil() {
		asked := p.self
		if asked.IsNil() {
			asked = p.target.Class
		}
		found, err := python.LookupAttr(asked, interned.strict)
		if err != nil {
			return true, err
		}
		if !found.IsNil() {
			if found != python.None {
				strict, err = python.IsTrue(found)
			}
			found.DecRef()
			if err != nil {
				return true, err
			}
		}
	}
	p.strictness = notStrict
	if strict {
		p.strictness = isStrict
	}
	return strict, err
}

// beforeFunctoolsFunction is called before a function of functools is written by value.
func (p *Pickler) beforeFunctoolsFunction(o python.Object) error {
	if strict, err := p.strict(); strict || err != nil {
		return err
	}
	done := python.Call1(p.target.beyond.beforeFunction, o)
	if done.IsNil() {
		return python.ErrPython
	}
	done.DecRef()
	return nil
}

// hasBeyondReducer reports whether the instances of a class may go beyond cloudpickle.
func hasBeyondReducer(t python.Object) (bool, error) {
	if beyondTable.IsNil() {
		return false, nil
	}
	if err := completeTable(beyondTable); err != nil {
		return false, err
	}
	reducer, err := beyondReducer(beyondTable, t)
	return !reducer.IsNil(), err
}

// saveBeyond writes o with the reducer that there is for its type; done is false where
// there is none, or it leaves o to cloudpickle. A subclass's reducer_override that calls
// super's has asked it already, and one that doesn't has opted out.
func (p *Pickler) saveBeyond(o, t python.Object) (done bool, err error) {
	table := p.target.beyond.table
	if table.IsNil() || !p.asksBeyond() {
		return false, nil
	}
	reducer, err := beyondReducer(table, t)
	if err != nil || reducer.IsNil() {
		return false, err
	}
	return p.saveByBeyond(o, reducer)
}

// asksBeyond reports whether the reducer_override in force leaves it to the engine to go
// beyond: gocloudpickle's own class does that in Python, for super().reducer_override,
// an installed cloudpickle's class doesn't.
func (p *Pickler) asksBeyond() bool {
	return p.hooks.reducerOverride.IsNil() || p.target != targets[0]
}

// saveByBeyond calls a reducer, unless the dump is strict.
func (p *Pickler) saveByBeyond(o, reducer python.Object) (done bool, err error) {
	if strict, err := p.strict(); strict || err != nil {
		return false, err
	}
	p.giveBackDropped()
	reducer.IncRef()
	defer reducer.DecRef()
	value := python.Call1(reducer, o)
	if value.IsNil() {
		return false, python.ErrPython
	}
	defer value.DecRef()
	if value == python.NotImplemented {
		return false, nil
	}
	return true, p.saveReduceValue(o, value)
}

// saveBeyondReducer is saveBeyond for an object whose type has a reducer in the dispatch
// table, where that is cloudpickle's own.
func (p *Pickler) saveBeyondReducer(o, t, reducer python.Object) (done bool, err error) {
	if p.target.beyond.table.IsNil() {
		return false, nil
	}
	own, err := python.DictGetType(p.target.dispatch, t)
	if err != nil || own != reducer {
		return false, err
	}
	if table := p.target.dispatch; table.Type() == stdlib.lateTable && reducer.Type() != p.ns.nativeFor(python.CodeType).entry.Type() {
		return false, nil // gocloudpickle's own table is the user's, too
	}
	return p.saveBeyond(o, t)
}

// saveRefused writes an object whose __reduce_ex__ has failed with err, if it is of a
// subclass of a builtin type that object.__reduce_ex__ takes no instances of.
func (p *Pickler) saveRefused(o python.Object, err error) error {
	if p.target.beyond.table.IsNil() || !p.asksBeyond() || !python.Matches(python.TypeError) {
		return err
	}
	refusal := python.FetchError()
	done, err := p.saveByBeyond(o, p.target.beyond.refused)
	if done || err != nil {
		refusal.Drop()
		return err
	}
	refusal.Restore()
	return python.ErrPython
}
