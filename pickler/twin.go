package pickler

import (
	"errors"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// Functions and classes that are reduced in Python, by _by_value.py: where a hook
// must see the parts, and where what cloudpickle would read isn't what the type has.
// An object whose __class__ says function is one of those, and so is a class whose
// metaclass answers for its names, or a function whose __module__ is no str. They see
// each attribute being read, so nothing of them is read here.

// errTwin says that an object must be reduced in Python. Nothing of it has been
// written, and nothing has been run that would show.
var errTwin = errors.New("reduced in Python")

// saveFunctionOrClass does what cloudpickle's reducer_override and, for what goes
// by reference, save() would. done is false for what the dispatch table is to be
// asked about.
func (p *Pickler) saveFunctionOrClass(o, t python.Object) (done bool, err error) {
	switch {
	case t == python.FunctionType:
		if done, err = p.saveFunction(o); err == errTwin {
			done, err = p.saveByTwin(o)
		}
	case python.IsType(o):
		if t == python.TypeType || python.DefaultMetaclass(t) {
			done, err = p.saveClass(o)
		} else {
			err = errTwin
		}
		if err == errTwin {
			done, err = p.saveByTwin(o)
		}
	default:
		isFunction, err := python.IsInstance(o, python.FunctionType)
		if err != nil || !isFunction {
			return false, err
		}
		return p.saveByTwin(o)
	}
	if done || err != nil {
		return true, err
	}
	if t == python.TypeType || t == python.FunctionType {
		return true, p.saveGlobal(o, python.Nil)
	}
	return false, nil
}

// saveByTwin writes a function or class as the objects that cloudpickle would make
// of it; done is false for one that goes as a name.
func (p *Pickler) saveByTwin(o python.Object) (done bool, err error) {
	globalsRef, err := p.pythonGlobalsRef()
	if err != nil {
		return true, err
	}
	defer globalsRef.DecRef()
	strict, err := p.strict()
	if err != nil {
		return true, err
	}
	answer := python.False
	if strict {
		answer = python.True
	}
	var versions [2]uint32
	isType := python.IsType(o)
	if isType {
		versions = enumVersions(o)
	}
	value := python.Call4(p.target.ReduceInPython, p.ns.module, globalsRef, o, answer)
	if value.IsNil() {
		return true, python.ErrPython
	}
	defer value.DecRef()
	if value == python.NotImplemented {
		return false, nil
	}
	if isType && !strict {
		p.noteEnum(o, value, versions)
	}
	return true, p.saveReduceValue(o, value)
}

// pythonGlobalsRef is the globals_ref for functions that are reduced in Python, a new
// reference: the Pickler's own, or one for this dump. It has the base_globals of the
// functions that have been written without it, too.
func (p *Pickler) pythonGlobalsRef() (python.Object, error) {
	d, err := p.globalsRef()
	if err != nil || p.fastMode || d.Type() != python.DictType {
		return d, err
	}
	for i := range p.globalsRefs {
		ref := &p.globalsRefs[i]
		if ref.shown {
			continue
		}
		ref.shown = true
		if err := p.showGlobalsRef(d, *ref); err != nil {
			d.DecRef()
			return python.Nil, err
		}
	}
	if old := p.ownGlobalsRef; old != d {
		d.IncRef()
		p.ownGlobalsRef = d
		old.XDecRef()
	}
	return d, nil
}

// showGlobalsRef puts a base_globals that has been written into a globals_ref: as a
// dict that the memo knows.
func (p *Pickler) showGlobalsRef(d python.Object, ref globalsRef) error {
	id := python.NewAddress(ref.globals)
	defer id.DecRef()
	shown, err := python.DictGet(d, id)
	if err != nil {
		return err
	}
	if !shown.IsNil() { // from before clear_memo()
		if _, ok := p.memo.get(shown); !ok {
			p.memo.alias(shown, ref.slot)
		}
		return nil
	}
	base := python.NewDict()
	if base.IsNil() {
		return python.ErrPython
	}
	defer base.DecRef()
	if err := fillBaseGlobals(base, ref.globals); err != nil {
		return err
	}
	if err := python.DictSet(d, id, base); err != nil {
		return err
	}
	p.memo.alias(base, ref.slot)
	return nil
}

// shownBaseGlobals is the base_globals that a function reduced in Python has made
// for a __globals__: borrowed, or Nil.
func (p *Pickler) shownBaseGlobals(globals python.Object) (python.Object, error) {
	d := p.ownGlobalsRef
	if d.IsNil() || d.Type() != python.DictType || python.DictSize(d) == 0 {
		return python.Nil, nil
	}
	id := python.NewAddress(globals)
	defer id.DecRef()
	return python.DictGet(d, id)
}
