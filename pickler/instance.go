package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// plainClass is what is known of a class whose instances object.__reduce_ex__
// takes apart: nothing of pickle's protocol is overridden.
type plainClass struct {
	version uint32 // the class's version tag when it was looked at
	plain   bool
}

// plainClasses remembers classes by address. The version tag, which no two
// classes share and which changes with the class, says whether what is
// remembered is still so.
var plainClasses = map[uintptr]plainClass{}

// maxPlainClasses bounds the map, for programs that make classes without end.
const maxPlainClasses = 1 << 12

func isPlainClass(t python.Object) (bool, error) {
	version := python.VersionTag(t)
	if version != 0 {
		if known := plainClasses[t.Addr()]; known.version == version {
			return known.plain, nil
		}
	}
	plain, err := lookPlainClass(t)
	if err != nil || version == 0 || python.VersionTag(t) != version {
		return plain, err
	}
	if len(plainClasses) >= maxPlainClasses {
		clear(plainClasses)
	}
	plainClasses[t.Addr()] = plainClass{version, plain}
	return plain, nil
}

// lookPlainClass reads a class: has it a __dict__ for its instances and no more,
// and are all of pickle's methods object's own?
//
// A list or dict subclass has items besides. __slots__ shows in __slotnames__,
// which copyreg puts in the class when it has first been asked.
func lookPlainClass(t python.Object) (bool, error) {
	if !python.PlainAttributes(t) || !python.HasDict(t) || !python.IsHeapType(t) || !python.IsPlainData(t) {
		return false, nil
	}
	for _, want := range []struct{ name, is python.Object }{
		{interned.reduceEx, common.objectReduceEx},
		{interned.reduce, common.objectReduce},
		{interned.getstate, common.objectGetstate},
		{interned.getnewargs, python.Nil},
		{interned.getnewargsEx, python.Nil},
		{interned.class, common.objectClass},
		{interned.dict, python.Nil},
	} {
		found, err := python.LookupType(t, want.name)
		if err != nil {
			return false, err
		}
		if want.name == interned.dict {
			// Every class has a getset __dict__ for its instances; a property of
			// that name would show something else.
			if found.IsNil() || found.Type() != common.getsetType {
				return false, nil
			}
			continue
		}
		if found != want.is {
			return false, nil
		}
	}
	return hasNoSlots(t)
}

// hasNoSlots reports that copyreg has looked for slots in the class and found none.
func hasNoSlots(t python.Object) (bool, error) {
	d, err := python.TypeDict(t)
	if err != nil {
		return false, err
	}
	defer d.DecRef()
	slotnames, err := python.DictGetStr(d, interned.slotnames)
	if err != nil || slotnames.IsNil() || slotnames.Type() != python.ListType {
		return false, err
	}
	return python.ListSize(slotnames) == 0, nil
}

// savePlainInstance writes the instance of a plain class: NEWOBJ and its
// __dict__. done is false when the class is not known to be plain.
func (p *Pickler) savePlainInstance(o, t python.Object) (done bool, err error) {
	if !p.hooks.virtual() {
		return false, nil
	}
	plain, err := isPlainClass(t)
	if err != nil || !plain {
		return false, err
	}
	state := python.GenericDict(o)
	if state.IsNil() {
		return true, python.ErrPython
	}
	defer state.DecRef()
	// An attribute of the instance can stand before the class's methods.
	for _, name := range []python.Object{interned.reduceEx, interned.reduce, interned.getstate, interned.class} {
		own, err := python.DictGetStr(state, name)
		if err != nil {
			return true, err
		}
		if !own.IsNil() {
			return false, nil
		}
	}
	empty := python.DictSize(state) == 0 // now: saving the class can run Python code
	if err := p.save(t); err != nil {
		return true, err
	}
	if err := p.saveEmptyTuple(); err != nil {
		return true, err
	}
	p.w.Op(pickle.OpNewObj)
	if done, err := p.memoizeMade(o); done || err != nil {
		return true, err
	}
	if empty {
		return true, nil
	}
	if err := p.save(state); err != nil {
		return true, err
	}
	p.w.Op(pickle.OpBuild)
	return true, nil
}
