package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// save writes one object. It is save() of CPython's Modules/_pickle.c, in the
// same order of questions, since the order is visible: persistent ids, atoms,
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
	if p.quick {
		// The commonest atoms, in the fewest steps.
		switch o.Type() {
		case python.StrType:
			if text, ok := python.ASCII(o); ok && len(text) < 256 {
				if p.plain && o.Unshared() {
					p.w.ShortText(text)
					p.memo.putLater(o)
				} else if slot, known := p.memo.getOrPut(o); known {
					p.w.ShortGet(uint32(slot))
				} else {
					p.w.ShortText(text)
				}
				return nil
			}
		case python.IntType:
			if v, ok := python.Int32(o); ok {
				p.w.Int32(int32(v))
				return nil
			}
		case python.FloatType:
			p.w.Float(python.Float(o))
			return nil
		case python.NoneType:
			p.w.Op(pickle.OpNone)
			return nil
		case python.DictType:
			return p.saveQuickDict(o)
		case python.ListType:
			return p.saveQuickList(o)
		case python.TupleType:
			return p.saveQuickTuple(o)
		}
	}
	if !p.hooks.persistentID.IsNil() {
		// The hook can drop the last reference to o.
		o.IncRef()
		done, err := p.savePersistent(o)
		if !done && err == nil {
			err = p.saveValue(o)
		}
		o.DecRef()
		return err
	}
	return p.saveValue(o)
}

// saveInNextFrame ends the frame first. With a file that can call its write
// method, and then the reference held here may be the last: such an object only
// looks as if its container had it.
func (p *Pickler) saveInNextFrame(o python.Object) error {
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
	p.memo.settle()
	p.others++
}

// saveHeld is save for an object that the caller holds a reference to which its
// container may have lost.
func (p *Pickler) saveHeld(o python.Object) error {
	plain := p.plain
	p.plain = false
	err := p.save(o)
	p.plain = plain
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
		p.w.Op(pickle.OpNone)
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
	return p.saveOther(o, t)
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
	if p.quick {
		p.memo.put(o)
		p.w.Op(pickle.OpMemoize)
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
	if p.quick {
		p.memo.slots++
		p.w.Op(pickle.OpMemoize)
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
