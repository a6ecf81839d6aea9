package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A Pickler writes objects to one stream after another, with one memo.
// It must be used with the GIL held.
type Pickler struct {
	w     pickle.Writer
	memo  memo
	door  *Door
	ns    *Namespace
	proto int
	fixed bool // fix_imports: Python 2 module names, below protocol 3

	bufferCallback python.Object // owned, or Nil
	hooks          hooks
	tables         tables

	// quick is set when the commonest atoms can be written without asking
	// anyone: the layout path, no persistent_id, a memo, and protocol 4 or 5.
	quick bool

	// plain is set while quick holds and nothing but plain data is being written:
	// no Python code runs, and containers stay as they are. others counts what
	// else has been written, and so could have run Python code.
	plain  bool
	others int
	// open are the tuples being written, but for those with one reference: a
	// tuple is memoized after its items, and so can be walked twice.
	open []uintptr

	depth      int
	depthLimit int

	// globalsRefs are the base_globals dicts of this Pickler's functions.
	globalsRefs []globalsRef

	// ownGlobalsRef is the globals_ref of a dump without a Pickler object, for
	// functions that are reduced in Python. Owned, or Nil.
	ownGlobalsRef python.Object

	fastMode  bool // Pickler.fast: no memo
	fastDepth int
	fastSeen  map[uintptr]struct{}

	sink    bytesSink
	toFile  bool // the sink is a file's write method: Python code
	busy    bool // a dump is under way
	scratch []python.Object
	text    []byte

	spareAttributes [][]classAttribute // room for those of classes
}

// globalsRef is the dict that stands for a function's __globals__ until its
// state fills it.
type globalsRef struct {
	globals python.Object // owned, so that no other object takes its address
	slot    int           // of the dict, in the memo
}

// Options are the arguments of a Pickler.
type Options struct {
	Protocol       int           // 0 to pickle.HighestProtocol
	BufferCallback python.Object // Nil for none; borrowed, the Pickler takes its own reference
	NoFixImports   bool
}

// reset makes p ready for a new memo and stream.
func (p *Pickler) reset(d *Door, o Options) {
	p.door, p.ns, p.proto, p.fixed = d, d.Namespace, o.Protocol, !o.NoFixImports
	p.fastMode = false
	p.bufferCallback = o.BufferCallback
	if !p.bufferCallback.IsNil() {
		p.bufferCallback.IncRef()
	}
}

// release drops every reference that p holds. It can run Python code.
func (p *Pickler) release() {
	p.clearMemo()
	callback := p.bufferCallback
	p.bufferCallback = python.Nil
	callback.XDecRef()
}

// clearMemo is Pickler.clear_memo. cloudpickle keeps globals_ref beside its
// memo, so functions dumped later still share their globals with those before.
func (p *Pickler) clearMemo() {
	refs, own := p.globalsRefs, p.ownGlobalsRef
	p.globalsRefs, p.ownGlobalsRef = nil, python.Nil
	p.memo.clear()
	own.XDecRef()
	for _, ref := range refs {
		ref.globals.DecRef()
	}
	if p.globalsRefs == nil {
		p.globalsRefs = refs[:0]
	}
}

// dump writes one object as a whole pickle into sink.
func (p *Pickler) dump(o python.Object, sink pickle.Sink, eager bool) ([]byte, error) {
	p.w.Reset(p.proto, sink, eager)
	p.depth, p.depthLimit = 0, firstDepthCheck
	p.fastDepth, p.fastSeen = 0, nil
	p.tables.fetched = false
	p.scratch = p.scratch[:0]
	layout, _ := python.Fast()
	p.quick = layout && p.hooks.virtual() && !p.fastMode && p.proto >= 4
	p.plain, p.open = p.quick, p.open[:0]
	p.toFile = eager
	p.w.Begin()
	if err := p.save(o); err != nil {
		return nil, err
	}
	return p.w.End(), nil
}
