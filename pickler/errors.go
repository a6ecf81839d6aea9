package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// The texts are those of Modules/_pickle.c, whose words changed in 3.13 and, for most
// of them, in 3.14.

// picklingError sets pickle.PicklingError.
func (p *Pickler) picklingError(format string, args ...any) error {
	return raise(stdlib.picklingError, format, args...)
}

// raise is python.Raise with a shown, a named or a told among the arguments.
func raise(exc python.Object, format string, args ...any) error {
	return python.Raise(exc, format, textsOf(args)...)
}

// shown is %R of CPython's formats, told is %S, named is %T and, before 3.14, tp_name.
type (
	shown struct{ o python.Object }
	told  struct{ o python.Object }
	named struct{ o python.Object }
)

// textsOf makes the texts. Where a __repr__ or __str__ raises, python.ErrPython stands
// for its text, and the rest isn't made.
func textsOf(args []any) []any {
	for i, a := range args {
		var text python.Object
		switch a := a.(type) {
		case shown:
			text = python.Repr(a.o)
		case told:
			text = python.Str(a.o)
		case named:
			args[i] = nameOfType(a.o.Type())
			continue
		default:
			continue
		}
		if text.IsNil() {
			args[i] = python.ErrPython
			return args
		}
		args[i] = python.String(text)
		text.DecRef()
	}
	return args
}

// said chooses between the text that a version of CPython brought and that before it.
func said(minor int, from, before string) string {
	if python.Minor() >= minor {
		return from
	}
	return before
}

// during raises with the exception that is set as its context, as a raise inside an
// except clause would.
func during(exc python.Object, format string, args ...any) error {
	context := python.FetchError()
	err := raise(exc, format, args...)
	python.SetContext(context)
	return err
}

// nameOfType is what CPython calls a type in its messages: with its module from 3.14 on,
// and before where tp_name has it, which those written in C do.
func nameOfType(t python.Object) string {
	if python.Minor() < 14 {
		if text, ok := python.TypeNameInC(t); ok {
			return text
		}
		return typeName(t)
	}
	if !python.IsHeapType(t) {
		return typeName(t)
	}
	name := ownName(t, stdlib.typeQualname)
	if ownName(t, stdlib.typeModule) == "__main__" { // _PyType_GetFullyQualifiedName
		return name
	}
	return withModule(t, name)
}

// typeName is a type's name for a message, as tp_name has it: with its module for a type
// that is written in C. What a metaclass says is not asked for, as it can raise.
func typeName(t python.Object) string {
	name := ownName(t, stdlib.typeName)
	if python.IsHeapType(t) {
		return name
	}
	return withModule(t, name)
}

func withModule(t python.Object, name string) string {
	if module := ownName(t, stdlib.typeModule); module != "builtins" && module != "" {
		return module + "." + name
	}
	return name
}

// ownName is what a descriptor of the class type has of a type, if that is a str. Only
// memory can fail it, and a class without a __module__.
func ownName(t, descriptor python.Object) string {
	text := python.CallMethod1(descriptor, interned.get, t)
	if text.IsNil() {
		python.ClearError()
		return ""
	}
	defer text.DecRef()
	if !python.IsStr(text) {
		return ""
	}
	return python.String(text)
}

// reprOf is repr(o) for python.Raise: a string, or python.ErrPython where a __repr__ raises.
func reprOf(o python.Object) any { return textsOf([]any{shown{o}})[0] }
