package pickler

import (
	"bytes"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveGlobal writes o as a name to import: save_global. name is what __reduce__
// returned, or Nil for o's own qualified name.
func (p *Pickler) saveGlobal(o, name python.Object) error {
	if name.IsNil() {
		var err error
		if name, err = python.LookupAttr(o, interned.qualname); err != nil {
			return err
		}
		if name.IsNil() {
			if name = python.GetAttr(o, interned.name); name.IsNil() {
				return python.ErrPython
			}
		}
	} else if name.Type() == python.StrType || python.Minor() >= 14 {
		name.IncRef()
	} else if name = python.NewStr(python.String(name)); name.IsNil() {
		// CPython writes the last part of the split name, which is exactly a str.
		return python.ErrPython
	}
	defer name.DecRef()
	return p.saveNamedGlobal(o, name)
}

// saveNamedGlobal is saveGlobal with the name found.
func (p *Pickler) saveNamedGlobal(o, name python.Object) error {
	if !python.IsStr(name) {
		return python.Raise(python.TypeError, "must be str, not %s", nameOfType(name.Type()))
	}
	var path []string // of a dotted name
	if hasDot(name) {
		text := python.String(name)
		if path = strings.Split(text, "."); len(path) == 1 {
			path = nil
		}
		if err := p.checkDotted(path, name, o); err != nil {
			return err
		}
	}
	module, err := p.whichModule(o, name, path)
	if err != nil {
		return err
	}
	defer module.DecRef()
	parent, err := p.resolveGlobal(o, name, module, path)
	if err != nil {
		return err
	}
	defer parent.XDecRef()
	return p.writeGlobal(o, module, name, parent, path)
}

// checkDotted refuses what is inside a function, as CPython does up to 3.13;
// from 3.14 on the attribute lookup fails instead.
func (p *Pickler) checkDotted(path []string, name, o python.Object) error {
	for _, part := range path {
		if part == "<locals>" {
			if python.Minor() >= 14 {
				return p.picklingError("Can't pickle local object %s", shown{o})
			}
			return raise(python.AttributeError, said(13, "Can't get", "Can't pickle")+" local object %s", shown{name})
		}
	}
	return nil
}

// resolveGlobal imports the module and follows the path, which must lead to o.
// It gives the object that the last name is an attribute of, a new reference,
// or Nil when that is the module itself.
func (p *Pickler) resolveGlobal(o, name, module python.Object, path []string) (parent python.Object, err error) {
	m, err := importModule(module)
	if err != nil {
		return python.Nil, p.importError(o, module)
	}
	if path == nil {
		if has, err := moduleHas(m, name, o); has || err != nil {
			m.DecRef()
			return python.Nil, err
		}
		found := python.GetAttr(m, name)
		m.DecRef()
		return python.Nil, p.checkFound(found, o, name, module)
	}
	parent = m
	for i, part := range path {
		key := partName(part)
		if key.IsNil() {
			parent.DecRef()
			return python.Nil, python.ErrPython
		}
		found := python.GetAttr(parent, key)
		key.DecRef()
		if i == len(path)-1 || found.IsNil() {
			if err := p.checkFound(found, o, name, module); err != nil {
				parent.DecRef()
				return python.Nil, err
			}
			break
		}
		parent.DecRef()
		parent = found
	}
	return parent, nil
}

// importError says that the module of a global could not be imported. Up to 3.13 that
// takes the place of whatever the import has raised.
func (p *Pickler) importError(o, module python.Object) error {
	if python.Minor() < 14 {
		python.ClearError()
		return p.picklingError("Can't pickle %s: import of module %s failed", shown{o}, shown{module})
	}
	if !python.Matches(python.ImportError) && !python.Matches(python.ValueError) {
		return python.ErrPython
	}
	cause := python.FetchError()
	err := p.picklingError("Can't pickle %s: %s", shown{o}, told{cause.Value()})
	python.SetContext(cause)
	return err
}

// moduleHas reports whether a module's __dict__ has o under a name, which then is
// what the module's attribute of that name is.
func moduleHas(m, name, o python.Object) (bool, error) {
	found, err := moduleItem(m, name)
	return found == o, err
}

// moduleItem is what a module's __dict__ has under a name, where that is what its attribute of
// that name is: borrowed, or Nil.
func moduleItem(m, name python.Object) (python.Object, error) {
	text, ascii := python.ASCII(name)
	if !ascii || m.Type() != python.ModuleType || bytes.HasPrefix(text, []byte("__")) {
		return python.Nil, nil // names of the module type's own start with underscores
	}
	return python.DictGetStr(python.ModuleDict(m), name)
}

// importModule is __import__(name) and the module it leads to: a new reference.
// CPython's pickler calls __import__ for a module that has been imported, too.
func importModule(name python.Object) (python.Object, error) {
	m := python.Nil
	if python.IsStr(name) { // what can't be hashed has __import__'s error
		var err error
		if m, err = moduleNamed(name); err != nil {
			return python.Nil, err
		}
	}
	if !m.IsNil() && m != python.None {
		m.IncRef()
		return m, nil
	}
	if m = python.ImportObject(name); m.IsNil() {
		return python.Nil, python.ErrPython
	}
	return m, nil
}

// checkFound consumes found, which must be o, or Nil with an exception set.
func (p *Pickler) checkFound(found, o, name, module python.Object) error {
	if found.IsNil() {
		if python.Minor() < 14 {
			python.ClearError() // whatever it is, as CPython does
			return p.picklingError("Can't pickle %s: attribute lookup %s on %s failed", shown{o}, told{name}, told{module})
		}
		if !python.Matches(python.AttributeError) {
			return python.ErrPython
		}
		return during(stdlib.picklingError, "Can't pickle %s: it's not found as %s.%s", shown{o}, told{module}, told{name})
	}
	found.DecRef()
	if found != o {
		return p.picklingError("Can't pickle %s: it's not the same object as %s.%s", shown{o}, told{module}, told{name})
	}
	return nil
}

// whichModule finds the name of the module that o is from, a new reference.
func (p *Pickler) whichModule(o, qualname python.Object, path []string) (python.Object, error) {
	module, err := python.LookupAttr(o, interned.module)
	if err != nil {
		return python.Nil, err
	}
	if !module.IsNil() && module != python.None {
		return module, nil
	}
	module.XDecRef()
	// Bound methods of extension types and the like have no module: the first
	// one that has o under this name is it.
	if path == nil {
		path = []string{python.String(qualname)}
	}
	modules := python.CopyDict(python.Modules())
	if modules.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer modules.DecRef()
	it := python.IterDict(modules)
	for {
		name, m, ok := it.Next()
		if !ok {
			break
		}
		if m == python.None || python.IsStr(name) && python.StrEquals(name, "__main__") {
			continue
		}
		found, err := lookupPath(m, path)
		if err != nil {
			return python.Nil, err
		}
		same := found == o
		found.XDecRef()
		if same {
			name.IncRef()
			return name, nil
		}
	}
	interned.main.IncRef()
	return interned.main, nil
}

// lookupPath follows attribute names: a new reference, or Nil where one is absent.
func lookupPath(o python.Object, path []string) (python.Object, error) {
	o.IncRef()
	for _, part := range path {
		next, err := lookupPart(o, part)
		o.DecRef()
		if err != nil || next.IsNil() {
			return python.Nil, err
		}
		o = next
	}
	return o, nil
}

// partNames are the parts of dotted names as interned str, owned: looking a part
// up needs one, and most come again.
var partNames = map[string]python.Object{}

// maxPartNames bounds the map, for programs that make names without end.
const maxPartNames = 1 << 12

// lookupPart is getattr(o, part) without the AttributeError: a new reference, or Nil.
func lookupPart(o python.Object, part string) (python.Object, error) {
	key := partName(part)
	if key.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer key.DecRef()
	if found, err := attributeAtHand(o, key); err != nil || !found.IsNil() {
		found.XIncRef()
		return found, err
	}
	return python.LookupAttr(o, key)
}

// attributeAtHand is an attribute of a module or class that is what its namespace has:
// borrowed, or Nil where only asking for it can tell.
func attributeAtHand(o, name python.Object) (python.Object, error) {
	if python.IsType(o) {
		return python.ClassFunction(o, name)
	}
	return moduleItem(o, name)
}

// partName is a part of a dotted name as a str: a new reference, or Nil with an
// exception set.
func partName(part string) python.Object {
	key, cached := partNames[part]
	if !cached {
		if key = python.NewStr(part); key.IsNil() {
			return python.Nil
		}
		if len(partNames) >= maxPartNames {
			return key
		}
		partNames[strings.Clone(part)] = key
	}
	key.IncRef()
	return key
}

// writeGlobal writes the import of module.name, whose last part is an attribute
// of parent unless that is Nil, and memoizes o.
func (p *Pickler) writeGlobal(o, module, name, parent python.Object, path []string) error {
	if p.proto >= 2 && python.DictSize(stdlib.extensionRegistry) > 0 {
		done, err := p.writeExtension(o, module, name)
		if done || err != nil {
			return err
		}
	}
	switch {
	case p.proto >= 4:
		if err := p.save(module); err != nil {
			return err
		}
		if err := p.save(name); err != nil {
			return err
		}
		p.w.Op(wire.OpStackGlobal)
	case !parent.IsNil():
		if err := p.writeNestedGlobal(module, parent, path); err != nil {
			return err
		}
	default:
		if err := p.writeOldGlobal(module, name); err != nil {
			return err
		}
	}
	return p.memoize(o)
}

// writeNestedGlobal writes, for the protocols that have no dotted names, what
// is inside a class: as getattr calls. CPython 3.13 changed how (gh-113028): the
// outermost name is then no object of its own that could be in the memo.
func (p *Pickler) writeNestedGlobal(module, parent python.Object, path []string) error {
	if !stdlib.nestedByName {
		last := python.NewStr(path[len(path)-1])
		if last.IsNil() {
			return python.ErrPython
		}
		defer last.DecRef()
		return p.saveReduction(python.Nil, stdlib.getattr, parent, last)
	}
	for range path[1:] {
		if err := p.save(stdlib.getattr); err != nil {
			return err
		}
		if p.proto < 2 {
			p.w.Op(wire.OpMark)
		}
	}
	first := python.NewStr(path[0])
	if first.IsNil() {
		return python.ErrPython
	}
	err := p.writeOldGlobal(module, first)
	first.DecRef()
	if err != nil {
		return err
	}
	for _, part := range path[1:] {
		name := python.NewStr(part)
		if name.IsNil() {
			return python.ErrPython
		}
		err := p.save(name)
		name.DecRef()
		if err != nil {
			return err
		}
		p.closeTuple(2)
		p.w.Op(wire.OpReduce)
	}
	return nil
}

// findNestedByName asks the C pickler how it writes nested names: the change
// came in the middle of a series.
func findNestedByName() error {
	encode, err := importFrom("codecs", "Codec")
	if err != nil {
		return err
	}
	defer encode.DecRef()
	method, err := attribute(encode, "encode")
	if err != nil {
		return err
	}
	defer method.DecRef()
	dumps, err := importFrom("_pickle", "dumps")
	if err != nil {
		return err
	}
	defer dumps.DecRef()
	protocol := python.NewLong(2)
	defer protocol.DecRef()
	data := python.Call2(dumps, method, protocol)
	if data.IsNil() {
		return python.ErrPython
	}
	defer data.DecRef()
	stdlib.nestedByName = !bytes.Contains(python.Bytes(data), []byte("ccodecs\nCodec\nq"))
	return nil
}

// writeExtension writes the code that copyreg.add_extension gave a global; done
// is false when it gave none. Such an object is not memoized.
func (p *Pickler) writeExtension(o, module, name python.Object) (done bool, err error) {
	key := python.NewTuple(module, name)
	if key.IsNil() {
		return false, python.ErrPython
	}
	defer key.DecRef()
	code, err := python.DictGet(stdlib.extensionRegistry, key)
	if err != nil || code.IsNil() {
		return false, err
	}
	if !python.IsInt(code) && python.Minor() < 13 {
		return false, p.picklingError("Can't pickle %s: extension code %s isn't an integer", shown{o}, shown{code})
	}
	n := python.AsLong(code)
	if n == -1 && python.Occurred() {
		return false, python.ErrPython
	}
	if n <= 0 || n > 1<<31-1 {
		if python.Minor() < 13 {
			return false, p.picklingError("Can't pickle %s: extension code %d is out of range", shown{o}, n)
		}
		return false, python.Raise(python.RuntimeError, "extension code %d is out of range", n)
	}
	p.w.Extension(n)
	return true, nil
}

// writeOldGlobal writes GLOBAL, the two lines of the protocols below 4, with
// the module names of Python 2 where the protocol is one of its.
func (p *Pickler) writeOldGlobal(module, name python.Object) error {
	if p.proto < 3 && p.fixed {
		var err error
		if module, name, err = fixImports(module, name); err != nil {
			return err
		}
	}
	encoding := "ascii"
	if p.proto == 3 {
		encoding = "utf-8"
	}
	moduleBytes := python.Encode(module, encoding, "strict")
	if moduleBytes.IsNil() {
		return p.identifierError("module", module)
	}
	defer moduleBytes.DecRef()
	nameBytes := python.Encode(name, encoding, "strict")
	if nameBytes.IsNil() {
		return p.identifierError("global", name)
	}
	defer nameBytes.DecRef()
	p.w.Line(wire.OpGlobal, python.Bytes(moduleBytes))
	p.w.Raw(python.Bytes(nameBytes))
	p.w.Raw([]byte{'\n'})
	return nil
}

func (p *Pickler) identifierError(what string, name python.Object) error {
	if !python.Matches(python.UnicodeEncodeError) {
		return python.ErrPython
	}
	if python.Minor() < 14 {
		python.ClearError()
		return p.picklingError("can't pickle %s identifier '%s' using pickle protocol %d", what, told{name}, p.proto)
	}
	return during(stdlib.picklingError, "can't pickle %s identifier %s using pickle protocol %d", what, shown{name}, p.proto)
}

// fixImports gives the Python 2 names of a global, borrowed.
func fixImports(module, name python.Object) (python.Object, python.Object, error) {
	key := python.NewTuple(module, name)
	if key.IsNil() {
		return module, name, python.ErrPython
	}
	defer key.DecRef()
	pair, err := python.DictGet(stdlib.nameMapping, key)
	if err != nil {
		return module, name, err
	}
	if !pair.IsNil() {
		if !python.IsTuple(pair) || python.TupleSize(pair) != 2 {
			return module, name, python.Raise(python.RuntimeError,
				"_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not %s", nameOfType(pair.Type()))
		}
		first, second := python.TupleItem(pair, 0), python.TupleItem(pair, 1)
		if !python.IsStr(first) || !python.IsStr(second) {
			return module, name, python.Raise(python.RuntimeError,
				"_compat_pickle.REVERSE_NAME_MAPPING values should be pairs of str, not (%s, %s)",
				nameOfType(first.Type()), nameOfType(second.Type()))
		}
		return first, second, nil
	}
	mapped, err := python.DictGet(stdlib.importMapping, module)
	if err != nil {
		return module, name, err
	}
	if !mapped.IsNil() {
		if !python.IsStr(mapped) {
			return module, name, python.Raise(python.RuntimeError,
				"_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not %s", nameOfType(mapped.Type()))
		}
		module = mapped
	}
	return module, name, nil
}
