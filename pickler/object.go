package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// An object is the engine's half of a Pickler object of Python: a Pickler whose
// memo lasts from one dump to the next. Python knows it by a handle.
type object struct {
	*Pickler
}

// objects are the Picklers that live, by handle: the place in live, and above it how
// often that has been used, so that a handle is never used twice.
type objects struct {
	live []liveObject
	free []uint32 // places
}

type liveObject struct {
	object
	uses uint32
}

var picklers objects

// at is the Pickler of a handle; ok is false where it is gone.
func (os *objects) at(handle uint64) (ob object, ok bool) {
	place := uint32(handle)
	if uint64(place) >= uint64(len(os.live)) || os.live[place].uses != uint32(handle>>32) {
		return object{}, false
	}
	ob = os.live[place].object
	return ob, ob.Pickler != nil
}

func (os *objects) add(ob object) (handle uint64) {
	if len(os.free) == 0 {
		os.free = append(os.free, uint32(len(os.live)))
		os.live = append(os.live, liveObject{})
	}
	place := os.free[len(os.free)-1]
	os.free = os.free[:len(os.free)-1]
	at := &os.live[place]
	at.object = ob
	at.uses++
	return uint64(at.uses)<<32 | uint64(place)
}

// of gives the Pickler of a state, which is made when it is first needed.
func (os *objects) of(state python.Object) (object, python.PicklerState, error) {
	s, ok := python.PicklerStateOf(state)
	if !ok {
		return object{}, s, python.Raise(python.TypeError, "a PicklerState of this process is needed, not %s", typeName(state.Type()))
	}
	s.UnshareMemoized()
	if handle := s.Handle(); handle != 0 {
		ob, ok := os.at(handle)
		if !ok {
			return ob, s, python.Raise(python.SystemError, "gocloudpickle: a PicklerState without a Pickler")
		}
		return ob, s, nil
	}
	if s.Target() < 0 || s.Target() >= len(targets) {
		return object{}, s, python.Raise(python.ValueError, "no such target: %d", s.Target())
	}
	options, err := optionsOf(s.Protocol(), s.BufferCallback())
	if err != nil {
		return object{}, s, err
	}
	for {
		gone, ok := python.NextGone()
		if !ok {
			break
		}
		os.Gone(gone)
	}
	ob := object{takePickler()}
	ob.reset(targets[s.Target()], options)
	s.SetHandle(os.add(ob))
	return ob, s, nil
}

// Traverse visits what the memo and the options hold.
func (os *objects) Traverse(handle uint64, visit func(python.Object) bool) {
	ob, ok := os.at(handle)
	if !ok {
		return
	}
	for i := range ob.memo.keys.len() {
		if !visit(python.FromAddr(ob.memo.keys.item(i))) {
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
	if ob, ok := os.at(handle); ok {
		ob.release()
	}
}

// Dealloc forgets the state, and drops what Traverse visits.
func (os *objects) Dealloc(handle uint64) {
	ob, ok := os.at(handle)
	if !ok {
		return
	}
	ob.release() // can run Python code
	os.forget(handle, ob)
}

// Gone forgets a state that has given back all that its Pickler held.
func (os *objects) Gone(handle uint64) {
	if ob, ok := os.at(handle); ok {
		ob.memo.forget()
		ob.globalsRefs = ob.globalsRefs[:0]
		os.forget(handle, ob)
	}
}

func (os *objects) forget(handle uint64, ob object) {
	place := uint32(handle)
	os.live[place].object = object{}
	os.free = append(os.free, place)
	givePickler(ob.Pickler)
}

// share tells the state what the Pickler holds after a dump, where that is little: it goes
// without a call of Go then. On the layout path alone, whose reference counts it writes.
func (ob object) share(s python.PicklerState) {
	refs := ob.globalsRefs
	if !isLayout() || !ob.memo.isSmall() || len(refs) > 1 || !ob.ownGlobalsRef.IsNil() || !ob.bufferCallback.IsNil() {
		return
	}
	globals := python.Nil
	if len(refs) == 1 {
		globals = refs[0].globals
	}
	s.ShareMemoized(ob.memo.keys.tail, globals)
}

// dumpObject is Pickler.dump: self is the Pickler object, write its file's write. It
// gives the end of the stream, which is still to be written.
func (ob object) dumpObject(self, o, write python.Object) (stream python.Object, err error) {
	ob.busy = true
	ob.self = self
	ob.mark = ob.memo.mark()
	refusals := python.Refusals()
	ob.file = fileSink{write, &ob.trail}
	rest, err := ob.dumpInto(o, &ob.file)
	if err == nil && refusals != python.Refusals() && python.IsRefused() {
		err = python.Raise(python.RuntimeError, "gocloudpickle: to be dumped again without the engine")
	}
	if err == nil {
		if stream = python.NewBytes(rest); stream.IsNil() {
			err = python.ErrPython
		}
	}
	if err != nil {
		err = ob.fail(o)
		ob.undo()
	}
	ob.dropped.GiveBack()
	ob.tables.release()
	ob.hooks.release()
	ob.self, ob.file = python.Nil, fileSink{}
	ob.busy = false
	return stream, err
}

// undo forgets what a failed dump has memoized: it is in no stream that anyone can load.
func (ob object) undo() {
	slots := ob.mark.slots
	ob.memo.rollBack(ob.mark)
	ob.forgetGlobalsAfter(slots)
}

// takeHooks reads what applies to this dump: what the C structure of the Pickler has,
// and the hooks that it has now, borrowed. The state stands for one of its class's own.
func (ob object) takeHooks(s python.PicklerState, state, self, override, persistentID python.Object) error {
	ob.hooks.release()
	var err error
	if ob.fastMode, err = python.PicklerFast(self); err != nil {
		return err
	}
	if python.Minor() < 13 {
		ob.hooks.token, _ = python.PicklerPersistentIDChanged(self, 0)
		if ob.hooks.persistentID, err = python.PicklerPersistentID(self); err != nil {
			return err
		}
	} else if persistentID != state {
		persistentID.IncRef()
		ob.hooks.persistentID = persistentID
	}
	if limits := s.Limits(); !limits.IsNil() {
		skip := python.GetAttr(limits, interned.skip)
		if skip.IsNil() {
			return python.ErrPython
		}
		if skip == python.None {
			skip.DecRef()
		} else {
			ob.hooks.skip = skip
		}
	}
	if override == python.NoHook() {
		override = stdlib.neverOverrides // as if it took no object
	}
	if override != state {
		override.IncRef()
		ob.hooks.reducerOverride = override
	}
	return nil
}

// readAgain reads what Python code can have changed in the C structure of the Pickler
// in the middle of its dump; CPython asks that for each object.
func (p *Pickler) readAgain() error {
	fast, err := python.PicklerFast(p.self)
	if err != nil {
		return err
	}
	p.fastMode = fast
	if python.Minor() < 13 {
		if now, changed := python.PicklerPersistentIDChanged(p.self, p.hooks.token); changed {
			id, err := python.PicklerPersistentID(p.self)
			if err != nil {
				return err
			}
			old := p.hooks.persistentID
			p.hooks.persistentID, p.hooks.token = id, now
			old.XDecRef()
		}
	}
	if p.fastMode || !p.hooks.virtual() {
		p.fastPath, p.deferMemo = false, false
	}
	return nil
}
