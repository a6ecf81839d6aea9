package bytecode

import (
	"slices"
	"strconv"
)

// Code holds the fields of a code object. What a version of CPython does not
// have stays empty.
type Code struct {
	Version Version

	Name     string // co_name
	QualName string // co_qualname, 3.11+
	Filename string // co_filename

	ArgCount        int    // co_argcount
	PosOnlyArgCount int    // co_posonlyargcount
	KwOnlyArgCount  int    // co_kwonlyargcount
	NumLocals       int    // co_nlocals
	StackSize       int    // co_stacksize
	Flags           uint32 // co_flags
	FirstLine       int    // co_firstlineno

	Code           []byte   // co_code
	Consts         []any    // co_consts; [Repr] says how the values are spelled in Go
	Names          []string // co_names
	VarNames       []string // co_varnames
	FreeVars       []string // co_freevars
	CellVars       []string // co_cellvars
	LineTable      []byte   // co_lnotab to 3.9, co_linetable from 3.10 on
	ExceptionTable []byte   // co_exceptiontable, 3.11+
}

// String returns the code object's repr, without the address.
func (c *Code) String() string {
	return "<code object " + printable(c.Name) + `, file "` + printable(c.Filename) +
		`", line ` + strconv.Itoa(c.FirstLine) + ">"
}

// FastLocals lists the variables in the order that arguments count them from
// 3.11 on: locals, then cells that are not locals as well, then free variables
// (co_localsplusnames in CPython's Objects/codeobject.c).
func (c *Code) FastLocals() []string {
	locals := make(map[string]bool, len(c.VarNames))
	for _, name := range c.VarNames {
		locals[name] = true
	}
	all := slices.Clone(c.VarNames)
	for _, name := range c.CellVars {
		if !locals[name] {
			all = append(all, name)
		}
	}
	return append(all, c.FreeVars...)
}

// GlobalNames returns the names that the instructions load, store or delete as
// globals, each once, in the order of their first appearance.
// [Table.GlobalNames] is the same for those who count nanoseconds.
func (c *Code) GlobalNames() ([]string, error) {
	t, err := ForVersion(c.Version)
	if err != nil {
		return nil, err
	}
	indices, err := t.GlobalNames(nil, c.Code)
	if err != nil {
		return nil, err
	}
	var names []string
	seen := make(map[string]bool)
	for _, i := range indices {
		if i >= len(c.Names) {
			return nil, &IndexError{"co_names", i, len(c.Names)}
		}
		if name := c.Names[i]; !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names, nil
}
