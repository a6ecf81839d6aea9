package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Containers are read item by item, as they are when their turn comes: saving an
// item can run Python code that changes the container. Sizes and items are read
// again at each step, and an item that is needed after such code has a
// reference. The caller of each function here holds the container itself.

func (p *Pickler) saveTuple(o python.Object) error {
	n := python.TupleSize(o)
	if n == 0 {
		p.w.EmptyTuple()
		return nil
	}
	short := n <= 3 && p.proto >= 2
	if !short {
		p.w.Op(pickle.OpMark)
	}
	for i := range n {
		if err := p.save(python.TupleItem(o, i)); err != nil {
			return err
		}
	}
	// A tuple that saving its items has put in the memo contains itself: what
	// was pushed goes, and the memo has it.
	if slot, ok := p.memo.get(o); ok {
		p.popTuple(n, short)
		return p.get(slot)
	}
	p.closeTuple(n)
	return p.memoize(o)
}

// closeTuple makes a tuple of the n > 0 items pushed, after a MARK if there
// are more than three or the protocol is old.
func (p *Pickler) closeTuple(n int) {
	if p.proto < 2 {
		p.w.Op(pickle.OpTuple)
		return
	}
	p.w.Op(tupleOp(n))
}

// tupleOp is the opcode that makes a tuple of n > 0 items, from protocol 2 on.
func tupleOp(n int) pickle.Opcode {
	switch n {
	case 1:
		return pickle.OpTuple1
	case 2:
		return pickle.OpTuple2
	case 3:
		return pickle.OpTuple3
	}
	return pickle.OpTuple
}

func (p *Pickler) popTuple(n int, short bool) {
	if !short && p.proto > 0 {
		p.w.Op(pickle.OpPopMark)
		return
	}
	if !short {
		n++ // the MARK
	}
	for range n {
		p.w.Op(pickle.OpPop)
	}
}

func (p *Pickler) saveList(o python.Object) error {
	if err := p.fastEnter(o); err != nil {
		return err
	}
	p.w.EmptyList()
	if err := p.memoize(o); err != nil {
		return err
	}
	n := python.ListSize(o)
	var err error
	switch {
	case n == 0:
	case p.proto == 0:
		err = p.appendIterable(o)
	default:
		err = p.saveListItems(o, n)
	}
	p.fastLeave(o)
	return err
}

// saveListItems writes the n > 0 items of a list, from protocol 1 on.
func (p *Pickler) saveListItems(o python.Object, n int) error {
	if n == 1 {
		if err := p.save(python.ListItem(o, 0)); err != nil {
			return err
		}
		p.w.Op(pickle.OpAppend)
		return nil
	}
	for i := 0; ; {
		p.w.Op(pickle.OpMark)
		for end := i + pickle.BatchSize; i < min(end, python.ListSize(o)); i++ {
			if p.quick {
				if i = p.saveAtoms(o, i, min(end, python.ListSize(o))); i == min(end, python.ListSize(o)) {
					break
				}
			}
			if err := p.save(python.ListItem(o, i)); err != nil {
				return err
			}
		}
		p.w.Op(pickle.OpAppends)
		if i >= python.ListSize(o) {
			return nil
		}
	}
}

// appendIterable writes the items of an iterable onto the list pushed before.
func (p *Pickler) appendIterable(o python.Object) error {
	it := python.Iter(o)
	if it.IsNil() {
		return python.ErrPython
	}
	err := p.appendItems(it)
	it.DecRef()
	return err
}

// appendItems writes an iterator's items onto the list-like object pushed
// before: batch_list.
func (p *Pickler) appendItems(it python.Object) error {
	return p.batchItems(it, pickle.OpAppend, pickle.OpAppends, p.save)
}

// setItems writes an iterator's pairs into the dict-like object pushed before:
// batch_dict.
func (p *Pickler) setItems(it python.Object) error {
	return p.batchItems(it, pickle.OpSetItem, pickle.OpSetItems, func(pair python.Object) error {
		if !python.IsTuple(pair) || python.TupleSize(pair) != 2 {
			return python.Raise(python.TypeError, "dict items iterator must return 2-tuples")
		}
		if err := p.save(python.TupleItem(pair, 0)); err != nil {
			return err
		}
		return p.save(python.TupleItem(pair, 1))
	})
}

// batchItems writes MARK, items, many in batches; a batch of one item is the
// item and the opcode one. To know that, it looks one item ahead.
func (p *Pickler) batchItems(it python.Object, one, many pickle.Opcode, save func(python.Object) error) error {
	saveOwned := func(o python.Object) error {
		err := save(o)
		o.DecRef()
		return err
	}
	for {
		first, err := python.Next(it)
		if first.IsNil() || err != nil {
			return err
		}
		if p.proto == 0 {
			if err := saveOwned(first); err != nil {
				return err
			}
			p.w.Op(one)
			continue
		}
		next, err := python.Next(it)
		if err != nil {
			first.DecRef()
			return err
		}
		if next.IsNil() {
			if err := saveOwned(first); err != nil {
				return err
			}
			p.w.Op(one)
			return nil
		}
		p.w.Op(pickle.OpMark)
		if err := saveOwned(first); err != nil {
			next.DecRef()
			return err
		}
		n := 1
		for !next.IsNil() {
			if err := saveOwned(next); err != nil {
				return err
			}
			if n++; n == pickle.BatchSize {
				break
			}
			if next, err = python.Next(it); err != nil {
				return err
			}
		}
		p.w.Op(many)
		if n < pickle.BatchSize {
			return nil
		}
	}
}

func (p *Pickler) saveDict(o python.Object) error {
	if err := p.fastEnter(o); err != nil {
		return err
	}
	p.w.EmptyDict()
	if err := p.memoize(o); err != nil {
		return err
	}
	n := python.DictSize(o)
	var err error
	switch {
	case n == 0:
	case p.proto == 0:
		var items python.Object
		if items = python.CallMethod0(o, interned.items); items.IsNil() {
			return python.ErrPython
		}
		it := python.Iter(items)
		items.DecRef()
		if it.IsNil() {
			return python.ErrPython
		}
		err = p.setItems(it)
		it.DecRef()
	default:
		err = p.saveDictItems(o, n)
	}
	p.fastLeave(o)
	return err
}

// saveDictItems writes the size > 0 items of a dict, from protocol 1 on.
func (p *Pickler) saveDictItems(o python.Object, size int) error {
	it := python.IterDict(o)
	if size == 1 {
		key, value, ok := it.Next()
		if !ok {
			return nil
		}
		if err := p.savePair(key, value); err != nil {
			return err
		}
		p.w.Op(pickle.OpSetItem)
		return nil
	}
	p.w.Op(pickle.OpMark)
	return p.saveDictBatches(o, it, size, 0)
}

// saveDictBatches writes the items that a walk over o has yet to give, in a batch
// that has n items already and in further ones.
func (p *Pickler) saveDictBatches(o python.Object, it python.DictIter, size, n int) error {
	for {
		for n < pickle.BatchSize {
			key, value, ok := it.Next()
			if !ok {
				break
			}
			if err := p.savePair(key, value); err != nil {
				return err
			}
			n++
		}
		if err := p.endDictBatch(o, size); err != nil || n < pickle.BatchSize {
			return err
		}
		p.w.Op(pickle.OpMark)
		n = 0
	}
}

func (p *Pickler) endDictBatch(o python.Object, size int) error {
	p.w.Op(pickle.OpSetItems)
	if python.DictSize(o) != size {
		return python.Raise(python.RuntimeError, "dictionary changed size during iteration")
	}
	return nil
}

// savePair writes a key and its value. Saving a key can run Python code that
// drops the value, unless it is a short str in a frame with room.
func (p *Pickler) savePair(key, value python.Object) error {
	if p.quick && key.Type() == python.StrType && python.StrLength(key) < largeText && !p.w.Full() {
		if err := p.save(key); err != nil {
			return err
		}
		return p.save(value)
	}
	value.IncRef()
	defer value.DecRef()
	if err := p.save(key); err != nil {
		return err
	}
	return p.saveHeld(value)
}

func (p *Pickler) saveSet(o python.Object) error {
	if p.proto < 4 {
		return p.saveOldSet(o)
	}
	p.w.Op(pickle.OpEmptySet)
	if err := p.memoize(o); err != nil {
		return err
	}
	size := python.SetSize(o)
	if size == 0 {
		return nil
	}
	it, err := python.IterSet(o)
	if err != nil {
		return err
	}
	defer it.Close()
	for {
		p.w.Op(pickle.OpMark)
		n := 0
		for n < pickle.BatchSize {
			item, err := it.Next()
			if err != nil {
				return err
			}
			if item.IsNil() {
				break
			}
			if err := p.save(item); err != nil {
				return err
			}
			n++
		}
		p.w.Op(pickle.OpAddItems)
		if python.SetSize(o) != size {
			return python.Raise(python.RuntimeError, "set changed size during iteration")
		}
		if n < pickle.BatchSize {
			return nil
		}
	}
}

func (p *Pickler) saveFrozenSet(o python.Object) error {
	if p.proto < 4 {
		return p.saveOldSet(o)
	}
	if err := p.fastEnter(o); err != nil {
		return err
	}
	p.w.Op(pickle.OpMark)
	it, err := python.IterSet(o)
	if err != nil {
		return err
	}
	defer it.Close()
	for {
		item, err := it.Next()
		if err != nil {
			return err
		}
		if item.IsNil() {
			break
		}
		if err := p.save(item); err != nil {
			return err
		}
	}
	if slot, ok := p.memo.get(o); ok {
		p.w.Op(pickle.OpPopMark)
		return p.get(slot)
	}
	p.w.Op(pickle.OpFrozenSet)
	return p.memoize(o)
}

// saveOldSet writes set(list) or frozenset(list), below protocol 4.
func (p *Pickler) saveOldSet(o python.Object) error {
	items := python.NewList(o)
	if items.IsNil() {
		return python.ErrPython
	}
	defer items.DecRef()
	return p.saveReduction(o, o.Type(), items)
}

// fastNesting is the depth from which Pickler.fast, which has no memo, looks for
// containers that contain themselves (FAST_NESTING_LIMIT).
const fastNesting = 50

func (p *Pickler) fastEnter(o python.Object) error {
	if !p.fastMode {
		return nil
	}
	if p.fastDepth++; p.fastDepth < fastNesting {
		return nil
	}
	if _, seen := p.fastSeen[o.Addr()]; seen {
		return python.Raise(python.ValueError, "fast mode: can't pickle cyclic objects including object type %s at 0x%x",
			typeName(o.Type()), o.Addr())
	}
	if p.fastSeen == nil {
		p.fastSeen = map[uintptr]struct{}{}
	}
	p.fastSeen[o.Addr()] = struct{}{}
	return nil
}

func (p *Pickler) fastLeave(o python.Object) {
	if !p.fastMode {
		return
	}
	if p.fastDepth >= fastNesting {
		delete(p.fastSeen, o.Addr())
	}
	p.fastDepth--
}
