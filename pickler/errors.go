package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// picklingError sets pickle.PicklingError.
func (p *Pickler) picklingError(format string, args ...any) error {
	return python.Raise(common.picklingError, format, args...)
}

// typeName is a type's name for a message, as tp_name has it.
func typeName(t python.Object) string {
	name, err := python.LookupAttr(t, interned.name)
	if err != nil || name.IsNil() {
		python.ClearError()
		return "?"
	}
	defer name.DecRef()
	return python.String(name)
}

// reprOf is repr(o) for a message; the exception that a broken __repr__ raises
// is dropped.
func reprOf(o python.Object) string {
	r := python.Repr(o)
	if r.IsNil() {
		python.ClearError()
		return "<" + typeName(o.Type()) + " object>"
	}
	defer r.DecRef()
	return python.String(r)
}
