package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Most builtin containers hold many atoms side by side: the items of a list, the keys and
// values of a dict. Runs of them are appended to a buffer that is a local
// variable, since the Writer's own has to be stored after each opcode.

// putAtom appends to the Writer's buffer what save writes for one of the most frequent
// atoms, or for an object that the memo has; ok is false, and nothing written, for any other object. The caller
// has reserved memory with wire.Reserve, and has seen that Pickler.fastPath is set and
// the frame is not full. No Python code runs.
func (p *Pickler) putAtom(b []byte, o python.Object) (out []byte, ok bool) {
	switch o.Type() {
	case python.StrType:
		text, ok := python.ASCII(o)
		if !ok {
			return p.putWideText(b, o)
		}
		if len(text) > 255 {
			return b, false
		}
		if p.deferMemo && o.Unshared() {
			p.memo.deferPut(o)
		} else if slot, memoized := p.memo.getOrPut(o); memoized {
			return wire.PutGet(b, uint32(slot)), true
		}
		return wire.PutShortText(b, text), true
	case python.IntType:
		v, ok := python.Int32(o)
		if !ok {
			return b, false
		}
		return wire.PutInt32(b, int32(v)), true
	case python.FloatType:
		return wire.PutFloat(b, python.Float(o)), true
	case python.NoneType:
		return wire.PutOp(b, wire.OpNone), true
	case python.BoolType:
		return wire.PutBool(b, o == python.True), true
	case python.DictType, python.ListType, python.TupleType:
		if o.Unshared() {
			return b, false // the memo would have a reference
		}
	case python.BytesType:
		return p.putBytes(b, o)
	default:
		if o.Unshared() {
			return b, false
		}
	}
	slot, memoized := p.memo.get(o)
	if !memoized {
		return b, false
	}
	return wire.PutGet(b, uint32(slot)), true
}

// putBytes is putAtom for a bytes object.
func (p *Pickler) putBytes(b []byte, o python.Object) (out []byte, ok bool) {
	content := python.Bytes(o)
	if len(content) > 255 {
		return b, false
	}
	if slot, memoized := p.putOnce(o); memoized {
		return wire.PutGet(b, slot), true
	}
	return wire.PutShortBytes(b, content), true
}

// putWideText is putAtom for a str that is not ASCII.
func (p *Pickler) putWideText(b []byte, o python.Object) (out []byte, ok bool) {
	c, ok := charactersInFrame(o)
	if !ok {
		return b, false
	}
	if p.deferMemo && o.Unshared() {
		p.memo.deferPut(o)
	} else if slot, memoized := p.memo.getOrPut(o); memoized {
		return wire.PutGet(b, uint32(slot)), true
	}
	return putText(b, o, c), true
}

// putText appends a str, given what charactersInFrame returned for it.
func putText(b []byte, o python.Object, c python.Characters) []byte {
	if text, ok := python.UTF8View(o); ok {
		b, room := wire.ReserveText(b, len(text))
		return wire.EndText(b, copy(room, text), len(text))
	}
	most := c.MaxUTF8() // not counted: that takes as long as a good part of writing them
	b, room := wire.ReserveText(b, most)
	return wire.EndText(b, c.PutUTF8(room), most)
}

// charactersInFrame gives the characters of a str that goes into the open frame.
func charactersInFrame(o python.Object) (c python.Characters, ok bool) {
	if python.StrLength(o) >= largeText {
		return c, false
	}
	return python.CharactersOf(o)
}

// putKey is putAtom for the key of a dict's item number i.
func (p *Pickler) putKey(b []byte, key python.Object, i int) (out []byte, ok bool) {
	if slot, memoized := p.memo.sameKey(i, key); memoized {
		return wire.PutGet(b, slot), true
	}
	b, ok = p.putAtom(b, key)
	if ok {
		p.memo.noteKey(i, key)
	}
	return b, ok
}

// saveAtoms writes atoms of a list from item i on, until another object, the item
// number end, or the end of the frame comes. It returns the number of the next item.
func (p *Pickler) saveAtoms(list python.Object, i, end int) int {
	items := python.ListItems(list)[:end]
	b, limit := p.w.Take()
	for ok := true; i < len(items) && len(b) < limit; i++ {
		o := items[i]
		switch o.Type() {
		case python.IntType:
			if v, small := python.Int32(o); small {
				b = wire.PutInt32(wire.Reserve(b), int32(v))
				continue
			}
		case python.StrType:
			if !p.deferMemo || !o.Unshared() {
				break
			}
			var n int
			if b, n = p.putTexts(b, items[i:], limit); n > 0 {
				p.memo.deferPutAll(items[i : i+n])
				i += n - 1
				continue
			}
		}
		if b, ok = p.putAtom(wire.Reserve(b), o); !ok {
			break
		}
	}
	p.w.Give(b)
	return i
}

// putTexts appends short texts that have no other reference, until something else
// comes or b has limit bytes; n is their number.
func (p *Pickler) putTexts(b []byte, items []python.Object, limit int) (out []byte, n int) {
	for ; n < len(items) && len(b) < limit; n++ {
		o := items[n]
		if o.Type() != python.StrType || !o.Unshared() {
			break
		}
		text, ok := python.ASCII(o)
		switch {
		case !ok:
			c, ok := charactersInFrame(o)
			if !ok {
				return b, n
			}
			b = putText(b, o, c)
		case len(text) > 255:
			return b, n
		default:
			b = wire.PutShortText(wire.Reserve(b), text)
		}
	}
	return b, n
}

// saveStrItems writes the n items of a dict whose keys are all str; n is less
// than a batch. Once the dict has changed, saveDictBatches goes on. Within its caller
// it would be too large for what it calls to be inlined.
//
//go:noinline
func (p *Pickler) saveStrItems(o python.Object, items []python.StrItem, n int) error {
	if n > 1 {
		p.w.Op(wire.OpMark)
	}
	done := 0
	b, limit := p.w.Take()
	for i := 0; i < len(items); i++ {
		key, value := items[i].Key, items[i].Value
		if value.IsNil() {
			continue
		}
		done++
		memoized, ok := false, false
		if len(b) < limit {
			b, memoized = p.putKey(wire.Reserve(b), key, i)
		}
		if memoized && len(b) < limit {
			b, ok = p.putAtom(wire.Reserve(b), value)
		}
		if !ok {
			p.w.Give(b)
			pythonCalls, err := p.pythonCalls, error(nil)
			if !memoized {
				err = p.savePair(o, key, value)
			} else if err = p.save(value); err != nil {
				err = p.atItem(err, o, key)
			}
			if err != nil {
				return err
			}
			if pythonCalls != p.pythonCalls && n > 1 {
				// Python code may have run.
				again, ok := python.StrItems(o)
				if !ok || len(again) != len(items) || python.DictSize(o) != n {
					return p.saveDictBatches(o, python.IterDictFrom(o, i+1), n, done)
				}
				items = again
			}
			b, limit = p.w.Take()
		}
		if n == 1 {
			break
		}
	}
	p.w.Give(b)
	if n == 1 {
		p.w.Op(wire.OpSetItem)
		return nil
	}
	return p.endDictBatch(o, n)
}
