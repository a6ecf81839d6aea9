package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Objects that cloudpickle makes only to pickle them exist here as opcodes: what
// follows writes what the C pickler would for them, memo slots included.

// openTuple starts a tuple of n items.
func (p *Pickler) openTuple(n int) error {
	if err := p.w.Boundary(); err != nil {
		return err
	}
	if n > 3 || n > 0 && p.proto < 2 {
		p.w.Op(wire.OpMark)
	}
	return nil
}

// saveInTuple writes some of the items of a tuple, of which the first is number i.
func (p *Pickler) saveInTuple(i int, items ...python.Object) error {
	for j, item := range items {
		if err := p.save(item); err != nil {
			return p.atIndex(err, python.Nil, i+j)
		}
	}
	return nil
}

// endTuple ends what openTuple started.
func (p *Pickler) endTuple(n int) error {
	if n == 0 {
		p.w.EmptyTuple()
		return nil
	}
	p.closeTuple(n)
	return p.memoizeTemporary()
}

// saveEmptyTuple writes ().
func (p *Pickler) saveEmptyTuple() error {
	if err := p.openTuple(0); err != nil {
		return err
	}
	return p.endTuple(0)
}

// virtualDict writes a dict of a known number of items: each is a key, a value
// and item().
type virtualDict struct {
	p    *Pickler
	size int
	done int
}

// openDict starts a dict of n items. It is returned by value: nothing is
// allocated for it.
func (p *Pickler) openDict(n int) (virtualDict, error) {
	if err := p.w.Boundary(); err != nil {
		return virtualDict{}, err
	}
	p.w.EmptyDict()
	if err := p.memoizeTemporary(); err != nil {
		return virtualDict{}, err
	}
	if n > 1 && p.proto > 0 {
		p.w.Op(wire.OpMark)
	}
	return virtualDict{p: p, size: n}, nil
}

// item ends an item, and a batch of them where one is full.
func (d *virtualDict) item() {
	d.done++
	switch {
	case d.size == 1 || d.p.proto == 0:
		d.p.w.Op(wire.OpSetItem)
	case d.done%wire.BatchSize == 0:
		// batch_dict_exact starts another batch after a full one, even where no
		// item is left for it.
		d.p.w.Op2(wire.OpSetItems, wire.OpMark)
	}
}

// close ends the dict.
func (d *virtualDict) close() {
	if d.size > 1 && d.p.proto > 0 {
		d.p.w.Op(wire.OpSetItems)
	}
}

// saveDictOrEmpty writes a dict, or the empty one that would have been made.
func (p *Pickler) saveDictOrEmpty(o python.Object) error {
	if !o.IsNil() {
		return p.save(o)
	}
	d, err := p.openDict(0)
	d.close()
	return err
}

// saveFreshNamesDict writes {"".join(k): v for k, v in d.items()}; d may be Nil.
func (p *Pickler) saveFreshNamesDict(o python.Object) error {
	if o.IsNil() || python.DictSize(o) == 0 {
		return p.saveDictOrEmpty(python.Nil)
	}
	start := len(p.scratch)
	defer p.releaseScratch(start)
	p.holdItems(o)
	return p.saveHeldPairs(start, len(p.scratch), p.saveFreshStr)
}

// holdItems holds the keys and values of a dict, by turns.
func (p *Pickler) holdItems(d python.Object) {
	it := python.IterDict(d)
	for {
		key, value, ok := it.Next()
		if !ok {
			return
		}
		p.hold(key)
		p.hold(value)
	}
}

// saveHeldDict writes a dict of scratch[start:end], pairs of key and value.
func (p *Pickler) saveHeldDict(start, end int) error { return p.saveHeldPairs(start, end, p.save) }

func (p *Pickler) saveHeldPairs(start, end int, saveKey func(python.Object) error) error {
	d, err := p.openDict((end - start) / 2)
	if err != nil {
		return err
	}
	for i := start; i < end; i += 2 {
		if err := saveKey(p.scratch[i]); err != nil {
			return p.at(err, placeKey, python.Nil)
		}
		if err := p.save(p.scratch[i+1]); err != nil {
			return p.atValue(err, python.Nil, p.scratch[i])
		}
		d.item()
	}
	d.close()
	return nil
}

// saveHeldList writes a list of scratch[start:end].
func (p *Pickler) saveHeldList(start, end int) error {
	if err := p.w.Boundary(); err != nil {
		return err
	}
	p.w.EmptyList()
	if err := p.memoizeTemporary(); err != nil {
		return err
	}
	n := end - start
	many := n > 1 && p.proto > 0
	for i := range n {
		if many && i%wire.BatchSize == 0 {
			p.w.Op(wire.OpMark)
		}
		if err := p.save(p.scratch[start+i]); err != nil {
			return p.note(err, placeOf{place: placeListIndex, index: i})
		}
		switch {
		case !many:
			p.w.Op(wire.OpAppend)
		case i == n-1 || i%wire.BatchSize == wire.BatchSize-1:
			p.w.Op(wire.OpAppends)
		}
	}
	return nil
}
