package python

/*
#include "shims.h"
static int is_instance(ref o, ref t) { return py.PyObject_IsInstance((PyObject *)o, (PyObject *)t); }
*/
import "C"

// IsInstance is isinstance(o, cls), for a cls that is an instance of type itself:
// o's type derives from cls, or o says so with its __class__. It can run Python code.
func IsInstance(o, cls Object) (bool, error) {
	t := o.Type()
	if t == cls {
		return true, nil
	}
	if ClassIsType(t) {
		return cls != FunctionType && IsSubtype(t, cls), nil // nothing derives from function
	}
	switch C.is_instance(o.ref(), cls.ref()) {
	case 1:
		return true, nil
	case 0:
		return false, nil
	}
	return false, ErrPython
}

// IsModule is isinstance(o, types.ModuleType).
func IsModule(o Object) (bool, error) { return IsInstance(o, ModuleType) }

// ClassIsType reports whether the __class__ of t's instances is t, and asking for it
// runs no code of anybody's. Proxies answer with the class of what they stand for:
// those of wrapt, weakref.proxy, and up to 3.10 a types.GenericAlias. It is false on
// the portable path, where that can't be seen.
func ClassIsType(t Object) bool {
	if !fast {
		return false
	}
	stamp, ok := StampOf(t)
	if !ok && t.Type() == TypeType {
		GivenVersionTag(t)
		stamp, ok = StampOf(t)
	}
	e := &trueClasses[(t.Addr()>>4^t.Addr()>>12)%uintptr(len(trueClasses))]
	if ok && e.class == t.Addr() && e.stamp == stamp {
		return true
	}
	if !classIsType(t) {
		return false
	}
	e.class, e.stamp = t.Addr(), stamp
	return true
}

// trueClasses are classes of which ClassIsType has been found true.
var trueClasses [1 << 8]struct {
	class uintptr
	stamp ClassStamp
}

func classIsType(t Object) bool {
	// Modules and methods look in their type first, as object does: module_getattro,
	// method_getattro.
	if !DefaultGetattr(t) && t != ModuleType && t != MethodType {
		// A class that has no more than a __getattr__ finds its __class__ as object does.
		own, err := LookupType(t, names.getattribute)
		if err != nil {
			ClearError()
			return false
		}
		if want, _ := LookupType(ObjectType, names.getattribute); own != want {
			return false
		}
	}
	own, err := LookupType(t, names.class)
	if err != nil {
		ClearError()
		return false
	}
	want, _ := LookupType(ObjectType, names.class)
	return own == want && own != Nil
}
