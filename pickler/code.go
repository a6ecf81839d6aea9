package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveCode writes a code object as a call of types.CodeType.
//
// cloudpickle copies the tuples of names, since a code object that was loaded
// has its own where a compiled one shares them, and the name, which is interned
// in the one and not in the other.
func (p *Pickler) saveCode(o python.Object) error {
	if !p.hooks.virtual() {
		return p.saveByTable(o)
	}
	if err := p.save(python.CodeType); err != nil {
		return err
	}
	if p.quick {
		if r := codeRecipe(o); r != nil && p.follow(r) {
			return p.reduceAndMemoize(o)
		}
	}
	var c python.CodeFields
	if err := python.ReadCode(o, &c); err != nil {
		return err
	}
	defer c.Release()
	n := 18
	if c.Qualname.IsNil() { // 3.10
		n = 16
	}
	if err := p.openTuple(n); err != nil {
		return err
	}
	if err := p.saveCodeArguments(&c); err != nil {
		return err
	}
	if err := p.endTuple(n); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}

// saveCodeArguments writes the arguments of types.CodeType, in order.
func (p *Pickler) saveCodeArguments(c *python.CodeFields) error {
	for _, n := range [...]int{
		c.Argcount, c.Posonlyargcount, c.Kwonlyargcount, c.Nlocals, c.Stacksize, c.Flags,
	} {
		if err := p.saveCount(n); err != nil {
			return err
		}
	}
	for _, o := range [...]python.Object{c.Code, c.Consts} {
		if err := p.save(o); err != nil {
			return err
		}
	}
	if err := p.saveTupleCopy(c.Names); err != nil {
		return err
	}
	if err := p.saveLocals(c, python.LocalPlain); err != nil {
		return err
	}
	if err := p.save(c.Filename); err != nil {
		return err
	}
	if err := p.saveFreshStr(c.Name); err != nil {
		return err
	}
	if !c.Qualname.IsNil() {
		if err := p.save(c.Qualname); err != nil {
			return err
		}
	}
	if err := p.saveCount(c.Firstlineno); err != nil {
		return err
	}
	if err := p.save(c.Linetable); err != nil {
		return err
	}
	if !c.ExceptionTable.IsNil() {
		if err := p.save(c.ExceptionTable); err != nil {
			return err
		}
	}
	if err := p.saveLocals(c, python.LocalFree); err != nil {
		return err
	}
	return p.saveLocals(c, python.LocalCell)
}

func (p *Pickler) saveCount(n int) error {
	if err := p.w.Boundary(); err != nil {
		return err
	}
	p.w.Int(int64(n))
	return nil
}

// saveTupleCopy writes another tuple with the items of t, which the caller holds.
func (p *Pickler) saveTupleCopy(t python.Object) error {
	n := python.TupleSize(t)
	if err := p.openTuple(n); err != nil {
		return err
	}
	for i := range n {
		if err := p.save(python.TupleItem(t, i)); err != nil {
			return err
		}
	}
	return p.endTuple(n)
}

// saveLocals writes the tuple of the names of one kind of local variable.
func (p *Pickler) saveLocals(c *python.CodeFields, kind byte) error {
	if t := c.LocalsTuple(kind); !t.IsNil() {
		return p.saveTupleCopy(t)
	}
	n := c.CountLocals(kind)
	if err := p.openTuple(n); err != nil {
		return err
	}
	for i := 0; ; i++ {
		var name python.Object
		if name, i = c.NextLocal(kind, i); name.IsNil() {
			return p.endTuple(n)
		}
		if err := p.save(name); err != nil {
			return err
		}
	}
}

// saveCell writes a cell: with its content, or empty.
func (p *Pickler) saveCell(o python.Object) error {
	content := python.CellContents(o)
	if content.IsNil() {
		return p.saveKnownCall(o, &p.ns.makeEmptyCell, python.Nil)
	}
	defer content.DecRef()
	return p.saveKnownCall(o, &p.ns.makeCell, content)
}

// cellsAreOurs reports whether the dispatch table still has cloudpickle's
// reducer for cells, so that the empty cells of a function can be written
// without being made.
func (p *Pickler) cellsAreOurs() bool {
	found, err := p.lookup(python.CellType)
	if err != nil {
		python.ClearError()
		return false
	}
	defer found.XDecRef()
	native, ok := p.ns.native[python.CellType.Addr()]
	return ok && native.entry == found
}
