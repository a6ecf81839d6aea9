package pickler

import (
	"slices"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// iteratesInC reports whether an iterator is one of the interpreter's own, which runs no
// Python code before its end.
func iteratesInC(it python.Object) bool {
	t := it.Type()
	return t == stdlib.dequeIterator || t == stdlib.listIterator
}

// isOwnIterator reports whether an iterator is one of the interpreter's types: it has a __next__.
func isOwnIterator(it python.Object) bool {
	return iteratesInC(it) || slices.Contains(stdlib.itemIterators[:], it.Type())
}

// appendRuns is appendItems for such an iterator, from protocol 1 on. The C pickler reads two
// items at the beginning of a batch, and then one after the other, each when the one before it
// is saved. Saving atoms runs no Python code, so that nobody sees that more of them are
// read in one crossing.
func (p *Pickler) appendRuns(o, it python.Object) error {
	var room [python.MostAhead]python.Object
	for i, ended := 0, false; !ended; {
		n, least := 0, 2
		for n < wire.BatchSize && !ended {
			most := least
			if p.fastPath && !p.toFile {
				most = max(least, wire.BatchSize-n)
			}
			p.giveBackDropped()
			var items []python.Object
			var err error
			if items, ended, err = python.NextAtoms(it, least, most, &room); err != nil {
				return err
			}
			if n == 0 && len(items) > 1 {
				p.w.Op(wire.OpMark)
			}
			if err := p.saveRun(o, items, i); err != nil {
				return err
			}
			if n == 0 && len(items) == 1 {
				p.w.Op(wire.OpAppend)
				return nil
			}
			n += len(items)
			i += len(items)
			least = 1
		}
		if n > 0 {
			p.w.Op(wire.OpAppends)
		}
	}
	return nil
}

// saveRun saves items, and consumes them. i is the number of the first in o.
func (p *Pickler) saveRun(o python.Object, items []python.Object, i int) (err error) {
	b, limit := p.w.Take()
	for k, item := range items {
		ok := false
		if p.fastPath && err == nil && len(b) < limit {
			b, ok = p.putAtom(wire.Reserve(b), item)
		}
		if !ok && err == nil {
			p.w.Give(b)
			if err = p.save(item); err != nil {
				err = p.atIndex(err, o, i+k)
			}
			b, limit = p.w.Take()
		}
		item.DecRef()
	}
	p.w.Give(b)
	return err
}
