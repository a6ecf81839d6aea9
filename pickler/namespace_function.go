package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// A namespaceFunction is a function of a Namespace, and the str objects that say where
// it is: the very ones that the C pickler would find, since other objects may
// share their memo slots. All are held as long as the interpreter lives.
type namespaceFunction struct{ object, module, name python.Object }

func readNamespaceFunction(namespace python.Object, name string) (k namespaceFunction, err error) {
	if k.object, err = attribute(namespace, name); err != nil {
		return k, err
	}
	if k.module, err = attribute(k.object, "__module__"); err != nil {
		return k, err
	}
	k.name, err = attribute(k.object, "__qualname__")
	return k, err
}

// saveNamespaceFunction writes a function of the namespace as a name, without looking
// whether it can be found there.
func (p *Pickler) saveNamespaceFunction(k *namespaceFunction) error {
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
// the lookup has removed the module from sys.modules.
func (p *Pickler) saveFound(o, module, name python.Object) error {
	if m, err := moduleNamed(module); err != nil || m.IsNil() {
		return p.saveGlobal(o, python.Nil)
	}
	return p.writeFound(o, module, name)
}

func (p *Pickler) writeFound(o, module, name python.Object) error {
	if p.proto < 4 || python.DictSize(stdlib.extensionRegistry) > 0 ||
		module.Type() != python.StrType || name.Type() != python.StrType {
		return p.saveGlobal(o, python.Nil)
	}
	if err := p.save(module); err != nil {
		return err
	}
	if err := p.save(name); err != nil {
		return err
	}
	p.w.Op(wire.OpStackGlobal)
	return p.memoize(o)
}

func hasDot(name python.Object) bool {
	text, ok := python.ASCII(name)
	if !ok {
		return true // it may have: saveGlobal looks closer
	}
	for _, c := range text {
		if c == '.' {
			return true
		}
	}
	return false
}

// saveNamespaceCall writes a call of a function of the namespace that makes o, with
// one argument or, where that is Nil, none.
func (p *Pickler) saveNamespaceCall(o python.Object, k *namespaceFunction, argument python.Object) error {
	if !p.hooks.virtual() || !p.hooks.reducerOverride.IsNil() {
		if argument.IsNil() {
			return p.saveReduction(o, k.object)
		}
		return p.saveReduction(o, k.object, argument)
	}
	if err := p.saveNamespaceFunction(k); err != nil {
		return p.ofReduced(err, placeReconstructor, o)
	}
	n := 0
	if !argument.IsNil() {
		n = 1
	}
	if err := p.openTuple(n); err != nil {
		return p.ofReduced(err, placeArguments, o)
	}
	if n == 1 {
		if err := p.save(argument); err != nil {
			return p.at(p.atArgument(err, o, 0), placeObject, o)
		}
	}
	if err := p.endTuple(n); err != nil {
		return err
	}
	return p.reduceAndMemoize(o)
}
