package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveByDefaultReduce writes an instance whose class inherits object.__reduce_ex__ and
// all that it calls: NEWOBJ and its __dict__ or slots. done is false where attributes of its
// own hide a method.
func (p *Pickler) saveByDefaultReduce(o, t python.Object, c *classInfo) (done bool, err error) {
	start := len(p.scratch)
	if len(c.slots) == 0 && c.dict {
		return p.saveDictInstance(o, t, start)
	}
	p.holdSlots(o, c)
	if c.dict {
		done, err = p.saveDictInstance(o, t, start)
	} else {
		done, err = true, p.saveSlotsInstance(o, t, start)
	}
	p.releaseScratch(start)
	return done, err
}

// holdSlots adds the slots of an instance that are set to p.scratch, as pairs of name and value.
func (p *Pickler) holdSlots(o python.Object, c *classInfo) {
	for _, s := range c.slots {
		if value := python.MemberAt(o, s.offset); !value.IsNil() {
			p.hold(s.name)
			p.hold(value)
		}
	}
}

// saveSlotsInstance writes an instance whose state is its slots, p.scratch[slots:].
func (p *Pickler) saveSlotsInstance(o, t python.Object, slots int) error {
	end := len(p.scratch)
	if done, err := p.saveNewObject(o, t); done || err != nil || slots == end {
		return err
	}
	return p.saveSlotsState(o, python.None, slots, end)
}

// saveSlotsState writes the state (attributes, slots) of o and sets it.
func (p *Pickler) saveSlotsState(o, attributes python.Object, start, end int) error {
	if err := p.saveSlotsTuple(attributes, start, end); err != nil {
		return p.ofReduced(err, placeState, o)
	}
	p.w.Op(wire.OpBuild)
	return nil
}

func (p *Pickler) saveSlotsTuple(attributes python.Object, start, end int) error {
	if err := p.openTuple(2); err != nil {
		return err
	}
	if err := p.save(attributes); err != nil {
		return p.atIndex(err, python.Nil, 0)
	}
	if err := p.saveHeldDict(start, end); err != nil {
		return p.atIndex(err, python.Nil, 1)
	}
	return p.endTuple(2)
}

// saveNewObject writes NEWOBJ, without arguments. done is true where the instance was
// written while its class was, since that refers to it.
func (p *Pickler) saveNewObject(o, t python.Object) (done bool, err error) {
	if err := p.save(t); err != nil {
		return false, p.ofReduced(err, placeClass, o)
	}
	if err := p.saveEmptyTuple(); err != nil {
		return false, p.ofReduced(err, placeNewArguments, o)
	}
	p.w.Op(wire.OpNewObj)
	return p.memoizeMade(o)
}

// saveDictInstance writes an instance whose state is its __dict__ and its slots,
// p.scratch[slots:], if it has any.
func (p *Pickler) saveDictInstance(o, t python.Object, slots int) (done bool, err error) {
	state := python.GenericDict(o)
	if state.IsNil() {
		return true, python.ErrPython
	}
	defer state.DecRef()
	// An attribute of the instance can hide the class's methods.
	for _, name := range [...]python.Object{interned.reduceEx, interned.reduce, interned.getstate, interned.class} {
		own, err := python.DictGetStr(state, name)
		if err != nil {
			return true, err
		}
		if !own.IsNil() {
			return false, nil
		}
	}
	empty := python.DictSize(state) == 0 // now: saving the class can run Python code
	end := len(p.scratch)
	if done, err := p.saveNewObject(o, t); done || err != nil || empty && slots == end {
		return true, err
	}
	if slots != end {
		attributes := state
		if empty {
			attributes = python.None
		}
		return true, p.saveSlotsState(o, attributes, slots, end)
	}
	if err := p.save(state); err != nil {
		return true, p.ofReduced(err, placeState, o)
	}
	p.w.Op(wire.OpBuild)
	return true, nil
}
