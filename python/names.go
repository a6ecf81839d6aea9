package python

// names are the attribute names that this package reads itself, interned once.
var names struct {
	dict, code, globals, name, qualname, annotations, typeParams, kwdefaults, defaults Object
	module, doc, closure, toBytes, signed, bases, getattribute                         Object
	persistentID, class, empty, join                                                   Object

	coArgcount, coPosonlyargcount, coKwonlyargcount, coNlocals, coStacksize Object
	coFlags, coFirstlineno, coCode, coConsts, coNames, coVarnames           Object
	coFreevars, coCellvars, coFilename, coName, coLinetable                 Object
	coQualname, coExceptiontable                                            Object
}

func internNames() error {
	for name, to := range map[string]*Object{
		"__dict__": &names.dict, "__code__": &names.code, "__globals__": &names.globals,
		"__name__": &names.name, "__qualname__": &names.qualname,
		"__type_params__": &names.typeParams,
		"__annotations__": &names.annotations, "__kwdefaults__": &names.kwdefaults,
		"__defaults__": &names.defaults, "__module__": &names.module, "__doc__": &names.doc,
		"__closure__": &names.closure, "__bases__": &names.bases, "__getattribute__": &names.getattribute,
		"__class__": &names.class, "": &names.empty, "join": &names.join,
		"to_bytes": &names.toBytes, "signed": &names.signed, "persistent_id": &names.persistentID,
		"co_argcount": &names.coArgcount, "co_posonlyargcount": &names.coPosonlyargcount,
		"co_kwonlyargcount": &names.coKwonlyargcount, "co_nlocals": &names.coNlocals,
		"co_stacksize": &names.coStacksize, "co_flags": &names.coFlags,
		"co_firstlineno": &names.coFirstlineno, "co_code": &names.coCode,
		"co_consts": &names.coConsts, "co_names": &names.coNames,
		"co_varnames": &names.coVarnames, "co_freevars": &names.coFreevars,
		"co_cellvars": &names.coCellvars, "co_filename": &names.coFilename,
		"co_name": &names.coName, "co_linetable": &names.coLinetable,
		"co_qualname": &names.coQualname, "co_exceptiontable": &names.coExceptiontable,
	} {
		if to.IsNil() {
			*to = Intern(name)
		}
		if to.IsNil() {
			return ErrPython
		}
	}
	return nil
}
