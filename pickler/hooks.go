package pickler

import (
	"slices"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// hooks are what a subclass of Pickler can override. Nil means "as the base
// class has it", which this package does natively.
type hooks struct {
	persistentID    python.Object // bound method, owned
	reducerOverride python.Object // bound method, owned
	token           uintptr       // of persistentID: see python.PicklerPersistentIDChanged
	skip            python.Object // reduces what is to be replaced: see Options.Skip; owned
	watch           *watch        // or nil
}

func (h *hooks) release() {
	old := *h
	*h = hooks{}
	for _, o := range [...]python.Object{old.persistentID, old.reducerOverride, old.skip} {
		o.XDecRef()
	}
}

// virtual reports whether temporaries can be written as opcodes, without being made:
// there is no hook that would get them.
func (h *hooks) virtual() bool { return h.persistentID.IsNil() && h.watch == nil }

// tables are the dispatch tables in force: the one that a Pickler has in its C
// structure, or, without a Pickler, dispatch_table of the class when a dump first
// needs it. It is looked up anew for each object.
type tables struct {
	fetched bool

	chain python.Object // dispatch_table, owned; Nil when there is none
	// Of a ChainMap of dicts, which cloudpickle's is: the list of its maps, owned,
	// and the dicts that were in it, owned too, since the list can change.
	list python.Object
	maps [4]python.Object
	n    int

	misses misses
}

// misses are types that no dict of the tables has, as long as none of them changes: types come
// in runs. There are none where a dict's changes can't be seen.
type misses struct {
	stamps [4]uint64 // python.DictStamp of each dict
	types  [1 << 3]python.Object
}

// missed gives the place where a type that the tables lack is noted; nil where that can't be.
func (t *tables) missed(class python.Object) *python.Object {
	m := &t.misses
	for i, d := range t.maps[:t.n] {
		if stamp := python.DictStamp(d); stamp != m.stamps[i] || stamp == 0 {
			if *m = (misses{}); stamp == 0 {
				return nil
			}
			for j, d := range t.maps[:t.n] {
				m.stamps[j] = python.DictStamp(d)
			}
			break
		}
	}
	return &m.types[(class.Addr()>>4^class.Addr()>>12)%uintptr(len(m.types))]
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
	if err := p.refreshTables(); err != nil {
		return python.Nil, err
	}
	tb := &p.tables
	if tb.n == 0 {
		// The mapping's own code can drop the last reference to it.
		chain := tb.chain
		chain.IncRef()
		defer chain.DecRef()
		return python.GetItemOptional(chain, t)
	}
	at := tb.missed(t)
	if at != nil && *at == t {
		return python.Nil, nil
	}
	before := tb.misses.stamps
	for _, d := range tb.maps[:tb.n] {
		found, err := python.DictGetType(d, t)
		if err != nil {
			if !tb.takesKeyErrors() || !python.Matches(python.KeyError) {
				return python.Nil, err
			}
			python.ClearError()
		}
		if !found.IsNil() {
			found.IncRef()
			return found, nil
		}
	}
	// A key's __eq__ can have changed a dict.
	if again := tb.missed(t); again != nil && tb.misses.stamps == before {
		*again = t
	}
	return python.Nil, nil
}

// takesKeyErrors reports whether a KeyError of a key's __eq__ says that the type isn't in
// the table: not in copyreg's, which PyDict_GetItemWithError looks in, nor, from 3.13 on, in
// any that is a dict (save in _pickle.c, PyMapping_GetOptionalItem).
func (t *tables) takesKeyErrors() bool {
	if t.chain.IsNil() {
		return false
	}
	return python.Minor() < 13 || t.chain.Type() != python.DictType
}

// refreshTables reads the tables again if they are not what they were.
func (p *Pickler) refreshTables() error {
	tb := &p.tables
	if !tb.fetched || !tb.current() || !p.self.IsNil() && !python.PicklerHasTable(p.self, tb.chain) {
		return p.fetchTables()
	}
	return nil
}

// fetchTables reads the table of the Pickler, or of its class.
func (p *Pickler) fetchTables() error {
	tb := &p.tables
	var chain python.Object
	var err error
	switch {
	case !p.self.IsNil():
		chain, err = python.PicklerTable(p.self)
	case tb.fetched:
		chain = tb.chain
		chain.XIncRef()
	default:
		chain, err = p.target.dispatchTable()
	}
	if err != nil {
		return err
	}
	tb.release()
	tb.chain, tb.fetched = chain, true
	if table := p.target.beyond.table; !table.IsNil() {
		if err := completeTable(table); err != nil {
			return err
		}
	}
	switch {
	case chain.IsNil():
		tb.use(stdlib.copyregTable)
	case chain.Type() == python.DictType:
		tb.use(chain)
	case chain.Type() == stdlib.chainMap:
		maps, err := p.mapsOf(chain)
		if err != nil {
			return err
		}
		return tb.useList(maps)
	}
	return nil
}

func (t *tables) use(d python.Object) {
	d.IncRef()
	t.maps[t.n] = d
	t.n++
}

// mapsOf is chain.maps of a ChainMap, a new reference. That of the target's own
// class is read in the ChainMap's __dict__.
func (p *Pickler) mapsOf(chain python.Object) (python.Object, error) {
	d := p.target
	if chain != d.table { // a Pickler's can come before any dumps has asked for the class's
		table, err := d.dispatchTable()
		table.XDecRef()
		if err != nil {
			return python.Nil, err
		}
	}
	if chain == d.table && !d.tableDict.IsNil() {
		maps, err := python.DictGetStr(d.tableDict, interned.maps)
		if err != nil || !maps.IsNil() {
			maps.XIncRef()
			return maps, err
		}
	}
	maps := python.GetAttr(chain, interned.maps)
	if maps.IsNil() {
		return python.Nil, python.ErrPython
	}
	return maps, nil
}

// useList takes the dicts of a ChainMap and consumes the list. Where there is anything
// else in it, nothing is taken.
func (t *tables) useList(maps python.Object) error {
	n := 0
	if maps.Type() == python.ListType && python.ListSize(maps) <= len(t.maps) {
		n = python.ListSize(maps)
	}
	usable := n > 0
	for i := range n {
		d := python.ListItem(maps, i)
		usable = usable && (d.Type() == python.DictType || d.Type() == stdlib.lateTable)
	}
	if !usable {
		maps.DecRef()
		return nil
	}
	for i := range n {
		t.use(python.ListItem(maps, i))
	}
	t.list = maps
	for _, d := range t.maps[:n] {
		if d.Type() == stdlib.lateTable {
			if err := completeTable(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// lateTables says of gocloudpickle's own dispatch tables how many modules there
// were when they last took in the types of modules imported since. They are few.
var lateTables []lateTable

type lateTable struct {
	table   python.Object
	modules int // or allLate
}

// allLate is what lateTables has for a table that has all types.
const allLate = -1

// completeTable calls complete() of a table of _reducers.py, which lacks the types
// whose modules have not been imported, if modules have been imported since.
func completeTable(d python.Object) error {
	modules := python.DictSize(python.Modules())
	known := slices.IndexFunc(lateTables, func(late lateTable) bool { return late.table == d })
	if known >= 0 && (lateTables[known].modules == allLate || lateTables[known].modules == modules) {
		return nil
	}
	done := python.CallMethod0(d, interned.complete)
	if done.IsNil() {
		return python.Forgive()
	}
	if all, err := python.IsTrue(done); err == nil && all {
		modules = allLate
	}
	done.DecRef()
	noteLate(d, modules)
	return nil
}

// noteLate looks for the table again: complete() can have come here.
func noteLate(d python.Object, modules int) {
	for i := range lateTables {
		if lateTables[i].table == d {
			lateTables[i].modules = modules
			return
		}
	}
	lateTables = append(lateTables, lateTable{d, modules})
}

// dispatchTable is what a new Pickler of the target's class would have, a new reference
// or Nil. The class is asked again only when it has changed.
func (d *Target) dispatchTable() (python.Object, error) {
	if version := python.VersionTag(d.Class); version == 0 || version != d.tableVersion {
		chain, err := python.LookupAttr(d.Class, interned.dispatchTable)
		if err != nil || chain.IsNil() {
			return chain, err
		}
		table, dict := d.table, d.tableDict
		d.table, d.tableDict, d.tableVersion = chain, python.Nil, python.VersionTag(d.Class)
		table.XDecRef()
		dict.XDecRef()
		if chain.Type() == stdlib.chainMap {
			if d.tableDict = python.GenericDict(chain); d.tableDict.IsNil() {
				python.ClearError()
			}
		}
	}
	d.table.IncRef()
	return d.table, nil
}
