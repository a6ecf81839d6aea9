package python

import (
	"fmt"
	"unsafe"
)

// PyMemberDescrObject: PyObject, d_type, d_name, d_qualname, d_member; and
// PyMemberDef: name, type, offset, flags. The same from 3.10 to 3.14.
const (
	offDescrMember  = 40
	offMemberKind   = 8
	offMemberOffset = 16

	memberInt      = 1  // Py_T_INT
	memberObject   = 6  // _Py_T_OBJECT: None where there is none
	memberObjectEx = 16 // Py_T_OBJECT_EX: AttributeError where there is none
)

// memberDescriptorType is the type of what __slots__ puts into a class.
var memberDescriptorType Object

// Member says where the instances of a class keep the object that a member
// descriptor, found in the class, reads. ok is false for any other descriptor,
// for members that are no objects, and on the portable path.
func Member(descriptor Object) (offset uintptr, ok bool) {
	if !fast || descriptor.IsNil() || descriptor.Type() != memberDescriptorType {
		return 0, false
	}
	def := objectAt(descriptor, offDescrMember)
	if kind := at[int32](def, offMemberKind); kind != memberObject && kind != memberObjectEx {
		return 0, false
	}
	return at[uintptr](def, offMemberOffset), true
}

// MemberAt is the object that an instance keeps at an offset that Member gave for
// its class: borrowed, Nil where there is none.
func MemberAt(o Object, offset uintptr) Object { return objectAt(o, offset) }

// OnlySlots reports whether instances of class t have n slots, and nothing else
// that object.__reduce_ex__ would miss. Layout path only.
func OnlySlots(t Object, n int) bool {
	const subclassFlags = 0xff << 24 // int, list, tuple, bytes, str, dict, exception, type
	const offWeaklistoffset = 208
	size := 16 + 8*n
	if at[int](t, offTypeDictoffset) > 0 {
		size += 8
	}
	if at[int](t, offWeaklistoffset) > 0 {
		size += 8
	}
	return typeFlags(t)&subclassFlags == 0 && at[int](t, offTypeItemsize) == 0 && at[int](t, offTypeBasicsize) <= size
}

// InstanceDict is the __dict__ that an instance keeps at its type's tp_dictoffset,
// borrowed; Nil where it has none yet. ok is false where instances of the type keep
// it elsewhere, and on the portable path.
func InstanceDict(o Object) (d Object, ok bool) {
	if !fast {
		return Nil, false
	}
	offset := at[int](o.Type(), offTypeDictoffset)
	if offset <= 0 {
		return Nil, false
	}
	return *(*Object)(unsafe.Add(o.p, offset)), true
}

// flagManagedDict is Py_TPFLAGS_MANAGED_DICT, of 3.11 and later: the interpreter keeps the
// __dict__ of the type's instances before the object.
const flagManagedDict = 1 << 4

// offManagedDict is where it is, three words ahead (Include/internal/pycore_object.h). What is
// there is the dict, NULL, or in 3.12 the values of an instance without one, with the lowest
// bit set.
const offManagedDict = -24

// madeDict is the __dict__ of an instance if it has been made: borrowed, or Nil where there is
// none yet, where it is kept elsewhere, and on the portable path.
func madeDict(o Object) Object {
	if d, ok := InstanceDict(o); ok {
		return d
	}
	if !fast || !current.dictLog2 || typeFlags(o.Type())&flagManagedDict == 0 {
		return Nil
	}
	d := *(*uintptr)(unsafe.Add(o.p, offManagedDict))
	if d&1 != 0 {
		return Nil
	}
	return FromAddr(d)
}

// probeMadeDict checks madeDict on an instance that has a __dict__ and on one that hasn't.
func probeMadeDict(ns Object) error {
	o, without := lookupProbe(ns, "first"), lookupProbe(ns, "untouched")
	d := askedDict(o)
	defer d.XDecRef()
	if madeDict(o) != d || d.IsNil() || !madeDict(without).IsNil() {
		return fmt.Errorf("the layout probe could not read an instance's __dict__")
	}
	return nil
}

// probeMembers checks Member on a class with a slot.
func probeMembers(ns Object) error {
	class, o := lookupProbe(ns, "Slots"), lookupProbe(ns, "slotted")
	d, err := TypeDict(class)
	if err != nil {
		return err
	}
	defer d.DecRef()
	key := Intern("x")
	defer key.DecRef()
	descriptor, err := DictGetStr(d, key)
	if err != nil {
		return err
	}
	memberDescriptorType = descriptor.Type()
	memberDescriptorType.IncRef()
	offset, ok := Member(descriptor)
	if !ok || offset < 16 || offset > 64 || MemberAt(o, offset) != lookupProbe(ns, "gap") || !OnlySlots(class, 1) {
		return fmt.Errorf("the layout probe could not read a slot")
	}
	return nil
}
