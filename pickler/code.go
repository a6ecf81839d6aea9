package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveCode writes a code object as a call of types.CodeType.
//
// cloudpickle copies the tuples of names, since a code object that was loaded
// has its own where a compiled one shares them, and the name, which is interned
// in the one and not in the other.
func (p *Pickler) saveCode(o python.Object) error {
	if !p.hooks.virtual() {
		return p.saveReduced(o, p.reduceCode)
	}
	if err := p.save(python.CodeType); err != nil {
		return p.ofReduced(err, placeReconstructor, o)
	}
	if p.fastPath {
		if r := codeTemplate(o); r != nil && p.follow(r) {
			return p.reduceAndMemoize(o)
		}
	}
	var c python.CodeFields
	if err := python.ReadCode(o, &c); err != nil {
		return err
	}
	defer c.Release()
	n := len(abi.CodeArguments(python.Minor()))
	if err := p.openTuple(n); err != nil {
		return p.ofReduced(err, placeArguments, o)
	}
	if err := p.saveCodeArguments(&c); err != nil {
		return p.ofReduced(err, placeArguments, o)
	}
	if err := p.endTuple(n); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}

// saveCodeArguments writes the arguments of types.CodeType, in order.
func (p *Pickler) saveCodeArguments(c *python.CodeFields) error {
	for i, argument := range abi.CodeArguments(python.Minor()) {
		if err := p.saveCodeArgument(c, argument); err != nil {
			return p.atIndex(err, python.Nil, i)
		}
	}
	return nil
}

func (p *Pickler) saveCodeArgument(c *python.CodeFields, argument abi.CodeArgument) error {
	switch argument {
	case abi.CodeNames:
		return p.saveTupleCopy(c.Names)
	case abi.CodeVarnames:
		return p.saveLocals(c, python.LocalVar)
	case abi.CodeFreevars:
		return p.saveLocals(c, python.LocalFree)
	case abi.CodeCellvars:
		return p.saveLocals(c, python.LocalCell)
	case abi.CodeName:
		return p.saveFreshStr(c.Name)
	}
	n, o := codeField(c, argument)
	if o.IsNil() {
		return p.saveCount(n)
	}
	return p.save(o)
}

// codeField is the field of a code object that an argument is: a number where the object
// is Nil.
func codeField(c *python.CodeFields, argument abi.CodeArgument) (n int, o python.Object) {
	switch argument {
	case abi.CodeArgcount:
		n = c.Argcount
	case abi.CodePosonlyargcount:
		n = c.Posonlyargcount
	case abi.CodeKwonlyargcount:
		n = c.Kwonlyargcount
	case abi.CodeNlocals:
		n = c.Nlocals
	case abi.CodeStacksize:
		n = c.Stacksize
	case abi.CodeFlags:
		n = c.Flags
	case abi.CodeFirstlineno:
		n = c.Firstlineno
	case abi.CodeCode:
		o = c.Code
	case abi.CodeConsts:
		o = c.Consts
	case abi.CodeFilename:
		o = c.Filename
	case abi.CodeQualname:
		o = c.Qualname
	case abi.CodeLinetable:
		o = c.Linetable
	case abi.CodeExceptiontable:
		o = c.ExceptionTable
	}
	return n, o
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
			return p.atIndex(err, python.Nil, i)
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
		return p.saveNamespaceCall(o, &p.ns.makeEmptyCell, python.Nil)
	}
	defer content.DecRef()
	return p.saveNamespaceCall(o, &p.ns.makeCell, content)
}

// cellsAreOurs reports whether the dispatch table still has cloudpickle's
// reducer for cells, so that the empty cells of a function can be written
// without being made.
func (p *Pickler) cellsAreOurs() (bool, error) {
	if err := p.refreshTables(); err != nil || p.tables.n == 0 {
		return false, err // a mapping of somebody's own must be asked for each cell, and no more
	}
	found, err := p.lookup(python.CellType)
	if err != nil {
		return false, err
	}
	defer found.XDecRef()
	native := p.ns.nativeFor(python.CellType)
	return native != nil && native.entry == found, nil
}
