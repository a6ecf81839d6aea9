package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// codeGlobals are the globals that a code object and the code objects among its
// constants name, each once, in the order in which they first occur. The names
// are borrowed from the code objects' co_names.
type codeGlobals []python.Object

// globalNames gives a code object's globals, borrowed from it.
func globalNames(code python.Object) (codeGlobals, error) {
	forgetDeadCode()
	if k := knownCodes[code.Addr()]; k != nil {
		return k.globals, nil
	}
	f := globalFinder{seen: map[string]struct{}{}}
	if err := f.find(code); err != nil {
		return nil, err
	}
	if python.WatchCode(code) {
		knownCodes[code.Addr()] = &knownCode{globals: f.names}
	}
	return f.names, nil
}

var opcodes *bytecode.Table

// bindOpcodes finds the opcodes of the interpreter.
func bindOpcodes() (err error) {
	opcodes, err = bytecode.ForVersion(bytecode.Version{Major: 3, Minor: python.Minor()})
	return err
}

// globalFinder gathers the names of a code object and of those inside it. The
// texts of seen view the names, or are copies.
type globalFinder struct {
	names codeGlobals
	seen  map[string]struct{}
}

func (f *globalFinder) find(code python.Object) error {
	var c python.CodeFields
	if err := python.ReadCode(code, &c); err != nil {
		return err
	}
	defer c.Release()
	indices, err := opcodes.GlobalNames(nil, python.Bytes(c.Code))
	if err != nil {
		return python.Raise(python.ValueError, "can't read the code of %s: %s", reprOf(code), err)
	}
	for _, i := range indices {
		if i >= python.TupleSize(c.Names) {
			return python.Raise(python.ValueError, "can't read the code of %s: it names global %d of %d",
				reprOf(code), i, python.TupleSize(c.Names))
		}
		f.add(python.TupleItem(c.Names, i))
	}
	for i := range python.TupleSize(c.Consts) {
		if constant := python.TupleItem(c.Consts, i); constant.Type() == python.CodeType {
			if err := f.find(constant); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds a name that isn't there yet.
func (f *globalFinder) add(name python.Object) {
	text := python.TextView(name)
	if _, known := f.seen[text]; !known {
		f.seen[text] = struct{}{}
		f.names = append(f.names, name)
	}
}
