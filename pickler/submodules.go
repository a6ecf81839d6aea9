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
	odd      bool // a key is neither a str nor None
	builds   int  // how often it has been made
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
	ix.builds++
	ix.keys, ix.packages, ix.odd = nil, map[string]map[string][]submodule{}, false
	it := python.IterDict(modules)
	for position := 0; ; position++ {
		key, _, ok := it.Next()
		if !ok {
			break
		}
		key.IncRef()
		ix.keys = append(ix.keys, key)
		if key.Type() == python.StrType {
			ix.add(python.String(key), position)
		} else if key != python.None {
			ix.odd = true
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
	if isPackage, err := isPackage(value); err != nil || !isPackage {
		return err
	}
	name, err := moduleAttribute(value, interned.name)
	if err != nil {
		return err
	}
	if name.Type() != python.StrType {
		if name, err = nameOfPrefix(name); err != nil {
			return err
		}
	}
	defer name.DecRef()
	if *names == nil {
		if *names, err = p.reachedNames(code); err != nil {
			return err
		}
	}
	modules := python.Modules()
	importedModules.refresh(modules)
	if importedModules.odd {
		return errTwin // a name that is no str can answer to startswith
	}
	for _, position := range reachedBelow(cachedCodeOf(code), python.TextView(name), *names) {
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

// reached are the modules below a package that code can reach, as positions in
// importedModules of that build.
type reached struct {
	pkg       string
	names     int // of those by which the code can reach them
	build     int
	positions []int
}

// maxReached bounds what is remembered of one code object.
const maxReached = 16

// reachedBelow is moduleIndex.below, in order, for a code object of which cached is what is
// remembered, or nil.
func reachedBelow(cached *cachedCode, pkg string, names []string) []int {
	if cached == nil {
		found := importedModules.below(nil, pkg, names)
		slices.Sort(found)
		return found
	}
	for i := range cached.reached {
		if r := &cached.reached[i]; r.build == importedModules.builds && r.names == len(names) && r.pkg == pkg {
			return r.positions
		}
	}
	found := reachedBelow(nil, pkg, names)
	if n := len(cached.reached); n == maxReached || n > 0 && cached.reached[0].build != importedModules.builds {
		cached.reached = nil
	}
	cached.reached = append(cached.reached, reached{strings.Clone(pkg), len(names), importedModules.builds, found})
	return found
}

// reachedNames gives the names by which code can reach a submodule.
func (p *Pickler) reachedNames(code python.Object) ([]string, error) {
	names, err := nameTexts(code)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, "getattr") {
		return names, nil
	}
	cached := cachedCodeOf(code)
	var taken []string
	if cached != nil {
		taken = cached.taken
	}
	if taken == nil {
		if taken, err = constantGetattrs(code, names); err != nil {
			return nil, err
		}
		if cached != nil {
			cached.taken = taken
		}
	}
	if len(taken) == 0 {
		return names, nil
	}
	if strict, err := p.strict(); err != nil || strict {
		return names, err
	}
	return append(slices.Clip(names), taken...), nil
}

// isPackage is hasattr(m, "__package__") and m.__package__, which reads it twice
// where the module, or what says it is one, answers for itself.
func isPackage(m python.Object) (bool, error) {
	if m.Type() == python.ModuleType {
		value, err := python.DictGetStr(python.ModuleDict(m), interned.packageName)
		if err != nil {
			return false, err
		}
		if !value.IsNil() {
			return isTrueHeld(value)
		}
	}
	value, err := python.LookupAttr(m, interned.packageName)
	if err != nil || value.IsNil() {
		return false, err
	}
	value.DecRef()
	if value = python.GetAttr(m, interned.packageName); value.IsNil() {
		return false, python.ErrPython
	}
	defer value.DecRef()
	return python.IsTrue(value)
}

// nameOfPrefix is the name that a module's __name__, which is no str, is part of the
// prefix of its submodules with: __name__ + ".". It consumes __name__.
func nameOfPrefix(name python.Object) (python.Object, error) {
	dot := python.NewStr(".")
	prefix := python.Call2(stdlib.add, name, dot)
	dot.DecRef()
	name.DecRef()
	if prefix.IsNil() {
		return prefix, python.ErrPython
	}
	defer prefix.DecRef()
	if prefix.Type() != python.StrType || !strings.HasSuffix(python.String(prefix), ".") {
		return python.Nil, errTwin
	}
	if name = python.NewStr(strings.TrimSuffix(python.String(prefix), ".")); name.IsNil() {
		return name, python.ErrPython
	}
	return name, nil
}

// isTrueHeld is bool(o) for a borrowed object.
func isTrueHeld(o python.Object) (bool, error) {
	o.IncRef()
	defer o.DecRef()
	return python.IsTrue(o)
}

// moduleAttribute is m.name for a name that no descriptor of the module type has: a
// new reference.
func moduleAttribute(m, name python.Object) (python.Object, error) {
	if m.Type() == python.ModuleType {
		value, err := python.DictGetStr(python.ModuleDict(m), name)
		if err != nil || !value.IsNil() {
			value.XIncRef()
			return value, err
		}
	}
	value := python.GetAttr(m, name) // a module's __getattr__ may answer
	if value.IsNil() {
		return value, python.ErrPython
	}
	return value, nil
}

// nameTexts gives the names in a code object, as text.
func nameTexts(code python.Object) ([]string, error) {
	cached := cachedCodeOf(code)
	if cached != nil && cached.names != nil {
		return cached.names, nil
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
	if cached != nil {
		cached.names = texts
	}
	return texts, nil
}
