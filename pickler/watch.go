package pickler

import (
	"encoding/binary"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A watch notes where in the stream each object begins and ends, and goes on after
// an object that can't be pickled: what explain is made of. Nothing is kept of
// the stream. While there is one, temporaries are made, as for a persistent_id, so that what
// is noted is the same on each path.
//
// A part of a ten-thousandth of the stream before it is too small to be shown. It is
// forgotten when it ends, with all that is in it: so a watch of any graph stays small.
type watch struct {
	sink  countingSink
	limit int64 // of bytes, 0 for none; past it the dump ends

	nodes    []watchNode
	frames   []watchFrame      // of the objects under way
	first    map[uintptr]int32 // nodes of objects by address, for when they are met again
	culprits map[uintptr]int32 // those that can't be pickled
	errors   []python.Object   // of the first culprits, owned, in the order of their nodes
	unkept   int64             // culprits after those
	kept     int               // nodes of culprits, and of what was met again
}

// watchNode is one save of an object. A node's parts come after it, in order.
type watchNode struct {
	object     python.Object // owned
	key        python.Object // owned, or Nil: of a dict's item
	begin, end int64         // offsets in the stream
	parent     int32         // -1 for the outermost
	next       int32         // the node after its parts
	position   int32         // how many were saved before it in that role, of the same parent
	parts      int32         // how many have been saved in it
	role       role
	kind       watchKind
	noted      bool // it is in watch.first
}

// role says what an object is for the one that is being saved.
type role uint8

// In the order of _trace.py.
const (
	roleItem     role = iota // of a container, or a name of what goes by reference
	roleCallable             // of a reduce value: see parts
	roleArgs
	roleKwargs // of __newobj_ex__
	roleListItems
	roleDictItems // keys and values by turns
	roleSelf
	roleState
)

type watchKind uint8

// In the order of _trace.py.
const (
	kindSaved watchKind = iota
	kindAgain           // in the memo
	kindCulprit
	kindCulpritAgain
)

// watchFrame is an object under way.
type watchFrame struct {
	node     int32
	role     role // of what is saved in it next
	position int32
	key      python.Object // owned, or Nil: the one that was saved last
	keyed    bool          // what is saved are keys and values by turns
	kept     int           // watch.kept when it began: more since then must stay
}

const (
	smallPart   = 10_000 // see watch
	maxCulprits = 1000
	maxKept     = 10_000 // nodes of culprits and of what was met again, with what they are in
)

// countingSink counts what it is given.
type countingSink struct{ n int64 }

func (s *countingSink) Write(b []byte) error {
	s.n += int64(len(b))
	return nil
}

func (s *countingSink) WriteContent(b []byte, _ any) error { return s.Write(b) }

// as notes what is saved next.
func (p *Pickler) as(r role) {
	if w := p.hooks.watch; w != nil {
		w.as(r)
	}
}

func (w *watch) as(r role) {
	f := &w.frames[len(w.frames)-1]
	f.role, f.position, f.keyed = r, 0, r == roleDictItems
}

// saveWatched is save while there is a watch.
func (p *Pickler) saveWatched(o python.Object) error {
	w := p.hooks.watch
	at := w.offset(p)
	if w.limit > 0 && at > w.limit && len(w.nodes) > 0 {
		return errTooLarge
	}
	o.IncRef()
	n := w.begin(p, o, at)
	var err error
	if w.nodes[n].kind == kindCulpritAgain {
		p.w.Op(wire.OpNone)
	} else {
		depth, scratch := p.depth, len(p.scratch)
		if err = p.saveHooked(o); err != nil {
			err = p.putAside(n, err)
		}
		if err == nil {
			p.depth = depth
			p.releaseScratch(scratch)
		}
	}
	w.end(n, w.offset(p))
	return err
}

func (w *watch) offset(p *Pickler) int64 {
	b, _ := p.w.Take()
	return w.sink.n + int64(len(b))
}

// begin notes that o, a reference that it takes over, is going to be saved.
func (w *watch) begin(p *Pickler, o python.Object, at int64) (n int32) {
	n = int32(len(w.nodes))
	node := watchNode{object: o, begin: at, parent: -1}
	if last := len(w.frames) - 1; last >= 0 {
		f := &w.frames[last]
		node.parent, node.role, node.position = f.node, f.role, f.position
		f.position++
		w.nodes[f.node].parts++
		if f.keyed && node.position%2 == 0 {
			f.key.XDecRef()
			o.IncRef()
			f.key = o
		} else if f.keyed {
			node.key, f.key = f.key, python.Nil
		}
	}
	if w.isCulprit(o) {
		node.kind = kindCulpritAgain
	} else if _, ok := p.memo.get(o); ok {
		node.kind = kindAgain
	}
	t := o.Type()
	if node.kind == kindSaved && t != python.StrType && t != python.IntType && t != python.FloatType && o != python.None {
		node.noted = true
		w.first[o.Addr()] = n
	}
	w.nodes = append(w.nodes, node)
	w.frames = append(w.frames, watchFrame{node: n, keyed: t == python.DictType, kept: w.kept})
	return n
}

func (w *watch) isCulprit(o python.Object) bool {
	if len(w.culprits) == 0 {
		return false
	}
	_, ok := w.culprits[o.Addr()]
	return ok
}

// end notes that the object of node n has been saved.
func (w *watch) end(n int32, at int64) {
	last := len(w.frames) - 1
	frame := w.frames[last]
	w.frames = w.frames[:last]
	frame.key.XDecRef()
	node := &w.nodes[n]
	node.end, node.next = at, int32(len(w.nodes))
	if frame.kept != w.kept || node.parent < 0 || w.worthKeeping(node, at) {
		return
	}
	w.forget(n)
}

// forget drops the nodes from n on.
func (w *watch) forget(n int32) {
	for i := range w.nodes[n:] {
		if node := &w.nodes[int(n)+i]; node.noted {
			delete(w.first, node.object.Addr())
		}
	}
	// A finalizer that explains has a watch of its own.
	for last := int32(len(w.nodes)) - 1; last >= n; last-- {
		object, key := w.nodes[last].object, w.nodes[last].key
		w.nodes = w.nodes[:last]
		object.DecRef()
		key.XDecRef()
	}
}

// leastPart is the size below which a part isn't worth a line of its own.
const leastPart = 16

func (w *watch) worthKeeping(node *watchNode, at int64) bool {
	worth := false
	switch node.kind {
	case kindCulprit:
		worth = true
	case kindCulpritAgain:
		worth = w.kept < maxKept
	case kindAgain:
		first, ok := w.first[node.object.Addr()]
		if ok && w.kept < maxKept {
			end := w.nodes[first].end // 0 while it is under way: it contains itself
			worth = end == 0 || w.isLarge(end-w.nodes[first].begin, at)
		}
	default:
		return w.isLarge(node.end-node.begin, at)
	}
	if worth {
		w.kept++
	}
	return worth
}

func (w *watch) isLarge(size, at int64) bool { return size >= leastPart && size*smallPart >= at }

// putAside takes the exception that err stands for, notes it, and writes None for the object
// of node n. What isn't the object's fault it returns.
func (p *Pickler) putAside(n int32, err error) error {
	w := p.hooks.watch
	if err != python.ErrPython || python.IsRefused() || !python.Matches(python.ExceptionType) ||
		python.Matches(python.MemoryError) {
		return err
	}
	raised := python.FetchError()
	p.trail.release()
	if len(w.errors) < maxCulprits {
		node := &w.nodes[n]
		node.kind = kindCulprit
		w.culprits[node.object.Addr()] = n
		raised.Value().IncRef()
		w.errors = append(w.errors, raised.Value())
	} else {
		w.unkept++
	}
	raised.Drop()
	p.w.Op(wire.OpNone)
	return nil
}

// Trace dumps o without writing it anywhere. See trace in methods.go.
func (d *Target) Trace(o python.Object, options Options, limit int64) (python.Object, error) {
	p := takePickler()
	p.reset(d, options)
	w := &watch{limit: limit, first: map[uintptr]int32{}, culprits: map[uintptr]int32{}}
	p.hooks.watch = w
	rest, err := p.dump(o, &w.sink, false)
	total := w.sink.n + int64(len(rest))
	p.hooks.watch = nil
	whole := err == nil
	if err == errTooLarge {
		err = nil
		total = w.nodes[0].end
	}
	result := python.Nil
	if err == nil {
		if result = w.result(total, whole); result.IsNil() {
			err = python.ErrPython
		}
	}
	p.trail.release()
	p.dropped.GiveBack()
	p.tables.release()
	p.release()
	givePickler(p)
	w.release()
	return result, err
}

func (w *watch) release() {
	nodes, raised := w.nodes, w.errors
	for _, node := range nodes {
		node.object.DecRef()
		node.key.XDecRef()
	}
	for _, e := range raised {
		e.DecRef()
	}
}

// result is (objects, keys, columns, errors, unkept, total, whole): a new reference, or Nil.
func (w *watch) result(total int64, whole bool) python.Object {
	objects := make([]python.Object, len(w.nodes))
	keys := make([]python.Object, len(w.nodes))
	var columns []byte
	for i, n := range w.nodes {
		objects[i], keys[i] = n.object, n.key
		if n.key.IsNil() {
			keys[i] = python.None
		}
		first := int64(-1)
		switch n.kind {
		case kindAgain:
			if n, ok := w.first[n.object.Addr()]; ok {
				first = int64(n)
			}
		case kindCulpritAgain:
			first = int64(w.culprits[n.object.Addr()])
		}
		for _, v := range [...]int64{n.begin, n.end, int64(n.parent), int64(n.next), int64(n.position),
			int64(n.parts), int64(n.role), int64(n.kind), first} {
			columns = binary.NativeEndian.AppendUint64(columns, uint64(v))
		}
	}
	all := python.True
	if !whole {
		all = python.False
	}
	all.IncRef()
	items := []python.Object{
		python.NewTuple(objects...), python.NewTuple(keys...), python.NewBytes(columns),
		python.NewTuple(w.errors...), python.NewLong(int(w.unkept)), python.NewLong(int(total)), all,
	}
	tuple := python.Nil
	if !python.Occurred() {
		tuple = python.NewTuple(items...)
	}
	for _, item := range items {
		item.XDecRef()
	}
	return tuple
}
