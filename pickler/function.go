package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveFunction writes a Python function: as a name if its module has it, else
// by value.
func (p *Pickler) saveFunction(o python.Object) error {
	module, err := python.FunctionModule(o)
	if err != nil {
		return err
	}
	defer module.DecRef()
	qualname, err := python.FunctionQualname(o)
	if err != nil {
		return err
	}
	defer qualname.DecRef()
	byReference, err := p.byReference(o, module, qualname)
	if err != nil {
		return err
	}
	if byReference {
		return p.saveFound(o, module, qualname)
	}
	return p.saveFunctionByValue(o)
}

// saveFunctionByValue writes
//
//	_make_function(code, base_globals, None, None, cells)
//
// which makes a function without content, so that it is in the memo before what
// can refer to it, and then _function_setstate(function, (attributes, slots)).
func (p *Pickler) saveFunctionByValue(o python.Object) error {
	if !p.hooks.virtual() {
		return p.saveReducedInPython(o)
	}
	var f python.FunctionFields
	if err := python.ReadFunction(o, &f); err != nil {
		return err
	}
	defer f.Release()
	if f.Globals.Type() != python.DictType || !namedByStr(f.Dict) ||
		f.Closure != python.None && !p.cellsAreOurs() {
		return p.saveReducedInPython(o)
	}
	// cloudpickle reads all of the function before it writes any of it.
	state, err := p.readFunctionState(&f)
	if err != nil {
		return err
	}
	defer p.releaseScratch(state.start)

	if err := p.saveKnown(&p.ns.makeFunction); err != nil {
		return err
	}
	if err := p.openTuple(5); err != nil {
		return err
	}
	if err := p.save(f.Code); err != nil {
		return err
	}
	if err := p.saveBaseGlobals(f.Globals); err != nil {
		return err
	}
	for range 2 { // name and argdefs, which come with the state
		if err := p.save(python.None); err != nil {
			return err
		}
	}
	if err := p.saveEmptyCells(&f); err != nil {
		return err
	}
	if err := p.endTuple(5); err != nil {
		return err
	}
	p.w.Op(pickle.OpReduce)
	if done, err := p.memoizeMade(o); done || err != nil {
		return err
	}

	if err := p.saveKnown(&p.ns.functionSetstate); err != nil {
		return err
	}
	if err := p.save(o); err != nil {
		return err
	}
	if err := p.openTuple(2); err != nil {
		return err
	}
	if err := p.saveFreshNamesDict(f.Dict); err != nil {
		return err
	}
	if err := p.saveFunctionSlots(&f, state); err != nil {
		return err
	}
	if err := p.endTuple(2); err != nil {
		return err
	}
	p.w.Op2(pickle.OpTuple2, pickle.OpReduce)
	p.w.Op(pickle.OpPop)
	return nil
}

// namedByStr reports whether all keys of a function's __dict__, which may be Nil,
// are plain strings. Others can be joined too, but not here.
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
		if err := p.saveKnown(&p.ns.makeEmptyCell); err != nil {
			return err
		}
		if err := p.saveEmptyTuple(); err != nil {
			return err
		}
		p.w.Op(pickle.OpReduce)
		if err := p.memoizeTemporary(); err != nil {
			return err
		}
	}
	return p.endTuple(n)
}

// saveFunctionSlots writes the slots dict of a function's state.
func (p *Pickler) saveFunctionSlots(f *python.FunctionFields, st functionState) error {
	d, err := p.openDict(10)
	if err != nil {
		return err
	}
	for i, key := range common.functionSlots {
		if err := p.save(key); err != nil {
			return err
		}
		switch i {
		case 0:
			err = p.saveFreshStr(f.Name)
		case 1:
			err = p.saveFreshStr(f.Qualname)
		case 2:
			err = p.saveDictOrEmpty(f.Annotations)
		case 3:
			err = p.save(f.Kwdefaults)
		case 4:
			err = p.save(f.Defaults)
		case 5:
			err = p.save(f.Module)
		case 6:
			err = p.save(f.Doc)
		case 7:
			err = p.save(f.Closure)
		case 8:
			err = p.saveHeldList(st.submodules, st.end)
		case 9:
			err = p.saveHeldDict(st.start, st.submodules)
		}
		if err != nil {
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
	for _, ref := range p.globalsRefs {
		if ref.globals == globals && !p.fastMode {
			if err := p.w.Boundary(); err != nil {
				return err
			}
			return p.get(ref.slot)
		}
	}
	var found [4]struct{ key, value python.Object }
	n := 0
	for _, key := range [...]python.Object{interned.packageName, interned.name, interned.path, interned.file} {
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
	p.globalsRefs = append(p.globalsRefs, globalsRef{globals, slot})
	for _, item := range found[:n] {
		if err := p.save(item.key); err != nil {
			return err
		}
		if err := p.save(item.value); err != nil {
			return err
		}
		d.item()
	}
	d.close()
	return nil
}
