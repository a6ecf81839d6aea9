package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Most of plain data is atoms side by side: the items of a list, the keys and
// values of a dict. Runs of them are appended to a buffer that is a local
// variable, since the Writer's own has to be stored after each opcode.

// putAtom appends to the Writer's buffer what save writes for one of the commonest
// atoms; ok is false, and nothing written, for any other object. It needs
// pickle.Room, holds where Pickler.quick does while the frame is not full, and
// runs no Python code.
func (p *Pickler) putAtom(b []byte, o python.Object) (out []byte, ok bool) {
	switch o.Type() {
	case python.StrType:
		text, ok := python.ASCII(o)
		if !ok || len(text) > 255 {
			return b, false
		}
		if p.plain && o.Unshared() {
			p.memo.putLater(o)
		} else if slot, known := p.memo.getOrPut(o); known {
			return pickle.PutGet(b, uint32(slot)), true
		}
		return pickle.PutShortText(b, text), true
	case python.IntType:
		v, ok := python.Int32(o)
		if !ok {
			return b, false
		}
		return pickle.PutInt32(b, int32(v)), true
	case python.FloatType:
		return pickle.PutFloat(b, python.Float(o)), true
	case python.NoneType:
		return pickle.PutOp(b, pickle.OpNone), true
	case python.BoolType:
		if o == python.True {
			return pickle.PutOp(b, pickle.OpNewTrue), true
		}
		return pickle.PutOp(b, pickle.OpNewFalse), true
	}
	return b, false
}

// putKey is putAtom for the key of a dict's item number i.
func (p *Pickler) putKey(b []byte, key python.Object, i int) (out []byte, ok bool) {
	if slot, known := p.memo.sameKey(i, key); known {
		return pickle.PutGet(b, slot), true
	}
	b, ok = p.putAtom(b, key)
	if ok {
		p.memo.noteKey(i, key)
	}
	return b, ok
}

// saveAtoms writes atoms of a list from item i on, until another object, the item
// number end, or the end of the frame comes: the number of the next item.
func (p *Pickler) saveAtoms(list python.Object, i, end int) int {
	items := python.ListItems(list)[:end]
	b, limit := p.w.Take()
	for ok := true; i < len(items) && len(b) < limit; i++ {
		o := items[i]
		switch o.Type() {
		case python.IntType:
			if v, small := python.Int32(o); small {
				b = pickle.PutInt32(pickle.Room(b), int32(v))
				continue
			}
		case python.StrType:
			if !p.plain {
				break
			}
			var n int
			if b, n = putTexts(b, items[i:], limit); n > 0 {
				p.memo.putAllLater(items[i : i+n])
				i += n - 1
				continue
			}
		}
		if b, ok = p.putAtom(pickle.Room(b), o); !ok {
			break
		}
	}
	p.w.Give(b)
	return i
}

// putTexts appends short texts that have no other reference, until something else
// comes or b has limit bytes; n is their number.
func putTexts(b []byte, items []python.Object, limit int) (out []byte, n int) {
	for ; n < len(items) && len(b) < limit; n++ {
		o := items[n]
		if o.Type() != python.StrType || !o.Unshared() {
			break
		}
		text, ok := python.ASCII(o)
		if !ok || len(text) > 255 {
			break
		}
		b = pickle.PutShortText(pickle.Room(b), text)
	}
	return b, n
}

// saveStrItems writes the n items of a dict whose keys are all str; n is less
// than a batch. Once the dict has changed, saveDictBatches goes on.
func (p *Pickler) saveStrItems(o python.Object, items []python.StrItem, n int) error {
	if n > 1 {
		p.w.Op(pickle.OpMark)
	}
	done := 0
	b, limit := p.w.Take()
	for i := 0; i < len(items); i++ {
		key, value := items[i].Key, items[i].Value
		if value.IsNil() {
			continue
		}
		done++
		known, ok := false, false
		if len(b) < limit {
			b, known = p.putKey(pickle.Room(b), key, i)
		}
		if known && len(b) < limit {
			b, ok = p.putAtom(pickle.Room(b), value)
		}
		if !ok {
			p.w.Give(b)
			others, err := p.others, error(nil)
			if known {
				err = p.save(value)
			} else {
				err = p.savePair(key, value)
			}
			if err != nil {
				return err
			}
			if others != p.others && n > 1 {
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
		p.w.Op(pickle.OpSetItem)
		return nil
	}
	return p.endDictBatch(o, n)
}
