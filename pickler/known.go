package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A knownGlobal is a function of a Namespace, and the str objects that say where
// it is: the very ones that the C pickler would find, since other objects may
// share their memo slots. All are held as long as the interpreter lives.
type knownGlobal struct{ object, module, name python.Object }

func readKnown(namespace python.Object, name string) (k knownGlobal, err error) {
	if k.object, err = attribute(namespace, name); err != nil {
		return k, err
	}
	if k.module, err = attribute(k.object, "__module__"); err != nil {
		return k, err
	}
	k.name, err = attribute(k.object, "__qualname__")
	return k, err
}

// saveKnown writes a function of the namespace as a name, without looking
// whether it can be found there.
func (p *Pickler) saveKnown(k *knownGlobal) error {
	if !p.hooks.virtual() || !p.hooks.reducerOverride.IsNil() {
		return p.save(k.object)
	}
	if slot, ok := p.memo.get(k.object); ok {
		if err := p.w.Boundary(); err != nil {
			return err
		}
		return p.get(slot)
	}
	return p.writeFound(k.object, k.module, k.name)
}

// saveFound writes an object as the name under which it has been found, unless
// the looking has thrown the module out of sys.modules.
func (p *Pickler) saveFound(o, module, name python.Object) error {
	if m, err := moduleNamed(module); err != nil || m.IsNil() {
		return p.saveGlobal(o, python.Nil)
	}
	return p.writeFound(o, module, name)
}

func (p *Pickler) writeFound(o, module, name python.Object) error {
	if p.proto < 4 || python.DictSize(common.extensionRegistry) > 0 ||
		module.Type() != python.StrType || name.Type() != python.StrType {
		return p.saveGlobal(o, python.Nil)
	}
	if err := p.save(module); err != nil {
		return err
	}
	if err := p.save(name); err != nil {
		return err
	}
	p.w.Op(pickle.OpStackGlobal)
	return p.memoize(o)
}

func hasDot(name python.Object) bool {
	text, ok := python.ASCII(name)
	if !ok {
		return true // or not: the long way knows
	}
	for _, c := range text {
		if c == '.' {
			return true
		}
	}
	return false
}

// saveKnownCall writes a call of a function of the namespace that makes o, with
// one argument or, where that is Nil, none.
func (p *Pickler) saveKnownCall(o python.Object, k *knownGlobal, argument python.Object) error {
	if !p.hooks.virtual() || !p.hooks.reducerOverride.IsNil() {
		if argument.IsNil() {
			return p.saveReduction(o, k.object)
		}
		return p.saveReduction(o, k.object, argument)
	}
	if err := p.saveKnown(k); err != nil {
		return err
	}
	n := 0
	if !argument.IsNil() {
		n = 1
	}
	if err := p.openTuple(n); err != nil {
		return err
	}
	if n == 1 {
		if err := p.save(argument); err != nil {
			return err
		}
	}
	if err := p.endTuple(n); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}
