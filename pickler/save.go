package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// save writes one object. It is save() of CPython's Modules/_pickle.c, in the
// same order, since hooks can observe it: persistent ids, atoms,
// the memo, the builtin containers, reducer_override, the dispatch table,
// __reduce_ex__.
//
// o is borrowed, and must stay alive until Python code first runs: what is
// written before needs no reference, and the branches that run Python code take
// their own.
func (p *Pickler) save(o python.Object) error {
	if p.w.Full() {
		return p.saveInNextFrame(o)
	}
	if p.fastPath {
		// The most frequent atoms, in the fewest steps.
		switch o.Type() {
		case python.StrType:
			if text, ok := python.ASCII(o); ok && len(text) < 256 {
				if p.deferMemo && o.Unshared() {
					p.w.ShortText(text)
					p.memo.deferPut(o)
				} else if slot, memoized := p.memo.getOrPut(o); memoized {
					p.w.ShortGet(uint32(slot))
				} else {
					p.w.ShortText(text)
				}
				return nil
			} else if !ok && p.saveWideText(o) {
				return nil
			}
			if done, err := p.saveTextInFrame(o); done {
				return err
			}
		case python.IntType:
			if v, ok := python.Int32(o); ok {
				p.w.Int32(int32(v))
				return nil
			}
			return p.saveInt(o)
		case python.FloatType:
			p.w.Float(python.Float(o))
			return nil
		case python.NoneType:
			p.w.Op(wire.OpNone)
			return nil
		case python.DictType:
			return p.saveDictFast(o)
		case python.ListType:
			return p.saveListFast(o)
		case python.TupleType:
			return p.saveTupleFast(o)
		case python.BoolType:
			p.w.Bool(o == python.True)
			return nil
		case python.BytesType, python.ByteArrayType:
			if done, err := p.saveBytesInFrame(o); done {
				return err
			}
		}
	}
	if p.fastPath {
		return p.saveOther(o)
	}
	if !p.hooks.virtual() {
		if p.hooks.watch != nil {
			return p.saveWatched(o)
		}
		return p.saveHooked(o)
	}
	return p.saveValue(o)
}

// saveOther is save for what is neither an atom nor a list, a dict or a tuple, where
// Pickler.fastPath is set.
func (p *Pickler) saveOther(o python.Object) error {
	unshared := o.Unshared()
	if !unshared { // else the memo has no reference to it
		if slot, memoized := p.memo.get(o); memoized {
			p.w.ShortGet(uint32(slot))
			return nil
		}
	}
	if err := p.enter(); err != nil {
		return err
	}
	var err error
	unshared = unshared && p.deferMemo
	o.IncRef()
	switch t := o.Type(); t {
	case python.SetType:
		err = p.saveSetFast(o, unshared)
	case python.FrozenSetType:
		err = p.saveFrozenSetFast(o, unshared)
	case python.ByteArrayType, python.PickleBufferType:
		p.beforePython()
		err = p.saveCompound(o, t)
	case python.StrType, python.BytesType:
		err = p.saveValue(o)
	default:
		// What has been dropped is given back by the call that takes o apart.
		p.memo.putDeferred()
		p.pythonCalls++
		err = p.saveByDispatch(o, t)
	}
	if err != nil {
		p.blame(err, o)
	}
	o.DecRef()
	p.depth--
	return err
}

// saveHooked is save where temporaries are made.
func (p *Pickler) saveHooked(o python.Object) error {
	if p.hooks.persistentID.IsNil() {
		return p.saveValue(o)
	}
	// The hook can drop the last reference to o.
	o.IncRef()
	done, err := p.savePersistent(o)
	if err != nil {
		p.blame(err, o)
	} else if !done {
		err = p.saveValue(o)
	}
	o.DecRef()
	return err
}

// saveWideText is save for a short str that is not ASCII, where Pickler.fastPath is set.
//
//go:noinline
func (p *Pickler) saveWideText(o python.Object) (done bool) {
	b, _ := p.w.Take()
	b, done = p.putWideText(wire.Reserve(b), o)
	p.w.Give(b)
	return done
}

// saveInNextFrame ends the frame first. With a file that can call its write
// method, and then the reference held here may be the last: such an object only
// looks as if its container had it.
func (p *Pickler) saveInNextFrame(o python.Object) error {
	if p.memo.slots > maxSlot-slotsAhead {
		return p.picklingError("memo id too large for LONG_BINPUT")
	}
	if !p.toFile {
		if err := p.w.Boundary(); err != nil {
			return err
		}
		return p.save(o)
	}
	p.beforePython()
	o.IncRef()
	defer o.DecRef()
	if err := p.w.Boundary(); err != nil {
		return err
	}
	return p.saveHeld(o)
}

// beforePython must come before what can run Python code.
func (p *Pickler) beforePython() {
	p.memo.putDeferred()
	p.pythonCalls++
	p.giveBackDropped()
}

func (p *Pickler) giveBackDropped() {
	if !p.dropped.IsEmpty() {
		p.dropped.GiveBack()
	}
}

// saveHeld is save for an object to which the caller holds a reference, while its
// container may have dropped its own.
func (p *Pickler) saveHeld(o python.Object) error {
	deferMemo := p.deferMemo
	p.deferMemo = false
	err := p.save(o)
	p.deferMemo = deferMemo && p.fastPath
	return err
}

// saveValue is save without the persistent id: what a persistent id itself
// goes through.
func (p *Pickler) saveValue(o python.Object) error {
	t := o.Type()
	switch t {
	case python.StrType:
		if slot, ok := p.memo.get(o); ok {
			return p.get(slot)
		}
		return p.saveStr(o)
	case python.IntType:
		return p.saveInt(o)
	case python.FloatType:
		return p.saveFloat(o)
	case python.BoolType:
		p.w.Bool(o == python.True)
		return nil
	}
	if o == python.None {
		p.w.Op(wire.OpNone)
		return nil
	}
	if slot, ok := p.memo.get(o); ok {
		return p.get(slot)
	}
	// What follows can call a file's write method, a hook, or any Python code.
	p.beforePython()
	if t == python.BytesType {
		return p.saveBytes(o)
	}

	if err := p.enter(); err != nil {
		return err
	}
	o.IncRef()
	err := p.saveCompound(o, t)
	if err != nil {
		p.blame(err, o)
	}
	o.DecRef()
	p.depth--
	return err
}

// saveCompound writes what can contain other objects. The caller holds o.
func (p *Pickler) saveCompound(o, t python.Object) error {
	switch t {
	case python.DictType:
		return p.saveDict(o)
	case python.ListType:
		return p.saveList(o)
	case python.TupleType:
		return p.saveTuple(o)
	case python.SetType:
		return p.saveSet(o)
	case python.FrozenSetType:
		return p.saveFrozenSet(o)
	case python.ByteArrayType:
		return p.saveByteArray(o)
	case python.PickleBufferType:
		return p.savePickleBuffer(o)
	}
	return p.saveByDispatch(o, t)
}

// get pushes what a memo slot holds.
func (p *Pickler) get(slot int) error {
	if !p.w.Get(slot) {
		return p.picklingError("memo id too large for LONG_BINGET")
	}
	return nil
}

// memoize stores the top of the stack, which is o, in the memo.
func (p *Pickler) memoize(o python.Object) error {
	if p.fastPath {
		p.memo.put(o)
		p.w.Op(wire.OpMemoize)
		return nil
	}
	if p.fastMode {
		return nil
	}
	return p.writeMemoize(p.memo.put(o))
}

// memoizeTemporary stores the top of the stack in the memo: an object that
// cloudpickle makes only to pickle it.
func (p *Pickler) memoizeTemporary() error {
	if p.fastPath {
		p.memo.slots++
		p.w.Op(wire.OpMemoize)
		return nil
	}
	if p.fastMode {
		return nil
	}
	return p.writeMemoize(p.memo.skip())
}

func (p *Pickler) writeMemoize(slot int) error {
	if !p.w.Memoize(slot) {
		return p.picklingError("memo id too large for LONG_BINPUT")
	}
	return nil
}
