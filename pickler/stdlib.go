package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// stdlibObjects are the objects of the standard library that the pickler uses,
// held as long as the interpreter lives.
type stdlibObjects struct {
	pickler, picklingError, bytesIO           python.Object
	codecsEncode, getattr, partial            python.Object
	getattrModule                             python.Object // getattr.__module__
	functoolsGlobals                          python.Object // functools.__dict__
	copyregTable, extensionRegistry, chainMap python.Object
	nameMapping, importMapping                python.Object // _compat_pickle, 3 to 2
	abcMeta, abcGetDump                       python.Object
	getsetType, memberType                    python.Object
	complexType, sliceType, add               python.Object
	weakref, dequeIterator, listIterator      python.Object    // types
	itemIterators                             [2]python.Object // of the items of dict and OrderedDict
	addNote                                   python.Object    // BaseException.add_note, Nil before 3.11
	methodDescriptor                          python.Object    // type of a method written in C
	neverOverrides                            python.Object    // a reducer_override that always returns NotImplemented
	lateTable                                 python.Object    // _reducers.DispatchTable, or Nil

	// What a class inherits that has nothing of its own: the methods of object,
	// borrowed from it, and those of enum, Nil until that is imported.
	objectReduceEx, objectReduce, objectClass python.Object
	objectGetstate                            python.Object // Nil before 3.11
	objectInitSubclass                        python.Object
	enum, enumIter, enumName, enumValue       python.Object
	typeName, typeModule, typeQualname        python.Object // descriptors of the class type

	emptyStr      python.Object
	chars         [256]python.Object                         // "".join of one character
	protocols     [6]python.Object                           // the ints 0 to 5
	functionSlots [len(abi.FunctionAttributes)]python.Object // interned
	baseGlobals   [len(abi.BaseGlobals)]python.Object        // interned

	nestedByName bool // see writeNestedGlobal
}

var stdlib stdlibObjects

// bindStdlib imports what stdlib holds. After an error it is called again, when the
// engine is next asked for, and then imports everything anew.
func bindStdlib() error {
	if bindInterned(); python.Occurred() {
		return python.ErrPython
	}
	for _, want := range []struct {
		module, name string
		to           *python.Object
	}{
		{"_pickle", "PicklingError", &stdlib.picklingError},
		{"_pickle", "Pickler", &stdlib.pickler},
		{"_io", "BytesIO", &stdlib.bytesIO},
		{"codecs", "encode", &stdlib.codecsEncode},
		{"builtins", "getattr", &stdlib.getattr},
		{"functools", "partial", &stdlib.partial},
		{"copyreg", "dispatch_table", &stdlib.copyregTable},
		{"copyreg", "_extension_registry", &stdlib.extensionRegistry},
		{"collections", "ChainMap", &stdlib.chainMap},
		{"_compat_pickle", "REVERSE_NAME_MAPPING", &stdlib.nameMapping},
		{"_compat_pickle", "REVERSE_IMPORT_MAPPING", &stdlib.importMapping},
		{"abc", "ABCMeta", &stdlib.abcMeta},
		{"abc", "_get_dump", &stdlib.abcGetDump},
		{"types", "GetSetDescriptorType", &stdlib.getsetType},
		{"types", "MemberDescriptorType", &stdlib.memberType},
		{"types", "MethodDescriptorType", &stdlib.methodDescriptor},
		{"builtins", "complex", &stdlib.complexType},
		{"builtins", "slice", &stdlib.sliceType},
		{"operator", "add", &stdlib.add},
		{"_weakref", "ref", &stdlib.weakref},
		{"_collections", "_deque_iterator", &stdlib.dequeIterator},
	} {
		o, err := importFrom(want.module, want.name)
		if err != nil {
			return err
		}
		*want.to = o
	}
	var err error
	if err := python.BindPickler(stdlib.pickler); err != nil {
		return err
	}
	// None is itself never given to a reducer_override, and equals nothing else.
	if stdlib.neverOverrides, err = attribute(python.None, "__eq__"); err != nil {
		return err
	}
	if err := bindAddNote(); err != nil {
		return err
	}
	if stdlib.getattrModule, err = attribute(stdlib.getattr, "__module__"); err != nil {
		return err
	}
	if stdlib.functoolsGlobals, err = importFrom("functools", "__dict__"); err != nil {
		return err
	}
	for i := range stdlib.protocols {
		stdlib.protocols[i] = python.NewLong(i)
	}
	for i := range stdlib.chars {
		stdlib.chars[i] = python.Char(i)
	}
	stdlib.emptyStr = python.NewStr("")
	for i, name := range abi.FunctionAttributes {
		stdlib.functionSlots[i] = python.Intern(name)
	}
	for i, name := range abi.BaseGlobals {
		stdlib.baseGlobals[i] = python.Intern(name)
	}
	if python.Occurred() { // of what needs only memory
		return python.ErrPython
	}
	if err := findNestedByName(); err != nil {
		return err
	}
	if err := bindObjectMethods(); err != nil {
		return err
	}
	if err := bindIterators(); err != nil {
		return err
	}
	return bindPartial()
}

func bindAddNote() error {
	if python.Minor() < 11 {
		return nil
	}
	base, err := importFrom("builtins", "BaseException")
	if err != nil {
		return err
	}
	stdlib.addNote, err = attribute(base, "add_note")
	base.DecRef()
	return err
}

// bindIterators finds the types of iterators, which have no names.
func bindIterators() (err error) {
	list, dict, ordered := python.NewList(stdlib.emptyStr), python.NewDict(), python.Nil
	defer func() {
		list.XDecRef()
		dict.XDecRef()
		ordered.XDecRef()
	}()
	if list.IsNil() || dict.IsNil() {
		return python.ErrPython
	}
	if stdlib.listIterator, err = iteratorType(list); err != nil {
		return err
	}
	class, err := importFrom("collections", "OrderedDict")
	if err != nil {
		return err
	}
	defer class.DecRef()
	if ordered = python.Call0(class); ordered.IsNil() {
		return python.ErrPython
	}
	for i, o := range [...]python.Object{dict, ordered} {
		items := python.CallMethod0(o, interned.items)
		if items.IsNil() {
			return python.ErrPython
		}
		stdlib.itemIterators[i], err = iteratorType(items)
		items.DecRef()
		if err != nil {
			return err
		}
	}
	return nil
}

// iteratorType is type(iter(o)), a new reference.
func iteratorType(o python.Object) (python.Object, error) {
	it := python.Iter(o)
	if it.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer it.DecRef()
	t := it.Type()
	t.IncRef()
	return t, nil
}

// bindObjectMethods finds what an instance's reduction must still be for the
// native path: the methods of object; and the names that type has of a class.
func bindObjectMethods() error {
	err := bindDict(python.ObjectType, map[python.Object]*python.Object{
		interned.reduceEx: &stdlib.objectReduceEx,
		interned.reduce:   &stdlib.objectReduce,
		interned.getstate: &stdlib.objectGetstate,
		interned.class:    &stdlib.objectClass,

		interned.initSubclass: &stdlib.objectInitSubclass,
	})
	if err != nil {
		return err
	}
	python.BindReduce(python.ReduceMethods{
		ReduceEx: [2]python.Object{interned.reduceEx, stdlib.objectReduceEx},
		Reduce:   [2]python.Object{interned.reduce, stdlib.objectReduce},
		Getstate: [2]python.Object{interned.getstate, stdlib.objectGetstate},
	})
	return bindDict(python.TypeType, map[python.Object]*python.Object{
		interned.name:     &stdlib.typeName,
		interned.module:   &stdlib.typeModule,
		interned.qualname: &stdlib.typeQualname,
	})
}

// bindDict takes items of a type's own __dict__; Nil for what it has not.
func bindDict(t python.Object, want map[python.Object]*python.Object) error {
	d, err := python.TypeDict(t)
	if err != nil {
		return err
	}
	defer d.DecRef()
	for name, to := range want {
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
	if key.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer key.DecRef()
	found := python.GetAttr(o, key)
	if found.IsNil() {
		return python.Nil, python.ErrPython
	}
	return found, nil
}
