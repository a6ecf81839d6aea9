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
	others := p.others
	o.IncRef()
	err := p.saveTupleItems(o, n)
	switch {
	case err != nil:
	case others != p.others:
		// Python code has run: o may have got references, and lost all but this one.
		err = p.endSharedTuple(o, n)
	default:
		p.closeTuple(n)
		p.w.Op(pickle.OpMemoize)
		p.memo.putLater(o)
	}
	o.DecRef()
	return err
}

// saveSharedTuple is for a tuple that can come again, and within itself.
func (p *Pickler) saveSharedTuple(o python.Object, n int) error {
	if slot, ok := p.memo.get(o); ok {
		return p.get(slot)
	}
	if slices.Contains(p.open, o.Addr()) {
		p.memo.settle() // its items come again, and must be found
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
