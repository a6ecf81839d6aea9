package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// commonObjects are the objects of the standard library and the interned strings that
// the pickler uses, held as long as the interpreter lives.
//
// The strings are the interned ones, since cloudpickle's are: an object that
// holds the same interned str shares its memo slot.
type commonObjects struct {
	picklingError, codecsEncode, getattr, partial           python.Object
	copyregTable, extensionRegistry, chainMap               python.Object
	nameMapping, importMapping                              python.Object // _compat_pickle, 3 to 2
	objectReduceEx, objectReduce                            python.Object
	objectGetstate                                          python.Object // Nil before 3.11
	objectClass, getsetType                                 python.Object
	newobj                                                  python.Object
	abcMeta, abcGetDump                                     python.Object
	protocols                                               [6]python.Object // the ints 0 to 5
	newobjName, newobjExName                                python.Object
	functionSlots                                           [10]python.Object // keys of a function's state, in order
	nestedByName                                            bool              // see writeNestedGlobal
	enum                                                    python.Object     // Nil until enum is imported
	lateTable, emptyStr                                     python.Object
	chars                                                   [256]python.Object // "".join of one character
	latin1, items, maps, dispatchTable, data                python.Object
	name, qualname, module, class, new, doc                 python.Object
	reduceEx, reduce, getstate                              python.Object
	getnewargs, getnewargsEx, slotnames                     python.Object
	annotations, kwdefaults, defaults, closure              python.Object
	globals, submodules, builtins                           python.Object
	packageName, path, file, main                           python.Object
	dict, weakref, slots, origBases, bases                  python.Object
	abcImpl, annotateFunc                                   python.Object
	fget, fset, fdel, funcAttr, selfAttr                    python.Object
	value, memberName, enumClass, moduleGetattr             python.Object
	iter, privateName, privateValue, memberNames, memberMap python.Object
	enumIter, enumName, enumValue                           python.Object // of enum.EnumType and enum.Enum, owned
	complete, write, fast, persistentID                     python.Object
	reducerOverride, globalsRef                             python.Object
}

var common commonObjects

// bindCommon imports what common holds.
func bindCommon() error {
	for text, to := range map[string]*python.Object{
		"latin1": &common.latin1, "items": &common.items, "maps": &common.maps,
		"dispatch_table": &common.dispatchTable, "data": &common.data,
		"__name__": &common.name, "__qualname__": &common.qualname, "__module__": &common.module,
		"__class__": &common.class, "__new__": &common.new, "__doc__": &common.doc,
		"__reduce_ex__": &common.reduceEx, "__reduce__": &common.reduce, "__getstate__": &common.getstate,
		"__getnewargs__": &common.getnewargs, "__getnewargs_ex__": &common.getnewargsEx,
		"__slotnames__":   &common.slotnames,
		"__annotations__": &common.annotations, "__kwdefaults__": &common.kwdefaults,
		"__defaults__": &common.defaults, "__closure__": &common.closure, "__globals__": &common.globals,
		"_cloudpickle_submodules": &common.submodules, "__builtins__": &common.builtins,
		"__package__": &common.packageName, "__path__": &common.path, "__file__": &common.file,
		"__main__": &common.main, "__dict__": &common.dict, "__weakref__": &common.weakref,
		"__slots__": &common.slots, "__orig_bases__": &common.origBases, "__bases__": &common.bases,
		"_abc_impl": &common.abcImpl, "__annotate_func__": &common.annotateFunc,
		"fget": &common.fget, "fset": &common.fset, "fdel": &common.fdel,
		"__func__": &common.funcAttr, "__self__": &common.selfAttr,
		"value": &common.value, "name": &common.memberName, "Enum": &common.enumClass,
		"__getattr__": &common.moduleGetattr, "complete": &common.complete, "__iter__": &common.iter,
		"_name_": &common.privateName, "_value_": &common.privateValue,
		"_member_names_": &common.memberNames, "_member_map_": &common.memberMap,
		"__newobj__": &common.newobjName, "__newobj_ex__": &common.newobjExName,
		"write": &common.write, "fast": &common.fast, "persistent_id": &common.persistentID,
		"reducer_override": &common.reducerOverride, "globals_ref": &common.globalsRef,
	} {
		*to = python.Intern(text)
	}
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
		{"copyreg", "__newobj__", &common.newobj},
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
	for i := range common.protocols {
		common.protocols[i] = python.NewLong(i)
	}
	for i := range common.chars {
		common.chars[i] = python.Char(i)
	}
	common.emptyStr = python.NewStr("")
	common.functionSlots = [...]python.Object{
		common.name, common.qualname, common.annotations, common.kwdefaults, common.defaults,
		common.module, common.doc, common.closure, common.submodules, common.globals,
	}
	if err := findNestedByName(); err != nil {
		return err
	}
	return bindObjectMethods()
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
		common.reduceEx: &common.objectReduceEx,
		common.reduce:   &common.objectReduce,
		common.getstate: &common.objectGetstate,
		common.class:    &common.objectClass,
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
