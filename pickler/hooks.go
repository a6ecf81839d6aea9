package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// hooks are what a subclass of Pickler can override. Nil means "as the base
// class has it", which this package does natively.
type hooks struct {
	persistentID    python.Object // bound method, owned
	reducerOverride python.Object // bound method, owned
	globalsRef      python.Object // the Pickler's globals_ref, owned
	table           python.Object // its dispatch_table where that has been read already, owned
}

func (h *hooks) release() {
	old := *h
	*h = hooks{}
	for _, o := range [...]python.Object{old.persistentID, old.reducerOverride, old.globalsRef, old.table} {
		o.XDecRef()
	}
}

// virtual reports whether temporaries can be written without being made: nobody
// is asked about them.
func (h *hooks) virtual() bool { return h.persistentID.IsNil() }

// tables are the dispatch tables in force: what dispatch_table is when a dump
// first needs it. Its content is asked anew for each object.
type tables struct {
	fetched bool
	owner   python.Object // whose dispatch_table it is: a Pickler or its class; borrowed

	chain python.Object // dispatch_table, owned; Nil when there is none
	// Of a ChainMap of dicts, which cloudpickle's is: the list of its maps, owned,
	// and the dicts that were in it, owned too, since the list can change.
	list python.Object
	maps [4]python.Object
	n    int
}

func (t *tables) release() {
	old := *t
	*t = tables{}
	old.chain.XDecRef()
	old.list.XDecRef()
	for _, d := range old.maps[:old.n] {
		d.DecRef()
	}
}

// current reports whether the list still has the dicts that were in it.
func (t *tables) current() bool {
	if t.list.IsNil() {
		return true
	}
	if python.ListSize(t.list) != t.n {
		return false
	}
	for i, d := range t.maps[:t.n] {
		if python.ListItem(t.list, i) != d {
			return false
		}
	}
	return true
}

// lookup finds the reducer that the dispatch tables have for a type, a new
// reference, or Nil.
func (p *Pickler) lookup(t python.Object) (python.Object, error) {
	tb := &p.tables
	if !tb.fetched || !tb.current() {
		if err := p.fetchTables(); err != nil {
			return python.Nil, err
		}
	}
	if tb.n == 0 {
		// The mapping can be dropped while it answers.
		chain := tb.chain
		chain.IncRef()
		defer chain.DecRef()
		return python.GetItemOptional(chain, t)
	}
	for _, d := range tb.maps[:tb.n] {
		found, err := python.DictGetType(d, t)
		if err != nil {
			return python.Nil, err
		}
		if !found.IsNil() {
			found.IncRef()
			return found, nil
		}
	}
	return python.Nil, nil
}

// fetchTables reads dispatch_table of the Pickler, or of its class.
func (p *Pickler) fetchTables() error {
	tb := &p.tables
	owner, chain, again := tb.owner, tb.chain, tb.fetched
	if again {
		chain.XIncRef()
	}
	tb.release()
	tb.owner = owner
	if !again {
		var err error
		if chain, err = p.dispatchTable(owner); err != nil {
			return err
		}
	}
	tb.chain, tb.fetched = chain, true
	switch {
	case chain.IsNil():
		tb.use(common.copyregTable)
	case chain.Type() == python.DictType:
		tb.use(chain)
	case chain.Type() == common.chainMap:
		maps, err := p.mapsOf(chain)
		if err != nil {
			return err
		}
		if !tb.useList(maps) {
			maps.DecRef()
		}
	}
	return nil
}

func (t *tables) use(d python.Object) {
	d.IncRef()
	t.maps[t.n] = d
	t.n++
}

// mapsOf is chain.maps of a ChainMap, a new reference. That of the door's own
// class is read in the ChainMap's __dict__.
func (p *Pickler) mapsOf(chain python.Object) (python.Object, error) {
	if d := p.door; chain == d.table && !d.tableDict.IsNil() {
		maps, err := python.DictGetStr(d.tableDict, interned.maps)
		if err == nil && !maps.IsNil() {
			maps.IncRef()
			return maps, nil
		}
	}
	maps := python.GetAttr(chain, interned.maps)
	if maps.IsNil() {
		return python.Nil, python.ErrPython
	}
	return maps, nil
}

// useList takes the dicts of a ChainMap and consumes the list; ok is false, and
// nothing taken, where there is anything else in it.
func (t *tables) useList(maps python.Object) (ok bool) {
	if maps.Type() != python.ListType || python.ListSize(maps) > len(t.maps) || python.ListSize(maps) == 0 {
		return false
	}
	for i := range python.ListSize(maps) {
		if d := python.ListItem(maps, i); d.Type() != python.DictType && d.Type() != common.lateTable {
			return false
		}
	}
	for i := range python.ListSize(maps) {
		d := python.ListItem(maps, i)
		t.use(d)
		if d.Type() == common.lateTable {
			completeTable(d)
		}
	}
	t.list = maps
	return true
}

// lateTables says of gocloudpickle's own dispatch tables how many modules there
// were when they last took in the types of modules imported since.
var lateTables = map[uintptr]int{}

// allLate is what lateTables has of a table that lacks no type any more.
const allLate = -1

// completeTable calls complete() of a table of _reducers.py, which lacks the types
// whose modules have not been imported, if modules have been imported since.
func completeTable(d python.Object) {
	modules := python.DictSize(python.Modules())
	if seen := lateTables[d.Addr()]; seen == allLate || seen == modules {
		return
	}
	done := python.CallMethod0(d, interned.complete)
	if done.IsNil() {
		python.ClearError()
		return
	}
	if all, err := python.IsTrue(done); err == nil && all {
		modules = allLate
	}
	done.DecRef()
	lateTables[d.Addr()] = modules
}

// dispatchTable is owner.dispatch_table, a new reference or Nil. The door's own
// class is asked again only when it has changed.
func (p *Pickler) dispatchTable(owner python.Object) (python.Object, error) {
	d := p.door
	if !p.hooks.table.IsNil() {
		p.hooks.table.IncRef()
		return p.hooks.table, nil
	}
	if owner != d.Class {
		return python.LookupAttr(owner, interned.dispatchTable)
	}
	if version := python.VersionTag(owner); version == 0 || version != d.tableVersion {
		chain, err := python.LookupAttr(owner, interned.dispatchTable)
		if err != nil || chain.IsNil() {
			return chain, err
		}
		table, dict := d.table, d.tableDict
		d.table, d.tableDict, d.tableVersion = chain, python.Nil, python.VersionTag(owner)
		table.XDecRef()
		dict.XDecRef()
		if chain.Type() == common.chainMap {
			if d.tableDict = python.GenericDict(chain); d.tableDict.IsNil() {
				python.ClearError()
			}
		}
	}
	d.table.IncRef()
	return d.table, nil
}
