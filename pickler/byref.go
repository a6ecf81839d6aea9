package pickler

import (
	"bytes"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// byReference reports whether a function or class is sent as a name: it is what
// its module, which is in sys.modules and is not __main__, has under its
// qualified name, and the module is not registered to go by value.
//
// module and qualname are o's, borrowed. Where one of them is not a str (a module
// may be None), the error is errTwin.
func (p *Pickler) byReference(o, module, qualname python.Object) (bool, error) {
	if qualname.Type() != python.StrType || module.Type() != python.StrType && module != python.None {
		return false, errTwin
	}
	if module == python.None {
		return p.byReferenceWithoutModule(o, qualname)
	}
	if python.StrEquals(module, "__main__") {
		return false, nil
	}
	m, err := moduleNamed(module)
	if err != nil || m.IsNil() || m == python.None {
		return false, err
	}
	m.IncRef() // its __getattr__ can take it out of sys.modules
	defer m.DecRef()
	found, err := lookupQualname(m, qualname)
	if err != nil || found != o {
		found.XDecRef()
		return false, err
	}
	found.DecRef()
	byValue, err := p.registeredByValue(m)
	return !byValue, err
}

// localsMark is in the qualified name of what is inside a function, and nowhere else.
var localsMark = []byte(".<locals>.")

// moduleNamed is sys.modules.get(name), borrowed.
func moduleNamed(name python.Object) (python.Object, error) {
	if name.Type() == python.StrType {
		return python.DictGetStr(python.Modules(), name)
	}
	return python.DictGet(python.Modules(), name)
}

// lookupQualname follows a qualified name from a module: a new reference, or Nil.
func lookupQualname(m, qualname python.Object) (python.Object, error) {
	text, ascii := python.ASCII(qualname)
	if ascii && bytes.IndexByte(text, '.') < 0 && m.Type() == python.ModuleType && !bytes.HasPrefix(text, []byte("__")) {
		found, err := python.DictGetStr(python.ModuleDict(m), qualname)
		if err != nil {
			return python.Nil, err
		}
		if !found.IsNil() {
			found.IncRef()
			return found, nil
		}
		// A module's __getattr__ (PEP 562) may answer.
		getattr, err := python.DictGetStr(python.ModuleDict(m), interned.moduleGetattr)
		if err != nil || getattr.IsNil() {
			return python.Nil, err
		}
	}
	if ascii && python.Minor() < 14 && bytes.Contains(text, localsMark) {
		return python.Nil, nil
	}
	path := python.String(qualname)
	m.IncRef()
	for more := true; more; {
		var part string
		part, path, more = strings.Cut(path, ".")
		if part == "<locals>" && python.Minor() < 14 {
			m.DecRef()
			return python.Nil, nil
		}
		next, err := lookupPart(m, part)
		m.DecRef()
		if err != nil || next.IsNil() {
			return python.Nil, err
		}
		m = next
	}
	return m, nil
}

// byReferenceWithoutModule is byReference for an object whose __module__ is None:
// cloudpickle looks through all modules, ignoring what that raises.
func (p *Pickler) byReferenceWithoutModule(o, qualname python.Object) (bool, error) {
	modules := python.CopyDict(python.Modules())
	if modules.IsNil() {
		return false, python.ErrPython
	}
	defer modules.DecRef()
	it := python.IterDict(modules)
	for {
		name, m, ok := it.Next()
		if !ok {
			return false, nil
		}
		if name.Type() != python.StrType {
			return false, errTwin
		}
		if python.StrEquals(name, "__main__") || python.StrEquals(name, "__mp_main__") {
			continue
		}
		if isModule, err := python.IsModule(m); err != nil || !isModule {
			if err != nil {
				return false, err
			}
			continue
		}
		found, err := lookupQualname(m, qualname)
		if err != nil {
			if err := python.Forgive(); err != nil {
				return false, err
			}
			continue
		}
		same := found == o
		found.XDecRef()
		if same {
			return p.byReference(o, name, qualname)
		}
	}
}

// registeredByTwin asks cloudpickle about a module whose __name__ is no str.
func (p *Pickler) registeredByTwin(m python.Object) (bool, error) {
	ask, err := attribute(p.ns.module, "_is_registered_pickle_by_value")
	if err != nil {
		return false, err
	}
	defer ask.DecRef()
	answer := python.Call1(ask, m)
	if answer.IsNil() {
		return false, python.ErrPython
	}
	defer answer.DecRef()
	return python.IsTrue(answer)
}

// registeredByValue reports whether a module, or a package it is in, was given
// to register_pickle_by_value.
func (p *Pickler) registeredByValue(m python.Object) (bool, error) {
	if m.Type() == python.ModuleType {
		name, err := python.DictGetStr(python.ModuleDict(m), interned.name)
		if err != nil || !name.IsNil() && name.Type() == python.StrType && python.SetSize(p.ns.byValueModules) == 0 {
			return false, err
		}
	}
	name := python.GetAttr(m, interned.name)
	if name.IsNil() {
		return false, python.ErrPython
	}
	defer func() { name.DecRef() }()
	if name.Type() != python.StrType {
		return p.registeredByTwin(m)
	}
	for {
		registered, err := python.SetContains(p.ns.byValueModules, name)
		if registered || err != nil {
			return registered, err
		}
		text := []byte(python.String(name))
		dot := bytes.LastIndexByte(text, '.')
		if dot < 0 {
			return false, nil
		}
		parent := python.NewStr(string(text[:dot]))
		if parent.IsNil() {
			return false, python.ErrPython
		}
		name.DecRef()
		name = parent
	}
}
