package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Functions and methods written in C.

// saveBuiltin writes a function or method written in C; done is false, and nothing has run,
// on the portable path.
func (p *Pickler) saveBuiltin(o python.Object) (done bool, err error) {
	p.giveBackDropped()
	if done, err := p.saveBuiltinMethod(o); done || err != nil {
		return done, err
	}
	name, self, ok := python.BuiltinFunction(o)
	if !ok {
		return false, nil
	}
	if name.IsNil() {
		return true, python.ErrPython
	}
	defer name.DecRef()
	return true, p.saveBuiltinFunction(o, name, self)
}

// saveBuiltinMethod writes a method written in C as getattr(self, name), without
// making a str of its name. done is false for one that is a module's function, or
// where that can't be done.
func (p *Pickler) saveBuiltinMethod(o python.Object) (done bool, err error) {
	if !p.fastPath {
		return false, nil
	}
	self, name := python.BuiltinFunctionSelf(o), python.BuiltinFunctionName(o)
	if self.IsNil() || python.IsSubtype(self.Type(), python.ModuleType) || len(name) < 2 || !isShortASCII(name) {
		return false, nil
	}
	if err := p.saveGetattr(); err != nil {
		return true, p.ofReduced(err, placeReconstructor, o)
	}
	if err := p.openTuple(2); err != nil {
		return true, p.ofReduced(err, placeArguments, o)
	}
	if err := p.save(self); err != nil {
		return true, p.at(p.atArgument(err, o, 0), placeObject, o)
	}
	if err := p.w.Boundary(); err != nil {
		return true, p.at(p.atArgument(err, o, 1), placeObject, o)
	}
	p.w.ShortText([]byte(name))
	p.memo.slots++
	if err := p.endTuple(2); err != nil {
		return true, err
	}
	return true, p.reduceAndMemoize(o)
}

// saveGetattr writes the builtin getattr. Its name is a str that the C pickler makes
// each time, so nothing else shares its slot.
func (p *Pickler) saveGetattr() error {
	if !p.fastPath || !p.hooks.reducerOverride.IsNil() || python.DictSize(stdlib.extensionRegistry) > 0 {
		return p.save(stdlib.getattr)
	}
	if slot, ok := p.memo.get(stdlib.getattr); ok {
		if err := p.w.Boundary(); err != nil {
			return err
		}
		return p.get(slot)
	}
	found, err := p.getattrIsFound()
	if err != nil {
		return err
	}
	if !found {
		return p.save(stdlib.getattr)
	}
	if err := p.save(stdlib.getattrModule); err != nil {
		return err
	}
	if err := p.saveFreshStr(interned.getattr); err != nil {
		return err
	}
	p.w.Op(wire.OpStackGlobal)
	return p.memoize(stdlib.getattr)
}

// getattrIsFound reports whether getattr is where it should be, and the dispatch
// tables have nothing for a function written in C.
func (p *Pickler) getattrIsFound() (bool, error) {
	m, err := moduleNamed(stdlib.getattrModule)
	if err != nil || m.IsNil() {
		return false, err
	}
	found, err := moduleHas(m, interned.getattr, stdlib.getattr)
	if err != nil || !found {
		return false, err
	}
	reducer, err := p.lookup(python.BuiltinFunctionType)
	if err != nil {
		return false, err
	}
	defer reducer.XDecRef()
	return reducer.IsNil(), nil
}

func isShortASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return len(s) < 256
}

// saveBuiltinFunction writes a function written in C as its __reduce__ would say:
// a module's as a name, a method as getattr(self, name).
func (p *Pickler) saveBuiltinFunction(o, name, self python.Object) error {
	if self.IsNil() || python.IsSubtype(self.Type(), python.ModuleType) {
		return p.saveGlobal(o, name)
	}
	return p.saveReduction(o, stdlib.getattr, self, name)
}
