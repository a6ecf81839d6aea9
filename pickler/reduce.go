package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveReduction writes a call, callable(*args), that makes o: the reduce value
// (callable, args) without that tuple being made. All are borrowed; the caller
// holds them.
func (p *Pickler) saveReduction(o, callable python.Object, args ...python.Object) error {
	if err := p.writeReduction(o, callable, args...); err != nil {
		return p.at(err, placeObject, o)
	}
	return nil
}

// writeReduction is saveReduction where save_reduce isn't what save has called for o.
func (p *Pickler) writeReduction(o, callable python.Object, args ...python.Object) error {
	if !p.hooks.virtual() {
		tuple := python.NewTuple(append([]python.Object(nil), args...)...)
		if tuple.IsNil() {
			return python.ErrPython
		}
		defer tuple.DecRef()
		return p.saveParts(o, parts{callable: callable, args: tuple})
	}
	if err := p.save(callable); err != nil {
		return p.at(err, placeReconstructor, o)
	}
	if err := p.openTuple(len(args)); err != nil {
		return p.at(err, placeArguments, o)
	}
	for i, arg := range args {
		if err := p.save(arg); err != nil {
			return p.atArgument(err, o, i)
		}
	}
	if err := p.endTuple(len(args)); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}

// reduceAndMemoize ends a call that makes o.
func (p *Pickler) reduceAndMemoize(o python.Object) error {
	p.w.Op(wire.OpReduce)
	_, err := p.memoizeMade(o)
	return err
}

// memoizeMade memoizes an object that a call has just made. If saving the
// arguments has memoized it already, it contains itself: the one made here is
// dropped for the one in the memo, and done is true.
func (p *Pickler) memoizeMade(o python.Object) (done bool, err error) {
	if o.IsNil() {
		return false, nil
	}
	if p.fastPath {
		if slot, memoized := p.memo.getOrPut(o); memoized {
			p.w.Op(wire.OpPop)
			return true, p.get(slot)
		}
		p.w.Op(wire.OpMemoize)
		return false, nil
	}
	if slot, ok := p.memo.get(o); ok {
		p.w.Op(wire.OpPop)
		return true, p.get(slot)
	}
	return false, p.memoize(o)
}

// parts are the items of the tuple that __reduce__ returns, borrowed from it.
// An absent item or None is Nil, but for the first two.
type parts struct {
	callable, args, state, listItems, dictItems, stateSetter python.Object

	tuple python.Object // which they are the items of; Nil where the caller has a reference to each
}

// saveReduceValue writes o as what a reducer returned says: a str names a
// global, a tuple is a call.
func (p *Pickler) saveReduceValue(o, value python.Object) error {
	if !p.self.IsNil() {
		if err := p.readAgain(); err != nil {
			return err
		}
	}
	if value.Type() == python.TupleType {
		if done, err := p.saveAtomsReduction(o, value); done || err != nil {
			return err
		}
	}
	if python.IsStr(value) {
		return p.saveGlobal(o, value)
	}
	if !python.IsTuple(value) {
		if python.Minor() < 14 {
			return p.picklingError("__reduce__ must return a string or tuple")
		}
		return p.at(p.picklingError("__reduce__ must return a string or tuple, not %s", named{value}), placeObject, o)
	}
	if err := p.saveReduceTuple(o, value); err != nil {
		return p.at(err, placeObject, o)
	}
	return nil
}

// saveReduceTuple is saveReduceValue for a tuple.
func (p *Pickler) saveReduceTuple(o, value python.Object) error {
	n := python.TupleSize(value)
	if n < 2 || n > 6 {
		return p.picklingError("tuple returned by __reduce__ must contain 2 through 6 elements")
	}
	pt := parts{callable: python.TupleItem(value, 0), args: python.TupleItem(value, 1), tuple: value}
	for i, to := range []*python.Object{&pt.state, &pt.listItems, &pt.dictItems, &pt.stateSetter} {
		if i+2 < n && python.TupleItem(value, i+2) != python.None {
			*to = python.TupleItem(value, i+2)
		}
	}
	if err := p.checkParts(&pt); err != nil {
		return err
	}
	return p.saveParts(o, pt)
}

func (p *Pickler) checkParts(pt *parts) error {
	const tuple = " of the tuple returned by __reduce__ must be "
	switch {
	case !python.IsCallable(pt.callable):
		if python.Minor() < 14 {
			return p.picklingError("first item" + tuple + "callable")
		}
		return p.picklingError("first item"+tuple+"callable, not %s", named{pt.callable})
	case !python.IsTuple(pt.args):
		if python.Minor() < 14 {
			return p.picklingError("second item" + tuple + "a tuple")
		}
		return p.picklingError("second item"+tuple+"a tuple, not %s", named{pt.args})
	case !pt.listItems.IsNil() && !isOwnIterator(pt.listItems) && !python.IsIterator(pt.listItems):
		return p.picklingError("fourth "+said(14, "item", "element")+tuple+"an iterator, not %s", named{pt.listItems})
	case !pt.dictItems.IsNil() && !isOwnIterator(pt.dictItems) && !python.IsIterator(pt.dictItems):
		return p.picklingError("fifth "+said(14, "item", "element")+tuple+"an iterator, not %s", named{pt.dictItems})
	case !pt.stateSetter.IsNil() && !python.IsCallable(pt.stateSetter):
		if python.Minor() < 14 {
			return p.picklingError("sixth element"+tuple+"a function, not %s", named{pt.stateSetter})
		}
		return p.picklingError("sixth item"+tuple+"callable, not %s", named{pt.stateSetter})
	}
	return nil
}

// saveParts is save_reduce. The caller holds what the parts are borrowed from.
func (p *Pickler) saveParts(o python.Object, pt parts) error {
	if err := p.saveMaking(o, &pt); err != nil {
		return err
	}
	return p.saveAfterMaking(o, &pt)
}

// saveAfterMaking writes what comes after the call that makes o.
func (p *Pickler) saveAfterMaking(o python.Object, pt *parts) error {
	if done, err := p.memoizeMade(o); done || err != nil {
		return err
	}
	if !pt.listItems.IsNil() {
		p.as(roleListItems)
		if err := p.appendItems(o, pt.listItems); err != nil {
			return err
		}
	}
	if !pt.dictItems.IsNil() {
		p.as(roleDictItems)
		if err := p.setItems(o, pt.dictItems); err != nil {
			return err
		}
	}
	if pt.state.IsNil() {
		return nil
	}
	if pt.stateSetter.IsNil() {
		p.as(roleState)
		if err := p.saveState(pt); err != nil {
			return p.at(err, placeState, o)
		}
		p.w.Op(wire.OpBuild)
		return nil
	}
	// stateSetter(o, state), whose result is dropped.
	p.as(roleCallable)
	if err := p.save(pt.stateSetter); err != nil {
		return p.at(err, placeSetter, o)
	}
	p.as(roleSelf)
	if err := p.save(o); err != nil {
		return err
	}
	p.as(roleState)
	if err := p.save(pt.state); err != nil {
		return p.at(err, placeState, o)
	}
	p.w.Op2(wire.OpTuple2, wire.OpReduce)
	p.w.Op(wire.OpPop)
	return nil
}

// saveState writes the state. As with saveArgs, one that dies with the parts gets no entry
// in the memo.
func (p *Pickler) saveState(pt *parts) error {
	state := pt.state
	if !p.fastPath || !p.self.IsNil() || state.Type() != python.DictType || !pt.diesWithTuple(state) || p.w.Full() {
		return p.save(state)
	}
	p.memo.slots++
	return p.saveDictItemsFast(state)
}

// saveMaking writes the call that makes the object. copyreg.__newobj__ and
// __newobj_ex__, recognised by their names alone, have opcodes of their own.
func (p *Pickler) saveMaking(o python.Object, pt *parts) error {
	if p.proto >= 2 {
		how, err := newobjName(pt.callable)
		switch {
		case err != nil:
			return err
		case how == interned.newobjName:
			return p.saveNewobj(o, pt.args)
		case how == interned.newobjExName:
			return p.saveNewobjEx(o, pt.args)
		}
	}
	p.as(roleCallable)
	if err := p.save(pt.callable); err != nil {
		return p.at(err, placeReconstructor, o)
	}
	p.as(roleArgs)
	if err := p.saveArgs(pt); err != nil {
		return p.at(err, placeArguments, o)
	}
	p.w.Op(wire.OpReduce)
	return nil
}

// saveArgs writes the tuple of arguments. Where nobody has it but a reduce value that
// nobody has but the caller, it can't come again, and dies with that: it takes its slot
// in the memo, and no entry, which would keep it until the end of the dump. A Pickler
// object's memo can be looked at, and has one.
func (p *Pickler) saveArgs(pt *parts) error {
	args, n := pt.args, python.TupleSize(pt.args)
	if !p.fastPath || !p.self.IsNil() || n == 0 || args.Type() != python.TupleType || !pt.diesWithTuple(args) || p.w.Full() {
		return p.save(args)
	}
	if err := p.saveTupleItems(args, n); err != nil {
		return err
	}
	if !p.fastPath || !pt.diesWithTuple(args) { // Python code has run
		return p.endSharedTuple(args, n)
	}
	p.closeTuple(n)
	return p.memoizeTemporary()
}

func (pt *parts) diesWithTuple(o python.Object) bool {
	return (pt.tuple.IsNil() || pt.tuple.Unshared()) && o.Unshared()
}

// newobjName is the __name__ of a callable where that is one of the two, or Nil.
func newobjName(callable python.Object) (python.Object, error) {
	decided := false
	for _, name := range [...]python.Object{interned.newobjName, interned.newobjExName} {
		var is bool
		if is, decided = python.IsNamed(callable, python.TextView(name)); decided && is {
			return name, nil
		}
	}
	if decided {
		return python.Nil, nil
	}
	own, err := python.LookupAttr(callable, interned.name)
	if err != nil || own.IsNil() {
		return python.Nil, err
	}
	defer own.DecRef()
	for _, name := range [...]python.Object{interned.newobjName, interned.newobjExName} {
		if python.IsStr(own) && python.SameStr(own, name) {
			return name, nil
		}
	}
	return python.Nil, nil
}

func (p *Pickler) saveNewobj(o, args python.Object) error {
	n := python.TupleSize(args)
	if n < 1 {
		return p.picklingError(said(14, "__newobj__ expected at least 1 argument, got 0", "__newobj__ arglist is empty"))
	}
	cls := python.TupleItem(args, 0)
	if !python.IsType(cls) {
		if python.Minor() < 14 {
			return p.picklingError("args[0] from __newobj__ args is not a type")
		}
		return p.picklingError("first argument to __newobj__() must be a class, not %s", named{cls})
	}
	if err := p.checkClass(o, cls); err != nil {
		return err
	}
	p.as(roleCallable)
	if err := p.save(cls); err != nil {
		return p.at(err, placeClass, o)
	}
	p.as(roleArgs)
	if err := p.saveRest(args, 1, n); err != nil {
		return p.at(err, placeNewArguments, o)
	}
	p.w.Op(wire.OpNewObj)
	return nil
}

// checkClass raises where the class that a NEWOBJ names isn't the __class__ of o.
func (p *Pickler) checkClass(o, cls python.Object) error {
	if o.IsNil() || cls == o.Type() && python.ClassIsType(cls) {
		return nil
	}
	class, err := python.LookupAttr(o, interned.class)
	if err != nil {
		return err
	}
	if class.IsNil() {
		class = o.Type()
		class.IncRef()
	}
	defer class.DecRef()
	switch {
	case class == cls:
		return nil
	case python.Minor() < 14:
		return p.picklingError("args[0] from __newobj__ args has the wrong class")
	}
	return p.picklingError("first argument to __newobj__() must be %s, not %s", shown{class}, shown{cls})
}

// saveRest writes args[from:n] of n arguments, a temporary of the C pickler's.
func (p *Pickler) saveRest(args python.Object, from, n int) error {
	if !p.hooks.virtual() {
		rest := python.TupleSlice(args, from, n)
		if rest.IsNil() {
			return python.ErrPython
		}
		defer rest.DecRef()
		return p.save(rest)
	}
	if err := p.enter(); err != nil {
		return err
	}
	if err := p.openTuple(n - from); err != nil {
		return err
	}
	for i := from; i < n; i++ {
		if err := p.save(python.TupleItem(args, i)); err != nil {
			return p.atIndex(err, python.Nil, i-from)
		}
	}
	p.depth--
	return p.endTuple(n - from)
}

func (p *Pickler) saveNewobjEx(o, argtuple python.Object) error {
	if n := python.TupleSize(argtuple); n != 3 {
		return p.picklingError(said(14, "__newobj_ex__ expected 3 arguments, got %d",
			"length of the NEWOBJ_EX argument tuple must be exactly 3, not %d"), n)
	}
	cls, args, kwargs := python.TupleItem(argtuple, 0), python.TupleItem(argtuple, 1), python.TupleItem(argtuple, 2)
	switch {
	case !python.IsType(cls):
		return p.picklingError(said(14, "first argument to __newobj_ex__()", "first item from NEWOBJ_EX argument tuple")+
			" must be a class, not %s", named{cls})
	case !python.IsTuple(args):
		return p.picklingError(said(14, "second argument to __newobj_ex__()", "second item from NEWOBJ_EX argument tuple")+
			" must be a tuple, not %s", named{args})
	case !python.IsDict(kwargs):
		return p.picklingError(said(14, "third argument to __newobj_ex__()", "third item from NEWOBJ_EX argument tuple")+
			" must be a dict, not %s", named{kwargs})
	}
	if p.proto >= 4 {
		p.as(roleCallable)
		if err := p.save(cls); err != nil {
			return p.at(err, placeClass, o)
		}
		for i, item := range [...]python.Object{args, kwargs} {
			p.as([...]role{roleArgs, roleKwargs}[i])
			if err := p.save(item); err != nil {
				return p.at(err, placeNewArguments, o)
			}
		}
		p.w.Op(wire.OpNewObjEx)
		return nil
	}
	return p.saveNewobjPartial(o, cls, args, kwargs)
}

// saveNewobjPartial writes cls.__new__(cls, *args, **kwargs) for the protocols
// without NEWOBJ_EX: as a call of functools.partial(cls.__new__, ...).
func (p *Pickler) saveNewobjPartial(o, cls, args, kwargs python.Object) error {
	clsNew := python.GetAttr(cls, interned.new)
	if clsNew.IsNil() {
		return python.ErrPython
	}
	defer clsNew.DecRef()
	items := []python.Object{clsNew, cls}
	for i := range python.TupleSize(args) {
		items = append(items, python.TupleItem(args, i))
	}
	newargs := python.NewTuple(items...)
	if newargs.IsNil() {
		return python.ErrPython
	}
	defer newargs.DecRef()
	callable := python.Call(stdlib.partial, newargs, kwargs)
	if callable.IsNil() {
		return python.ErrPython
	}
	defer callable.DecRef()
	p.as(roleArgs)
	if err := p.save(callable); err != nil {
		return p.at(err, placeReconstructor, o)
	}
	p.as(roleCallable)
	empty := python.NewTuple()
	defer empty.DecRef()
	if err := p.save(empty); err != nil {
		return err
	}
	p.w.Op(wire.OpReduce)
	return nil
}

// savePersistent asks the subclass's persistent_id; done is true when it gave
// one. The caller holds o.
func (p *Pickler) savePersistent(o python.Object) (done bool, err error) {
	id := python.Call1(p.hooks.persistentID, o)
	if id.IsNil() {
		return false, python.ErrPython
	}
	defer id.DecRef()
	if id == python.None {
		return false, nil
	}
	if p.proto > 0 {
		if err := p.saveValue(id); err != nil {
			return true, p.at(err, placePersistentID, o)
		}
		p.w.Op(wire.OpBinPersID)
		return true, nil
	}
	text := python.Str(id)
	if text.IsNil() {
		return true, python.ErrPython
	}
	defer text.DecRef()
	line := python.String(text)
	for _, c := range []byte(line) {
		if c >= 0x80 {
			return true, p.picklingError("persistent IDs in protocol 0 must be ASCII strings")
		}
	}
	p.w.Line(wire.OpPersID, []byte(line))
	return true, nil
}
