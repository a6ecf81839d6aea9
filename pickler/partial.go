package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// partialLayout says where a functools.partial keeps what its __reduce__ gives.
type partialLayout struct {
	reduce               python.Object // partial.__reduce__, owned; Nil where the members have not been found
	function, args, keys uintptr
}

var partials partialLayout

// bindPartial finds the members of functools.partial.
func bindPartial() error {
	d, err := python.TypeDict(stdlib.partial)
	if err != nil {
		return err
	}
	defer d.DecRef()
	for _, member := range []struct {
		name string
		to   *uintptr
	}{{"func", &partials.function}, {"args", &partials.args}, {"keywords", &partials.keys}} {
		key := python.Intern(member.name)
		if key.IsNil() {
			return python.ErrPython
		}
		descriptor, err := python.DictGetStr(d, key)
		key.DecRef()
		if err != nil {
			return err
		}
		offset, ok := python.Member(descriptor)
		if !ok {
			return nil
		}
		*member.to = offset
	}
	if partials.reduce, err = python.DictGetStr(d, interned.reduce); err != nil {
		return err
	}
	partials.reduce.XIncRef()
	return nil
}

// savePartial writes what partial.__reduce__ gives, where classInfo says that this is what
// takes a partial apart:
//
//	type(self), (func,), (func, args, keywords, __dict__ or None)
//
// done is false, and nothing has run, for a partial that may have a reduction of its own.
func (p *Pickler) savePartial(o python.Object) (done bool, err error) {
	if !p.hooks.virtual() {
		return false, nil
	}
	own, ok := python.InstanceDict(o)
	if !ok {
		return false, nil
	}
	if own.IsNil() {
		own = python.None
	} else if python.DictSize(own) > 0 {
		return false, nil // it may have a __reduce__ of its own
	}
	function := python.MemberAt(o, partials.function)
	args, keys := python.MemberAt(o, partials.args), python.MemberAt(o, partials.keys)
	if function.IsNil() || args.IsNil() || keys.IsNil() {
		return false, nil
	}
	state := [...]python.Object{function, args, keys, own}
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	for _, part := range state {
		p.hold(part)
	}
	if err := p.save(stdlib.partial); err != nil {
		return true, p.ofReduced(err, placeReconstructor, o)
	}
	if err := p.openTuple(1); err != nil {
		return true, p.ofReduced(err, placeArguments, o)
	}
	if err := p.save(function); err != nil {
		return true, p.at(p.atArgument(err, o, 0), placeObject, o)
	}
	if err := p.endTuple(1); err != nil {
		return true, err
	}
	p.w.Op(wire.OpReduce)
	if done, err := p.memoizeMade(o); done || err != nil {
		return true, err
	}
	if err := p.savePartialState(state[:]); err != nil {
		return true, p.ofReduced(err, placeState, o)
	}
	p.w.Op(wire.OpBuild)
	return true, nil
}

func (p *Pickler) savePartialState(state []python.Object) error {
	if err := p.openTuple(len(state)); err != nil {
		return err
	}
	for i, part := range state {
		if err := p.save(part); err != nil {
			return p.atIndex(err, python.Nil, i)
		}
	}
	return p.endTuple(len(state))
}
