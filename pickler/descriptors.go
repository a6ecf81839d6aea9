package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

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
	name, err := moduleName(o)
	if err != nil {
		return err
	}
	defer name.DecRef()
	if !python.IsStr(name) {
		return p.saveByTable(o)
	}
	byReference, err := p.moduleByReference(o, name)
	if err != nil {
		return err
	}
	if byReference {
		return p.saveKnownCall(o, &p.ns.subimport, name)
	}
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
	return p.saveReduction(o, p.ns.dynamicSubimport.object, name, namespace)
}

func (p *Pickler) moduleByReference(o, name python.Object) (bool, error) {
	byValue, err := p.registeredByValue(o)
	if byValue || err != nil {
		return false, err
	}
	found, err := moduleNamed(name)
	return !found.IsNil(), err
}
