package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveFunction writes a Python function: as a name if its module has it, else
// by value. done is false, or the error errTwin, for what is left to saveByTwin.
func (p *Pickler) saveFunction(o python.Object) (done bool, err error) {
	module, err := python.FunctionModule(o)
	if err != nil {
		return true, err
	}
	defer module.DecRef()
	qualname, err := python.FunctionQualname(o)
	if err != nil {
		return true, err
	}
	defer qualname.DecRef()
	byReference, err := p.byReference(o, module, qualname)
	if err != nil {
		return true, err
	}
	if byReference {
		return true, p.saveFound(o, module, qualname)
	}
	return true, p.saveFunctionByValue(o)
}

// functionByReference reports whether a function goes as a name.
func (p *Pickler) functionByReference(o python.Object) (bool, error) {
	module, err := python.FunctionModule(o)
	if err != nil {
		return false, err
	}
	defer module.DecRef()
	qualname, err := python.FunctionQualname(o)
	if err != nil {
		return false, err
	}
	defer qualname.DecRef()
	return p.byReference(o, module, qualname)
}

// saveFunctionByValue writes
//
//	_make_function(code, base_globals, None, None, cells)
//
// which makes a function without content, so that it is in the memo before what
// can refer to it, and then _function_setstate(function, (attributes, slots)).
//
// It is several functions, since a function with many returns pays for its defers.
func (p *Pickler) saveFunctionByValue(o python.Object) error {
	if !p.hooks.virtual() {
		return p.saveReduced(o, p.reduceFunction)
	}
	var f python.FunctionFields
	if err := python.ReadFunction(o, &f); err != nil {
		return p.unreadFunction(err)
	}
	defer f.Release()
	if err := p.beforeFunction(o, &f); err != nil {
		return err
	}
	return p.saveReadFunction(o, &f)
}

// beforeFunction gives errTwin for a function that is left to the twin.
func (p *Pickler) beforeFunction(o python.Object, f *python.FunctionFields) error {
	ours := f.Globals.Type() == python.DictType && namedByStr(f.Dict)
	if ours && f.Closure != python.None {
		var err error
		if ours, err = p.cellsAreOurs(); err != nil {
			// The C pickler asks when it comes to the first of the empty cells.
			err = p.atIndex(p.atIndex(err, python.Nil, 0), python.Nil, 4)
			return p.ofReduced(err, placeArguments, o)
		}
	}
	if !ours {
		return errTwin
	}
	if f.Globals == stdlib.functoolsGlobals {
		return p.beforeFunctoolsFunction(o)
	}
	return nil
}

// saveReadFunction reads what is left of a function, and writes it: cloudpickle reads all of
// it before it writes any of it.
func (p *Pickler) saveReadFunction(o python.Object, f *python.FunctionFields) error {
	state, err := p.readFunctionState(f)
	if err != nil {
		return err
	}
	defer p.releaseScratch(state.start)
	params, err := p.typeParams(o)
	if err != nil {
		return err
	}
	defer params.XDecRef()
	return p.writeFunction(o, f, state, params)
}

// writeFunction writes a function that has been read.
func (p *Pickler) writeFunction(o python.Object, f *python.FunctionFields, state functionState, params python.Object) error {
	if err := p.saveNamespaceFunction(&p.ns.makeFunction); err != nil {
		return p.ofReduced(err, placeReconstructor, o)
	}
	if err := p.saveFunctionArguments(f); err != nil {
		return p.ofReduced(err, placeArguments, o)
	}
	p.w.Op(wire.OpReduce)
	if done, err := p.memoizeMade(o); done || err != nil {
		return err
	}
	if err := p.saveNamespaceFunction(&p.ns.functionSetstate); err != nil {
		return p.ofReduced(err, placeSetter, o)
	}
	if err := p.save(o); err != nil {
		return p.at(err, placeObject, o)
	}
	if err := p.saveFunctionState(f, state, params); err != nil {
		return p.ofReduced(err, placeState, o)
	}
	p.w.Op2(wire.OpTuple2, wire.OpReduce)
	p.w.Op(wire.OpPop)
	return nil
}

// saveFunctionArguments writes the arguments of _make_function.
func (p *Pickler) saveFunctionArguments(f *python.FunctionFields) error {
	if err := p.openTuple(abi.MakeFunction.Arity()); err != nil {
		return err
	}
	if err := p.save(f.Code); err != nil {
		return p.atIndex(err, python.Nil, 0)
	}
	if err := p.saveBaseGlobals(f.Globals); err != nil {
		return p.atIndex(err, python.Nil, 1)
	}
	for i := range 2 { // name and argdefs, which come with the state
		if err := p.save(python.None); err != nil {
			return p.atIndex(err, python.Nil, 2+i)
		}
	}
	if err := p.saveEmptyCells(f); err != nil {
		return p.atIndex(err, python.Nil, 4)
	}
	return p.endTuple(abi.MakeFunction.Arity())
}

// saveFunctionState writes the state of a function, (attributes, slots).
func (p *Pickler) saveFunctionState(f *python.FunctionFields, st functionState, params python.Object) error {
	if err := p.openTuple(2); err != nil {
		return err
	}
	if err := p.saveFreshNamesDict(f.Dict); err != nil {
		return p.atIndex(err, python.Nil, 0)
	}
	if err := p.saveFunctionSlots(f, st, params); err != nil {
		return p.atIndex(err, python.Nil, 1)
	}
	return p.endTuple(2)
}

// unreadFunction is what to do about the error of reading a function. From 3.14 on that is
// one of evaluating its annotations: beyond cloudpickle, they travel unevaluated.
func (p *Pickler) unreadFunction(err error) error {
	if python.Minor() < 14 || !python.Matches(python.ExceptionType) {
		return err
	}
	raised := python.FetchError()
	if strict, asked := p.strict(); strict || asked != nil {
		if asked != nil {
			raised.Drop()
			return asked
		}
		raised.Restore()
		return err
	}
	raised.Drop()
	return errTwin
}

// typeParams is a function's __type_params__, a new reference, or Nil where it has none or
// cloudpickle's bytes are wanted, which lack them.
func (p *Pickler) typeParams(o python.Object) (python.Object, error) {
	params, err := python.FunctionTypeParams(o)
	if err != nil || params.IsNil() {
		return params, err
	}
	strict, err := p.strict()
	if strict || err != nil {
		params.DecRef()
		return python.Nil, err
	}
	return params, nil
}

// namedByStr reports whether all keys of a function's __dict__, which may be Nil,
// are exactly str. cloudpickle joins subclasses of str as well; the twin does these.
func namedByStr(d python.Object) bool {
	if d.IsNil() {
		return true
	}
	it := python.IterDict(d)
	for {
		key, _, ok := it.Next()
		if !ok {
			return true
		}
		if key.Type() != python.StrType {
			return false
		}
	}
}

// functionState are the parts of a function that are looked up rather than
// read: ranges of p.scratch, whose objects are owned.
//
// Invariant: start <= submodules <= end; the globals, as pairs of name and
// value, are scratch[start:submodules], the submodules scratch[submodules:end].
type functionState struct{ start, submodules, end int }

func (p *Pickler) hold(o python.Object) {
	o.IncRef()
	p.scratch = append(p.scratch, o)
}

func (p *Pickler) releaseScratch(start int) {
	for _, o := range p.scratch[start:] {
		o.DecRef()
	}
	clear(p.scratch[start:])
	p.scratch = p.scratch[:start]
}

// readFunctionState finds the globals that the function's code names, in the
// order in which it names them, and the imported submodules it reaches through
// the packages among them and among its closure's values.
func (p *Pickler) readFunctionState(f *python.FunctionFields) (functionState, error) {
	st := functionState{start: len(p.scratch)}
	err := p.holdGlobals(f)
	st.submodules = len(p.scratch)
	if err == nil {
		err = p.holdSubmodules(f, st)
	}
	st.end = len(p.scratch)
	if err != nil {
		p.releaseScratch(st.start)
	}
	return st, err
}

func (p *Pickler) holdGlobals(f *python.FunctionFields) error {
	names, err := globalNames(f.Code)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := python.DictGetStr(f.Globals, name)
		if err != nil {
			return err
		}
		if !value.IsNil() {
			p.hold(name)
			p.hold(value)
		}
	}
	return nil
}

// saveEmptyCells writes a tuple of as many new cells as the function has free
// variables, or None: the cells' contents come with the state, so that a
// function can be in its own closure.
func (p *Pickler) saveEmptyCells(f *python.FunctionFields) error {
	if f.Closure == python.None {
		return p.save(python.None)
	}
	n, err := python.FreeVariables(f.Code)
	if err != nil {
		return err
	}
	if err := p.openTuple(n); err != nil {
		return err
	}
	for range n {
		if err := p.saveNamespaceFunction(&p.ns.makeEmptyCell); err != nil {
			return err
		}
		if err := p.saveEmptyTuple(); err != nil {
			return err
		}
		p.w.Op(wire.OpReduce)
		if err := p.memoizeTemporary(); err != nil {
			return err
		}
	}
	return p.endTuple(n)
}

// saveFunctionSlots writes the slots dict of a function's state, with its type parameters
// unless they are Nil.
func (p *Pickler) saveFunctionSlots(f *python.FunctionFields, st functionState, params python.Object) error {
	n := len(stdlib.functionSlots)
	if !params.IsNil() {
		n++
	}
	d, err := p.openDict(n)
	if err != nil {
		return err
	}
	for i, key := range stdlib.functionSlots {
		if err := p.save(key); err != nil {
			return err
		}
		switch i {
		case abi.FunctionName:
			err = p.saveFreshStr(f.Name)
		case abi.FunctionQualname:
			err = p.saveFreshStr(f.Qualname)
		case abi.FunctionAnnotations:
			err = p.saveDictOrEmpty(f.Annotations)
		case abi.FunctionKwdefaults:
			err = p.save(f.Kwdefaults)
		case abi.FunctionDefaults:
			err = p.save(f.Defaults)
		case abi.FunctionModule:
			err = p.save(f.Module)
		case abi.FunctionDoc:
			err = p.save(f.Doc)
		case abi.FunctionClosure:
			err = p.save(f.Closure)
		case abi.FunctionSubmodules:
			err = p.saveHeldList(st.submodules, st.end)
		case abi.FunctionGlobals:
			err = p.saveHeldDict(st.start, st.submodules)
		}
		if err != nil {
			return p.atValue(err, python.Nil, key)
		}
		d.item()
	}
	if !params.IsNil() {
		if err := p.save(interned.typeParams); err != nil {
			return err
		}
		if err := p.save(params); err != nil {
			return err
		}
		d.item()
	}
	d.close()
	return nil
}

// saveBaseGlobals writes the dict that stands for a function's __globals__ until
// its state fills it: with what a relative import needs. The functions of one
// Pickler that share their globals share this dict.
func (p *Pickler) saveBaseGlobals(globals python.Object) error {
	if slot, ok := p.findGlobals(globals); ok && !p.fastMode {
		if err := p.w.Boundary(); err != nil {
			return err
		}
		return p.get(slot)
	}
	if base, err := p.shownBaseGlobals(globals); err != nil || !base.IsNil() {
		if err != nil {
			return err
		}
		base.IncRef()
		err = p.save(base)
		base.DecRef()
		return err
	}
	var found [len(abi.BaseGlobals)]struct{ key, value python.Object }
	n := 0
	for _, key := range stdlib.baseGlobals {
		value, err := python.DictGetStr(globals, key)
		if err != nil {
			return err
		}
		if !value.IsNil() {
			value.IncRef()
			found[n].key, found[n].value = key, value
			n++
		}
	}
	defer func() {
		for _, item := range found[:n] {
			item.value.DecRef()
		}
	}()
	slot := p.memo.slots
	d, err := p.openDict(n)
	if err != nil {
		return err
	}
	globals.IncRef()
	p.globalsRefs = append(p.globalsRefs, globalsRef{globals: globals, slot: slot})
	for _, item := range found[:n] {
		if err := p.save(item.key); err != nil {
			return err
		}
		if err := p.save(item.value); err != nil {
			return p.atValue(err, python.Nil, item.key)
		}
		d.item()
	}
	d.close()
	return nil
}
