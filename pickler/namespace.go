package pickler

import (
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A Namespace is a module whose functions payloads name: cloudpickle.cloudpickle
// or a copy of it inside another package. Its objects are held as long as the
// interpreter lives.
//
// The names are a frozen ABI; package abi spells those that payloads name.
type Namespace struct {
	module python.Object

	makeFunction, functionSetstate      namespaceFunction
	makeEmptyCell, makeCell             namespaceFunction
	makeSkeletonClass, makeSkeletonEnum namespaceFunction
	classSetstate, builtinType          namespaceFunction
	subimport, dynamicSubimport         namespaceFunction

	byValueModules, getOrCreateTrack python.Object
	trackedClasses                   python.Object // data of _DYNAMIC_CLASS_TRACKER_BY_CLASS

	// builtinNames are the types that the types module names, by address.
	builtinNames map[uintptr]python.Object
	// builtinPlaces says where they are, by some bits of the address: most classes are nowhere.
	builtinPlaces [1 << 8]bool
	// native are the reducers of the namespace's dispatch table that this
	// package does itself, by some bits of the type's address. Where a table has another
	// reducer for the type, that one is called.
	native [1 << 8]*nativeReducer
}

// NewNamespace reads a module of cloudpickle's names. dispatch is the dispatch
// table of its Pickler as it was made, before any user changed it.
func NewNamespace(module, dispatch, builtinNames python.Object) (*Namespace, error) {
	module.IncRef()
	ns := &Namespace{module: module}
	for function, to := range map[*abi.Function]*namespaceFunction{
		abi.MakeFunction:      &ns.makeFunction,
		abi.FunctionSetstate:  &ns.functionSetstate,
		abi.MakeEmptyCell:     &ns.makeEmptyCell,
		abi.MakeCell:          &ns.makeCell,
		abi.MakeSkeletonClass: &ns.makeSkeletonClass,
		abi.MakeSkeletonEnum:  &ns.makeSkeletonEnum,
		abi.ClassSetstate:     &ns.classSetstate,
		abi.BuiltinType:       &ns.builtinType,
		abi.Subimport:         &ns.subimport,
		abi.DynamicSubimport:  &ns.dynamicSubimport,
	} {
		var err error
		if *to, err = readNamespaceFunction(module, function.Name); err != nil {
			return nil, err
		}
	}
	for name, to := range map[string]*python.Object{
		"_PICKLE_BY_VALUE_MODULES":  &ns.byValueModules,
		"_get_or_create_tracker_id": &ns.getOrCreateTrack,
	} {
		o, err := attribute(module, name)
		if err != nil {
			return nil, err
		}
		*to = o
	}
	tracker, err := attribute(module, "_DYNAMIC_CLASS_TRACKER_BY_CLASS")
	if err != nil {
		return nil, err
	}
	defer tracker.DecRef()
	if ns.trackedClasses, err = attribute(tracker, "data"); err != nil {
		return nil, err
	}
	if err := ns.readBuiltinNames(builtinNames); err != nil {
		return nil, err
	}
	return ns, ns.readNative(dispatch)
}

func (ns *Namespace) readBuiltinNames(d python.Object) error {
	if !python.IsDict(d) {
		return fmt.Errorf("the table of builtin type names is no dict")
	}
	ns.builtinNames = map[uintptr]python.Object{}
	it := python.IterDict(d)
	for {
		t, name, ok := it.Next()
		if !ok {
			return nil
		}
		name.IncRef()
		ns.builtinNames[t.Addr()] = name
		ns.builtinPlaces[builtinPlace(t)] = true
	}
}

func builtinPlace(t python.Object) uintptr { return (t.Addr()>>5 ^ t.Addr()>>13) & 0xff }

// builtinName is what the types module calls t; ok is false where it doesn't name it.
func (ns *Namespace) builtinName(t python.Object) (name python.Object, ok bool) {
	if !ns.builtinPlaces[builtinPlace(t)] {
		return python.Nil, false
	}
	name, ok = ns.builtinNames[t.Addr()]
	return name, ok
}

// nativeReducer is a reducer that this package does itself: what the dispatch
// table must still have for the type, and how to save an instance.
type nativeReducer struct {
	class python.Object
	entry python.Object // owned
	save  func(*Pickler, python.Object) error
	next  *nativeReducer // in the same place
}

func (ns *Namespace) readNative(dispatch python.Object) error {
	for t, save := range map[python.Object]func(*Pickler, python.Object) error{
		python.CodeType:         (*Pickler).saveCode,
		python.CellType:         (*Pickler).saveCell,
		python.ClassMethodType:  (*Pickler).saveClassMethod,
		python.StaticMethodType: (*Pickler).saveClassMethod,
		python.PropertyType:     (*Pickler).saveProperty,
		python.MethodType:       (*Pickler).saveMethod,
		python.ModuleType:       (*Pickler).saveModule,
		python.MappingProxyType: (*Pickler).saveMappingProxy,
	} {
		entry, err := python.DictGet(dispatch, t)
		if err != nil {
			return err
		}
		if !entry.IsNil() {
			entry.IncRef()
			first := &ns.native[nativePlace(t)]
			*first = &nativeReducer{class: t, entry: entry, save: save, next: *first}
		}
	}
	return nil
}

// nativeFor gives the native reducer for a type, or nil.
func (ns *Namespace) nativeFor(t python.Object) *nativeReducer {
	native := ns.native[nativePlace(t)]
	for native != nil && native.class != t {
		native = native.next
	}
	return native
}

// nativePlace is a type's place in native.
func nativePlace(t python.Object) uint8 { return uint8(t.Addr()>>4 ^ t.Addr()>>12) }
