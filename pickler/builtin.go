package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Functions and methods written in C.

// saveBuiltinMethod writes a method written in C as getattr(self, name), without
// making a str of its name. done is false for one that is a module's function, or
// where that can't be done.
func (p *Pickler) saveBuiltinMethod(o python.Object) (done bool, err error) {
	if !p.quick {
		return false, nil
	}
	self, name := python.BuiltinFunctionSelf(o), python.BuiltinFunctionName(o)
	if self.IsNil() || python.IsSubtype(self.Type(), python.ModuleType) || len(name) < 2 || !isShortASCII(name) {
		return false, nil
	}
	if err := p.saveGetattr(); err != nil {
		return true, err
	}
	if err := p.openTuple(2); err != nil {
		return true, err
	}
	if err := p.save(self); err != nil {
		return true, err
	}
	if err := p.w.Boundary(); err != nil {
		return true, err
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
	if !p.quick || !p.hooks.reducerOverride.IsNil() || python.DictSize(common.extensionRegistry) > 0 {
		return p.save(common.getattr)
	}
	if slot, ok := p.memo.get(common.getattr); ok {
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
		return p.save(common.getattr)
	}
	if err := p.save(common.getattrModule); err != nil {
		return err
	}
	if err := p.saveFreshStr(interned.getattr); err != nil {
		return err
	}
	p.w.Op(pickle.OpStackGlobal)
	return p.memoize(common.getattr)
}

// getattrIsFound reports whether getattr is where it should be, and the dispatch
// tables have nothing for a function written in C.
func (p *Pickler) getattrIsFound() (bool, error) {
	m, err := moduleNamed(common.getattrModule)
	if err != nil || m.IsNil() {
		return false, err
	}
	found, err := moduleHas(m, interned.getattr, common.getattr)
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
	return p.saveReduction(o, common.getattr, self, name)
}
