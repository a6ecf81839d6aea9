package pickler

import (
	"math"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Builtin containers where Pickler.fastPath is set: the same opcodes as the functions in
// containers.go write, in fewer steps. What save writes for a str, an int or a
// float runs no Python code unless a frame is full, so views of memory stay valid meanwhile.

// saveDictFast is saveDict where Pickler.fastPath is set.
func (p *Pickler) saveDictFast(o python.Object) error {
	if p.deferMemo && o.Unshared() {
		p.memo.deferPut(o)
	} else if slot, memoized := p.memo.getOrPut(o); memoized {
		return p.get(slot)
	}
	return p.saveDictItemsFast(o)
}

// saveDictItemsFast writes a dict that has its slot in the memo.
func (p *Pickler) saveDictItemsFast(o python.Object) error {
	p.w.Op2(wire.OpEmptyDict, wire.OpMemoize)
	n := python.DictSize(o)
	if n == 0 {
		return nil
	}
	if err := p.enter(); err != nil {
		return err
	}
	var err error
	if items, ok := python.StrItems(o); ok && n < wire.BatchSize {
		err = p.saveStrItems(o, items, n)
	} else {
		err = p.saveDictItems(o, n)
	}
	p.depth--
	return err
}

// saveListFast is saveList where Pickler.fastPath is set.
func (p *Pickler) saveListFast(o python.Object) error {
	if p.deferMemo && o.Unshared() {
		p.memo.deferPut(o)
	} else if slot, memoized := p.memo.getOrPut(o); memoized {
		return p.get(slot)
	}
	p.w.Op2(wire.OpEmptyList, wire.OpMemoize)
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

// saveTupleFast is saveTuple where Pickler.fastPath is set. It is not inlined: that would
// make all of save slower.
//
//go:noinline
func (p *Pickler) saveTupleFast(o python.Object) error {
	n := python.TupleSize(o)
	if n == 0 {
		p.w.Op(wire.OpEmptyTuple)
		return nil
	}
	if !p.deferMemo || !o.Unshared() {
		return p.saveSharedTuple(o, n)
	}
	// Saving an item can run Python code that drops o, which keeps the tuples in it alive.
	o.IncRef()
	b, limit := p.w.Take()
	b, _, err := p.putTuple(b, limit, o, n)
	p.w.Give(b)
	o.DecRef()
	return err
}

// putTuple appends to the Writer's buffer, which has limit bytes in this frame, a
// tuple of n > 0 items that can't come again. It returns the buffer and the limit after it.
func (p *Pickler) putTuple(b []byte, limit int, o python.Object, n int) ([]byte, int, error) {
	if err := p.enter(); err != nil {
		return b, limit, err
	}
	pythonCalls := p.pythonCalls
	b = wire.Reserve(b)
	if n > 3 {
		b = wire.PutOp(b, wire.OpMark)
	}
	for i := range n {
		item := python.TupleItem(o, i)
		if len(b) < limit && pythonCalls == p.pythonCalls {
			if item.Type() != python.TupleType {
				ok := false
				if b, ok = p.putAtom(wire.Reserve(b), item); ok {
					continue
				}
			} else if m := python.TupleSize(item); m > 0 && item.Unshared() {
				var err error
				if b, limit, err = p.putTuple(b, limit, item, m); err != nil {
					return b, limit, p.atIndex(err, o, i)
				}
				continue
			} else if slot, memoized := p.memo.get(item); memoized && m > 0 {
				b = wire.PutGet(wire.Reserve(b), uint32(slot))
				continue
			}
		}
		p.w.Give(b)
		err := p.save(item)
		if b, limit = p.w.Take(); err != nil {
			return b, limit, p.atIndex(err, o, i)
		}
	}
	p.depth--
	if pythonCalls != p.pythonCalls {
		// Python code has run: meanwhile o may have been referred to, and saved, elsewhere.
		p.w.Give(b)
		err := p.endSharedTuple(o, n)
		b, limit = p.w.Take()
		return b, limit, err
	}
	b = wire.PutOp(wire.PutOp(wire.Reserve(b), tupleOp(n)), wire.OpMemoize)
	p.memo.deferPut(o)
	return b, limit, nil
}

// saveSharedTuple writes a tuple that can come again, even within itself.
func (p *Pickler) saveSharedTuple(o python.Object, n int) error {
	if slot, ok := p.memo.get(o); ok {
		return p.get(slot)
	}
	if slices.Contains(p.open, o.Addr()) {
		// It contains itself: what is in it is walked twice, and the tuples around
		// this place may be in the memo when their first walk ends.
		p.beforePython()
		deferMemo := p.deferMemo
		p.deferMemo = false
		defer func() { p.deferMemo = deferMemo && p.fastPath }()
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
		p.w.Op(wire.OpMark)
	}
	for i := range n {
		if err := p.save(python.TupleItem(o, i)); err != nil {
			return p.atIndex(err, o, i)
		}
	}
	p.depth--
	return nil
}

// saveSetFast is saveSet where Pickler.fastPath is set, for a set that is not in the memo;
// unshared says whether the only reference to it is its container's.
func (p *Pickler) saveSetFast(o python.Object, unshared bool) error {
	if unshared {
		p.memo.deferPut(o)
	} else {
		p.memo.put(o)
	}
	p.w.Op2(wire.OpEmptySet, wire.OpMemoize)
	size := python.SetSize(o)
	if size == 0 {
		return nil
	}
	it, _ := python.IterSet(o)
	for {
		p.w.Op(wire.OpMark)
		n, err := p.saveSetItems(o, &it, wire.BatchSize)
		if err != nil {
			return err
		}
		p.w.Op(wire.OpAddItems)
		if python.SetSize(o) != size {
			return errSetChanged()
		}
		if n < wire.BatchSize {
			return nil
		}
	}
}

// saveFrozenSetFast is saveFrozenSet as saveSetFast is saveSet.
func (p *Pickler) saveFrozenSetFast(o python.Object, unshared bool) error {
	pythonCalls := p.pythonCalls
	p.w.Op(wire.OpMark)
	it, _ := python.IterSet(o)
	if _, err := p.saveSetItems(o, &it, math.MaxInt); err != nil {
		return err
	}
	if unshared && p.pythonCalls == pythonCalls {
		p.memo.deferPut(o)
		p.w.Op2(wire.OpFrozenSet, wire.OpMemoize)
		return nil
	}
	return p.endFrozenSet(o)
}

// saveSetItems writes the next items of the set o, most of them at most.
func (p *Pickler) saveSetItems(o python.Object, it *python.SetIter, most int) (n int, err error) {
	b, limit := p.w.Take()
	for n < most {
		var item python.Object
		if item, err = it.Next(); err != nil || item.IsNil() {
			break
		}
		n++
		if len(b) < limit {
			var ok bool
			if b, ok = p.putAtom(wire.Reserve(b), item); ok {
				continue
			}
		}
		p.w.Give(b)
		if err := p.save(item); err != nil {
			return n, p.at(err, placeElement, o)
		}
		b, limit = p.w.Take()
	}
	p.w.Give(b)
	return n, err
}
