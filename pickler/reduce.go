package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveReduction writes a call, callable(*args), that makes o: the reduce value
// (callable, args) without that tuple being made. All are borrowed; the caller
// holds them.
func (p *Pickler) saveReduction(o, callable python.Object, args ...python.Object) error {
	if !p.hooks.virtual() {
		tuple := python.NewTuple(append([]python.Object(nil), args...)...)
		if tuple.IsNil() {
			return python.ErrPython
		}
		defer tuple.DecRef()
		return p.saveParts(o, parts{callable: callable, args: tuple})
	}
	if err := p.save(callable); err != nil {
		return err
	}
	if err := p.openTuple(len(args)); err != nil {
		return err
	}
	for _, arg := range args {
		if err := p.save(arg); err != nil {
			return err
		}
	}
	if err := p.endTuple(len(args)); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}

// reduceAndMemoize ends a call that makes o.
func (p *Pickler) reduceAndMemoize(o python.Object) error {
	p.w.Op(pickle.OpReduce)
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
	if slot, ok := p.memo.get(o); ok {
		p.w.Op(pickle.OpPop)
		return true, p.get(slot)
	}
	return false, p.memoize(o)
}

// parts are the items of the tuple that __reduce__ returns, borrowed from it.
// An absent item or None is Nil, but for the first two.
type parts struct {
	callable, args, state, listItems, dictItems, stateSetter python.Object
}

// saveReduceValue writes o as what a reducer returned says: a str names a
// global, a tuple is a call.
func (p *Pickler) saveReduceValue(o, value python.Object) error {
	if python.IsStr(value) {
		return p.saveGlobal(o, value)
	}
	if !python.IsTuple(value) {
		return p.picklingError("__reduce__ must return a string or tuple, not %s", typeName(value.Type()))
	}
	n := python.TupleSize(value)
	if n < 2 || n > 6 {
		return p.picklingError("tuple returned by __reduce__ must contain 2 through 6 elements")
	}
	pt := parts{callable: python.TupleItem(value, 0), args: python.TupleItem(value, 1)}
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
	switch {
	case !python.IsCallable(pt.callable):
		return p.picklingError("first item of the tuple returned by __reduce__ must be callable, not %s",
			typeName(pt.callable.Type()))
	case !python.IsTuple(pt.args):
		return p.picklingError("second item of the tuple returned by __reduce__ must be a tuple, not %s",
			typeName(pt.args.Type()))
	case !pt.listItems.IsNil() && !python.IsIterator(pt.listItems):
		return p.picklingError("fourth element of the tuple returned by __reduce__ must be an iterator, not %s",
			typeName(pt.listItems.Type()))
	case !pt.dictItems.IsNil() && !python.IsIterator(pt.dictItems):
		return p.picklingError("fifth element of the tuple returned by __reduce__ must be an iterator, not %s",
			typeName(pt.dictItems.Type()))
	case !pt.stateSetter.IsNil() && !python.IsCallable(pt.stateSetter):
		return p.picklingError("sixth element of the tuple returned by __reduce__ must be a function, not %s",
			typeName(pt.stateSetter.Type()))
	}
	return nil
}

// saveParts is save_reduce. The caller holds what the parts are borrowed from.
func (p *Pickler) saveParts(o python.Object, pt parts) error {
	if err := p.saveMaking(o, &pt); err != nil {
		return err
	}
	if done, err := p.memoizeMade(o); done || err != nil {
		return err
	}
	if !pt.listItems.IsNil() {
		if err := p.appendItems(pt.listItems); err != nil {
			return err
		}
	}
	if !pt.dictItems.IsNil() {
		if err := p.setItems(pt.dictItems); err != nil {
			return err
		}
	}
	if pt.state.IsNil() {
		return nil
	}
	if pt.stateSetter.IsNil() {
		if err := p.save(pt.state); err != nil {
			return err
		}
		p.w.Op(pickle.OpBuild)
		return nil
	}
	// stateSetter(o, state), whose result is dropped.
	for _, item := range []python.Object{pt.stateSetter, o, pt.state} {
		if err := p.save(item); err != nil {
			return err
		}
	}
	p.w.Op2(pickle.OpTuple2, pickle.OpReduce)
	p.w.Op(pickle.OpPop)
	return nil
}

// saveMaking writes the call that makes the object. copyreg.__newobj__ and
// __newobj_ex__, known by their names alone, have opcodes of their own.
func (p *Pickler) saveMaking(o python.Object, pt *parts) error {
	if p.proto >= 2 {
		newobj, err := isNamed(pt.callable, interned.newobjName)
		if err != nil {
			return err
		}
		if newobj {
			return p.saveNewobj(o, pt.args)
		}
		newobjEx, err := isNamed(pt.callable, interned.newobjExName)
		if err != nil {
			return err
		}
		if newobjEx {
			return p.saveNewobjEx(pt.args)
		}
	}
	if err := p.save(pt.callable); err != nil {
		return err
	}
	if err := p.save(pt.args); err != nil {
		return err
	}
	p.w.Op(pickle.OpReduce)
	return nil
}

// isNamed reports whether a callable has this __name__.
func isNamed(callable, name python.Object) (bool, error) {
	if named, known := python.IsNamed(callable, python.TextView(name)); known {
		return named, nil
	}
	own, err := python.LookupAttr(callable, interned.name)
	if err != nil || own.IsNil() {
		return false, err
	}
	defer own.DecRef()
	return python.IsStr(own) && python.SameStr(own, name), nil
}

func (p *Pickler) saveNewobj(o, args python.Object) error {
	n := python.TupleSize(args)
	if n < 1 {
		return p.picklingError("__newobj__ arglist is empty")
	}
	cls := python.TupleItem(args, 0)
	if !python.IsType(cls) {
		return p.picklingError("args[0] from __newobj__ args is not a type")
	}
	if !o.IsNil() {
		class, err := python.LookupAttr(o, interned.class)
		if err != nil {
			return err
		}
		same := class == cls || class.IsNil() && o.Type() == cls
		class.XDecRef()
		if !same {
			return p.picklingError("args[0] from __newobj__ args has the wrong class")
		}
	}
	if err := p.save(cls); err != nil {
		return err
	}
	rest := python.TupleSlice(args, 1, n)
	if rest.IsNil() {
		return python.ErrPython
	}
	err := p.save(rest)
	rest.DecRef()
	if err != nil {
		return err
	}
	p.w.Op(pickle.OpNewObj)
	return nil
}

func (p *Pickler) saveNewobjEx(argtuple python.Object) error {
	if n := python.TupleSize(argtuple); n != 3 {
		return p.picklingError("length of the NEWOBJ_EX argument tuple must be exactly 3, not %d", n)
	}
	cls, args, kwargs := python.TupleItem(argtuple, 0), python.TupleItem(argtuple, 1), python.TupleItem(argtuple, 2)
	switch {
	case !python.IsType(cls):
		return p.picklingError("first item from NEWOBJ_EX argument tuple must be a class, not %s", typeName(cls.Type()))
	case !python.IsTuple(args):
		return p.picklingError("second item from NEWOBJ_EX argument tuple must be a tuple, not %s", typeName(args.Type()))
	case !python.IsDict(kwargs):
		return p.picklingError("third item from NEWOBJ_EX argument tuple must be a dict, not %s", typeName(kwargs.Type()))
	}
	if p.proto >= 4 {
		for _, item := range []python.Object{cls, args, kwargs} {
			if err := p.save(item); err != nil {
				return err
			}
		}
		p.w.Op(pickle.OpNewObjEx)
		return nil
	}
	return p.saveNewobjPartial(cls, args, kwargs)
}

// saveNewobjPartial writes cls.__new__(cls, *args, **kwargs) for the protocols
// without NEWOBJ_EX: as a call of functools.partial(cls.__new__, ...).
func (p *Pickler) saveNewobjPartial(cls, args, kwargs python.Object) error {
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
	callable := python.Call(common.partial, newargs, kwargs)
	if callable.IsNil() {
		return python.ErrPython
	}
	defer callable.DecRef()
	if err := p.save(callable); err != nil {
		return err
	}
	empty := python.NewTuple()
	defer empty.DecRef()
	if err := p.save(empty); err != nil {
		return err
	}
	p.w.Op(pickle.OpReduce)
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
			return true, err
		}
		p.w.Op(pickle.OpBinPersID)
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
	p.w.Line(pickle.OpPersID, []byte(line))
	return true, nil
}
