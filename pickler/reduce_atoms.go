package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Most instances with a reduction of their own say (class, (atom, ...)): dates, numbers,
// records. From the second one on the class is in the memo, so that all of it is written
// without anything being asked, and in one piece.

// maxAtoms is how many arguments make a tuple without a MARK.
const maxAtoms = 3

// atomsRoom is more than the opcodes of such a reduction take.
const atomsRoom = (maxAtoms + 1) * wire.MaxShort

// saveAtomsReduction is saveReduceTuple for such a value, which the caller drops after it;
// done is false, and nothing written, for any other.
func (p *Pickler) saveAtomsReduction(o, value python.Object) (done bool, err error) {
	if !p.fastPath || !p.self.IsNil() || !value.Unshared() || python.TupleSize(value) != 2 || o.IsNil() {
		return false, nil
	}
	callable, args := python.TupleItem(value, 0), python.TupleItem(value, 1)
	if args.Type() != python.TupleType || !args.Unshared() || p.depth+1 >= p.depthLimit {
		return false, nil
	}
	n := python.TupleSize(args)
	if n == 0 || n > maxAtoms {
		return false, nil
	}
	for i := range n {
		if !isShortAtom(python.TupleItem(args, i)) {
			return false, nil
		}
	}
	slot, memoized := p.memo.get(callable)
	if !memoized || !p.isReconstructor(callable) {
		return false, nil
	}
	b, limit := p.w.Take()
	if len(b)+atomsRoom >= limit {
		return false, nil
	}
	b = wire.PutGet(wire.Reserve(b), uint32(slot))
	for i := range n {
		b, _ = p.putAtom(wire.Reserve(b), python.TupleItem(args, i))
	}
	// The tuple dies with the value: see saveArgs.
	p.memo.slots++
	b = wire.PutOp(wire.Reserve(b), tupleOp(n))
	b = wire.PutOp(b, wire.OpMemoize)
	p.w.Give(wire.PutOp(b, wire.OpReduce))
	_, err = p.memoizeMade(o)
	return true, err
}

// isShortAtom reports whether putAtom writes an object whether or not the memo has it.
func isShortAtom(o python.Object) bool {
	switch o.Type() {
	case python.IntType:
		_, ok := python.Int32(o)
		return ok
	case python.StrType:
		text, ok := python.ASCII(o)
		return ok && len(text) < 256
	case python.BytesType:
		return len(python.Bytes(o)) < 256
	case python.FloatType, python.NoneType, python.BoolType:
		return true
	}
	return false
}

// A reconstructor is a callable that save_reduce writes as itself: not one named __newobj__ or
// __newobj_ex__.
type reconstructor struct {
	callable python.Object
	name     python.Object // the __name__ it had then, Nil of a static type; borrowed, to compare
}

// isReconstructor reports whether a callable in the memo is a function or class that is one.
func (p *Pickler) isReconstructor(callable python.Object) bool {
	name, ok := python.NameObject(callable)
	if !ok {
		return false
	}
	if r := (reconstructor{callable, name}); p.reconstructor != r {
		if how, err := newobjName(callable); err != nil || !how.IsNil() || !python.IsCallable(callable) {
			return false
		}
		p.reconstructor = r
	}
	return true
}
