package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// interned are the strings that the pickler looks up or writes, held as long as
// the interpreter lives. They are the interned ones, as cloudpickle's are: an
// object that holds the same interned str shares its memo slot.
var interned struct {
	enumClass       python.Object // Enum
	enumModule      python.Object // enum
	bases           python.Object // __bases__
	builtins        python.Object // __builtins__
	class           python.Object // __class__
	closure         python.Object // __closure__
	defaults        python.Object // __defaults__
	dict            python.Object // __dict__
	doc             python.Object // __doc__
	file            python.Object // __file__
	funcAttr        python.Object // __func__
	get             python.Object // __get__
	moduleGetattr   python.Object // __getattr__
	getnewargs      python.Object // __getnewargs__
	getnewargsEx    python.Object // __getnewargs_ex__
	getstate        python.Object // __getstate__
	globals         python.Object // __globals__
	initSubclass    python.Object // __init_subclass__
	iter            python.Object // __iter__
	kwdefaults      python.Object // __kwdefaults__
	main            python.Object // __main__
	module          python.Object // __module__
	name            python.Object // __name__
	new             python.Object // __new__
	newobjName      python.Object // __newobj__
	newobjExName    python.Object // __newobj_ex__
	origBases       python.Object // __orig_bases__
	packageName     python.Object // __package__
	path            python.Object // __path__
	qualname        python.Object // __qualname__
	reduce          python.Object // __reduce__
	reduceEx        python.Object // __reduce_ex__
	selfAttr        python.Object // __self__
	slotnames       python.Object // __slotnames__
	slots           python.Object // __slots__
	strict          python.Object // strict
	typeParams      python.Object // __type_params__
	abcImpl         python.Object // _abc_impl
	submodules      python.Object // _cloudpickle_submodules
	inverted        python.Object // _inverted_
	memberMap       python.Object // _member_map_
	memberNames     python.Object // _member_names_
	privateName     python.Object // _name_
	privateValue    python.Object // _value_
	complete        python.Object // complete
	dispatchTable   python.Object // dispatch_table
	fdel            python.Object // fdel
	fget            python.Object // fget
	fset            python.Object // fset
	globalsRef      python.Object // globals_ref
	items           python.Object // items
	latin1          python.Object // latin1
	maps            python.Object // maps
	memberName      python.Object // name
	getattr         python.Object // getattr
	getattribute    python.Object // __getattribute__
	persistentID    python.Object // persistent_id
	reducerOverride python.Object // reducer_override
	skip            python.Object
	value           python.Object // value
	dump            python.Object // dump
	getvalue        python.Object // getvalue
	write           python.Object // write
}

func bindInterned() {
	for text, to := range map[string]*python.Object{
		"Enum":                    &interned.enumClass,
		"enum":                    &interned.enumModule,
		"__bases__":               &interned.bases,
		"__builtins__":            &interned.builtins,
		"__class__":               &interned.class,
		"__closure__":             &interned.closure,
		"__defaults__":            &interned.defaults,
		"__dict__":                &interned.dict,
		"__doc__":                 &interned.doc,
		"__file__":                &interned.file,
		"__func__":                &interned.funcAttr,
		"__get__":                 &interned.get,
		"__getattr__":             &interned.moduleGetattr,
		"__getattribute__":        &interned.getattribute,
		"__getnewargs__":          &interned.getnewargs,
		"__getnewargs_ex__":       &interned.getnewargsEx,
		"__getstate__":            &interned.getstate,
		"__globals__":             &interned.globals,
		"__init_subclass__":       &interned.initSubclass,
		"__iter__":                &interned.iter,
		"__kwdefaults__":          &interned.kwdefaults,
		"__main__":                &interned.main,
		"__module__":              &interned.module,
		"__name__":                &interned.name,
		"__new__":                 &interned.new,
		"__newobj__":              &interned.newobjName,
		"__newobj_ex__":           &interned.newobjExName,
		"__orig_bases__":          &interned.origBases,
		"__package__":             &interned.packageName,
		"__path__":                &interned.path,
		"__qualname__":            &interned.qualname,
		"__reduce__":              &interned.reduce,
		"__reduce_ex__":           &interned.reduceEx,
		"__self__":                &interned.selfAttr,
		"__slotnames__":           &interned.slotnames,
		"__slots__":               &interned.slots,
		"strict":                  &interned.strict,
		"__type_params__":         &interned.typeParams,
		"_abc_impl":               &interned.abcImpl,
		"_cloudpickle_submodules": &interned.submodules,
		"_inverted_":              &interned.inverted,
		"_member_map_":            &interned.memberMap,
		"_member_names_":          &interned.memberNames,
		"_name_":                  &interned.privateName,
		"_value_":                 &interned.privateValue,
		"complete":                &interned.complete,
		"dispatch_table":          &interned.dispatchTable,
		"fdel":                    &interned.fdel,
		"fget":                    &interned.fget,
		"fset":                    &interned.fset,
		"getattr":                 &interned.getattr,
		"globals_ref":             &interned.globalsRef,
		"items":                   &interned.items,
		"latin1":                  &interned.latin1,
		"maps":                    &interned.maps,
		"name":                    &interned.memberName,
		"persistent_id":           &interned.persistentID,
		"reducer_override":        &interned.reducerOverride,
		"skip":                    &interned.skip,
		"value":                   &interned.value,
		"dump":                    &interned.dump,
		"getvalue":                &interned.getvalue,
		"write":                   &interned.write,
	} {
		*to = python.Intern(text)
	}
}
