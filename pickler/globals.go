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
	if k := cachedCodeOf(code); k != nil {
		return k.globals, nil
	}
	f := globalFinder{seen: map[string]struct{}{}}
	if err := f.find(code); err != nil {
		return nil, err
	}
	if python.WatchCode(code) {
		cachedCodes[code.Addr()] = &cachedCode{globals: f.names}
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
		return errTwin // for the error of dis
	}
	for _, i := range indices {
		if i >= python.TupleSize(c.Names) {
			return errTwin
		}
		f.add(python.TupleItem(c.Names, i))
	}
	for i := range python.TupleSize(c.Consts) {
		constant := python.TupleItem(c.Consts, i)
		if !isOrdinaryConstant(constant.Type()) {
			return errTwin
		}
		if constant.Type() == python.CodeType {
			if err := f.find(constant); err != nil {
				return err
			}
		}
	}
	return nil
}

// isOrdinaryConstant reports whether t is of what a compiler puts among constants. Of
// other objects, which code.replace() can put there, cloudpickle asks whether they
// say that they are code.
func isOrdinaryConstant(t python.Object) bool {
	switch t {
	case python.CodeType, python.StrType, python.BytesType, python.IntType, python.BoolType, python.FloatType,
		python.NoneType, python.TupleType, python.FrozenSetType:
		return true
	}
	return t == python.Ellipsis.Type() || t == stdlib.complexType || t == stdlib.sliceType
}

// add adds a name that isn't there yet.
func (f *globalFinder) add(name python.Object) {
	text := python.TextView(name)
	if _, seen := f.seen[text]; !seen {
		f.seen[text] = struct{}{}
		f.names = append(f.names, name)
	}
}
