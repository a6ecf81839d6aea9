package encode

// Encoding of lists, tuples, dicts and sets, in the batches CPython writes.

import (
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

func (e *encoder) list(items []any, id identity) error {
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	e.w.EmptyList()
	if err := e.memoize(id); err != nil {
		return err
	}
	return e.items(len(items), func(i int) error { return e.save(items[i]) })
}

// items writes what goes into the list on the stack: batch_list_exact of _pickle.c.
func (e *encoder) items(n int, item func(i int) error) error {
	if n == 0 {
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	if e.cfg.Proto == 0 || n == 1 {
		for i := range n {
			if err := item(i); err != nil {
				return gotype.At(i, err)
			}
			e.w.Op(wire.OpAppend)
		}
		e.depth--
		return nil
	}
	for i := 0; i < n; {
		e.w.Op(wire.OpMark)
		for end := min(n, i+wire.BatchSize); i < end; i++ {
			if err := item(i); err != nil {
				return gotype.At(i, err)
			}
		}
		e.w.Op(wire.OpAppends)
	}
	e.depth--
	return nil
}

// pairs writes what goes into the dict on the stack: batch_dict_exact of
// _pickle.c, which writes one more, empty batch after a last full one.
func (e *encoder) pairs(n int, pair func(i int) error) error {
	if n == 0 {
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	if e.cfg.Proto == 0 || n == 1 {
		for i := range n {
			if err := pair(i); err != nil {
				return err
			}
			e.w.Op(wire.OpSetItem)
		}
		e.depth--
		return nil
	}
	for i, full := 0, true; full; {
		e.w.Op(wire.OpMark)
		end := min(n, i+wire.BatchSize)
		full = end-i == wire.BatchSize
		for ; i < end; i++ {
			if err := pair(i); err != nil {
				return err
			}
		}
		e.w.Op(wire.OpSetItems)
	}
	e.depth--
	return nil
}

func (e *encoder) dict(d *value.Dict) error {
	id := pointerID(unsafe.Pointer(d), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	e.w.EmptyDict()
	if err := e.memoize(id); err != nil {
		return err
	}
	entries := value.EntriesIn(d)
	return e.pairs(len(entries), func(i int) error {
		if err := e.save(entries[i].Key); err != nil {
			return gotype.At(entries[i].Key, err)
		}
		if err := e.save(entries[i].Value); err != nil {
			return gotype.At(entries[i].Key, err)
		}
		return nil
	})
}

// tuple writes a tuple. It may turn out to be written already once its items
// are, when one of them refers back to it.
func (e *encoder) tuple(t value.Tuple) error {
	if len(t) == 0 {
		e.w.EmptyTuple()
		return nil
	}
	id := tupleID(t)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	if err := e.enter(); err != nil {
		return err
	}
	short := len(t) <= 3 && e.cfg.Proto >= 2
	if !short {
		e.w.Op(wire.OpMark)
	}
	for i, x := range t {
		if err := e.save(x); err != nil {
			return gotype.At(i, err)
		}
	}
	if slot, ok := e.memo.get(id); ok {
		switch {
		case short:
			for range t {
				e.w.Op(wire.OpPop)
			}
		case e.cfg.Proto > 0:
			e.w.Op(wire.OpPopMark)
		default:
			for range len(t) + 1 {
				e.w.Op(wire.OpPop)
			}
		}
		e.depth--
		return e.get(slot)
	}
	if short {
		e.w.Op(wire.OpTuple1 + wire.Opcode(len(t)-1))
	} else {
		e.w.Op(wire.OpTuple)
	}
	e.depth--
	return e.memoize(id)
}

func (e *encoder) set(s *value.Set) error {
	if s == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	id := pointerID(unsafe.Pointer(s), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	if e.cfg.Proto < 4 {
		return e.setCall("set", s.Items(), id)
	}
	e.w.Op(wire.OpEmptySet)
	if err := e.memoize(id); err != nil {
		return err
	}
	entries := value.EntriesIn(value.DictOf(s))
	return e.setItems(len(entries), func(i int) error { return e.save(entries[i].Key) })
}

// setItems writes what goes into the set on the stack, with an empty batch
// after a last full one as for dicts.
func (e *encoder) setItems(n int, item func(i int) error) error {
	if n == 0 {
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	for i, full := 0, true; full; {
		e.w.Op(wire.OpMark)
		end := min(n, i+wire.BatchSize)
		full = end-i == wire.BatchSize
		for ; i < end; i++ {
			if err := item(i); err != nil {
				return gotype.At(i, err)
			}
		}
		e.w.Op(wire.OpAddItems)
	}
	e.depth--
	return nil
}

// setCall writes a set as a call with a list of its items, as before protocol 4.
func (e *encoder) setCall(name string, items []any, id identity) error {
	if err := e.call(value.Global{Module: "builtins", Name: name}, value.Tuple{e.hold(&value.List{Items: items})}); err != nil {
		return err
	}
	if slot, ok := e.memo.get(id); ok {
		e.w.Op(wire.OpPop)
		return e.get(slot)
	}
	return e.memoize(id)
}

func (e *encoder) frozenSet(s *value.FrozenSet) error {
	if s == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	id := pointerID(unsafe.Pointer(s), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	if e.cfg.Proto < 4 {
		return e.setCall("frozenset", s.Items(), id)
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.w.Op(wire.OpMark)
	for i, entry := range value.EntriesIn(value.DictOfFrozen(s)) {
		if err := e.save(entry.Key); err != nil {
			return gotype.At(i, err)
		}
	}
	if slot, ok := e.memo.get(id); ok {
		e.w.Op(wire.OpPopMark)
		e.depth--
		return e.get(slot)
	}
	e.w.Op(wire.OpFrozenSet)
	e.depth--
	return e.memoize(id)
}
