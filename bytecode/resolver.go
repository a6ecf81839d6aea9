package bytecode

import (
	"fmt"
	"strconv"
	"strings"
)

// Resolver tells what the arguments of a code object's instructions stand for.
type Resolver struct {
	code  *Code
	table *Table
	fast  []string // variables by argument from 3.11 on
	cells []string // cell and free variables by argument to 3.10
	// The text of each constant, made at first use.
	consts map[uint32]string
	long   *int // what is left of longText
}

// NewResolver prepares for a code object. It fails if there is no table for
// its version.
func NewResolver(c *Code) (*Resolver, error) {
	t, err := ForVersion(c.Version)
	if err != nil {
		return nil, err
	}
	long := longText
	r := &Resolver{code: c, table: t, consts: make(map[uint32]string), long: &long}
	if c.Version.AtLeast(3, 11) {
		r.fast = c.FastLocals()
		r.cells = r.fast
	} else {
		r.fast = c.VarNames
		r.cells = append(append(r.cells, c.CellVars...), c.FreeVars...)
	}
	return r, nil
}

// Table returns the opcode table of the code object's version.
func (r *Resolver) Table() *Table {
	return r.table
}

// Name returns the name that an instruction's argument stands for: a global,
// an attribute, a module, a variable. For arguments that are no name, and for
// pairs of variables, ok is false. An argument out of range is an
// [*IndexError].
func (r *Resolver) Name(in Instruction) (name string, ok bool, err error) {
	index := uint64(in.Arg)
	var from []string
	var field string
	if shift, isName := in.Kind.NameShift(); isName {
		from, field, index = r.code.Names, "co_names", index>>shift
	} else if in.Kind == ArgLocal {
		from, field = r.fast, "the local variables"
	} else if in.Kind == ArgFree {
		from, field = r.cells, "the cell variables"
	} else {
		return "", false, nil
	}
	if index >= uint64(len(from)) {
		return "", false, &IndexError{field, int(index), len(from)}
	}
	return from[index], true, nil
}

// Text returns what dis prints in parentheses after an instruction's argument,
// "" if it prints nothing. Jumps are to an offset in all versions; dis has
// labels from 3.13 on.
// An argument out of range says so.
func (r *Resolver) Text(in Instruction) string {
	if !in.HasArg {
		return ""
	}
	arg := in.Arg
	switch in.Kind {
	case ArgConst:
		return r.constText(arg)
	case ArgName, ArgName1, ArgName2, ArgLocal, ArgFree:
		return r.nameText(in)
	case ArgLocalPair:
		return r.local(arg>>4) + ", " + r.local(arg&15)
	case ArgJumpAbsolute, ArgJumpForward, ArgJumpBackward:
		return r.jumpText(in)
	case ArgCompare:
		return r.compareText(arg)
	case ArgBinaryOp:
		return pick(r.table.binary, arg)
	case ArgIntrinsic1:
		return pick(r.table.intrinsic1, arg)
	case ArgIntrinsic2:
		return pick(r.table.intrinsic2, arg)
	case ArgSpecialMethod:
		return pick(r.table.special, arg)
	case ArgCommonConstant:
		return pick(r.table.common, arg)
	case ArgFormat:
		return formatText(arg)
	case ArgConvert:
		return pick(conversions, arg)
	case ArgFunctionFlags:
		return flagsText(functionFlags(r.code.Version), arg)
	case ArgIs:
		return pick([]string{"is", "is not"}, min(arg, 1))
	case ArgContains:
		return pick([]string{"in", "not in"}, min(arg, 1))
	}
	return ""
}

func (r *Resolver) constText(index uint32) string {
	text, ok := r.consts[index]
	if !ok {
		if uint64(index) >= uint64(len(r.code.Consts)) {
			return outOfRange(index)
		}
		text = reprUpTo(r.code.Consts[index], max(maxRepr, *r.long))
		r.consts[index] = text
	}
	if len(text) > maxRepr {
		if *r.long -= len(text); *r.long < 0 {
			*r.long = 0
			text = Repr(r.code.Consts[index])
			r.consts[index] = text
		}
	}
	return text
}

// nameText adds what the flag bits below an index push along. dis turned the
// order around in 3.13.
func (r *Resolver) nameText(in Instruction) string {
	name, _, err := r.Name(in)
	if err != nil {
		return outOfRange(in.Arg)
	}
	name = printable(name)
	if shift, ok := in.Kind.NameShift(); !ok || shift == 0 || in.Arg&1 == 0 {
		return name
	}
	extra := "NULL|self"
	if in.Name == "LOAD_GLOBAL" {
		extra = "NULL"
	}
	if r.code.Version.AtLeast(3, 13) {
		return name + " + " + extra
	}
	return extra + " + " + name
}

func (r *Resolver) local(index uint32) string {
	if int(index) >= len(r.fast) {
		return outOfRange(index)
	}
	return printable(r.fast[index])
}

func (r *Resolver) jumpText(in Instruction) string {
	if in.Kind == ArgJumpAbsolute && !r.code.Version.AtLeast(3, 10) {
		return "" // the argument is the offset already
	}
	return jumpWord(in) + " " + strconv.Itoa(in.Target)
}

func jumpWord(in Instruction) string {
	if strings.HasSuffix(in.Name, "END_ASYNC_FOR") {
		return "from" // It does not jump; the target is the SEND that it ends.
	}
	return "to"
}

// compareText undoes the packing of COMPARE_OP: 3.12 keeps the specializer's
// mask in the low four bits, 3.13 a flag for bool() above that.
func (r *Resolver) compareText(arg uint32) string {
	switch v := r.code.Version; {
	case v.AtLeast(3, 13):
		text := pick(r.table.compare, arg>>5)
		if arg&16 != 0 {
			text = "bool(" + text + ")"
		}
		return text
	case v.AtLeast(3, 12):
		return pick(r.table.compare, arg>>4)
	}
	return pick(r.table.compare, arg)
}

var conversions = []string{"", "str", "repr", "ascii"}

func formatText(arg uint32) string {
	text := conversions[arg&3]
	if arg&4 == 0 {
		return text
	}
	if text != "" {
		text += ", "
	}
	return text + "with format"
}

func functionFlags(v Version) []string {
	flags := []string{"defaults", "kwdefaults", "annotations", "closure"}
	if v.AtLeast(3, 14) {
		flags = append(flags, "annotate")
	}
	return flags
}

func flagsText(names []string, arg uint32) string {
	var set []string
	for i, name := range names {
		if arg&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, ", ")
}

func pick(names []string, index uint32) string {
	if uint64(index) >= uint64(len(names)) {
		return outOfRange(index)
	}
	return names[index]
}

// outOfRangeMark begins the text of an argument that stands for nothing.
const outOfRangeMark = "!! "

func outOfRange(index uint32) string {
	return fmt.Sprintf("%s%d is out of range", outOfRangeMark, index)
}
