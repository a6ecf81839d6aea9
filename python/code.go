package python

/*
#include "shims.h"
static void *code_code(ref o) { return py.PyCode_GetCode((PyObject *)o); }
*/
import "C"

import "unsafe"

// CodeFields are the parts of a code object that its constructor takes.
// Objects are new references; Qualname and ExceptionTable are Nil before 3.11.
type CodeFields struct {
	Argcount, Posonlyargcount, Kwonlyargcount int
	Nlocals, Stacksize, Flags, Firstlineno    int

	codeObjects
}

// codeObjects are the fields of CodeFields that are Objects.
type codeObjects struct {
	Code, Consts, Names, Filename, Name, Qualname, Linetable, ExceptionTable Object

	// Up to 3.10, and on the portable path, these are tuples. On the layout
	// path of 3.11+ they are Nil, and NextLocal gives their items.
	Varnames, Freevars, Cellvars Object

	localNames, localKinds Object
}

// Kinds of a local variable (Include/internal/pycore_code.h), a bit set.
const (
	LocalVar  = 0x20
	LocalCell = 0x40
	LocalFree = 0x80
)

// codeLayout holds the offsets in PyCodeObject.
type codeLayout struct {
	argcount, posonlyargcount, kwonlyargcount uintptr
	nlocals, stacksize, flags, firstlineno    uintptr
	code, consts, names, filename, name       uintptr
	qualname, linetable, exceptiontable       uintptr
	varnames, freevars, cellvars              uintptr // up to 3.10
	localNames, localKinds                    uintptr // from 3.11
}

func codeLayoutFor(minor int) codeLayout {
	switch minor {
	case 10:
		return codeLayout{
			argcount: 16, posonlyargcount: 20, kwonlyargcount: 24, nlocals: 28, stacksize: 32,
			flags: 36, firstlineno: 40, code: 48, consts: 56, names: 64, varnames: 72,
			freevars: 80, cellvars: 88, filename: 104, name: 112, linetable: 120,
		}
	case 11:
		return codeLayout{
			consts: 24, names: 32, exceptiontable: 40, flags: 48, argcount: 56,
			posonlyargcount: 60, kwonlyargcount: 64, stacksize: 68, firstlineno: 72,
			nlocals: 80, localNames: 96, localKinds: 104, filename: 112, name: 120,
			qualname: 128, linetable: 136,
		}
	}
	return codeLayout{
		consts: 24, names: 32, exceptiontable: 40, flags: 48, argcount: 52,
		posonlyargcount: 56, kwonlyargcount: 60, stacksize: 64, firstlineno: 68,
		nlocals: 80, localNames: 96, localKinds: 104, filename: 112, name: 120,
		qualname: 128, linetable: 136,
	}
}

// ReadCode reads a code object's parts. The caller must Release them.
func ReadCode(o Object, into *CodeFields) error {
	if !fast {
		return readCodePortable(o, into)
	}
	l := &current.codeFields
	*into = CodeFields{
		Argcount:        int(at[int32](o, l.argcount)),
		Posonlyargcount: int(at[int32](o, l.posonlyargcount)),
		Kwonlyargcount:  int(at[int32](o, l.kwonlyargcount)),
		Nlocals:         int(at[int32](o, l.nlocals)),
		Stacksize:       int(at[int32](o, l.stacksize)),
		Flags:           int(at[int32](o, l.flags)),
		Firstlineno:     int(at[int32](o, l.firstlineno)),
	}
	into.Consts = objectAt(o, l.consts)
	into.Names = objectAt(o, l.names)
	into.Filename = objectAt(o, l.filename)
	into.Name = objectAt(o, l.name)
	into.Linetable = objectAt(o, l.linetable)
	if l.localNames == 0 {
		into.Code = objectAt(o, l.code)
		into.Varnames = objectAt(o, l.varnames)
		into.Freevars = objectAt(o, l.freevars)
		into.Cellvars = objectAt(o, l.cellvars)
	} else {
		into.Qualname = objectAt(o, l.qualname)
		into.ExceptionTable = objectAt(o, l.exceptiontable)
		into.localNames = objectAt(o, l.localNames)
		into.localKinds = objectAt(o, l.localKinds)
	}
	for _, o := range into.all() {
		if !o.IsNil() {
			o.IncRef()
		}
	}
	if into.Code.IsNil() {
		// From 3.11 co_code is made from the specialized instructions, and
		// cached in the code object.
		if into.Code = (Object{C.code_code(o.ref())}); into.Code.IsNil() {
			into.Release()
			return ErrPython
		}
	}
	return nil
}

func readCodePortable(o Object, into *CodeFields) error {
	*into = CodeFields{}
	for _, field := range []struct {
		name Object
		to   *int
	}{
		{names.coArgcount, &into.Argcount}, {names.coPosonlyargcount, &into.Posonlyargcount},
		{names.coKwonlyargcount, &into.Kwonlyargcount}, {names.coNlocals, &into.Nlocals},
		{names.coStacksize, &into.Stacksize}, {names.coFlags, &into.Flags},
		{names.coFirstlineno, &into.Firstlineno},
	} {
		v := GetAttr(o, field.name)
		if v.IsNil() {
			return ErrPython
		}
		*field.to = AsLong(v)
		v.DecRef()
	}
	fields := []struct {
		name Object
		to   *Object
	}{
		{names.coCode, &into.Code}, {names.coConsts, &into.Consts}, {names.coNames, &into.Names},
		{names.coVarnames, &into.Varnames}, {names.coFreevars, &into.Freevars},
		{names.coCellvars, &into.Cellvars}, {names.coFilename, &into.Filename},
		{names.coName, &into.Name}, {names.coLinetable, &into.Linetable},
		{names.coQualname, &into.Qualname}, {names.coExceptiontable, &into.ExceptionTable},
	}
	if minorVersion < 11 {
		fields = fields[:len(fields)-2]
	}
	for _, field := range fields {
		if *field.to = GetAttr(o, field.name); field.to.IsNil() {
			into.Release()
			return ErrPython
		}
	}
	return nil
}

// all views the objects as an array: there is nothing else among them.
func (co *codeObjects) all() *[unsafe.Sizeof(codeObjects{}) / 8]Object {
	return (*[unsafe.Sizeof(codeObjects{}) / 8]Object)(unsafe.Pointer(co))
}

// Release gives the references back.
func (cf *CodeFields) Release() {
	for _, o := range cf.all() {
		o.XDecRef()
	}
	cf.codeObjects = codeObjects{}
}

// CodeNames is co_names, a new reference.
func CodeNames(code Object) (Object, error) {
	if fast {
		t := objectAt(code, current.codeFields.names)
		t.IncRef()
		return t, nil
	}
	if t := GetAttr(code, names.coNames); !t.IsNil() {
		return t, nil
	}
	return Nil, ErrPython
}

// FreeVariables is the number of a code object's free variables.
func FreeVariables(code Object) (int, error) {
	if l := &current.codeFields; fast && l.localKinds != 0 {
		n := 0
		for _, k := range Bytes(objectAt(code, l.localKinds)) {
			if k&LocalFree != 0 {
				n++
			}
		}
		return n, nil
	}
	var cf CodeFields
	if err := ReadCode(code, &cf); err != nil {
		return 0, err
	}
	n := TupleSize(cf.Freevars)
	cf.Release()
	return n, nil
}

// LocalsTuple is co_varnames (LocalVar), co_cellvars or co_freevars, borrowed
// from cf, where the code object has them as tuples; Nil where NextLocal gives them.
func (cf *CodeFields) LocalsTuple(kind byte) Object {
	switch {
	case kind == LocalCell:
		return cf.Cellvars
	case kind == LocalFree:
		return cf.Freevars
	}
	return cf.Varnames
}

// CountLocals is the number of names that NextLocal gives.
func (cf *CodeFields) CountLocals(kind byte) int {
	n := 0
	for _, k := range Bytes(cf.localKinds) {
		if k&kind != 0 {
			n++
		}
	}
	return n
}

// NextLocal gives the first name of one kind at or after index i, borrowed from
// cf, and its index; Nil when there is none.
func (cf *CodeFields) NextLocal(kind byte, i int) (Object, int) {
	kinds := Bytes(cf.localKinds)
	for ; i < len(kinds); i++ {
		if kinds[i]&kind != 0 {
			return TupleItem(cf.localNames, i), i
		}
	}
	return Nil, i
}
