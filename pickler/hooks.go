package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// hooks are what a subclass of Pickler can override. Nil means "as the base
// class has it", which this package does natively.
type hooks struct {
	persistentID    python.Object // bound method, owned
	reducerOverride python.Object // bound method, owned
	globalsRef      python.Object // the Pickler's globals_ref, owned
}

func (h *hooks) release() {
	old := *h
	*h = hooks{}
	for _, o := range []python.Object{old.persistentID, old.reducerOverride, old.globalsRef} {
		o.XDecRef()
	}
}

// virtual reports whether temporaries can be written without being made: nobody
// is asked about them.
func (h *hooks) virtual() bool { return h.persistentID.IsNil() }

// tables are the dispatch tables in force, looked up at most once per dump and
// only when an object needs them.
type tables struct {
	fetched bool
	owner   python.Object // whose dispatch_table it is: a Pickler or its class; borrowed
	// Either maps, which are dicts to search in order, or other, any mapping.
	// All are borrowed from chain, which is owned until the dump ends.
	maps  [4]python.Object
	n     int
	other python.Object
	chain python.Object
}

func (t *tables) release() {
	chain := t.chain
	*t = tables{}
	chain.XDecRef()
}

// lookup finds the reducer that the dispatch tables have for a type, a new
// reference, or Nil.
func (p *Pickler) lookup(t python.Object) (python.Object, error) {
	tb := &p.tables
	if !tb.fetched {
		if err := p.fetchTables(); err != nil {
			return python.Nil, err
		}
	}
	if !tb.other.IsNil() {
		return python.GetItemOptional(tb.other, t)
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

// fetchTables reads dispatch_table of the Pickler, or of its class. A ChainMap of
// dicts, which cloudpickle's is, becomes its dicts.
func (p *Pickler) fetchTables() error {
	tb := &p.tables
	owner := tb.owner
	tb.release()
	tb.owner = owner
	chain, err := p.dispatchTable(owner)
	if err != nil {
		return err
	}
	tb.chain, tb.fetched = chain, true
	switch {
	case chain.IsNil():
		tb.maps[0], tb.n = common.copyregTable, 1
		return nil
	case chain.Type() == python.DictType:
		tb.maps[0], tb.n = chain, 1
		return nil
	case chain.Type() == common.chainMap:
		maps := python.GetAttr(chain, common.maps)
		if maps.IsNil() {
			return python.ErrPython
		}
		defer maps.DecRef()
		if tb.useMaps(maps) {
			return nil
		}
	}
	tb.other = chain
	return nil
}

// dispatchTable is owner.dispatch_table, a new reference or Nil. The door's own
// class is asked again only when it has changed.
func (p *Pickler) dispatchTable(owner python.Object) (python.Object, error) {
	d := p.door
	if owner != d.Class {
		return python.LookupAttr(owner, common.dispatchTable)
	}
	if version := python.VersionTag(owner); version == 0 || version != d.tableVersion {
		chain, err := python.LookupAttr(owner, common.dispatchTable)
		if err != nil || chain.IsNil() {
			return chain, err
		}
		d.table.XDecRef()
		d.table, d.tableVersion = chain, python.VersionTag(owner)
	}
	d.table.IncRef()
	return d.table, nil
}

// useMaps takes the dicts of a ChainMap; ok is false where one isn't a plain dict.
func (t *tables) useMaps(maps python.Object) (ok bool) {
	if maps.Type() != python.ListType || python.ListSize(maps) > len(t.maps) {
		return false
	}
	n := python.ListSize(maps)
	for i := range n {
		d := python.ListItem(maps, i)
		if d.Type() != python.DictType && d.Type() != common.lateTable {
			return false
		}
		t.maps[i] = d
	}
	t.n = n
	return true
}
