package pickler

import (
	"slices"

	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Plain data where Pickler.quick holds: the same opcodes as the functions in
// containers.go write, in fewer steps. What save writes for a str, an int or a
// float runs no Python code unless a frame is full, so views stay alive over it.

// saveQuickDict is saveDict.
func (p *Pickler) saveQuickDict(o python.Object) error {
	if p.plain && o.Unshared() {
		p.memo.putLater(o)
	} else if slot, known := p.memo.getOrPut(o); known {
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

// saveQuickList is saveList.
func (p *Pickler) saveQuickList(o python.Object) error {
	if p.plain && o.Unshared() {
		p.memo.putLater(o)
	} else if slot, known := p.memo.getOrPut(o); known {
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

// saveQuickTuple is saveTuple. Within save it would make all of that slower.
//
//go:noinline
func (p *Pickler) saveQuickTuple(o python.Object) error {
	n := python.TupleSize(o)
	if n == 0 {
		p.w.Op(pickle.OpEmptyTuple)
		return nil
	}
	if !p.plain || !o.Unshared() {
		return p.saveSharedTuple(o, n)
	}
	// Saving an item can run Python code that drops o. It holds the tuples in it.
	o.IncRef()
	b, limit := p.w.Take()
	b, _, err := p.putTuple(b, limit, o, n)
	p.w.Give(b)
	o.DecRef()
	return err
}

// putTuple appends to the Writer's buffer, which has limit bytes in this frame, a
// tuple of n > 0 items that can't come again: the buffer and the limit after it.
func (p *Pickler) putTuple(b []byte, limit int, o python.Object, n int) ([]byte, int, error) {
	if err := p.enter(); err != nil {
		return b, limit, err
	}
	others := p.others
	b = pickle.Room(b)
	if n > 3 {
		b = pickle.PutOp(b, pickle.OpMark)
	}
	for i := range n {
		item := python.TupleItem(o, i)
		if len(b) < limit && others == p.others {
			if item.Type() != python.TupleType {
				ok := false
				if b, ok = p.putAtom(pickle.Room(b), item); ok {
					continue
				}
			} else if m := python.TupleSize(item); m > 0 && item.Unshared() {
				var err error
				if b, limit, err = p.putTuple(b, limit, item, m); err != nil {
					return b, limit, err
				}
				continue
			} else if slot, known := p.memo.get(item); known && m > 0 {
				b = pickle.PutGet(pickle.Room(b), uint32(slot))
				continue
			}
		}
		p.w.Give(b)
		err := p.save(item)
		if b, limit = p.w.Take(); err != nil {
			return b, limit, err
		}
	}
	p.depth--
	if others != p.others {
		// Python code has run: o may have got references, and lost all but its container's.
		p.w.Give(b)
		err := p.endSharedTuple(o, n)
		b, limit = p.w.Take()
		return b, limit, err
	}
	b = pickle.PutOp(pickle.PutOp(pickle.Room(b), tupleOp(n)), pickle.OpMemoize)
	p.memo.putLater(o)
	return b, limit, nil
}

// saveSharedTuple is for a tuple that can come again, and within itself.
func (p *Pickler) saveSharedTuple(o python.Object, n int) error {
	if slot, ok := p.memo.get(o); ok {
		return p.get(slot)
	}
	if slices.Contains(p.open, o.Addr()) {
		// It contains itself: what is in it is walked twice, and the tuples around
		// this place may be in the memo when their first walk ends.
		p.beforePython()
		plain := p.plain
		p.plain = false
		defer func() { p.plain = plain }()
	}
	p.open = append(p.open, o.Addr())
	o.IncRef()
	err := p.saveTupleItems(o, n)
	p.open = p.open[:len(p.open)-1]
	if err == nil {
		err = p.endSharedTuple(o, n)
	}
	o.DecRef()
	return err
}

// endSharedTuple makes the tuple of the items pushed, unless they contain it.
func (p *Pickler) endSharedTuple(o python.Object, n int) error {
	if slot, ok := p.memo.get(o); ok {
		p.popTuple(n, n <= 3)
		return p.get(slot)
	}
	p.closeTuple(n)
	return p.memoize(o)
}

// saveTupleItems writes the items of a tuple that the caller holds, after a MARK
// if there are more than three.
func (p *Pickler) saveTupleItems(o python.Object, n int) error {
	if err := p.enter(); err != nil {
		return err
	}
	if n > 3 {
		p.w.Op(pickle.OpMark)
	}
	for i := range n {
		if err := p.save(python.TupleItem(o, i)); err != nil {
			return err
		}
	}
	p.depth--
	return nil
}
