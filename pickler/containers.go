package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
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
		p.w.Op(wire.OpMark)
	}
	for i := range n {
		if err := p.save(python.TupleItem(o, i)); err != nil {
			return p.atIndex(err, o, i)
		}
	}
	// A tuple that is in the memo after its items were saved contains itself: what
	// was pushed is popped, and the tuple is read from the memo.
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
		p.w.Op(wire.OpTuple)
		return
	}
	p.w.Op(tupleOp(n))
}

// tupleOp is the opcode that makes a tuple of n > 0 items, from protocol 2 on.
func tupleOp(n int) wire.Opcode {
	switch n {
	case 1:
		return wire.OpTuple1
	case 2:
		return wire.OpTuple2
	case 3:
		return wire.OpTuple3
	}
	return wire.OpTuple
}

func (p *Pickler) popTuple(n int, short bool) {
	if !short && p.proto > 0 {
		p.w.Op(wire.OpPopMark)
		return
	}
	if !short {
		n++ // the MARK
	}
	for range n {
		p.w.Op(wire.OpPop)
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
			return p.atIndex(err, o, 0)
		}
		p.w.Op(wire.OpAppend)
		return nil
	}
	for i := 0; ; {
		p.w.Op(wire.OpMark)
		for end := i + wire.BatchSize; i < min(end, python.ListSize(o)); i++ {
			if p.fastPath && !isFreshContainer(python.ListItem(o, i)) {
				if i = p.saveAtoms(o, i, min(end, python.ListSize(o))); i == min(end, python.ListSize(o)) {
					break
				}
			}
			if err := p.save(python.ListItem(o, i)); err != nil {
				return p.atIndex(err, o, i)
			}
		}
		p.w.Op(wire.OpAppends)
		if i >= python.ListSize(o) {
			return nil
		}
	}
}

// isFreshContainer reports whether the only reference to a dict, list or tuple is that of what
// it is in: saveAtoms leaves such an object to save.
func isFreshContainer(o python.Object) bool {
	switch o.Type() {
	case python.DictType, python.ListType, python.TupleType:
		return o.Unshared()
	}
	return false
}

// appendIterable writes the items of an iterable onto the list pushed before.
func (p *Pickler) appendIterable(o python.Object) error {
	it := python.Iter(o)
	if it.IsNil() {
		return python.ErrPython
	}
	err := p.appendItems(o, it)
	it.DecRef()
	return err
}

// appendItems writes an iterator's items onto o, the list-like object pushed
// before: batch_list.
func (p *Pickler) appendItems(o, it python.Object) error {
	if p.proto > 0 && iteratesInC(it) {
		return p.appendRuns(o, it)
	}
	i := 0
	return p.batchItems(it, wire.OpAppend, wire.OpAppends, func(item python.Object) error {
		if err := p.save(item); err != nil {
			return p.atIndex(err, o, i)
		}
		i++
		return nil
	})
}

// setItems writes an iterator's pairs into o, the dict-like object pushed before:
// batch_dict.
func (p *Pickler) setItems(o, it python.Object) error {
	return p.batchItems(it, wire.OpSetItem, wire.OpSetItems, func(pair python.Object) error {
		if !python.IsTuple(pair) || python.TupleSize(pair) != 2 {
			return python.Raise(python.TypeError, "dict items iterator must return 2-tuples")
		}
		if err := p.save(python.TupleItem(pair, 0)); err != nil {
			return p.at(err, placeKey, o)
		}
		if err := p.save(python.TupleItem(pair, 1)); err != nil {
			return p.atValue(err, o, python.TupleItem(pair, 0))
		}
		return nil
	})
}

// batchItems writes MARK, up to a batch of items, and the opcode many; a batch of one
// item is that item and the opcode one. To tell them apart, it reads one item ahead.
func (p *Pickler) batchItems(it python.Object, one, many wire.Opcode, save func(python.Object) error) error {
	saveOwned := func(o python.Object) error {
		err := save(o)
		o.DecRef()
		return err
	}
	for {
		p.giveBackDropped()
		if p.proto == 0 {
			item, err := python.Next(it)
			if item.IsNil() || err != nil {
				return err
			}
			if err := saveOwned(item); err != nil {
				return err
			}
			p.w.Op(one)
			continue
		}
		first, next, err := python.NextTwo(it)
		if first.IsNil() || err != nil {
			return err
		}
		if next.IsNil() {
			if err := saveOwned(first); err != nil {
				return err
			}
			p.w.Op(one)
			return nil
		}
		p.w.Op(wire.OpMark)
		if err := saveOwned(first); err != nil {
			next.DecRef()
			return err
		}
		n := 1
		for !next.IsNil() {
			if err := saveOwned(next); err != nil {
				return err
			}
			if n++; n == wire.BatchSize {
				break
			}
			p.giveBackDropped()
			if next, err = python.Next(it); err != nil {
				return err
			}
		}
		p.w.Op(many)
		if n < wire.BatchSize {
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
		err = p.setItems(o, it)
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
		if err := p.savePair(o, key, value); err != nil {
			return err
		}
		p.w.Op(wire.OpSetItem)
		return nil
	}
	p.w.Op(wire.OpMark)
	return p.saveDictBatches(o, it, size, 0)
}

// saveDictBatches writes the items that a walk over o has yet to give, in a batch
// that has n items already and in further ones.
func (p *Pickler) saveDictBatches(o python.Object, it python.DictIter, size, n int) error {
	for {
		for n < wire.BatchSize {
			key, value, ok := it.Next()
			if !ok {
				break
			}
			if err := p.savePair(o, key, value); err != nil {
				return err
			}
			n++
		}
		if err := p.endDictBatch(o, size); err != nil || n < wire.BatchSize {
			return err
		}
		p.w.Op(wire.OpMark)
		n = 0
	}
}

func (p *Pickler) endDictBatch(o python.Object, size int) error {
	p.w.Op(wire.OpSetItems)
	if python.DictSize(o) != size {
		return python.Raise(python.RuntimeError, "dictionary changed size during iteration")
	}
	return nil
}

// savePair writes a key of the dict o and its value. Saving a key can run Python code that
// drops the value, unless it is a short str in a frame that is not full.
func (p *Pickler) savePair(o, key, value python.Object) error {
	if p.fastPath && key.Type() == python.StrType && python.StrLength(key) < largeText && !p.w.Full() {
		if err := p.save(key); err != nil {
			return p.at(err, placeKey, o)
		}
		if err := p.save(value); err != nil {
			return p.atItem(err, o, key)
		}
		return nil
	}
	value.IncRef()
	defer value.DecRef()
	if err := p.save(key); err != nil {
		return p.at(err, placeKey, o)
	}
	if err := p.saveHeld(value); err != nil {
		return p.atItem(err, o, key)
	}
	return nil
}

func (p *Pickler) saveSet(o python.Object) error {
	if p.proto < 4 {
		return p.saveOldSet(o)
	}
	p.w.Op(wire.OpEmptySet)
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
		p.w.Op(wire.OpMark)
		n := 0
		for n < wire.BatchSize {
			item, err := it.Next()
			if err != nil && python.SetSize(o) != size {
				// The portable path's iterator says so first, in words of its own.
				python.ClearError()
				return errSetChanged()
			}
			if err != nil {
				return err
			}
			if item.IsNil() {
				break
			}
			if err := p.save(item); err != nil {
				return p.at(err, placeElement, o)
			}
			n++
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

func errSetChanged() error {
	return python.Raise(python.RuntimeError, "set changed size during iteration")
}

func (p *Pickler) saveFrozenSet(o python.Object) error {
	if p.proto < 4 {
		return p.saveOldSet(o)
	}
	if err := p.fastEnter(o); err != nil {
		return err
	}
	p.w.Op(wire.OpMark)
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
			return p.at(err, placeElement, o)
		}
	}
	return p.endFrozenSet(o)
}

// endFrozenSet makes the frozenset of the items pushed, unless they contain it.
func (p *Pickler) endFrozenSet(o python.Object) error {
	if slot, ok := p.memo.get(o); ok {
		p.w.Op(wire.OpPopMark)
		return p.get(slot)
	}
	p.w.Op(wire.OpFrozenSet)
	return p.memoize(o)
}

// saveOldSet writes set(list) or frozenset(list), below protocol 4.
func (p *Pickler) saveOldSet(o python.Object) error {
	items := python.NewList(o)
	if items.IsNil() {
		return python.ErrPython
	}
	defer items.DecRef()
	return p.writeReduction(o, o.Type(), items)
}

// fastNesting is the depth from which a dump with Pickler.fast, which has no memo, looks for
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
