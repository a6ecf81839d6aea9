package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A cachedCode is what is cached about a code object for as long as it lives:
// its address is the key, and python.WatchCode says when it dies.
type cachedCode struct {
	globals codeGlobals
	names   []string // co_names, nil until they are needed
	taken   []string // see constantGetattrs; nil until they are needed
	reached []reached

	// arguments are those of types.CodeType, MARK to TUPLE; nil when they have
	// not been needed twice, or there can be no template for them.
	arguments *template
	dumps     int           // dumps in which the template would have been used
	code      python.Object // co_code, which the code object makes when asked; owned
}

var cachedCodes = map[uintptr]*cachedCode{}

// cachedCodeOf is what is cached about a living code object, nil where nothing is. Whoever
// has died before at its address is forgotten first: its cache, unlike the object's
// own, would not be told when this one dies.
func cachedCodeOf(code python.Object) *cachedCode {
	forgetDeadCode()
	return cachedCodes[code.Addr()]
}

// forgetDeadCode drops what is remembered of code objects that have died.
func forgetDeadCode() {
	for _, dead := range python.DeadCode() {
		if k := cachedCodes[dead]; k != nil {
			delete(cachedCodes, dead)
			templatesSize -= k.size()
			k.code.XDecRef()
		}
	}
}

// maxTemplates bounds the memory of all templates, in bytes.
const maxTemplates = 4 << 20

var templatesSize int

func (k *cachedCode) size() int {
	if k.arguments == nil {
		return 0
	}
	return 64*len(k.arguments.steps) + len(k.arguments.text)
}

// codeTemplate returns the template of a code object's arguments. It is made at the
// second dump; before that, or where there can be none, the result is nil.
func codeTemplate(o python.Object) *template {
	k := cachedCodeOf(o)
	if k == nil {
		return nil
	}
	if k.arguments != nil {
		return k.arguments
	}
	if k.dumps++; k.dumps == 2 && templatesSize < maxTemplates {
		k.makeArguments(o)
	}
	return k.arguments
}

// makeArguments makes the template of what saveCodeArguments writes.
func (k *cachedCode) makeArguments(o python.Object) {
	var c python.CodeFields
	if err := python.ReadCode(o, &c); err != nil {
		python.ClearError()
		return
	}
	defer c.Release()
	if c.Qualname.IsNil() {
		return // 3.10, whose tuples of names are shared
	}
	m := newTemplateBuilder()
	m.op(wire.OpMark)
	for _, argument := range abi.CodeArguments(python.Minor()) {
		m.codeArgument(&c, argument)
	}
	m.op(wire.OpTuple)
	m.temporary()
	if k.arguments = m.done(); k.arguments != nil {
		templatesSize += k.size()
		c.Code.IncRef()
		k.code = c.Code
	}
}

// codeArgument adds what saveCodeArgument writes.
func (m *templateBuilder) codeArgument(c *python.CodeFields, argument abi.CodeArgument) {
	switch argument {
	case abi.CodeNames:
		m.tupleCopy(c.Names)
	case abi.CodeVarnames:
		m.locals(c, python.LocalVar)
	case abi.CodeFreevars:
		m.locals(c, python.LocalFree)
	case abi.CodeCellvars:
		m.locals(c, python.LocalCell)
	case abi.CodeName:
		m.freshStr(c.Name)
	default:
		if n, o := codeField(c, argument); o.IsNil() {
			m.int(n)
		} else {
			m.atom(o)
		}
	}
}

// locals adds what saveLocals writes from 3.11 on.
func (m *templateBuilder) locals(c *python.CodeFields, kind byte) {
	n := c.CountLocals(kind)
	if n == 0 {
		m.op(wire.OpEmptyTuple)
		return
	}
	m.openTuple(n)
	for i := 0; ; i++ {
		var name python.Object
		if name, i = c.NextLocal(kind, i); name.IsNil() {
			break
		}
		m.atom(name)
	}
	m.closeTuple(n)
	m.temporary()
}
