package python

/*
#include "shims.h"
static void *cell_get(ref o) { return py.PyCell_Get((PyObject *)o); }
static void *module_dict(ref o) { return py.PyModule_GetDict((PyObject *)o); }
*/
import "C"

import "unsafe"

// FunctionFields are the parts of a function object, each a new reference.
//
// A part that is None in Python is None here. Annotations is Nil for a function
// whose __annotations__ dict the interpreter has not made yet and would make
// empty; Dict is Nil for one without attributes.
type FunctionFields struct {
	Code, Globals, Name, Qualname, Module, Doc       Object
	Annotations, Defaults, Kwdefaults, Closure, Dict Object
}

// ReadFunction reads a function's parts. The caller must Release them.
func ReadFunction(f Object, into *FunctionFields) error {
	if !fast {
		return readFunctionPortable(f, into)
	}
	*into = FunctionFields{
		Code:       objectAt(f, offFunctionCode),
		Globals:    objectAt(f, offFunctionGlobals),
		Name:       objectAt(f, offFunctionName),
		Qualname:   objectAt(f, offFunctionQualname),
		Module:     orNone(objectAt(f, offFunctionModule)),
		Doc:        orNone(objectAt(f, offFunctionDoc)),
		Defaults:   orNone(objectAt(f, offFunctionDefaults)),
		Kwdefaults: orNone(objectAt(f, offFunctionKwdefaults)),
		Closure:    orNone(objectAt(f, offFunctionClosure)),
		Dict:       objectAt(f, offFunctionDict),
	}
	for _, o := range into.all() {
		if !o.IsNil() {
			o.IncRef()
		}
	}
	annotations := objectAt(f, offFunctionAnnotations)
	switch {
	case annotations.IsNil() && (current.functionAnno == 0 || orNone(objectAt(f, current.functionAnno)) == None):
		return nil
	case !annotations.IsNil() && annotations.Type() == DictType:
		annotations.IncRef()
		into.Annotations = annotations
		return nil
	}
	// Up to 3.13 the compiler leaves a flat tuple that the getter turns into a
	// dict; from 3.14 (PEP 649) the getter calls the function's __annotate__.
	if into.Annotations = GetAttr(f, names.annotations); into.Annotations.IsNil() {
		into.Release()
		return ErrPython
	}
	return nil
}

func orNone(o Object) Object {
	if o.IsNil() {
		return None
	}
	return o
}

func readFunctionPortable(f Object, into *FunctionFields) error {
	*into = FunctionFields{}
	// In cloudpickle's order, since reading __annotations__ can run Python code.
	for _, field := range []struct {
		name Object
		to   *Object
	}{
		{names.code, &into.Code}, {names.globals, &into.Globals},
		{names.name, &into.Name}, {names.qualname, &into.Qualname},
		{names.annotations, &into.Annotations}, {names.kwdefaults, &into.Kwdefaults},
		{names.defaults, &into.Defaults}, {names.module, &into.Module},
		{names.doc, &into.Doc}, {names.closure, &into.Closure}, {names.dict, &into.Dict},
	} {
		if *field.to = GetAttr(f, field.name); field.to.IsNil() {
			into.Release()
			return ErrPython
		}
	}
	return nil
}

// all views the fields as an array: they are Objects and nothing else.
func (ff *FunctionFields) all() *[unsafe.Sizeof(FunctionFields{}) / 8]Object {
	return (*[unsafe.Sizeof(FunctionFields{}) / 8]Object)(unsafe.Pointer(ff))
}

// Release gives the references back.
func (ff *FunctionFields) Release() {
	for _, o := range ff.all() {
		o.XDecRef()
	}
	*ff = FunctionFields{}
}

// FunctionTypeParams is f.__type_params__ (PEP 695), a new reference, or Nil where that
// is empty.
func FunctionTypeParams(f Object) (Object, error) {
	if Minor() < 12 {
		return Nil, nil
	}
	var params Object
	if !fast {
		if params = GetAttr(f, names.typeParams); params.IsNil() {
			return Nil, ErrPython
		}
	} else if params = objectAt(f, current.functionTypeParams); !params.IsNil() {
		params.IncRef()
	}
	if !params.IsNil() && params.Type() == TupleType && TupleSize(params) == 0 {
		params.DecRef()
		return Nil, nil
	}
	return params, nil
}

// FunctionModule is f.__module__, a new reference.
func FunctionModule(f Object) (Object, error) {
	return functionField(f, offFunctionModule, names.module)
}

// FunctionQualname is f.__qualname__, a new reference.
func FunctionQualname(f Object) (Object, error) {
	return functionField(f, offFunctionQualname, names.qualname)
}

func functionField(f Object, offset uintptr, name Object) (Object, error) {
	if fast {
		o := orNone(objectAt(f, offset))
		o.IncRef()
		return o, nil
	}
	if o := GetAttr(f, name); !o.IsNil() {
		return o, nil
	}
	return Nil, ErrPython
}

// CellContents is what a cell holds, a new reference, or Nil when it is empty.
func CellContents(c Object) Object {
	if !fast {
		o := Object{C.cell_get(c.ref())}
		if o.IsNil() {
			ClearError()
		}
		return o
	}
	o := objectAt(c, offCellRef)
	if !o.IsNil() {
		o.IncRef()
	}
	return o
}

// ModuleDict is the namespace of a module, borrowed.
func ModuleDict(m Object) Object {
	if !fast {
		return portableModuleDict(m)
	}
	return Object{*(*unsafe.Pointer)(unsafe.Add(m.p, offModuleDict))}
}

//go:noinline
func portableModuleDict(m Object) Object { return Object{C.module_dict(m.ref())} }
