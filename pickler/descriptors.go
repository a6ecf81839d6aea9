package pickler

import (
	"slices"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveClassMethod writes a classmethod or staticmethod: type(o)(o.__func__).
func (p *Pickler) saveClassMethod(o python.Object) error {
	return p.saveAttributes(o, o.Type(), interned.funcAttr)
}

// saveProperty writes a property: property(fget, fset, fdel, doc).
func (p *Pickler) saveProperty(o python.Object) error {
	return p.saveAttributes(o, python.PropertyType, interned.fget, interned.fset, interned.fdel, interned.doc)
}

// saveMethod writes a bound method: types.MethodType(function, instance).
func (p *Pickler) saveMethod(o python.Object) error {
	return p.saveAttributes(o, python.MethodType, interned.funcAttr, interned.selfAttr)
}

// saveAttributes writes callable(o.a, o.b, ...).
func (p *Pickler) saveAttributes(o, callable python.Object, attributes ...python.Object) error {
	start := len(p.scratch)
	defer p.releaseScratch(start)
	for _, name := range attributes {
		value := python.GetAttr(o, name)
		if value.IsNil() {
			return python.ErrPython
		}
		p.scratch = append(p.scratch, value)
	}
	return p.saveReduction(o, callable, p.scratch[start:]...)
}

// saveMappingProxy writes a mappingproxy: types.MappingProxyType(dict(o)).
func (p *Pickler) saveMappingProxy(o python.Object) error {
	if done, err := p.saveBeyond(o, python.MappingProxyType); done || err != nil {
		return err
	}
	d := python.Call1(python.DictType, o)
	if d.IsNil() {
		return python.ErrPython
	}
	defer d.DecRef()
	return p.saveReduction(o, python.MappingProxyType, d)
}

// saveModule writes a module: as its name if it can be imported, else as its
// name and content, but for __builtins__, which the loading side has its own.
func (p *Pickler) saveModule(o python.Object) error {
	name, err := python.DictGetStr(python.ModuleDict(o), interned.name)
	if err != nil {
		return err
	}
	if name.IsNil() || name.Type() != python.StrType {
		return p.saveByTable(o) // a __getattr__ of it may answer, each time otherwise
	}
	name.IncRef()
	defer name.DecRef()
	byReference, err := p.moduleByReference(o, name)
	if err != nil {
		return err
	}
	if byReference {
		return p.saveNamespaceCall(o, &p.ns.subimport, name)
	}
	return p.saveModuleByValue(o, name)
}

func (p *Pickler) saveModuleByValue(o, name python.Object) error {
	namespace := python.CopyDict(python.ModuleDict(o))
	if namespace.IsNil() {
		return python.ErrPython
	}
	defer namespace.DecRef()
	builtins, err := python.DictGetStr(namespace, interned.builtins)
	if err == nil && !builtins.IsNil() {
		err = python.DictDel(namespace, interned.builtins)
	}
	if err != nil {
		return err
	}
	if slices.Contains(p.openModules, o.Addr()) {
		if again, err := p.saveModuleAgain(o, name, namespace); again || err != nil {
			return err
		}
	}
	p.openModules = append(p.openModules, o.Addr())
	return p.saveReduction(o, p.ns.dynamicSubimport.object, name, namespace)
}

// saveModuleAgain writes a module that is being written, as it comes again in what it holds:
// as an empty one, which is in the memo before it gets its content. When the first writing
// ends it finds the module there, and takes that (memoizeMade). Cloudpickle recurs for ever.
func (p *Pickler) saveModuleAgain(o, name, namespace python.Object) (done bool, err error) {
	if strict, err := p.strict(); strict || p.fastMode || err != nil {
		return false, err
	}
	empty := python.NewDict()
	if empty.IsNil() {
		return false, python.ErrPython
	}
	defer empty.DecRef()
	args := python.NewTuple(name, empty)
	if args.IsNil() {
		return false, python.ErrPython
	}
	defer args.DecRef()
	return true, p.saveParts(o, parts{callable: p.ns.dynamicSubimport.object, args: args, state: namespace})
}

func (p *Pickler) moduleByReference(o, name python.Object) (bool, error) {
	byValue, err := p.registeredByValue(o)
	if byValue || err != nil {
		return false, err
	}
	found, err := moduleNamed(name)
	return !found.IsNil(), err
}
