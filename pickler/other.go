package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveOther writes what is no plain data: first what reducer_override takes
// (functions and classes), then the dispatch table, then __reduce_ex__.
// The caller holds o.
func (p *Pickler) saveOther(o, t python.Object) error {
	plain := p.plain
	p.plain = false
	t.IncRef() // a hook can give o another class, and this one can die
	err := p.saveReduced(o, t)
	t.DecRef()
	p.plain = plain
	return err
}

// saveReduced is saveOther; the caller holds t too.
func (p *Pickler) saveReduced(o, t python.Object) error {
	if !p.hooks.reducerOverride.IsNil() {
		done, err := p.saveOverridden(o)
		if done || err != nil {
			return err
		}
		if t == python.TypeType || t == python.FunctionType {
			return p.saveGlobal(o, python.Nil)
		}
	} else {
		switch {
		case t == python.FunctionType:
			return p.saveFunction(o)
		case python.IsType(o):
			done, err := p.saveClass(o)
			if done || err != nil {
				return err
			}
			if t == python.TypeType {
				return p.saveGlobal(o, python.Nil)
			}
		}
	}

	reducer, err := p.lookup(t)
	if err != nil {
		return err
	}
	if !reducer.IsNil() {
		return p.saveByReducer(o, t, reducer)
	}
	if python.IsType(o) {
		return p.saveGlobal(o, python.Nil)
	}
	return p.saveInstance(o, t)
}

// saveByReducer writes o with what the dispatch table has for its type,
// consuming the reducer's reference.
func (p *Pickler) saveByReducer(o, t, reducer python.Object) error {
	defer reducer.DecRef()
	if native, ok := p.ns.native[t.Addr()]; ok && native.entry == reducer {
		return native.save(p, o)
	}
	value := python.Call1(reducer, o)
	if value.IsNil() {
		return python.ErrPython
	}
	defer value.DecRef()
	return p.saveReduceValue(o, value)
}

// saveOverridden asks the subclass's reducer_override; done is false when it
// returned NotImplemented.
func (p *Pickler) saveOverridden(o python.Object) (done bool, err error) {
	value := python.Call1(p.hooks.reducerOverride, o)
	if value.IsNil() {
		return false, python.ErrPython
	}
	defer value.DecRef()
	if value == python.NotImplemented {
		return false, nil
	}
	return true, p.saveReduceValue(o, value)
}

// saveInstance writes o as its __reduce_ex__, or failing that its __reduce__,
// says.
func (p *Pickler) saveInstance(o, t python.Object) error {
	if p.proto >= 2 {
		done, err := p.savePlainInstance(o, t)
		if done || err != nil {
			return err
		}
	}
	if t == common.partial {
		done, err := p.savePartial(o)
		if done || err != nil {
			return err
		}
	}
	if t == python.BuiltinFunctionType {
		if done, err := p.saveBuiltinMethod(o); done || err != nil {
			return err
		}
		if name, self, ok := python.BuiltinFunction(o); ok {
			defer name.DecRef()
			return p.saveBuiltinFunction(o, name, self)
		}
	}
	value, err := p.callReduce(o, t)
	if err != nil {
		return err
	}
	defer value.DecRef()
	return p.saveReduceValue(o, value)
}

// callReduce calls __reduce_ex__, or failing that __reduce__: a new reference.
func (p *Pickler) callReduce(o, t python.Object) (value python.Object, err error) {
	proto := common.protocols[p.proto]
	if python.PlainAttributes(t) {
		// object's, at the least, is found.
		value = python.CallMethod1(o, interned.reduceEx, proto)
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
				return python.Nil, p.picklingError("can't pickle '%s' object: %s", typeName(t), reprOf(o))
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
