package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// commonObjects are the objects of the standard library that the pickler uses,
// held as long as the interpreter lives.
type commonObjects struct {
	picklingError, codecsEncode, getattr, partial python.Object
	getattrModule                                 python.Object // getattr.__module__
	copyregTable, extensionRegistry, chainMap     python.Object
	nameMapping, importMapping                    python.Object // _compat_pickle, 3 to 2
	abcMeta, abcGetDump, getsetType               python.Object
	lateTable                                     python.Object // _reducers.DispatchTable, or Nil

	// What a class inherits that has nothing of its own: the methods of object,
	// borrowed from it, and those of enum, Nil until that is imported.
	objectReduceEx, objectReduce, objectClass python.Object
	objectGetstate                            python.Object // Nil before 3.11
	enum, enumIter, enumName, enumValue       python.Object

	emptyStr      python.Object
	chars         [256]python.Object // "".join of one character
	protocols     [6]python.Object   // the ints 0 to 5
	functionSlots [10]python.Object  // keys of a function's state, in order

	nestedByName bool // see writeNestedGlobal
}

var common commonObjects

// bindCommon imports what common holds.
func bindCommon() error {
	bindInterned()
	for _, want := range []struct {
		module, name string
		to           *python.Object
	}{
		{"_pickle", "PicklingError", &common.picklingError},
		{"codecs", "encode", &common.codecsEncode},
		{"builtins", "getattr", &common.getattr},
		{"functools", "partial", &common.partial},
		{"copyreg", "dispatch_table", &common.copyregTable},
		{"copyreg", "_extension_registry", &common.extensionRegistry},
		{"collections", "ChainMap", &common.chainMap},
		{"_compat_pickle", "REVERSE_NAME_MAPPING", &common.nameMapping},
		{"_compat_pickle", "REVERSE_IMPORT_MAPPING", &common.importMapping},
		{"abc", "ABCMeta", &common.abcMeta},
		{"abc", "_get_dump", &common.abcGetDump},
		{"types", "GetSetDescriptorType", &common.getsetType},
	} {
		o, err := importFrom(want.module, want.name)
		if err != nil {
			return err
		}
		*want.to = o
	}
	var err error
	if common.getattrModule, err = attribute(common.getattr, "__module__"); err != nil {
		return err
	}
	for i := range common.protocols {
		common.protocols[i] = python.NewLong(i)
	}
	for i := range common.chars {
		common.chars[i] = python.Char(i)
	}
	common.emptyStr = python.NewStr("")
	common.functionSlots = [...]python.Object{
		interned.name, interned.qualname, interned.annotations, interned.kwdefaults, interned.defaults,
		interned.module, interned.doc, interned.closure, interned.submodules, interned.globals,
	}
	if err := findNestedByName(); err != nil {
		return err
	}
	if err := bindObjectMethods(); err != nil {
		return err
	}
	return bindPartial()
}

// bindObjectMethods finds what an instance's reduction must still be for the
// native path: the methods of object.
func bindObjectMethods() error {
	d, err := python.TypeDict(python.ObjectType)
	if err != nil {
		return err
	}
	defer d.DecRef()
	for name, to := range map[python.Object]*python.Object{
		interned.reduceEx: &common.objectReduceEx,
		interned.reduce:   &common.objectReduce,
		interned.getstate: &common.objectGetstate,
		interned.class:    &common.objectClass,
	} {
		if *to, err = python.DictGetStr(d, name); err != nil {
			return err
		}
		if !to.IsNil() {
			to.IncRef()
		}
	}
	return nil
}

// importFrom is "from module import name": a new reference.
func importFrom(module, name string) (python.Object, error) {
	m := python.Import(module)
	if m.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer m.DecRef()
	return attribute(m, name)
}

func attribute(o python.Object, name string) (python.Object, error) {
	key := python.Intern(name)
	defer key.DecRef()
	found := python.GetAttr(o, key)
	if found.IsNil() {
		return python.Nil, python.ErrPython
	}
	return found, nil
}
