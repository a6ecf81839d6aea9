package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Plain data where Pickler.quick holds: the same opcodes as the functions in
// containers.go write, in fewer steps. What save writes for a str, an int or a
// float runs no Python code unless a frame is full, so views stay alive over it.

// saveQuickDict is saveDict.
func (p *Pickler) saveQuickDict(o python.Object) error {
	if slot, known := p.memo.getOrPut(o); known {
		return p.get(slot)
	}
	p.w.Op2(pickle.OpEmptyDict, pickle.OpMemoize)
	n := python.DictSize(o)
	if n == 0 {
		return nil
	}
	if err := p.enter(); err != nil {
		return err
	}
	var err error
	if items, ok := python.StrItems(o); ok && n < pickle.BatchSize {
		err = p.saveStrItems(o, items, n)
	} else {
		err = p.saveDictItems(o, n)
	}
	p.depth--
	return err
}

// saveStrItems writes the n items of a dict whose keys are all str; n is less
// than a batch. Once the dict has changed, saveDictBatches goes on.
func (p *Pickler) saveStrItems(o python.Object, items []python.StrItem, n int) error {
	if n > 1 {
		p.w.Op(pickle.OpMark)
	}
	done := 0
	for i := 0; i < len(items); i++ {
		key, value := items[i].Key, items[i].Value
		if value.IsNil() {
			continue
		}
		done++
		if p.w.Full() {
			key.IncRef()
			err := p.savePair(key, value)
			key.DecRef()
			if err != nil {
				return err
			}
		} else {
			if err := p.save(key); err != nil {
				return err
			}
			t := value.Type()
			if (t == python.StrType || t == python.IntType || t == python.FloatType) && !p.w.Full() {
				if err := p.save(value); err != nil {
					return err
				}
				continue
			}
			if err := p.save(value); err != nil {
				return err
			}
		}
		if n == 1 {
			break
		}
		// Python code may have run.
		again, ok := python.StrItems(o)
		if !ok || len(again) != len(items) || python.DictSize(o) != n {
			return p.saveDictBatches(o, python.IterDictFrom(o, i+1), n, done)
		}
		items = again
	}
	if n == 1 {
		p.w.Op(pickle.OpSetItem)
		return nil
	}
	return p.endDictBatch(o, n)
}

// saveQuickList is saveList.
func (p *Pickler) saveQuickList(o python.Object) error {
	if slot, known := p.memo.getOrPut(o); known {
		return p.get(slot)
	}
	p.w.Op2(pickle.OpEmptyList, pickle.OpMemoize)
	n := python.ListSize(o)
	if n == 0 {
		return nil
	}
	if err := p.enter(); err != nil {
		return err
	}
	err := p.saveListItems(o, n)
	p.depth--
	return err
}
