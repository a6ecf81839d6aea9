package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A Door is one dumps: the Pickler class whose dispatch table and hooks hold,
// and the namespace that payloads name.
type Door struct {
	Namespace *Namespace
	Class     python.Object // owned

	// ReduceInPython gives the reduce value of a function or class, made of real
	// objects: reduce(namespace, globals_ref, obj), for when a hook must see them.
	ReduceInPython python.Object // owned

	// ReducerOverride is the class's own reducer_override, which this package
	// does natively.
	ReducerOverride python.Object // owned

	// table is Class.dispatch_table as of the class's version tableVersion; owned.
	table        python.Object
	tableDict    python.Object // __dict__ of table, where that is a ChainMap; owned
	tableVersion uint32
}

// Counts are the dumps since the engine was loaded.
var Counts struct{ Layout, Portable int64 }

func count() {
	if fast, _ := python.Fast(); fast {
		Counts.Layout++
	} else {
		Counts.Portable++
	}
}

// spare are Picklers between two dumps; used under the GIL.
var spare []*Pickler

const (
	maxSpare     = 4
	maxSpareText = 1 << 14
)

func takePickler() *Pickler {
	if n := len(spare); n > 0 {
		p := spare[n-1]
		spare = spare[:n-1]
		return p
	}
	return &Pickler{}
}

func givePickler(p *Pickler) {
	if len(spare) < maxSpare {
		p.shrink()
		spare = append(spare, p)
	}
}

// shrink drops buffers that a large dump has left.
func (p *Pickler) shrink() {
	if cap(p.text) > maxSpareText || cap(p.scratch) > maxSpareText {
		p.text, p.scratch = nil, nil
	}
	p.w.Shrink()
}

// Dumps pickles o into a new bytes object.
func (d *Door) Dumps(o python.Object, options Options) (python.Object, error) {
	count()
	p := takePickler()
	p.reset(d, options)
	p.tables.owner = d.Class
	result := python.Nil
	rest, err := p.dump(o, &p.sink, false)
	if err == nil {
		result, err = p.sink.finish(rest)
	}
	p.sink.drop()
	if err != nil {
		err = asPicklingError()
	}
	p.tables.release()
	p.release()
	givePickler(p)
	return result, err
}

// Dump pickles o into a file: what has a write method.
func (d *Door) Dump(o, file python.Object, options Options) error {
	write, err := fileWrite(file)
	if err != nil {
		return err
	}
	defer write.DecRef()
	p := takePickler()
	p.reset(d, options)
	p.tables.owner = d.Class
	err = p.dumpToFile(o, write)
	if err != nil {
		err = asPicklingError()
	}
	p.tables.release()
	p.release()
	givePickler(p)
	return err
}

func fileWrite(file python.Object) (python.Object, error) {
	write, err := python.LookupAttr(file, interned.write)
	if err != nil {
		return python.Nil, err
	}
	if write.IsNil() {
		return python.Nil, python.Raise(python.TypeError, "file must have a 'write' attribute")
	}
	return write, nil
}

func (p *Pickler) dumpToFile(o, write python.Object) error {
	count()
	sink := fileSink{write}
	rest, err := p.dump(o, sink, true)
	if err != nil {
		return err
	}
	p.memo.settle() // before the file's write method
	return sink.Write(rest)
}

// asPicklingError turns the RecursionError of a too deep object into the
// PicklingError that cloudpickle raises from it.
func asPicklingError() error {
	if !python.Matches(python.RecursionError) {
		return python.ErrPython
	}
	cause := python.FetchError()
	err := python.Raise(common.picklingError, "Could not pickle object as excessively deep recursion required.")
	python.SetCause(cause)
	return err
}

// saveReducedInPython writes a function or class as the objects that cloudpickle
// would make of it, for when a hook of a subclass must see them.
func (p *Pickler) saveReducedInPython(o python.Object) error {
	globalsRef := p.hooks.globalsRef
	if globalsRef.IsNil() {
		if p.ownGlobalsRef.IsNil() {
			p.ownGlobalsRef = python.NewDict()
		}
		globalsRef = p.ownGlobalsRef
	}
	value := python.Call3(p.door.ReduceInPython, p.ns.module, globalsRef, o)
	if value.IsNil() {
		return python.ErrPython
	}
	defer value.DecRef()
	return p.saveReduceValue(o, value)
}

// saveByTable writes o by calling what the dispatch table has for it.
func (p *Pickler) saveByTable(o python.Object) error {
	reducer, err := p.lookup(o.Type())
	if err != nil {
		return err
	}
	defer reducer.XDecRef()
	value := python.Call1(reducer, o)
	if value.IsNil() {
		return python.ErrPython
	}
	defer value.DecRef()
	return p.saveReduceValue(o, value)
}

var _ pickle.Sink = (*bytesSink)(nil)
