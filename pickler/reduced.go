package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// What cloudpickle's reducers return for functions and code objects, made of real objects: for
// hooks that see the parts. _by_value.py and _reducers.py do the same in Python, read by read.

// saveReduced writes o as one of the functions below reduces it.
func (p *Pickler) saveReduced(o python.Object, reduce func(python.Object) (python.Object, error)) error {
	value, err := reduce(o)
	if err != nil {
		return err
	}
	defer value.DecRef()
	return p.saveReduceValue(o, value)
}

// reduceFunction is the reduce value of a function that goes by value, a new reference. The
// error errTwin leaves it to Python; nothing has been run then that would show, but that
// globals_ref has been read.
func (p *Pickler) reduceFunction(o python.Object) (python.Object, error) {
	globalsRef, err := p.pythonGlobalsRef()
	if err != nil {
		return python.Nil, err
	}
	defer globalsRef.DecRef()
	var f python.FunctionFields
	if err := python.ReadFunction(o, &f); err != nil {
		return python.Nil, p.unreadFunction(err)
	}
	defer f.Release()
	if globalsRef.Type() != python.DictType || f.Globals.Type() != python.DictType || !namedByStr(f.Dict) {
		return python.Nil, errTwin
	}
	if f.Globals == stdlib.functoolsGlobals {
		if err := p.beforeFunctoolsFunction(o); err != nil {
			return python.Nil, err
		}
	}
	arguments, err := functionArguments(&f, globalsRef)
	if err != nil {
		return python.Nil, err
	}
	defer arguments.DecRef()
	state, err := p.functionState(o, &f)
	if err != nil {
		return python.Nil, err
	}
	defer state.DecRef()
	return made(python.NewTuple(p.ns.makeFunction.object, arguments, state,
		python.None, python.None, p.ns.functionSetstate.object))
}

// made turns Nil into the error that it stands for.
func made(o python.Object) (python.Object, error) {
	if o.IsNil() {
		return o, python.ErrPython
	}
	return o, nil
}

// functionArguments are those of _make_function.
func functionArguments(f *python.FunctionFields, globalsRef python.Object) (python.Object, error) {
	base, err := baseGlobals(f.Globals, globalsRef)
	if err != nil {
		return python.Nil, err
	}
	defer base.DecRef()
	cells := python.None
	if f.Closure == python.None {
		cells.IncRef()
	} else if cells, err = emptyCells(f.Code); err != nil {
		return python.Nil, err
	}
	defer cells.DecRef()
	return made(python.NewTuple(f.Code, base, python.None, python.None, cells))
}

// baseGlobals is what a globals_ref has for the __globals__ of a function, which is put there if
// it is not there yet, or is empty: a new reference.
func baseGlobals(globals, globalsRef python.Object) (python.Object, error) {
	id := python.NewAddress(globals)
	defer id.DecRef()
	base, err := python.DictGet(globalsRef, id)
	if err != nil {
		return python.Nil, err
	}
	if base.IsNil() {
		if base = python.NewDict(); base.IsNil() {
			return python.Nil, python.ErrPython
		}
		if err := python.DictSet(globalsRef, id, base); err != nil {
			base.DecRef()
			return python.Nil, err
		}
	} else {
		base.IncRef()
	}
	if base.Type() != python.DictType {
		base.DecRef()
		return python.Nil, errTwin
	}
	if python.DictSize(base) == 0 {
		if err := fillBaseGlobals(base, globals); err != nil {
			base.DecRef()
			return python.Nil, err
		}
	}
	return base, nil
}

func fillBaseGlobals(base, globals python.Object) error {
	for _, key := range stdlib.baseGlobals {
		value, err := python.DictGetStr(globals, key)
		if err == nil && !value.IsNil() {
			value.IncRef()
			err = python.DictSet(base, key, value)
			value.DecRef()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// emptyCells is a tuple of as many new cells as code has free variables.
func emptyCells(code python.Object) (python.Object, error) {
	n, err := python.FreeVariables(code)
	if err != nil {
		return python.Nil, err
	}
	cells := make([]python.Object, 0, n)
	defer func() {
		for _, cell := range cells {
			cell.DecRef()
		}
	}()
	for range n {
		cell := python.NewCell()
		if cell.IsNil() {
			return python.Nil, python.ErrPython
		}
		cells = append(cells, cell)
	}
	return made(python.NewTuple(cells...))
}

// functionState is the state of a function: its attributes, and its slots.
func (p *Pickler) functionState(o python.Object, f *python.FunctionFields) (python.Object, error) {
	st, err := p.readFunctionState(f)
	if err != nil {
		return python.Nil, err
	}
	defer p.releaseScratch(st.start)
	params, err := p.typeParams(o)
	if err != nil {
		return python.Nil, err
	}
	defer params.XDecRef()
	slots, err := p.functionSlots(f, st, params)
	if err != nil {
		return python.Nil, err
	}
	defer slots.DecRef()
	attributes, err := p.freshNamesDict(f.Dict)
	if err != nil {
		return python.Nil, err
	}
	defer attributes.DecRef()
	return made(python.NewTuple(attributes, slots))
}

// functionSlots is the slots dict of a function's state.
func (p *Pickler) functionSlots(f *python.FunctionFields, st functionState, params python.Object) (python.Object, error) {
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	for i, key := range stdlib.functionSlots {
		p.hold(key)
		value, err := p.functionSlot(f, st, i)
		if err != nil {
			return python.Nil, err
		}
		p.scratch = append(p.scratch, value)
	}
	if !params.IsNil() {
		p.hold(interned.typeParams)
		p.hold(params)
	}
	return made(python.NewDictOf(p.scratch[start:]))
}

// functionSlot is the value of one of functionSlots, a new reference.
func (p *Pickler) functionSlot(f *python.FunctionFields, st functionState, i int) (python.Object, error) {
	value := python.None
	switch i {
	case abi.FunctionName:
		return made(python.CopyStr(f.Name))
	case abi.FunctionQualname:
		return made(python.CopyStr(f.Qualname))
	case abi.FunctionSubmodules:
		return made(python.NewListOf(p.scratch[st.submodules:st.end]))
	case abi.FunctionGlobals:
		return made(python.NewDictOf(p.scratch[st.start:st.submodules]))
	case abi.FunctionAnnotations:
		if value = f.Annotations; value.IsNil() {
			return made(python.NewDict())
		}
	case abi.FunctionKwdefaults:
		value = f.Kwdefaults
	case abi.FunctionDefaults:
		value = f.Defaults
	case abi.FunctionModule:
		value = f.Module
	case abi.FunctionDoc:
		value = f.Doc
	case abi.FunctionClosure:
		value = f.Closure
	}
	value.IncRef()
	return value, nil
}

// freshNamesDict is {"".join(k): v for k, v in d.items()}; d may be Nil.
func (p *Pickler) freshNamesDict(d python.Object) (python.Object, error) {
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	if !d.IsNil() {
		p.holdItems(d)
	}
	// Only now, since a new str can start a collection that changes the dict.
	for i := start; i < len(p.scratch); i += 2 {
		key := python.CopyStr(p.scratch[i])
		if key.IsNil() {
			return python.Nil, python.ErrPython
		}
		old := p.scratch[i]
		p.scratch[i] = key
		old.DecRef()
	}
	return made(python.NewDictOf(p.scratch[start:]))
}

// reduceCode is the reduce value of a code object, a new reference.
func (p *Pickler) reduceCode(o python.Object) (python.Object, error) {
	var c python.CodeFields
	if err := python.ReadCode(o, &c); err != nil {
		return python.Nil, err
	}
	defer c.Release()
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	for _, argument := range abi.CodeArguments(python.Minor()) {
		value, err := p.codeArgument(&c, argument)
		if err != nil {
			return python.Nil, err
		}
		p.scratch = append(p.scratch, value)
	}
	arguments := python.NewTuple(p.scratch[start:]...)
	if arguments.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer arguments.DecRef()
	return made(python.NewTuple(python.CodeType, arguments))
}

// codeArgument is one of the arguments of types.CodeType, a new reference.
func (p *Pickler) codeArgument(c *python.CodeFields, argument abi.CodeArgument) (python.Object, error) {
	switch argument {
	case abi.CodeNames:
		return p.copyTuple(c.Names)
	case abi.CodeVarnames:
		return p.copyLocals(c, python.LocalVar)
	case abi.CodeFreevars:
		return p.copyLocals(c, python.LocalFree)
	case abi.CodeCellvars:
		return p.copyLocals(c, python.LocalCell)
	case abi.CodeName:
		return made(python.CopyStr(c.Name))
	}
	n, o := codeField(c, argument)
	if o.IsNil() {
		return made(python.NewLong(n))
	}
	o.IncRef()
	return o, nil
}

// copyTuple is another tuple with the items of t.
func (p *Pickler) copyTuple(t python.Object) (python.Object, error) {
	start := len(p.scratch)
	for i := range python.TupleSize(t) {
		p.hold(python.TupleItem(t, i))
	}
	return p.tupleOfScratch(start)
}

// copyLocals is the tuple of the names of one kind of local variable.
func (p *Pickler) copyLocals(c *python.CodeFields, kind byte) (python.Object, error) {
	if t := c.LocalsTuple(kind); !t.IsNil() {
		return p.copyTuple(t)
	}
	start := len(p.scratch)
	for i := 0; ; i++ {
		var name python.Object
		if name, i = c.NextLocal(kind, i); name.IsNil() {
			return p.tupleOfScratch(start)
		}
		p.hold(name)
	}
}

// tupleOfScratch makes a tuple of scratch[start:], which it drops.
func (p *Pickler) tupleOfScratch(start int) (python.Object, error) {
	t := python.NewTuple(p.scratch[start:]...)
	p.releaseScratch(start)
	return made(t)
}

// reduceOverridden is what the class's own reducer_override returns, for a subclass's that calls
// super's in the middle of a dump: a new reference. The error errTwin leaves that to Python.
func (p *Pickler) reduceOverridden(o python.Object) (python.Object, error) {
	t := o.Type()
	switch {
	case t == python.FunctionType:
		byReference, err := p.functionByReference(o)
		if err == nil && !byReference {
			return p.reduceFunction(o)
		}
		return notReduced(err)
	case python.IsType(o):
		return p.reduceOverriddenClass(o, t)
	}
	c, err := classInfoOf(t)
	if err == nil && (!c.isInstance || !c.stays || p.target == targets[0] && mayBeRefused(t)) {
		err = errTwin
	}
	return notReduced(err)
}

// notReduced is NotImplemented, a new reference, unless there is an error.
func notReduced(err error) (python.Object, error) {
	if err != nil {
		return python.Nil, err
	}
	python.NotImplemented.IncRef()
	return python.NotImplemented, nil
}

// reduceOverriddenClass leaves classes that go by value to Python.
func (p *Pickler) reduceOverriddenClass(o, metaclass python.Object) (python.Object, error) {
	for _, singleton := range [...]python.Object{python.None, python.Ellipsis, python.NotImplemented} {
		if o == singleton.Type() {
			return python.Nil, errTwin
		}
	}
	if metaclass != python.TypeType && !python.DefaultMetaclass(metaclass) {
		return python.Nil, errTwin
	}
	if name, ok := p.ns.builtinName(o); ok {
		arguments := python.NewTuple(name)
		if arguments.IsNil() {
			return python.Nil, python.ErrPython
		}
		defer arguments.DecRef()
		return made(python.NewTuple(p.ns.builtinType.object, arguments))
	}
	byReference, err := p.isClassByReference(o)
	if err == nil && !byReference {
		err = errTwin
	}
	return notReduced(err)
}

// mayBeRefused reports whether there may be a reducer of Beyond.refused for the instances of a
// class.
func mayBeRefused(t python.Object) bool {
	for _, base := range [...]python.Object{
		python.PropertyType, python.ClassMethodType, python.StaticMethodType, stdlib.weakref,
	} {
		if t != base && python.IsSubtype(t, base) {
			return true
		}
	}
	return false
}
