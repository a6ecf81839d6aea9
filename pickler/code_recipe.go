package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A knownCode is what is remembered of a code object for as long as it lives:
// its address is the key, and python.WatchCode says when it dies.
type knownCode struct {
	globals codeGlobals
	names   []string // co_names, nil until they are needed

	// arguments are those of types.CodeType, MARK to TUPLE; nil when they have
	// not been needed twice, or there can be no recipe for them.
	arguments *recipe
	dumps     int           // times that arguments would have been followed
	code      python.Object // co_code, which the code object makes when asked; owned
}

var knownCodes = map[uintptr]*knownCode{}

// forgetDeadCode drops what is remembered of code objects that have died.
func forgetDeadCode() {
	for _, dead := range python.DeadCode() {
		if k := knownCodes[dead]; k != nil {
			delete(knownCodes, dead)
			recipesSize -= k.size()
			k.code.XDecRef()
		}
	}
}

// maxRecipes bounds the memory of all recipes, in bytes.
const maxRecipes = 4 << 20

var recipesSize int

func (k *knownCode) size() int {
	if k.arguments == nil {
		return 0
	}
	return 64*len(k.arguments.steps) + len(k.arguments.text)
}

// codeRecipe gives the recipe of a code object's arguments once it is worth one.
func codeRecipe(o python.Object) *recipe {
	k := knownCodes[o.Addr()]
	if k == nil {
		return nil
	}
	if k.arguments != nil {
		return k.arguments
	}
	if k.dumps++; k.dumps == 2 && recipesSize < maxRecipes {
		k.makeArguments(o)
	}
	return k.arguments
}

// makeArguments makes the recipe of what saveCodeArguments writes.
func (k *knownCode) makeArguments(o python.Object) {
	var c python.CodeFields
	if err := python.ReadCode(o, &c); err != nil {
		python.ClearError()
		return
	}
	defer c.Release()
	if c.Qualname.IsNil() {
		return // 3.10, whose tuples of names are shared
	}
	m := newRecipeMaker()
	m.op(pickle.OpMark)
	for _, n := range [...]int{
		c.Argcount, c.Posonlyargcount, c.Kwonlyargcount, c.Nlocals, c.Stacksize, c.Flags,
	} {
		m.int(n)
	}
	m.atom(c.Code)
	m.atom(c.Consts)
	m.tupleCopy(c.Names)
	m.locals(&c, python.LocalPlain)
	m.atom(c.Filename)
	m.freshStr(c.Name)
	m.atom(c.Qualname)
	m.int(c.Firstlineno)
	m.atom(c.Linetable)
	m.atom(c.ExceptionTable)
	m.locals(&c, python.LocalFree)
	m.locals(&c, python.LocalCell)
	m.op(pickle.OpTuple)
	m.temporary()
	if k.arguments = m.done(); k.arguments != nil {
		recipesSize += k.size()
		c.Code.IncRef()
		k.code = c.Code
	}
}

// locals adds what saveLocals writes from 3.11 on.
func (m *recipeMaker) locals(c *python.CodeFields, kind byte) {
	n := c.CountLocals(kind)
	if n == 0 {
		m.op(pickle.OpEmptyTuple)
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
