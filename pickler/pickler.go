package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A Pickler writes objects to one stream after another, with one memo.
// It must be used with the GIL held.
type Pickler struct {
	w      wire.Writer
	memo   memo
	target *Target
	ns     *Namespace
	proto  int
	fixed  bool // fix_imports: Python 2 module names, below protocol 3

	self           python.Object // the Pickler object whose dump this is, borrowed, or Nil
	bufferCallback python.Object // owned, or Nil
	hooks          hooks
	tables         tables

	// fastPath is set when the most frequent atoms can be written without asking
	// anyone: the layout path, no persistent_id, a memo, and protocol 4 or 5.
	fastPath bool

	// deferMemo is set while fastPath is, and only builtin containers and atoms are being
	// written: no Python code runs, and containers stay as they are. pythonCalls counts
	// what may have run Python code since.
	deferMemo   bool
	pythonCalls int
	// open are the tuples being written, but for those with one reference: a
	// tuple is memoized after its items, and so can be walked twice.
	open []uintptr

	// openModules are the modules that have been written with their content, by this dump. One
	// that comes again, and isn't in the memo, is still being written.
	openModules []uintptr

	plainMembers bool // the Enum members held last have no attributes of the user's

	strictness strictness // what Pickler.strict has found for this dump

	depth      int
	depthLimit int

	// globalsRefs are the base_globals dicts of this Pickler's functions.
	globalsRefs  []globalsRef
	globalsIndex globalsIndex

	// ownGlobalsRef is the globals_ref of functions that have been reduced in Python:
	// the Pickler object's, or one of this dump. Owned, or Nil.
	ownGlobalsRef python.Object

	fastMode  bool // Pickler.fast: no memo
	fastDepth int
	fastSeen  map[uintptr]struct{}

	trail trail // of an exception on its way up

	mark memoMark // where the memo was before the last dump of a Pickler object

	reconstructor reconstructor // the last one in this dump

	dropped python.Dropped // what was given up since Python code last ran

	sink    bytesSink
	file    fileSink // of a Pickler object's dump
	toFile  bool     // the sink is a file's write method: Python code
	busy    bool     // a dump is under way
	scratch []python.Object
	text    []byte

	spareAttributes [][]classAttribute // memory for those of classes
}

// Options are the arguments of a Pickler.
type Options struct {
	Protocol       int           // 0 to wire.HighestProtocol
	BufferCallback python.Object // Nil for none; borrowed, the Pickler takes its own reference
	NoFixImports   bool

	// Skip reduces the objects that are to be saved as something else, and returns
	// NotImplemented for all others: skip(obj), or Nil. It is asked before the
	// other hooks, about what is neither an atom nor a builtin container. Borrowed.
	Skip python.Object
	// MaxBytes is how long the stream may become, 0 for any length.
	MaxBytes int64
}

// reset makes p ready for a new memo and stream.
func (p *Pickler) reset(d *Target, o Options) {
	p.target, p.ns, p.proto, p.fixed = d, d.Namespace, o.Protocol, !o.NoFixImports
	p.fastMode = false
	p.bufferCallback = o.BufferCallback
	if !p.bufferCallback.IsNil() {
		p.bufferCallback.IncRef()
	}
	p.hooks.skip = o.Skip
	p.hooks.skip.XIncRef()
}

// release drops every reference that p holds. It can run Python code.
func (p *Pickler) release() {
	p.clearMemo()
	callback, skip := p.bufferCallback, p.hooks.skip
	p.bufferCallback, p.hooks.skip = python.Nil, python.Nil
	callback.XDecRef()
	skip.XDecRef()
}

// clearMemo is Pickler.clear_memo. cloudpickle keeps globals_ref beside its
// memo, so functions dumped later still share their globals with those before.
func (p *Pickler) clearMemo() {
	refs, own := p.globalsRefs, p.ownGlobalsRef
	p.globalsRefs, p.ownGlobalsRef = nil, python.Nil
	p.globalsIndex = globalsIndex{}
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
func (p *Pickler) dump(o python.Object, sink wire.Sink, eager bool) (rest []byte, err error) {
	defer raiseMemoryError(&err)
	p.w.Reset(p.proto, sink, eager)
	python.NextTurn()
	p.depth, p.depthLimit = 0, firstDepthCheck
	p.fastDepth, p.fastSeen = 0, nil
	p.tables.fetched = false
	p.strictness, p.openModules = notAsked, p.openModules[:0]
	p.scratch = p.scratch[:0]
	p.reconstructor = reconstructor{}
	p.trail.begin()
	layout, _ := python.Fast()
	p.fastPath = layout && p.hooks.virtual() && !p.fastMode && p.proto >= 4
	p.deferMemo, p.open = p.fastPath, p.open[:0]
	p.toFile = eager
	p.w.Begin()
	if err := p.save(o); err != nil {
		return nil, err
	}
	return p.w.End(), nil
}
