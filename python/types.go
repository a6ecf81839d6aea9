package python

/*
#include "shims.h"
static unsigned long type_flags(ref t) { return py.PyType_GetFlags((PyObject *)t); }
static void *type_dict(ref t) { return py.PyType_GetDict ? py.PyType_GetDict((PyObject *)t) : NULL; }

#define X(name) static void *data_##name(void) { return py.name; }
PY_DATA(X)
#undef X
#define X(name) static void *data_##name(void) { return *py.name; }
PY_DATA_PTR(X)
#undef X
*/
import "C"

import (
	"strings"
	"unsafe"
)

// Singletons and types of the interpreter, alive as long as it is. They are set
// by Init.
var (
	None, True, False, Ellipsis, NotImplemented Object

	ObjectType, TypeType, IntType, BoolType, FloatType   Object
	StrType, BytesType, ByteArrayType, TupleType         Object
	ListType, DictType, SetType, FrozenSetType           Object
	PickleBufferType, FunctionType, CodeType, CellType   Object
	ModuleType, MethodType, PropertyType                 Object
	ClassMethodType, StaticMethodType, MappingProxyType  Object
	BuiltinFunctionType, NoneType                        Object
	AttributeError, ImportError, KeyError, OverflowError Object
	RecursionError, RuntimeError, SystemError, TypeError Object
	ValueError, UnicodeEncodeError, ExceptionType        Object
	MemoryError                                          Object
)

// bindTypes fills the variables above from the exported data symbols.
func bindTypes() {
	None = Object{C.data__Py_NoneStruct()}
	True = Object{C.data__Py_TrueStruct()}
	False = Object{C.data__Py_FalseStruct()}
	Ellipsis = Object{C.data__Py_EllipsisObject()}
	NotImplemented = Object{C.data__Py_NotImplementedStruct()}
	NoneType = None.Type()

	ObjectType = Object{C.data_PyBaseObject_Type()}
	TypeType = Object{C.data_PyType_Type()}
	IntType = Object{C.data_PyLong_Type()}
	BoolType = Object{C.data_PyBool_Type()}
	FloatType = Object{C.data_PyFloat_Type()}
	StrType = Object{C.data_PyUnicode_Type()}
	BytesType = Object{C.data_PyBytes_Type()}
	ByteArrayType = Object{C.data_PyByteArray_Type()}
	TupleType = Object{C.data_PyTuple_Type()}
	ListType = Object{C.data_PyList_Type()}
	DictType = Object{C.data_PyDict_Type()}
	SetType = Object{C.data_PySet_Type()}
	FrozenSetType = Object{C.data_PyFrozenSet_Type()}
	PickleBufferType = Object{C.data_PyPickleBuffer_Type()}
	FunctionType = Object{C.data_PyFunction_Type()}
	CodeType = Object{C.data_PyCode_Type()}
	CellType = Object{C.data_PyCell_Type()}
	ModuleType = Object{C.data_PyModule_Type()}
	MethodType = Object{C.data_PyMethod_Type()}
	PropertyType = Object{C.data_PyProperty_Type()}
	ClassMethodType = Object{C.data_PyClassMethod_Type()}
	StaticMethodType = Object{C.data_PyStaticMethod_Type()}
	MappingProxyType = Object{C.data_PyDictProxy_Type()}
	BuiltinFunctionType = Object{C.data_PyCFunction_Type()}

	AttributeError = Object{C.data_PyExc_AttributeError()}
	ImportError = Object{C.data_PyExc_ImportError()}
	KeyError = Object{C.data_PyExc_KeyError()}
	OverflowError = Object{C.data_PyExc_OverflowError()}
	RecursionError = Object{C.data_PyExc_RecursionError()}
	RuntimeError = Object{C.data_PyExc_RuntimeError()}
	SystemError = Object{C.data_PyExc_SystemError()}
	TypeError = Object{C.data_PyExc_TypeError()}
	ValueError = Object{C.data_PyExc_ValueError()}
	UnicodeEncodeError = Object{C.data_PyExc_UnicodeEncodeError()}
	ExceptionType = Object{C.data_PyExc_Exception()}
	MemoryError = Object{C.data_PyExc_MemoryError()}
}

// Flags of a type (Include/object.h), part of the stable ABI.
const (
	flagHeapType      = 1 << 9
	flagTupleSubclass = 1 << 26
	flagListSubclass  = 1 << 25
	flagDictSubclass  = 1 << 29
	flagStrSubclass   = 1 << 28
	flagTypeSubclass  = 1 << 31
)

func typeFlags(t Object) uint64 {
	if !fast {
		return portableTypeFlags(t)
	}
	return *(*uint64)(unsafe.Add(t.p, offTypeFlags))
}

// IsType reports whether o is a class: an instance of type or of a metaclass.
func IsType(o Object) bool { return typeFlags(o.Type())&flagTypeSubclass != 0 }

// IsTuple, IsStr and IsDict report whether o is an instance of the type or of a subclass.
func IsTuple(o Object) bool { return typeFlags(o.Type())&flagTupleSubclass != 0 }

// IsStr is isinstance(o, str).
func IsStr(o Object) bool { return typeFlags(o.Type())&flagStrSubclass != 0 }

// IsDict is isinstance(o, dict).
func IsDict(o Object) bool { return typeFlags(o.Type())&flagDictSubclass != 0 }

// IsHeapType reports whether class t was made at run time, by a class statement
// or by PyType_FromSpec; the others are static and never die.
func IsHeapType(t Object) bool { return typeFlags(t)&flagHeapType != 0 }

// hashesByIdentity reports whether instances of metaclass meta hash and compare
// as object does: by identity.
func hashesByIdentity(meta Object) bool {
	const offHash, offRichcompare = 120, 200
	return meta == TypeType ||
		at[uintptr](meta, offHash) == at[uintptr](TypeType, offHash) &&
			at[uintptr](meta, offRichcompare) == at[uintptr](TypeType, offRichcompare)
}

// staticDicts are the namespaces of static types, which from 3.12 on the
// interpreter keeps apart from them. Neither ever dies.
var staticDicts = map[uintptr]Object{}

// TypeDict gives the namespace of class t as a dict, a new reference. It is the
// class's own dict where the interpreter shows it, else a copy; never write to it.
func TypeDict(t Object) (Object, error) {
	if fast {
		if d := objectAt(t, offTypeDict); !d.IsNil() {
			d.IncRef()
			return d, nil
		}
	}
	if d, ok := staticDicts[t.Addr()]; ok {
		d.IncRef()
		return d, nil
	}
	if d := (Object{C.type_dict(t.ref())}); !d.IsNil() {
		if fast && !IsHeapType(t) {
			d.IncRef()
			staticDicts[t.Addr()] = d
		}
		return d, nil
	}
	proxy := GetAttr(t, names.dict)
	if proxy.IsNil() {
		return Nil, ErrPython
	}
	defer proxy.DecRef()
	d := Call1(DictType, proxy)
	if d.IsNil() {
		return Nil, ErrPython
	}
	return d, nil
}

// DefaultMetaclass reports whether reading the class, the names, the bases and the
// namespace of instances of metaclass meta runs no code but type's own, nor hashing
// and comparing them. It is false on the portable path, where that can't be seen.
func DefaultMetaclass(meta Object) bool {
	if !fast || meta == TypeType {
		return fast
	}
	version := VersionTag(meta)
	if version != 0 && defaultMetaclasses[meta.Addr()] == version {
		return true
	}
	if !hashesByIdentity(meta) {
		return false
	}
	// A metaclass's __getattr__ does no harm: it is asked for what is not there.
	for _, name := range [...]Object{
		names.getattribute, names.class, names.name, names.qualname, names.module, names.bases, names.dict,
	} {
		own, err := LookupType(meta, name)
		if err != nil {
			ClearError()
			return false
		}
		if own == Nil {
			return false
		}
		if name == names.module {
			// Each class statement puts a __module__ in the namespace: a str.
			if IsStr(own) {
				continue
			}
		}
		if want, _ := LookupType(TypeType, name); own != want {
			return false
		}
	}
	if len(defaultMetaclasses) >= maxDefaultMetaclasses {
		clear(defaultMetaclasses)
	}
	if version != 0 {
		defaultMetaclasses[meta.Addr()] = version
	}
	return true
}

// defaultMetaclasses are those that DefaultMetaclass has found so, by address: the
// version tag at the time, which no other class ever has.
var defaultMetaclasses = map[uintptr]uint32{}

// maxDefaultMetaclasses bounds the map, for programs that make metaclasses without end.
const maxDefaultMetaclasses = 1 << 8

// DefaultGetattr reports whether t's instances look up attributes as object
// does. It is false on the portable path.
func DefaultGetattr(t Object) bool {
	return fast && at[uintptr](t, offTypeGetattro) == at[uintptr](ObjectType, offTypeGetattro)
}

// ClassName is t.__name__, a new reference, or Nil with an exception set.
func ClassName(t Object) Object { return heapTypeField(t, current.typeName, names.name) }

// ClassQualname is t.__qualname__, a new reference, or Nil with an exception set.
func ClassQualname(t Object) Object {
	return heapTypeField(t, current.typeName+offQualnameAfterName, names.qualname)
}

// PyHeapTypeObject has ht_name, ht_slots, ht_qualname, in every version.
const offQualnameAfterName = 16

// heapTypeField reads a str field of a class. A metaclass can have its own
// __name__ and __qualname__; then it is asked.
func heapTypeField(t Object, offset uintptr, name Object) Object {
	switch {
	case !fast:
	case IsHeapType(t) && DefaultMetaclass(t.Type()):
		o := objectAt(t, offset)
		o.IncRef()
		return o
	case t.Type() == TypeType:
		return staticField(t, name)
	}
	return GetAttr(t, name)
}

// staticFields are the names of static types, which never die or change: one
// str each, where the interpreter would make another at each look.
var staticFields = map[[2]uintptr]Object{}

// recentFields are some of staticFields, by some bits of the addresses.
var recentFields [1 << 7]struct {
	key   [2]uintptr
	value Object
}

func staticField(t, name Object) Object {
	key := [2]uintptr{t.Addr(), name.Addr()}
	recent := &recentFields[(t.Addr()>>5^t.Addr()>>12^name.Addr()>>4)%uintptr(len(recentFields))]
	if recent.key == key {
		recent.value.IncRef()
		return recent.value
	}
	o, ok := staticFields[key]
	if !ok {
		if o = GetAttr(t, name); o.IsNil() {
			return o
		}
		staticFields[key] = o
	}
	o.IncRef()
	return o
}

// ClassModule is t.__module__, a new reference, or Nil with an exception set.
func ClassModule(t Object) Object {
	if fast && IsHeapType(t) && DefaultMetaclass(t.Type()) {
		if m, err := DictGetStr(objectAt(t, offTypeDict), names.module); err == nil && !m.IsNil() {
			m.IncRef()
			return m
		}
	} else if fast && t.Type() == TypeType {
		return staticField(t, names.module)
	}
	return GetAttr(t, names.module)
}

// Bases is t.__bases__, a new reference, or Nil with an exception set.
func Bases(t Object) Object {
	if fast {
		o := objectAt(t, offTypeBases)
		o.IncRef()
		return o
	}
	return GetAttr(t, names.bases)
}

// TypeNameInC is tp_name of a type: for one written in C its full name. ok is false on
// the portable path.
func TypeNameInC(t Object) (name string, ok bool) {
	if !fast {
		return "", false
	}
	return C.GoString((*C.char)(at[unsafe.Pointer](t, offTypeName))), true
}

// BuiltinFunctionName is the name of a function written in C; layout path only.
func BuiltinFunctionName(o Object) string {
	return cString(*(*unsafe.Pointer)(at[unsafe.Pointer](o, offMethodDef)))
}

// BuiltinFunctionSelf is what a function written in C is bound to, borrowed: a
// module, an object, or Nil; layout path only.
func BuiltinFunctionSelf(o Object) Object { return objectAt(o, offMethodSelf) }

// BuiltinFunction gives the name of a function written in C, a new reference to
// a str, and what it is bound to, borrowed: a module, an object, or Nil. ok is
// false on the portable path; a name that is Nil then is an exception.
func BuiltinFunction(o Object) (name, self Object, ok bool) {
	if !fast {
		return Nil, Nil, false
	}
	name = NewStr(BuiltinFunctionName(o))
	return name, BuiltinFunctionSelf(o), true
}

// cString views a C string.
func cString(p unsafe.Pointer) string {
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return unsafe.String((*byte)(p), n)
}

// IsNamed reports whether a callable is a function or class with this __name__,
// which must be ASCII. decided is false where only asking the object can tell.
func IsNamed(o Object, name string) (named, decided bool) {
	if !fast {
		return false, false
	}
	switch o.Type() {
	case FunctionType:
		if StrLength(objectAt(o, offFunctionName)) != len(name) {
			return false, true
		}
		return StrEquals(objectAt(o, offFunctionName), name), true
	case BuiltinFunctionType:
		return BuiltinFunctionName(o) == name, true
	case TypeType:
		if IsHeapType(o) && StrLength(objectAt(o, current.typeName)) != len(name) {
			return false, true
		}
		// tp_name is the name, after the module's in static types.
		text := cString(at[unsafe.Pointer](o, offTypeNameText))
		return text[strings.LastIndexByte(text, '.')+1:] == name, true
	}
	return false, false
}

// NameObject is the str that a function or a class of metaclass type keeps as its __name__:
// borrowed, Nil for a static type, which has one made each time. ok is false for any other
// object, and on the portable path.
func NameObject(o Object) (name Object, ok bool) {
	switch {
	case !fast:
	case o.Type() == FunctionType:
		return objectAt(o, offFunctionName), true
	case o.Type() == TypeType && IsHeapType(o):
		return objectAt(o, current.typeName), true
	case o.Type() == TypeType:
		return Nil, true
	}
	return Nil, false
}

// VersionTag is a number that changes whenever class t or a base of it is
// changed, and that no two classes share. 0 means "none at the moment", and it
// is always 0 on the portable path.
func VersionTag(t Object) uint32 {
	if !fast {
		return 0
	}
	return at[uint32](t, current.typeVersionTag)
}

// A ClassStamp tells whether what is at a class's address is the same class, unchanged. Static
// types don't change, but one can come to be where a class has died: NumPy allocates its DTypes.
type ClassStamp struct {
	heap    bool
	version uint32 // the version tag; 0 of a static type
}

// StampOf gives the stamp of class t; ok is false where it says nothing, as on the portable path.
func StampOf(t Object) (s ClassStamp, ok bool) {
	if !IsHeapType(t) {
		return ClassStamp{}, fast
	}
	version := VersionTag(t)
	return ClassStamp{true, version}, version != 0
}

// GivenVersionTag is VersionTag, but for a class that has none: the interpreter
// gives it one when it looks up an attribute, unless it has run out of them. The
// class's metaclass must be a DefaultMetaclass.
func GivenVersionTag(t Object) uint32 {
	if version := VersionTag(t); version != 0 || !fast {
		return version
	}
	// Not __module__ and the like, which the interpreter finds in the metaclass.
	if o := GetAttr(t, names.getattribute); o.IsNil() {
		ClearError()
	} else {
		o.DecRef()
	}
	return VersionTag(t)
}

// MRO is t.__mro__, borrowed; layout path only.
func MRO(t Object) Object { return objectAt(t, offTypeMRO) }

// LookupType finds name in the MRO of class t, without descriptors: borrowed,
// or Nil. Layout path only.
func LookupType(t, name Object) (Object, error) {
	mro := MRO(t)
	if mro.IsNil() {
		return Nil, nil
	}
	for i := range TupleSize(mro) {
		d, err := TypeDict(TupleItem(mro, i))
		if err != nil {
			return Nil, err
		}
		found, err := DictGetStr(d, name)
		d.DecRef()
		if err != nil || !found.IsNil() {
			return found, err
		}
	}
	return Nil, nil
}

// ClassFunction is t.name where that is a function of t's or of a base's: borrowed, Nil where
// it is anything else, or where the metaclass may say otherwise. On the portable path it is Nil.
func ClassFunction(t, name Object) (Object, error) {
	if !DefaultMetaclass(t.Type()) {
		return Nil, nil
	}
	if own, err := LookupType(t.Type(), name); err != nil || !own.IsNil() {
		return Nil, err
	}
	found, err := LookupType(t, name)
	if err != nil || found.IsNil() || found.Type() != FunctionType {
		return Nil, err
	}
	return found, nil
}

// HasNew reports whether class t can be called; layout path only.
func HasNew(t Object) bool { return at[uintptr](t, offTypeNew) != 0 }

// HasDict reports whether t's instances have a __dict__; layout path only.
func HasDict(t Object) bool {
	return at[int](t, offTypeDictoffset) != 0 || current.dictLog2 && typeFlags(t)&flagManagedDict != 0
}

// IsInt is isinstance(o, int).
func IsInt(o Object) bool { return typeFlags(o.Type())&(1<<24) != 0 }

//go:noinline
func portableTypeFlags(t Object) uint64 { return uint64(C.type_flags(t.ref())) }
