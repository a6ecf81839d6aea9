package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// A picklerClass is what has been found out about a Pickler class whose hooks are
// its door's own: then only the Pickler itself can still have others. It holds
// while the class has the same version.
type picklerClass struct {
	class   uintptr
	version uint32
	plain   bool
	table   python.Object // dispatch_table of the class, owned; Nil for one that is not plain
}

// picklerClasses are those used last: a program has few.
var picklerClasses [4]picklerClass

// picklerClassOf finds out about t, which must be a Pickler class of door d.
func picklerClassOf(d *Door, t python.Object) (*picklerClass, error) {
	version := python.VersionTag(t)
	at := &picklerClasses[version%uint32(len(picklerClasses))]
	if version != 0 && at.version == version && at.class == t.Addr() {
		return at, nil
	}
	c := picklerClass{class: t.Addr(), version: version}
	var err error
	if version != 0 {
		c.table, err = ownTable(d, t)
		c.plain = !c.table.IsNil()
		c.table.XIncRef()
	}
	old := at.table
	*at = c
	old.XDecRef()
	return at, err
}

// ownTable is the dispatch_table of a Pickler class with the hooks of d's, borrowed,
// or Nil for another class.
func ownTable(d *Door, t python.Object) (python.Object, error) {
	override, err := python.LookupType(t, interned.reducerOverride)
	if err != nil || override != d.ReducerOverride {
		return python.Nil, err
	}
	for _, name := range [...]python.Object{interned.getattribute, interned.moduleGetattr, interned.globalsRef} {
		found, err := python.LookupType(t, name)
		if err != nil {
			return python.Nil, err
		}
		known, err := python.LookupType(d.Class, name)
		if err != nil || found != known {
			return python.Nil, err
		}
	}
	table, err := python.LookupType(t, interned.dispatchTable)
	if err != nil || table.IsNil() {
		return python.Nil, err
	}
	// Neither is a descriptor.
	if kind := table.Type(); kind != common.chainMap && kind != python.DictType {
		return python.Nil, nil
	}
	return table, nil
}

// plainHooks reads what a Pickler object of a plain class can still have of its own;
// ok is false where it must be asked for each hook.
func (ob object) plainHooks(self python.Object) (ok bool, err error) {
	c, err := picklerClassOf(ob.door, self.Type())
	if err != nil || !c.plain {
		return false, err
	}
	table := c.table
	table.IncRef()
	defer func() { table.DecRef() }()
	own := python.GenericDict(self)
	if own.IsNil() {
		python.ClearError()
		return false, nil
	}
	defer own.DecRef()
	override, err := python.DictGetStr(own, interned.reducerOverride)
	if err != nil || !override.IsNil() {
		return false, err
	}
	ownTable, err := python.DictGetStr(own, interned.dispatchTable)
	if err != nil {
		return false, err
	}
	if !ownTable.IsNil() {
		ownTable.IncRef()
		table.DecRef()
		table = ownTable
	}
	globalsRef, err := python.DictGetStr(own, interned.globalsRef)
	if err != nil {
		return false, err
	}
	table.IncRef()
	globalsRef.XIncRef()
	ob.hooks.table, ob.hooks.globalsRef = table, globalsRef
	return true, nil
}
