package abi

// CodeArgument is an argument of types.CodeType. A code object is a call of it in a
// pickle; each argument is the attribute of the code object that String names.
type CodeArgument uint8

// The arguments, in the order of 3.11 and later (Objects/codeobject.c, code_new).
const (
	CodeArgcount CodeArgument = iota
	CodePosonlyargcount
	CodeKwonlyargcount
	CodeNlocals
	CodeStacksize
	CodeFlags
	CodeCode
	CodeConsts
	CodeNames
	CodeVarnames
	CodeFilename
	CodeName
	CodeQualname // since 3.11
	CodeFirstlineno
	CodeLnotab         // until 3.9
	CodeLinetable      // since 3.10, in the place of CodeLnotab
	CodeExceptiontable // since 3.11
	CodeFreevars
	CodeCellvars
	numCodeArguments
)

// The minor versions of CPython 3 that CodeArguments tells about.
const (
	OldestMinor = 8
	NewestMinor = 14
)

// codeArguments says what each argument is called, and in which minor versions it is
// there.
var codeArguments = [numCodeArguments]struct {
	name         string
	since, until int
}{
	CodeArgcount:        {"co_argcount", OldestMinor, NewestMinor},
	CodePosonlyargcount: {"co_posonlyargcount", OldestMinor, NewestMinor},
	CodeKwonlyargcount:  {"co_kwonlyargcount", OldestMinor, NewestMinor},
	CodeNlocals:         {"co_nlocals", OldestMinor, NewestMinor},
	CodeStacksize:       {"co_stacksize", OldestMinor, NewestMinor},
	CodeFlags:           {"co_flags", OldestMinor, NewestMinor},
	CodeCode:            {"co_code", OldestMinor, NewestMinor},
	CodeConsts:          {"co_consts", OldestMinor, NewestMinor},
	CodeNames:           {"co_names", OldestMinor, NewestMinor},
	CodeVarnames:        {"co_varnames", OldestMinor, NewestMinor},
	CodeFilename:        {"co_filename", OldestMinor, NewestMinor},
	CodeName:            {"co_name", OldestMinor, NewestMinor},
	CodeQualname:        {"co_qualname", 11, NewestMinor},
	CodeFirstlineno:     {"co_firstlineno", OldestMinor, NewestMinor},
	CodeLnotab:          {"co_lnotab", OldestMinor, 9},
	CodeLinetable:       {"co_linetable", 10, NewestMinor},
	CodeExceptiontable:  {"co_exceptiontable", 11, NewestMinor},
	CodeFreevars:        {"co_freevars", OldestMinor, NewestMinor},
	CodeCellvars:        {"co_cellvars", OldestMinor, NewestMinor},
}

// String is the name of the attribute, as in co_argcount.
func (a CodeArgument) String() string {
	if a < numCodeArguments {
		return codeArguments[a].name
	}
	return "unknown"
}

// In reports whether CodeType of CPython 3.minor has the argument.
func (a CodeArgument) In(minor int) bool {
	return a < numCodeArguments && codeArguments[a].since <= minor && minor <= codeArguments[a].until
}

// CodeArguments are the arguments of types.CodeType of CPython 3.minor, in order; nil
// for a version that is not from OldestMinor to NewestMinor. The slice is shared.
func CodeArguments(minor int) []CodeArgument {
	if minor < OldestMinor || minor > NewestMinor {
		return nil
	}
	return byMinor[minor-OldestMinor]
}

var byMinor = func() (all [NewestMinor - OldestMinor + 1][]CodeArgument) {
	for i := range all {
		for a := range numCodeArguments {
			if a.In(OldestMinor + i) {
				all[i] = append(all[i], a)
			}
		}
	}
	return all
}()
