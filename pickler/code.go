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
	var c python.CodeFields
	if err := python.ReadCode(o, &c); err != nil {
		return err
	}
	defer c.Release()
	if err := p.save(python.CodeType); err != nil {
		return err
	}
	args := codeArgs(python.Minor())
	if err := p.openTuple(len(args)); err != nil {
		return err
	}
	for _, arg := range args {
		if err := arg(p, &c); err != nil {
			return err
		}
	}
	if err := p.endTuple(len(args)); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}

type codeArg func(*Pickler, *python.CodeFields) error

func codeArgs(minor int) []codeArg {
	if minor < 11 {
		return codeArgs310
	}
	return codeArgs311
}

// The arguments of types.CodeType, in order.
var codeArgs310 = []codeArg{
	(*Pickler).saveArgcount, (*Pickler).savePosonlyargcount, (*Pickler).saveKwonlyargcount,
	(*Pickler).saveNlocals, (*Pickler).saveStacksize, (*Pickler).saveFlags,
	(*Pickler).saveCodeBytes, (*Pickler).saveConsts, (*Pickler).saveNames, (*Pickler).saveVarnames,
	(*Pickler).saveFilename, (*Pickler).saveCodeName,
	(*Pickler).saveFirstlineno, (*Pickler).saveLinetable,
	(*Pickler).saveFreevars, (*Pickler).saveCellvars,
}

var codeArgs311 = []codeArg{
	(*Pickler).saveArgcount, (*Pickler).savePosonlyargcount, (*Pickler).saveKwonlyargcount,
	(*Pickler).saveNlocals, (*Pickler).saveStacksize, (*Pickler).saveFlags,
	(*Pickler).saveCodeBytes, (*Pickler).saveConsts, (*Pickler).saveNames, (*Pickler).saveVarnames,
	(*Pickler).saveFilename, (*Pickler).saveCodeName, (*Pickler).saveCodeQualname,
	(*Pickler).saveFirstlineno, (*Pickler).saveLinetable, (*Pickler).saveExceptiontable,
	(*Pickler).saveFreevars, (*Pickler).saveCellvars,
}

func (p *Pickler) saveArgcount(c *python.CodeFields) error { return p.saveCount(c.Argcount) }
func (p *Pickler) savePosonlyargcount(c *python.CodeFields) error {
	return p.saveCount(c.Posonlyargcount)
}
func (p *Pickler) saveKwonlyargcount(c *python.CodeFields) error {
	return p.saveCount(c.Kwonlyargcount)
}
func (p *Pickler) saveNlocals(c *python.CodeFields) error        { return p.saveCount(c.Nlocals) }
func (p *Pickler) saveStacksize(c *python.CodeFields) error      { return p.saveCount(c.Stacksize) }
func (p *Pickler) saveFlags(c *python.CodeFields) error          { return p.saveCount(c.Flags) }
func (p *Pickler) saveFirstlineno(c *python.CodeFields) error    { return p.saveCount(c.Firstlineno) }
func (p *Pickler) saveCodeBytes(c *python.CodeFields) error      { return p.save(c.Code) }
func (p *Pickler) saveConsts(c *python.CodeFields) error         { return p.save(c.Consts) }
func (p *Pickler) saveFilename(c *python.CodeFields) error       { return p.save(c.Filename) }
func (p *Pickler) saveCodeName(c *python.CodeFields) error       { return p.saveFreshStr(c.Name) }
func (p *Pickler) saveCodeQualname(c *python.CodeFields) error   { return p.save(c.Qualname) }
func (p *Pickler) saveLinetable(c *python.CodeFields) error      { return p.save(c.Linetable) }
func (p *Pickler) saveExceptiontable(c *python.CodeFields) error { return p.save(c.ExceptionTable) }

func (p *Pickler) saveCount(n int) error {
	if err := p.w.Boundary(); err != nil {
		return err
	}
	p.w.Int(int64(n))
	return nil
}

func (p *Pickler) saveNames(c *python.CodeFields) error {
	start := len(p.scratch)
	for i := range python.TupleSize(c.Names) {
		p.hold(python.TupleItem(c.Names, i))
	}
	return p.saveHeldTuple(start)
}

func (p *Pickler) saveVarnames(c *python.CodeFields) error { return p.saveLocals(c, python.LocalPlain) }
func (p *Pickler) saveFreevars(c *python.CodeFields) error { return p.saveLocals(c, python.LocalFree) }
func (p *Pickler) saveCellvars(c *python.CodeFields) error { return p.saveLocals(c, python.LocalCell) }

func (p *Pickler) saveLocals(c *python.CodeFields, kind byte) error {
	start := len(p.scratch)
	p.scratch = c.AppendLocals(p.scratch, kind)
	for _, name := range p.scratch[start:] {
		name.IncRef()
	}
	return p.saveHeldTuple(start)
}

// saveHeldTuple writes a tuple of scratch[start:], and releases them.
func (p *Pickler) saveHeldTuple(start int) error {
	defer p.releaseScratch(start)
	n := len(p.scratch) - start
	if err := p.openTuple(n); err != nil {
		return err
	}
	for i := range n {
		if err := p.save(p.scratch[start+i]); err != nil {
			return err
		}
	}
	return p.endTuple(n)
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
