package payload

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// set stores one argument of CodeType, and reports whether it is of the type
// that it must have.
func (f *finder) set(c *bytecode.Code, argument abi.CodeArgument, v any) bool {
	switch argument {
	case abi.CodeArgcount:
		return number(&c.ArgCount, v)
	case abi.CodePosonlyargcount:
		return number(&c.PosOnlyArgCount, v)
	case abi.CodeKwonlyargcount:
		return number(&c.KwOnlyArgCount, v)
	case abi.CodeNlocals:
		return number(&c.NumLocals, v)
	case abi.CodeStacksize:
		return number(&c.StackSize, v)
	case abi.CodeFirstlineno:
		return number(&c.FirstLine, v)
	case abi.CodeFlags:
		n, ok := v.(int64)
		c.Flags = uint32(n)
		return ok
	case abi.CodeCode:
		return octets(&c.Code, v)
	case abi.CodeLnotab, abi.CodeLinetable:
		return octets(&c.LineTable, v)
	case abi.CodeExceptiontable:
		return octets(&c.ExceptionTable, v)
	case abi.CodeFilename:
		return text(&c.Filename, v)
	case abi.CodeName:
		return text(&c.Name, v)
	case abi.CodeQualname:
		return text(&c.QualName, v)
	case abi.CodeNames:
		return texts(&c.Names, v)
	case abi.CodeVarnames:
		return texts(&c.VarNames, v)
	case abi.CodeFreevars:
		return texts(&c.FreeVars, v)
	case abi.CodeCellvars:
		return texts(&c.CellVars, v)
	case abi.CodeConsts:
		t, ok := v.(pickle.Tuple)
		if ok {
			c.Consts = f.tuple(t)
		}
		return ok
	}
	panic("BUG: no field for " + argument.String())
}

// number takes what CPython takes: a C int.
func number(to *int, v any) bool {
	n, ok := v.(int64)
	*to = int(int32(n))
	return ok && n == int64(int32(n))
}

func octets(to *[]byte, v any) bool {
	b, ok := v.(pickle.Bytes)
	*to = []byte(b)
	return ok
}

func text(to *string, v any) (ok bool) {
	*to, ok = v.(string)
	return ok
}

func texts(to *[]string, v any) bool {
	t, ok := v.(pickle.Tuple)
	if !ok {
		return false
	}
	all := make([]string, len(t))
	for i, item := range t {
		if all[i], ok = item.(string); !ok {
			return false
		}
	}
	*to = all
	return true
}

// tuple makes what bytecode.Repr shows as a tuple, once for each tuple.
func (f *finder) tuple(t pickle.Tuple) []any {
	if len(t) == 0 {
		return []any{}
	}
	if made, ok := f.tuples[&t[0]]; ok {
		return made
	}
	made := make([]any, len(t))
	f.tuples[&t[0]] = made
	for i, v := range t {
		made[i] = f.constant(v)
	}
	return made
}

// unreadable stands for a constant that no compiler makes.
type unreadable struct{ what string }

func (u unreadable) String() string { return u.what }

// once makes the constant of an object the first time it is met: what holds the
// same object twice, again and again, would take twice the time at each level.
func (f *finder) once(key any, build func() any) any {
	made, ok := f.constants[key]
	if !ok {
		made = build()
		f.constants[key] = made
	}
	return made
}

// constant is a decoded value as package bytecode spells constants.
func (f *finder) constant(v any) any {
	switch v := v.(type) {
	case pickle.Bytes:
		return []byte(v)
	case pickle.Tuple:
		return f.tuple(v)
	case *pickle.FrozenSet:
		return f.once(v, func() any { return bytecode.FrozenSet(f.tuple(v.Items())) })
	case pickle.Global:
		if v == (pickle.Global{Module: "builtins", Name: "Ellipsis"}) {
			return bytecode.Ellipsis{}
		}
	case *pickle.Object:
		if isCodeCall(v) {
			if c := f.code(v); c != nil {
				return c
			}
			return unreadable{"code object that can't be read"}
		}
		if v.Func == any(pickle.Global{Module: "builtins", Name: "slice"}) && len(v.Args) == 3 {
			return f.once(v, func() any {
				return bytecode.Slice{Start: f.constant(v.Args[0]), Stop: f.constant(v.Args[1]), Step: f.constant(v.Args[2])}
			})
		}
		return unreadable{v.String()}
	}
	return v
}
