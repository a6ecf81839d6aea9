package pickler

import (
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// saveClass writes a class if reducer_override would have reduced it: the types
// of the singletons, those that the types module names, and the classes that go
// by value. done is false for one that goes as a name.
func (p *Pickler) saveClass(o python.Object) (done bool, err error) {
	for _, singleton := range [...]python.Object{python.None, python.Ellipsis, python.NotImplemented} {
		if o == singleton.Type() {
			return true, p.saveReduction(o, python.TypeType, singleton)
		}
	}
	if name, ok := p.ns.builtinName(o); ok {
		return true, p.saveNamespaceCall(o, &p.ns.builtinType, name)
	}
	byReference, done, err := p.classByReference(o)
	if err != nil || byReference {
		return done, err
	}
	return true, p.saveClassByValue(o)
}

// classByReference writes a class as a name if it goes so; done is false for
// one that goes by value, and for one whose metaclass may be in the dispatch table.
func (p *Pickler) classByReference(o python.Object) (byReference, done bool, err error) {
	qualname, module, err := qualnameAndModule(o)
	defer qualname.XDecRef()
	defer module.XDecRef()
	if err != nil {
		return false, false, err
	}
	byReference, err = p.byReference(o, module, qualname)
	if err != nil || !byReference || o.Type() != python.TypeType {
		return byReference, false, err
	}
	return true, true, p.saveFound(o, module, qualname)
}

// isClassByReference reports whether a class goes as a name.
func (p *Pickler) isClassByReference(o python.Object) (bool, error) {
	qualname, module, err := qualnameAndModule(o)
	defer qualname.XDecRef()
	defer module.XDecRef()
	if err != nil {
		return false, err
	}
	return p.byReference(o, module, qualname)
}

// qualnameAndModule are what says where a class is to be found, new references or Nil.
func qualnameAndModule(o python.Object) (qualname, module python.Object, err error) {
	if qualname = python.ClassQualname(o); !qualname.IsNil() {
		module = python.ClassModule(o)
	}
	if module.IsNil() {
		if !python.Matches(python.AttributeError) {
			return qualname, module, python.ErrPython
		}
		python.ClearError()
		return qualname, module, errTwin
	}
	return qualname, module, nil
}

// saveClassByValue writes
//
//	_make_skeleton_class(metaclass, name, bases, {'__module__': ...}, tracker id, None)
//
// or _make_skeleton_enum(...), then _class_setstate(class, (attributes, {})).
func (p *Pickler) saveClassByValue(o python.Object) error {
	if !p.hooks.virtual() || !python.DefaultMetaclass(o.Type()) {
		return errTwin
	}
	isEnum, err := p.isEnum(o)
	if err != nil {
		return err
	}
	if isEnum {
		return p.saveEnum(o)
	}
	if lost, err := p.losesItsBases(o); lost || err != nil {
		if err == nil {
			err = errTwin
		}
		return err
	}
	strict, err := p.strict()
	if err != nil {
		return err
	}
	if !strict && !python.IsHeapType(o) {
		return errTwin // a type of the interpreter's own code: see interpreter.py
	}
	c := classParts{class: o, better: !strict}
	defer c.release(p)
	if err := p.readClass(&c); err != nil {
		return err
	}
	if err := p.saveNamespaceFunction(&p.ns.makeSkeletonClass); err != nil {
		return p.ofReduced(err, placeReconstructor, o)
	}
	if err := p.saveClassArguments(&c); err != nil {
		return p.ofReduced(err, placeArguments, o)
	}
	return p.saveClassState(&c)
}

// saveClassArguments writes the arguments of _make_skeleton_class.
func (p *Pickler) saveClassArguments(c *classParts) error {
	if err := p.openTuple(abi.MakeSkeletonClass.Arity()); err != nil {
		return err
	}
	if err := p.saveInTuple(0, c.class.Type(), c.name, c.bases); err != nil {
		return err
	}
	if err := p.saveTypeKwargs(c); err != nil {
		return p.atIndex(err, python.Nil, 3)
	}
	if err := p.saveInTuple(4, c.tracker, python.None); err != nil {
		return err
	}
	return p.endTuple(abi.MakeSkeletonClass.Arity())
}

// saveClassState writes what follows the arguments of _make_skeleton_*.
func (p *Pickler) saveClassState(c *classParts) error {
	p.w.Op(wire.OpReduce)
	if done, err := p.memoizeMade(c.class); done || err != nil {
		return err
	}
	if err := p.saveNamespaceFunction(&p.ns.classSetstate); err != nil {
		return p.ofReduced(err, placeSetter, c.class)
	}
	if err := p.save(c.class); err != nil {
		return p.at(err, placeObject, c.class)
	}
	if err := p.saveClassDicts(c); err != nil {
		return p.ofReduced(err, placeState, c.class)
	}
	p.w.Op2(wire.OpTuple2, wire.OpReduce)
	p.w.Op(wire.OpPop)
	return nil
}

// saveClassDicts writes the state of a class, (attributes, {}).
func (p *Pickler) saveClassDicts(c *classParts) error {
	if err := p.openTuple(2); err != nil {
		return err
	}
	if err := p.saveClassDict(c); err != nil {
		return p.atIndex(err, python.Nil, 0)
	}
	if err := p.saveDictOrEmpty(python.Nil); err != nil {
		return p.atIndex(err, python.Nil, 1)
	}
	return p.endTuple(2)
}

// classParts are what a class is made of; all are owned.
type classParts struct {
	class, name, bases, module, dictProperty, tracker python.Object
	slots                                             python.Object // __slots__, if the class is made with it
	better                                            bool          // than stock's: see class_better.go
	attributes                                        []classAttribute
	abcRegistry                                       python.Object // list of registered subclasses, or Nil
	plan                                              *classPlan    // by which attributes were read, or nil
	lazyAnnotations                                   bool          // they have not been evaluated yet
}

// classAttribute is an item of the state's dict.
type classAttribute struct {
	text       string        // of key, a view
	key, value python.Object // owned
	dropped    bool          // it is not written
}

func newAttribute(key, value python.Object) classAttribute {
	key.IncRef()
	value.IncRef()
	return classAttribute{text: python.TextView(key), key: key, value: value}
}

// maxSpareAttributes bounds the memory that is kept for the next class.
const maxSpareAttributes = 256

// release gives the references back, and the memory of the attributes to p.
func (c *classParts) release(p *Pickler) {
	for _, o := range [...]python.Object{c.name, c.bases, c.module, c.dictProperty, c.slots, c.tracker, c.abcRegistry} {
		o.XDecRef()
	}
	for _, a := range c.attributes {
		a.key.DecRef()
		a.value.DecRef()
	}
	if n := cap(c.attributes); n > 0 && n <= maxSpareAttributes {
		clear(c.attributes)
		p.spareAttributes = append(p.spareAttributes, c.attributes[:0])
	}
	c.attributes = nil
}

// readClass reads a class before any of it is written, as cloudpickle does, in
// its order: the arguments, the tracker id, the attributes.
func (p *Pickler) readClass(c *classParts) error {
	d, err := python.TypeDict(c.class)
	if err != nil {
		return err
	}
	defer d.DecRef()
	module, err := python.DictGetStr(d, interned.module)
	if err != nil {
		return err
	}
	if !module.IsNil() {
		if c.module = python.ClassModule(c.class); c.module.IsNil() {
			return python.ErrPython
		}
	}
	dict, err := python.DictGetStr(d, interned.dict)
	if err != nil {
		return err
	}
	if !dict.IsNil() {
		dict.IncRef()
		isProperty, err := python.IsInstance(dict, python.PropertyType)
		if isProperty || c.better && dict.Type() != stdlib.getsetType {
			c.dictProperty = dict
		} else {
			dict.DecRef()
		}
		if err != nil {
			return err
		}
	}
	if c.name = python.ClassName(c.class); c.name.IsNil() {
		return python.ErrPython
	}
	origBases, err := python.DictGetStr(d, interned.origBases)
	if err != nil {
		return err
	}
	if origBases.IsNil() {
		c.bases = python.Bases(c.class)
	} else {
		c.bases = python.GetAttr(c.class, interned.origBases)
	}
	if c.bases.IsNil() {
		return python.ErrPython
	}
	if c.tracker, err = p.trackerID(c.class); err != nil {
		return err
	}
	return p.readClassDict(c, d)
}

// saveTypeKwargs writes the keywords that the class is made with.
func (p *Pickler) saveTypeKwargs(c *classParts) error {
	n := 0
	for _, o := range [...]python.Object{c.module, c.dictProperty, c.slots} {
		if !o.IsNil() {
			n++
		}
	}
	d, err := p.openDict(n)
	if err != nil {
		return err
	}
	for _, item := range [...][2]python.Object{
		{interned.module, c.module}, {interned.dict, c.dictProperty}, {interned.slots, c.slots},
	} {
		if item[1].IsNil() {
			continue
		}
		if err := p.save(item[0]); err != nil {
			return err
		}
		if err := p.save(item[1]); err != nil {
			return p.atValue(err, python.Nil, item[0])
		}
		d.item()
	}
	d.close()
	return nil
}

// trackerID is the id under which both sides know the class: a new reference.
func (p *Pickler) trackerID(o python.Object) (python.Object, error) {
	id, err := python.DictGetWeak(p.ns.trackedClasses, o)
	if err != nil {
		return python.Nil, err // as cloudpickle's own look at it raises
	}
	if !id.IsNil() {
		id.IncRef()
		return id, nil
	}
	if id = python.Call1(p.ns.getOrCreateTrack, o); id.IsNil() {
		return python.Nil, python.ErrPython
	}
	if note := p.target.beyond.noteClass; !note.IsNil() {
		// So that what is set on it from here on stays when it comes back: rebuild.py.
		done := python.Call1(note, o)
		if done.IsNil() {
			id.DecRef()
			return python.Nil, python.ErrPython
		}
		done.DecRef()
	}
	return id, nil
}

// readClassDict finds the attributes that are the class's own: neither what a
// base has as the same object, nor what making the class creates anew. They are in the
// order of their names.
func (p *Pickler) readClassDict(c *classParts, d python.Object) error {
	if n := len(p.spareAttributes); n > 0 {
		c.attributes = p.spareAttributes[n-1]
		p.spareAttributes = p.spareAttributes[:n-1]
	}
	if layout, _ := python.Fast(); !layout {
		if err := p.findAttributes(c, d); err != nil {
			return err
		}
	} else if !p.readByPlan(c, d) {
		version := python.GivenVersionTag(c.class)
		if err := p.findAttributes(c, d); err != nil {
			return err
		}
		makePlan(c, d, version)
	}
	if c.lazyAnnotations {
		// Beyond cloudpickle, which loses them, they are evaluated by the twin, and the
		// class has them then.
		if strict, err := p.strict(); !strict || err != nil {
			if err == nil {
				err = errTwin
			}
			return err
		}
	}
	if python.IsSubtype(c.class.Type(), stdlib.abcMeta) {
		if err := c.readABC(); err != nil {
			return err
		}
	}
	if !c.better && c.has("__slots__") {
		if err := c.dropSlots(); err != nil {
			return err
		}
	}
	c.drop("__dict__")
	return nil
}

// findAttributes finds the attributes that no base has and that making the class
// does not make anew, but for what hangs on more than the class's __dict__.
func (p *Pickler) findAttributes(c *classParts, d python.Object) error {
	it := python.IterDict(d)
	for {
		key, value, ok := it.Next()
		if !ok {
			break
		}
		if key.Type() != python.StrType {
			return errTwin
		}
		c.attributes = append(c.attributes, newAttribute(key, value))
	}
	slices.SortFunc(c.attributes, func(a, b classAttribute) int { return strings.Compare(a.text, b.text) })
	if err := c.dropInherited(); err != nil {
		return err
	}
	if c.better {
		if err := c.settle(p); err != nil {
			return err
		}
	}
	c.drop("__weakref__")
	if python.Minor() >= 14 {
		// PEP 649: its closure refers to the class's namespace; the loading
		// side makes it anew.
		if i, ok := c.find("__annotate_func__"); ok {
			c.lazyAnnotations = c.attributes[i].value != python.None && !c.has("__annotations_cache__")
			c.attributes[i].dropped = true
		}
	}
	return nil
}

// losesItsBases reports whether a class is a TypedDict that does not say what it was made
// of, and beyond cloudpickle, which takes that to be dict, is to be made again.
func (p *Pickler) losesItsBases(o python.Object) (bool, error) {
	meta := o.Type()
	if meta == python.TypeType || python.Minor() >= 12 || !python.IsSubtype(o, python.DictType) {
		return false, nil
	}
	name := python.ClassName(meta)
	if name.IsNil() {
		return false, python.ErrPython
	}
	defer name.DecRef()
	if python.String(name) != "_TypedDictMeta" {
		return false, nil
	}
	strict, err := p.strict()
	return !strict, err
}

// drop drops an attribute if it is there.
func (c *classParts) drop(name string) {
	if i, ok := c.find(name); ok {
		c.attributes[i].dropped = true
	}
}

func (c *classParts) has(name string) bool {
	i, ok := c.find(name)
	return ok && !c.attributes[i].dropped
}

// find finds an attribute; they are sorted by name.
func (c *classParts) find(name string) (int, bool) {
	return slices.BinarySearchFunc(c.attributes, name, func(a classAttribute, name string) int {
		return strings.Compare(a.text, name)
	})
}

// dropInherited drops an attribute if the first base with the name has the same object.
func (c *classParts) dropInherited() error {
	bases := python.Bases(c.class)
	if bases.IsNil() {
		return python.ErrPython
	}
	defer bases.DecRef()
	dicts := make([]python.Object, 0, 4)
	defer func() {
		for _, d := range dicts {
			d.DecRef()
		}
	}()
	for i := range python.TupleSize(bases) {
		if !python.DefaultMetaclass(python.TupleItem(bases, i).Type()) {
			return errTwin
		}
		d, err := python.TypeDict(python.TupleItem(bases, i))
		if err != nil {
			return err
		}
		dicts = append(dicts, d)
	}
	for i := range c.attributes {
		a := &c.attributes[i]
		for _, d := range dicts {
			inherited, err := python.DictGetStr(d, a.key)
			if err != nil {
				return err
			}
			if !inherited.IsNil() {
				a.dropped = inherited == a.value
				break
			}
		}
	}
	return nil
}

// readABC replaces the registry and the caches of an abstract base class by the
// list of the classes registered with it.
func (c *classParts) readABC() error {
	if c.has("_abc_registry") {
		return errTwin // of Lib/_py_abc.py, or something that looks like it
	}
	for _, name := range []string{"_abc_cache", "_abc_negative_cache", "_abc_negative_cache_version"} {
		c.drop(name)
	}
	dump := python.Call1(stdlib.abcGetDump, c.class)
	if dump.IsNil() {
		return python.ErrPython
	}
	defer dump.DecRef()
	references := python.NewList(python.TupleItem(dump, 0))
	if references.IsNil() {
		return python.ErrPython
	}
	defer references.DecRef()
	if c.abcRegistry = registered(references); c.abcRegistry.IsNil() {
		return python.ErrPython
	}
	c.drop("_abc_impl")
	return nil
}

// registered is the list of the classes that weak references lead to: a new reference, or Nil
// with an exception set.
func registered(references python.Object) python.Object {
	classes := make([]python.Object, 0, 8)
	defer func() {
		for _, o := range classes {
			o.DecRef()
		}
	}()
	for i := range python.ListSize(references) {
		class := python.Call0(python.ListItem(references, i))
		if class.IsNil() {
			return python.Nil
		}
		classes = append(classes, class)
	}
	tuple := python.NewTuple(classes...)
	if tuple.IsNil() {
		return python.Nil
	}
	defer tuple.DecRef()
	return python.NewList(tuple)
}

// dropSlots drops the descriptors that __slots__ makes.
func (c *classParts) dropSlots() error {
	// What is in the class's namespace is what the class answers, unless it is a
	// descriptor; any iterable will do, and an iterator is empty already.
	if own, err := python.LookupType(c.class.Type(), interned.slots); err != nil || !own.IsNil() {
		return errTwin
	}
	at, _ := c.find("__slots__")
	slots := c.attributes[at].value
	switch slots.Type() {
	case python.StrType:
		if !c.has(python.String(slots)) {
			return errTwin // for the KeyError
		}
		c.drop(python.String(slots))
	case python.TupleType:
		for i := range python.TupleSize(slots) {
			if err := c.dropSlot(python.TupleItem(slots, i)); err != nil {
				return err
			}
		}
	case python.ListType:
		for i := range python.ListSize(slots) {
			if err := c.dropSlot(python.ListItem(slots, i)); err != nil {
				return err
			}
		}
	default:
		return errTwin
	}
	return nil
}

func (c *classParts) dropSlot(name python.Object) error {
	if name.Type() != python.StrType {
		return errTwin
	}
	c.drop(python.String(name))
	return nil
}

// saveClassDict writes the attributes, under names that are not interned.
func (p *Pickler) saveClassDict(c *classParts) error {
	n := 0
	for i := range c.attributes {
		if !c.attributes[i].dropped {
			n++
		}
	}
	if !c.abcRegistry.IsNil() {
		n++
	}
	d, err := p.openDict(n)
	if err != nil {
		return err
	}
	for i := range c.attributes {
		a := &c.attributes[i]
		if a.dropped {
			continue
		}
		if err := p.saveFreshStr(a.key); err != nil {
			return err
		}
		if err := p.save(a.value); err != nil {
			return p.atValue(err, python.Nil, a.key)
		}
		d.item()
	}
	if !c.abcRegistry.IsNil() {
		if err := p.save(interned.abcImpl); err != nil {
			return err
		}
		if err := p.save(c.abcRegistry); err != nil {
			return p.atValue(err, python.Nil, interned.abcImpl)
		}
		d.item()
	}
	d.close()
	return nil
}
