package python

/*
#include "pickler_class.h"
#include "pickler_fill.h"
#include "shims.h"
enum { SLOT_DESCR_GET = 54 };
typedef PyObject *(*descr_get)(PyObject *, PyObject *, PyObject *);

// What a descriptor gives for an object, NULL for AttributeError, or CP_ERROR.
static void *descriptor_get(ref descriptor, ref o) {
	PyObject *d = (PyObject *)descriptor, *self = (PyObject *)o, *value;
	descr_get get = (descr_get)py.PyType_GetSlot(d->ob_type, SLOT_DESCR_GET);
	value = get(d, self, self->ob_type);
	if (value)
		return value;
	if (!py.PyErr_ExceptionMatches(*py.PyExc_AttributeError))
		return CP_ERROR;
	py.PyErr_Clear();
	return NULL;
}

// Whether o.name is another object than value; -1 when an exception is set.
static int attribute_differs(ref o, ref name, ref value) {
	PyObject *found = cp_lookup_attr(o, name);
	if (found == CP_ERROR)
		return -1;
	if (found)
		py.Py_DecRef(found);
	return found != (PyObject *)value;
}
*/
import "C"

import (
	"fmt"
	"slices"
)

// What CPython's Pickler keeps in its C structure (PicklerObject in
// Modules/_pickle.c). Its __init__ puts the attribute of that name there, and its
// dump looks nowhere else, so an attribute of a class or object can hide the one
// that counts. Up to 3.12 that goes for persistent_id too; from 3.13 on (gh-122311)
// the attribute is looked up at each dump.
var picklerFields struct {
	dispatchTable, fast, bin, persistentID Object // the descriptors in _pickle.Pickler

	// Where the layout path finds them; offPersistentID up to 3.12 only.
	offDispatchTable, offFast, offBin, offPersistentID uintptr
}

// BindPickler finds the fields of instances of _pickle.Pickler, which class is.
func BindPickler(class Object) error {
	f := &picklerFields
	d, err := TypeDict(class)
	if err != nil {
		return err
	}
	defer d.DecRef()
	for name, to := range map[string]*Object{
		"dispatch_table": &f.dispatchTable, "fast": &f.fast, "bin": &f.bin, "persistent_id": &f.persistentID,
	} {
		key := Intern(name)
		found, err := DictGetStr(d, key)
		key.DecRef()
		if err != nil || found.IsNil() {
			return fmt.Errorf("this interpreter's Pickler has no %s", name)
		}
		found.IncRef()
		*to = found
	}
	if !fast {
		return nil
	}
	if err := probePickler(class); err != nil {
		return usePortable(err)
	}
	size := at[int](class, offTypeBasicsize)
	if C.pickler_fill_learn(C.size_t(f.offDispatchTable), C.size_t(size)) == 0 && Occurred() {
		return Forgive()
	}
	return nil
}

// probePickler finds where the fields are, by what changes in a Pickler when they do.
func probePickler(class Object) error {
	f := &picklerFields
	failed := fmt.Errorf("the layout probe could not read the fields of a Pickler")
	for descriptor, to := range map[Object]*uintptr{f.fast: &f.offFast, f.bin: &f.offBin} {
		offset, ok := intMember(descriptor)
		if !ok {
			return failed
		}
		*to = offset
	}
	var ok bool
	if f.offDispatchTable, ok = Member(f.dispatchTable); !ok {
		return failed
	}
	pickler, hook, err := samplePickler(class)
	if err != nil {
		return failed
	}
	defer pickler.DecRef()
	defer hook.DecRef()
	if !MemberAt(pickler, f.offDispatchTable).IsNil() || at[int32](pickler, f.offFast) != 0 ||
		at[int32](pickler, f.offBin) != 1 {
		return failed
	}
	size := uintptr(at[int](class, offTypeBasicsize))
	before := make([]uintptr, 0, size/8)
	for off := uintptr(0); off+8 <= size; off += 8 {
		before = append(before, at[uintptr](pickler, off))
	}
	write := slices.Index(before, hook.Addr()) * 8
	if write < 16 {
		return failed
	}
	C.pickler_base.write = C.size_t(write)
	C.pickler_base.version_tag = C.size_t(current.typeVersionTag)
	if Minor() >= 13 {
		return nil // and 3.13.0 lets nobody set a persistent_id
	}
	if err := setAttr(pickler, names.persistentID, hook); err != nil {
		return failed
	}
	for i, was := range before {
		if off := uintptr(i) * 8; off >= 16 && was == 0 && objectAt(pickler, off) == hook {
			f.offPersistentID = off
			return nil
		}
	}
	return failed
}

// samplePickler makes a Pickler whose file's write is hook, a callable that nothing else in
// it holds.
func samplePickler(class Object) (pickler, hook Object, err error) {
	types, namespace := Import("types"), Intern("SimpleNamespace")
	defer namespace.DecRef()
	if types.IsNil() {
		return Nil, Nil, ErrPython
	}
	defer types.DecRef()
	file := CallMethod0(types, namespace)
	if file.IsNil() {
		return Nil, Nil, ErrPython
	}
	defer file.DecRef()
	if hook = NewWeakref(class); hook.IsNil() {
		return Nil, Nil, ErrPython
	}
	write := Intern("write")
	defer write.DecRef()
	if err = setAttr(file, write, hook); err == nil {
		if pickler = Call1(class, file); pickler.IsNil() {
			err = ErrPython
		}
	}
	if err != nil {
		hook.DecRef()
	}
	return pickler, hook, err
}

// intMember is Member for a member that is a C int.
func intMember(descriptor Object) (offset uintptr, ok bool) {
	if descriptor.Type() != memberDescriptorType {
		return 0, false
	}
	def := objectAt(descriptor, offDescrMember)
	return at[uintptr](def, offMemberOffset), at[int32](def, offMemberKind) == memberInt
}

// PicklerTable is the dispatch table of an instance of _pickle.Pickler: a new
// reference, Nil where it has none.
func PicklerTable(pickler Object) (Object, error) {
	if fast {
		table := MemberAt(pickler, picklerFields.offDispatchTable)
		table.XIncRef()
		return table, nil
	}
	return optional(C.descriptor_get(picklerFields.dispatchTable.ref(), pickler.ref()))
}

// PicklerHasTable reports whether PicklerTable gives table.
func PicklerHasTable(pickler, table Object) bool {
	found, err := PicklerTable(pickler)
	if err != nil {
		ClearError()
		return false
	}
	found.XDecRef()
	return found == table
}

// AttributeDiffers reports whether o.name is another object than value, or is not
// there; value is Nil for what was not there.
func AttributeDiffers(o, name, value Object) (bool, error) {
	switch C.attribute_differs(o.ref(), name.ref(), value.ref()) {
	case 0:
		return false, nil
	case 1:
		return true, nil
	}
	return false, ErrPython
}

// PicklerFast reports whether a Pickler is in fast mode: without a memo.
func PicklerFast(pickler Object) (bool, error) {
	if fast {
		return at[int32](pickler, picklerFields.offFast) != 0, nil
	}
	return intField(pickler, picklerFields.fast)
}

// PicklerBin reports whether a Pickler writes binary opcodes.
func PicklerBin(pickler Object) (bool, error) {
	if fast {
		return at[int32](pickler, picklerFields.offBin) != 0, nil
	}
	return intField(pickler, picklerFields.bin)
}

func intField(pickler, descriptor Object) (bool, error) {
	value, err := optional(C.descriptor_get(descriptor.ref(), pickler.ref()))
	if err != nil {
		return false, err
	}
	defer value.DecRef()
	return IsTrue(value)
}

// PicklerPersistentID is the persistent_id that an instance of _pickle.Pickler was
// given, a new reference, Nil where it has none. Up to 3.12 only.
func PicklerPersistentID(pickler Object) (Object, error) {
	if !PicklerMayHavePersistentID(pickler) {
		return Nil, nil
	}
	return optional(C.descriptor_get(picklerFields.persistentID.ref(), pickler.ref()))
}

// PicklerPersistentIDChanged reports whether the Pickler has another persistent_id
// than when it was last asked for; token is what it last gave. Up to 3.12 only.
func PicklerPersistentIDChanged(pickler Object, token uintptr) (now uintptr, changed bool) {
	if !fast {
		return 0, true
	}
	now = at[uintptr](pickler, picklerFields.offPersistentID)
	return now, now != token
}

// PicklerMayHavePersistentID is false where nothing has been set as the Pickler's own
// persistent_id; the portable path can't tell.
func PicklerMayHavePersistentID(pickler Object) bool {
	return !fast || !objectAt(pickler, picklerFields.offPersistentID).IsNil()
}
