package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// An object is the engine's half of a Pickler object of Python: a Pickler whose
// memo lasts from one dump to the next. Python knows it by a handle.
type object struct {
	*Pickler
}

// objects are the Picklers that live, by handle. Handles are never used twice.
type objects struct {
	live map[uint64]object
	last uint64
}

var picklers = objects{live: map[uint64]object{}}

// newObject makes a Pickler object's state: a new reference.
func (d *Door) newObject(options Options) (python.Object, error) {
	ob := object{takePickler()}
	ob.reset(d, options)
	picklers.last++
	handle := picklers.last
	picklers.live[handle] = ob
	state := python.NewState(handle)
	if state.IsNil() {
		picklers.Dealloc(handle)
		return state, python.ErrPython
	}
	return state, nil
}

func (os *objects) of(state python.Object) (object, error) {
	ob, ok := os.live[python.StateHandle(state)]
	if !ok {
		return ob, python.Raise(python.TypeError, "a PicklerState of this process is needed, not %s", typeName(state.Type()))
	}
	return ob, nil
}

// Traverse visits what the memo and the options hold.
func (os *objects) Traverse(handle uint64, visit func(python.Object) bool) {
	ob, ok := os.live[handle]
	if !ok {
		return
	}
	for _, key := range ob.memo.keys {
		if !visit(python.FromAddr(key)) {
			return
		}
	}
	for _, ref := range ob.globalsRefs {
		if !visit(ref.globals) {
			return
		}
	}
	for _, o := range [...]python.Object{ob.bufferCallback, ob.ownGlobalsRef} {
		if !o.IsNil() && !visit(o) {
			return
		}
	}
}

// Clear drops what Traverse visits.
func (os *objects) Clear(handle uint64) {
	if ob, ok := os.live[handle]; ok {
		ob.release()
	}
}

// Dealloc forgets the state.
func (os *objects) Dealloc(handle uint64) {
	ob, ok := os.live[handle]
	if !ok {
		return
	}
	ob.release()
	delete(os.live, handle)
	givePickler(ob.Pickler)
}

// dumpObject is Pickler.dump: self is the Pickler object, write its file's write.
func (ob object) dumpObject(self, o, write python.Object) error {
	if ob.busy {
		return python.Raise(python.RuntimeError,
			"this Pickler is in the middle of a dump: an object that is being pickled, or another thread, called dump again")
	}
	if err := ob.readHooks(self); err != nil {
		return err
	}
	ob.busy = true
	ob.tables.owner = self
	mark := ob.memo.mark()
	err := ob.dumpToFile(o, write)
	if err != nil {
		// What a failed dump memoized is in no stream that anyone can load.
		ob.memo.rollBack(mark)
		ob.forgetGlobalsAfter(mark.slots)
		err = asPicklingError()
	}
	ob.tables.release()
	ob.hooks.release()
	ob.busy = false
	return err
}

// forgetGlobalsAfter forgets the base_globals dicts of slots that were rolled back.
func (p *Pickler) forgetGlobalsAfter(slots int) {
	for n := len(p.globalsRefs); n > 0 && p.globalsRefs[n-1].slot >= slots; n-- {
		ref := p.globalsRefs[n-1]
		p.globalsRefs = p.globalsRefs[:n-1]
		ref.globals.DecRef()
	}
}

// readHooks finds what the Pickler's class, or the Pickler itself, overrides.
func (ob object) readHooks(self python.Object) error {
	ob.hooks.release()
	fast, err := attributeOrNone(self, interned.fast)
	if err != nil {
		return err
	}
	ob.fastMode, err = python.IsTrue(fast)
	fast.DecRef()
	if err != nil {
		return err
	}
	if ob.hooks.persistentID, err = overridden(self, interned.persistentID, python.Nil); err != nil {
		return err
	}
	if plain, err := ob.plainHooks(self); err != nil || plain {
		return err
	}
	if ob.hooks.reducerOverride, err = overridden(self, interned.reducerOverride, ob.door.ReducerOverride); err != nil {
		return err
	}
	ob.hooks.globalsRef, err = python.LookupAttr(self, interned.globalsRef)
	return err
}

// overridden gives self's method of that name, a new reference, or Nil when it
// is base, a function, or a method of _pickle.Pickler itself.
func overridden(self, name, base python.Object) (python.Object, error) {
	method, err := python.LookupAttr(self, name)
	if err != nil || method.IsNil() {
		return python.Nil, err
	}
	if method.Type() == python.BuiltinFunctionType {
		method.DecRef()
		return python.Nil, nil
	}
	if method.Type() == python.MethodType && !base.IsNil() {
		function := python.GetAttr(method, interned.funcAttr)
		if function.IsNil() {
			method.DecRef()
			return python.Nil, python.ErrPython
		}
		function.DecRef()
		if function == base {
			method.DecRef()
			return python.Nil, nil
		}
	}
	return method, nil
}
