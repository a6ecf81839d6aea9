package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveByNewobj writes an instance whose class inherits object.__reduce_ex__ and has a
// __getnewargs__ or a __getstate__, or is a subclass of list or dict. It makes the calls
// that reduce_newobj of Objects/typeobject.c makes, without the tuples. done is false,
// and nothing has run, where attributes of its own hide a method.
func (p *Pickler) saveByNewobj(o, t python.Object, c *classInfo) (done bool, err error) {
	getstate := c.getstate
	found, done := p.dropped.ReduceNewobj(o, c.getnewargs, getstate, c.dict)
	if !done {
		return false, nil
	}
	newargs, state := found.Args, found.State
	if state.IsNil() {
		return true, p.saveRefused(o, python.ErrPython)
	}
	pt := parts{state: state}
	if state == python.None || getstate.IsNil() && state.Type() == python.DictType && python.DictSize(state) == 0 {
		pt.state = python.Nil
	}
	cls := o.Type()
	if found.ClassChanged {
		cls = t
	}
	if err = itemsOf(o, t, &pt); err == nil {
		if err = p.saveNewobjParts(o, cls, newargs, pt); err != nil {
			err = p.at(err, placeObject, o)
		}
	}
	pt.listItems.XDecRef()
	pt.dictItems.XDecRef()
	p.dropped.Add(state)
	if !newargs.IsNil() {
		p.dropped.Add(newargs)
	}
	return true, err
}

// itemsOf makes the iterators of a list's or dict's items, new references
// (_PyObject_GetItemsIter).
func itemsOf(o, t python.Object, pt *parts) error {
	switch {
	case python.IsSubtype(t, python.ListType):
		if pt.listItems = python.Iter(o); pt.listItems.IsNil() {
			return python.ErrPython
		}
	case python.IsSubtype(t, python.DictType):
		items := python.CallMethod0(o, interned.items)
		if items.IsNil() {
			return python.ErrPython
		}
		pt.dictItems = python.Iter(items)
		items.DecRef()
		if pt.dictItems.IsNil() {
			return python.ErrPython
		}
	}
	return nil
}

// saveNewobjParts writes NEWOBJ and what comes after it.
func (p *Pickler) saveNewobjParts(o, cls, newargs python.Object, pt parts) error {
	if err := p.checkClass(o, cls); err != nil {
		return err
	}
	if err := p.save(cls); err != nil {
		return p.at(err, placeClass, o)
	}
	if err := p.saveNewArguments(newargs); err != nil {
		return p.at(err, placeNewArguments, o)
	}
	p.w.Op(wire.OpNewObj)
	return p.saveAfterMaking(o, &pt)
}

// saveNewArguments writes what __getnewargs__ has given, Nil for nothing.
func (p *Pickler) saveNewArguments(newargs python.Object) error {
	if newargs.IsNil() || python.TupleSize(newargs) == 0 {
		return p.saveEmptyTuple()
	}
	return p.saveRest(newargs, 0, python.TupleSize(newargs))
}
