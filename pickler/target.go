package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A Target is what a dump is for: the Pickler class whose dispatch table and hooks apply,
// and the namespace that payloads name.
type Target struct {
	Namespace *Namespace
	Class     python.Object // owned

	// ReduceInPython gives the reduce value of a function or class, made of real
	// objects: reduce(namespace, globals_ref, obj, strict), for when a hook must see them.
	ReduceInPython python.Object // owned

	// ReducerOverride is the class's own reducer_override, which this package
	// does natively.
	ReducerOverride python.Object // owned

	// nativeOverride is the one that the class has been given in its place; owned, or Nil.
	nativeOverride python.Object

	// dispatch is the class's dispatch table as it was made; owned.
	dispatch python.Object
	beyond   beyond

	// persistentID is the class's attribute of that name, Nil where it has none; owned.
	persistentID python.Object
	// hooksVersion is the class's version when its hooks were last seen as they are
	// above, 0 for none.
	hooksVersion uint32

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
		return
	}
	p.memo.index.table.drop()
}

// shrink drops buffers that a large dump has left.
func (p *Pickler) shrink() {
	if cap(p.text) > maxSpareText || cap(p.scratch) > maxSpareText {
		p.text, p.scratch = nil, nil
	}
	p.w.Shrink()
}

// Dumps pickles o into a new bytes object.
func (d *Target) Dumps(o python.Object, options Options) (python.Object, error) {
	if changed, err := d.hooksChanged(); err != nil || changed {
		return d.dumpsByClass(o, options, err)
	}
	count()
	if isLayout() && options.Protocol >= 4 && options.MaxBytes == 0 {
		if result, done, err := dumpsSingle(o, options.Protocol); done {
			return result, err
		}
	}
	p := takePickler()
	p.reset(d, options)
	p.sink.max = options.MaxBytes
	result := python.Nil
	rest, err := p.dump(o, &p.sink, false)
	if err == nil {
		result, err = p.sink.finish(rest)
	}
	p.sink.drop()
	if err != nil && err != errTooLarge {
		err = p.fail(o)
	}
	p.dropped.GiveBack()
	p.tables.release()
	p.release()
	givePickler(p)
	return result, err
}

// Dump pickles o into a file: what has a write method.
func (d *Target) Dump(o, file python.Object, options Options) error {
	if changed, err := d.hooksChanged(); err != nil || changed {
		return d.dumpByClass(o, file, options, err)
	}
	write, err := fileWrite(file)
	if err != nil {
		return err
	}
	defer write.DecRef()
	p := takePickler()
	p.reset(d, options)
	err = p.dumpToFile(o, write, options.MaxBytes)
	if err != nil && err != errTooLarge {
		err = p.fail(o)
	}
	p.dropped.GiveBack()
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

func (p *Pickler) dumpToFile(o, write python.Object, maxBytes int64) error {
	var sink wire.Sink = fileSink{write, &p.trail}
	if maxBytes > 0 {
		sink = &limitedSink{fileSink{write, &p.trail}, maxBytes}
	}
	rest, err := p.dumpInto(o, sink)
	if err != nil {
		return err
	}
	return sink.Write(rest)
}

// dumpInto writes o by a file's write method, but for the end of the stream.
func (p *Pickler) dumpInto(o python.Object, sink wire.Sink) (rest []byte, err error) {
	defer raiseMemoryError(&err)
	count()
	if rest, err = p.dump(o, sink, true); err == nil {
		p.beforePython() // the file's write method
	}
	return rest, err
}

// asPicklingError turns the RecursionError of a too deep object into the
// PicklingError that cloudpickle raises from it.
func asPicklingError() error {
	if !python.Matches(python.RecursionError) {
		return python.ErrPython
	}
	cause := python.FetchError()
	err := python.Raise(stdlib.picklingError, "Could not pickle object as excessively deep recursion required.")
	python.SetCause(cause)
	return err
}

// globalsRef is the Pickler's globals_ref, a new reference.
func (p *Pickler) globalsRef() (python.Object, error) {
	if !p.self.IsNil() {
		if found := python.GetAttr(p.self, interned.globalsRef); !found.IsNil() {
			return found, nil
		}
		return python.Nil, python.ErrPython
	}
	if p.ownGlobalsRef.IsNil() {
		if p.ownGlobalsRef = python.NewDict(); p.ownGlobalsRef.IsNil() {
			return python.Nil, python.ErrPython
		}
	}
	p.ownGlobalsRef.IncRef()
	return p.ownGlobalsRef, nil
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

var _ wire.Sink = (*bytesSink)(nil)
