package pickler

import (
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// codeGlobals are the globals that a code object and the code objects among its
// constants name, each once, in the order in which they first occur. The names
// are borrowed from the code objects' co_names.
type codeGlobals []python.Object

// globalNames gives a code object's globals, borrowed from it.
//
// The names are remembered with the code object: its address is the key, and
// python.WatchCode says when it dies.
func globalNames(code python.Object) (codeGlobals, error) {
	for _, dead := range python.DeadCode() {
		delete(knownGlobals, dead)
	}
	if names, ok := knownGlobals[code.Addr()]; ok {
		return names, nil
	}
	names, err := findGlobals(nil, code)
	if err != nil {
		return nil, err
	}
	if python.WatchCode(code) {
		knownGlobals[code.Addr()] = names
	}
	return names, nil
}

var (
	knownGlobals = map[uintptr]codeGlobals{}
	opcodes      *bytecode.Table
)

// bindOpcodes finds the opcodes of the interpreter.
func bindOpcodes() (err error) {
	opcodes, err = bytecode.ForVersion(bytecode.Version{Major: 3, Minor: python.Minor()})
	return err
}

func findGlobals(names codeGlobals, code python.Object) (codeGlobals, error) {
	var c python.CodeFields
	if err := python.ReadCode(code, &c); err != nil {
		return nil, err
	}
	defer c.Release()
	indices, err := opcodes.GlobalNames(nil, python.Bytes(c.Code))
	if err != nil {
		return nil, python.Raise(python.ValueError, "can't read the code of %s: %s", reprOf(code), err)
	}
	for _, i := range indices {
		if i >= python.TupleSize(c.Names) {
			return nil, python.Raise(python.ValueError, "can't read the code of %s: %s", reprOf(code),
				fmt.Sprintf("it names global %d of %d", i, python.TupleSize(c.Names)))
		}
		names = names.with(python.TupleItem(c.Names, i))
	}
	for i := range python.TupleSize(c.Consts) {
		if constant := python.TupleItem(c.Consts, i); constant.Type() == python.CodeType {
			if names, err = findGlobals(names, constant); err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

// with adds a name that isn't there yet. Names are interned, but for those of
// code objects made by hand.
func (g codeGlobals) with(name python.Object) codeGlobals {
	for _, known := range g {
		if known == name || python.SameStr(known, name) {
			return g
		}
	}
	return append(g, name)
}
