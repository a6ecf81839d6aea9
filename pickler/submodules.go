package pickler

import (
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// Submodules. A function that says concurrent.futures.wait names the global
// concurrent and two attributes. Its package alone, once loaded, would not have
// the submodule, so cloudpickle looks for the imported modules below each
// package that the function can reach by the names in its code. It walks all of
// sys.modules for each package (cloudpickle issue 576); here an index of
// sys.modules is kept for as long as its keys stay the same.

// moduleIndex finds the modules below a package.
type moduleIndex struct {
	stamp    uint64          // sys.modules' version when it was last compared, 0 for none
	keys     []python.Object // the keys of sys.modules, in order, owned
	packages map[string]map[string][]submodule
}

// submodule is a module below a package: packages["a"]["b"] has a.b and a.b.c.
type submodule struct {
	position int      // in sys.modules
	rest     []string // the parts of the name after the package and the first one
}

var importedModules moduleIndex

// refresh brings the index up to date with sys.modules.
func (ix *moduleIndex) refresh(modules python.Object) {
	stamp := python.DictStamp(modules)
	if stamp != 0 && stamp == ix.stamp {
		return
	}
	if !python.SameKeys(modules, ix.keys) {
		ix.rebuild(modules)
	}
	ix.stamp = stamp
}

func (ix *moduleIndex) rebuild(modules python.Object) {
	old := ix.keys
	ix.keys, ix.packages = nil, map[string]map[string][]submodule{}
	it := python.IterDict(modules)
	for position := 0; ; position++ {
		key, _, ok := it.Next()
		if !ok {
			break
		}
		key.IncRef()
		ix.keys = append(ix.keys, key)
		if python.IsStr(key) {
			ix.add(python.String(key), position)
		}
	}
	for _, o := range old {
		o.DecRef()
	}
}

func (ix *moduleIndex) add(name string, position int) {
	for dot := strings.IndexByte(name, '.'); dot >= 0; {
		below := name[dot+1:]
		parts := strings.Split(below, ".")
		children := ix.packages[name[:dot]]
		if children == nil {
			children = map[string][]submodule{}
			ix.packages[name[:dot]] = children
		}
		children[parts[0]] = append(children[parts[0]], submodule{position, parts[1:]})
		next := strings.IndexByte(below, '.')
		if next < 0 {
			return
		}
		dot += 1 + next
	}
}

// below appends the positions of the modules below a package all of whose
// further names are among names, in no order.
func (ix *moduleIndex) below(dst []int, pkg string, names []string) []int {
	children := ix.packages[pkg]
	if children == nil {
		return dst
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		for _, sub := range children[name] {
			if containsAll(names, sub.rest) {
				dst = append(dst, sub.position)
			}
		}
	}
	return dst
}

func containsAll(names, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(names, w) {
			return false
		}
	}
	return true
}

// holdSubmodules appends to p.scratch the submodules that a function reaches
// through its globals (in p.scratch already) and its closure's values.
func (p *Pickler) holdSubmodules(f *python.FunctionFields, st functionState) error {
	var names []string
	for i := st.start + 1; i < st.submodules; i += 2 {
		if err := p.holdBelow(f.Code, p.scratch[i], &names); err != nil {
			return err
		}
	}
	if f.Closure == python.None {
		return nil
	}
	for i := range python.TupleSize(f.Closure) {
		value := python.CellContents(python.TupleItem(f.Closure, i))
		if value.IsNil() {
			continue
		}
		err := p.holdBelow(f.Code, value, &names)
		value.DecRef()
		if err != nil {
			return err
		}
	}
	return nil
}

// holdBelow does it for one value. names are the code's, read when first needed.
func (p *Pickler) holdBelow(code, value python.Object, names *[]string) error {
	if isModule, err := python.IsModule(value); !isModule || err != nil {
		return err
	}
	pkg, err := moduleAttribute(value, interned.packageName)
	if err != nil || pkg.IsNil() {
		return err
	}
	isPackage, err := python.IsTrue(pkg)
	pkg.DecRef()
	if err != nil || !isPackage {
		return err
	}
	name, err := moduleName(value)
	if err != nil {
		return err
	}
	defer name.DecRef()
	if !python.IsStr(name) {
		return python.Raise(python.TypeError, "the __name__ of a module must be a str, not %s", typeName(name.Type()))
	}
	if *names == nil {
		if *names, err = nameTexts(code); err != nil {
			return err
		}
	}
	modules := python.Modules()
	importedModules.refresh(modules)
	var room [16]int
	found := importedModules.below(room[:0], python.TextView(name), *names)
	slices.Sort(found)
	for _, position := range found {
		m, err := moduleNamed(importedModules.keys[position])
		if err != nil {
			return err
		}
		if !m.IsNil() {
			p.hold(m)
		}
	}
	return nil
}

// moduleAttribute is getattr(m, name, None) for a name that no descriptor of the
// module type has: a new reference, or Nil where it is absent.
func moduleAttribute(m, name python.Object) (python.Object, error) {
	if m.Type() == python.ModuleType {
		value, err := python.DictGetStr(python.ModuleDict(m), name)
		if err != nil || !value.IsNil() {
			value.XIncRef()
			return value, err
		}
	}
	return python.LookupAttr(m, name) // a module's __getattr__ may answer
}

// moduleName is m.__name__, a new reference.
func moduleName(m python.Object) (python.Object, error) {
	name, err := moduleAttribute(m, interned.name)
	if err == nil && name.IsNil() {
		if name = python.GetAttr(m, interned.name); name.IsNil() { // for the exception
			err = python.ErrPython
		}
	}
	return name, err
}

// nameTexts gives the names in a code object, as text.
func nameTexts(code python.Object) ([]string, error) {
	known := knownCodes[code.Addr()]
	if known != nil && known.names != nil {
		return known.names, nil
	}
	t, err := python.CodeNames(code)
	if err != nil {
		return nil, err
	}
	defer t.DecRef()
	texts := make([]string, python.TupleSize(t))
	for i := range texts {
		texts[i] = python.String(python.TupleItem(t, i))
	}
	if known != nil {
		known.names = texts
	}
	return texts, nil
}
