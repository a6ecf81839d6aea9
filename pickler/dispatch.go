package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveByDispatch writes what is neither an atom nor a builtin container. It asks
// reducer_override first (which takes functions and classes), then the dispatch table,
// then __reduce_ex__. The caller holds o.
func (p *Pickler) saveByDispatch(o, t python.Object) error {
	deferMemo := p.deferMemo
	p.deferMemo = false
	t.IncRef() // a hook can give o another class, and this one can die
	err := p.dispatchHeld(o, t)
	t.DecRef()
	p.deferMemo = deferMemo && p.fastPath
	return err
}

// dispatchHeld does the work of saveByDispatch; its caller holds t too.
func (p *Pickler) dispatchHeld(o, t python.Object) error {
	if !p.hooks.skip.IsNil() {
		p.dropped.GiveBack()
		if done, err := p.saveReducedBy(p.hooks.skip, o); done || err != nil {
			return err
		}
	}
	isInstance := false
	if p.fastPath && p.hooks.reducerOverride.IsNil() {
		c, err := classInfoOf(t)
		if err != nil {
			return err
		}
		isInstance = c.isInstance
	}
	if isInstance {
		// Neither a function nor a class.
	} else if p.dropped.GiveBack(); !p.hooks.reducerOverride.IsNil() {
		done, err := p.saveReducedBy(p.hooks.reducerOverride, o)
		if done || err != nil {
			return err
		}
		if t == python.TypeType || t == python.FunctionType {
			return p.saveGlobal(o, python.Nil)
		}
	} else if done, err := p.saveFunctionOrClass(o, t); done || err != nil {
		return err
	}

	reducer, err := p.lookup(t)
	if err != nil {
		return err
	}
	if !reducer.IsNil() {
		return p.saveByReducer(o, t, reducer)
	}
	if !isInstance && python.IsType(o) {
		return p.saveGlobal(o, python.Nil)
	}
	return p.saveInstance(o, t)
}

// saveByReducer writes o with what the dispatch table has for its type,
// consuming the reducer's reference.
func (p *Pickler) saveByReducer(o, t, reducer python.Object) error {
	if native := p.ns.nativeFor(t); native != nil && native.entry == reducer {
		p.giveBackDropped()
		err := native.save(p, o)
		reducer.DecRef()
		return err
	}
	if done, err := p.saveBeyondReducer(o, t, reducer); done || err != nil {
		reducer.DecRef()
		return err
	}
	value := p.dropped.Call1(reducer, o)
	reducer.DecRef()
	if value.IsNil() {
		return python.ErrPython
	}
	err := p.saveReduceValue(o, value)
	p.dropped.Add(value)
	return err
}

// saveReducedBy asks a hook: the subclass's reducer_override, or skip. done is false
// when it returned NotImplemented.
func (p *Pickler) saveReducedBy(hook, o python.Object) (done bool, err error) {
	value := p.dropped.Call1(hook, o)
	if value.IsNil() {
		return false, python.ErrPython
	}
	if value == python.NotImplemented {
		value.DecRef()
		return false, nil
	}
	err = p.saveReduceValue(o, value)
	p.dropped.Add(value)
	return true, err
}

// saveInstance writes o as its __reduce_ex__ says or, where it has none, its __reduce__.
func (p *Pickler) saveInstance(o, t python.Object) error {
	c, err := classInfoOf(t)
	if err != nil {
		return err
	}
	isInstance, stays := c.isInstance, c.stays
	if t == python.BuiltinFunctionType {
		if done, err := p.saveBuiltin(o); done || err != nil {
			return err
		}
	}
	if done, err := p.saveByClassInfo(o, t, c); done || err != nil {
		return err
	}
	if !stays {
		if done, err := p.saveBeyond(o, t); done || err != nil {
			return err
		}
	}
	value, err := p.callReduce(o, t, isInstance)
	if err != nil {
		return p.saveRefused(o, err)
	}
	err = p.saveReduceValue(o, value)
	p.dropped.Add(value)
	return err
}

// saveByClassInfo writes o as is known of its class; done is false, and nothing has run,
// where nothing is known.
func (p *Pickler) saveByClassInfo(o, t python.Object, c *classInfo) (done bool, err error) {
	if c.reduce == reducePartial {
		p.giveBackDropped()
		if done, err := p.savePartial(o); done || err != nil {
			return done, err
		}
	}
	switch {
	case c.reduce == reduceOwn || c.reduce == reducePartial:
		value, done := p.dropped.Reduce(o)
		if !done {
			return false, nil
		}
		if value.IsNil() {
			return true, p.saveRefused(o, python.ErrPython)
		}
		err = p.saveReduceValue(o, value)
		p.dropped.Add(value)
		return true, err
	case p.proto < 2 || !p.hooks.virtual():
		return false, nil
	case c.reduce == reduceDefault:
		return p.saveByDefaultReduce(o, t, c)
	case c.reduce == reduceNewobj:
		return p.saveByNewobj(o, t, c)
	}
	return false, nil
}

// callReduce calls __reduce_ex__, or failing that __reduce__: a new reference. isInstance is
// what classInfo has.
func (p *Pickler) callReduce(o, t python.Object, isInstance bool) (value python.Object, err error) {
	proto := stdlib.protocols[p.proto]
	if isInstance || python.DefaultGetattr(t) {
		// It is found: object has one.
		value = p.dropped.CallMethod1(o, interned.reduceEx, proto)
	} else {
		method, err := python.LookupAttr(o, interned.reduceEx)
		if err != nil {
			return python.Nil, err
		}
		if !method.IsNil() {
			value = python.Call1(method, proto)
		} else {
			if method, err = python.LookupAttr(o, interned.reduce); err != nil {
				return python.Nil, err
			}
			if method.IsNil() {
				if python.Minor() < 14 {
					return python.Nil, p.picklingError("can't pickle '%s' object: %s", named{o}, shown{o})
				}
				return python.Nil, p.picklingError("Can't pickle %s object", named{o})
			}
			value = python.Call0(method)
		}
		method.DecRef()
	}
	if value.IsNil() {
		return python.Nil, python.ErrPython
	}
	return value, nil
}
