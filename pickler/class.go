package pickler

import (
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle"
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
	if name, ok := p.ns.builtinNames[o.Addr()]; ok {
		return true, p.saveKnownCall(o, &p.ns.builtinType, name)
	}
	byReference, done, err := p.classByReference(o)
	if err != nil || byReference {
		return done, err
	}
	return true, p.saveClassByValue(o)
}

// classByReference writes a class as a name if it goes so; done is false for
// one that goes by value, and for one whose metaclass the dispatch table may know.
func (p *Pickler) classByReference(o python.Object) (byReference, done bool, err error) {
	qualname, module := python.ClassQualname(o), python.Nil
	if !qualname.IsNil() {
		module = python.ClassModule(o)
	}
	defer qualname.XDecRef()
	defer module.XDecRef()
	if module.IsNil() {
		if !python.Matches(python.AttributeError) {
			return false, false, python.ErrPython
		}
		python.ClearError()
		return p.oddClassByReference(o)
	}
	byReference, err = p.byReference(o, module, qualname)
	if err != nil || !byReference || o.Type() != python.TypeType {
		return byReference, false, err
	}
	return true, true, p.saveFound(o, module, qualname)
}

// oddClassByReference is for a class whose metaclass hides its name or module.
func (p *Pickler) oddClassByReference(o python.Object) (byReference, done bool, err error) {
	qualname, err := attributeOrNone(o, interned.qualname)
	if err != nil {
		return false, false, err
	}
	defer qualname.DecRef()
	module, err := attributeOrNone(o, interned.module)
	if err != nil {
		return false, false, err
	}
	defer module.DecRef()
	byReference, err = p.byReference(o, module, qualname)
	return byReference, false, err
}

// attributeOrNone is getattr(o, name, None): a new reference.
func attributeOrNone(o, name python.Object) (python.Object, error) {
	value, err := python.LookupAttr(o, name)
	if err != nil {
		return python.Nil, err
	}
	if value.IsNil() {
		python.None.IncRef()
		return python.None, nil
	}
	return value, nil
}

// saveClassByValue writes
//
//	_make_skeleton_class(metaclass, name, bases, {'__module__': ...}, tracker id, None)
//
// or _make_skeleton_enum(...), then _class_setstate(class, (attributes, {})).
func (p *Pickler) saveClassByValue(o python.Object) error {
	if !p.hooks.virtual() || !python.PlainMetaclass(o.Type()) {
		return p.saveReducedInPython(o)
	}
	isEnum, err := p.isEnum(o)
	if err != nil {
		return err
	}
	if isEnum {
		return p.saveEnum(o)
	}
	c := classParts{class: o}
	defer c.release(p)
	if err := p.readClass(&c); err != nil {
		return err
	}
	if err := p.saveKnown(&p.ns.makeSkeletonClass); err != nil {
		return err
	}
	if err := p.openTuple(6); err != nil {
		return err
	}
	for _, item := range [...]python.Object{o.Type(), c.name, c.bases} {
		if err := p.save(item); err != nil {
			return err
		}
	}
	if err := p.saveTypeKwargs(&c); err != nil {
		return err
	}
	for _, item := range [...]python.Object{c.tracker, python.None} {
		if err := p.save(item); err != nil {
			return err
		}
	}
	if err := p.endTuple(6); err != nil {
		return err
	}
	return p.saveClassState(&c)
}

// saveClassState writes what follows the arguments of _make_skeleton_*.
func (p *Pickler) saveClassState(c *classParts) error {
	p.w.Op(pickle.OpReduce)
	if done, err := p.memoizeMade(c.class); done || err != nil {
		return err
	}
	if err := p.saveKnown(&p.ns.classSetstate); err != nil {
		return err
	}
	if err := p.save(c.class); err != nil {
		return err
	}
	if err := p.openTuple(2); err != nil {
		return err
	}
	if err := p.saveClassDict(c); err != nil {
		return err
	}
	if err := p.saveDictOrEmpty(python.Nil); err != nil {
		return err
	}
	if err := p.endTuple(2); err != nil {
		return err
	}
	p.w.Op2(pickle.OpTuple2, pickle.OpReduce)
	p.w.Op(pickle.OpPop)
	return nil
}

// classParts are what a class is made of; all are owned.
type classParts struct {
	class, name, bases, module, dictProperty, tracker python.Object
	attributes                                        []classAttribute
	abcRegistry                                       python.Object // list of registered subclasses, or Nil
	plan                                              *classPlan    // by which attributes were read, or nil
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

// maxSpareAttributes bounds the room that is kept for the next class.
const maxSpareAttributes = 256

// release gives the references back, and the room for the attributes to p.
func (c *classParts) release(p *Pickler) {
	for _, o := range [...]python.Object{c.name, c.bases, c.module, c.dictProperty, c.tracker, c.abcRegistry} {
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
	if !dict.IsNil() && python.IsSubtype(dict.Type(), python.PropertyType) {
		dict.IncRef()
		c.dictProperty = dict
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
	for _, o := range [...]python.Object{c.module, c.dictProperty} {
		if !o.IsNil() {
			n++
		}
	}
	d, err := p.openDict(n)
	if err != nil {
		return err
	}
	for _, item := range [...][2]python.Object{{interned.module, c.module}, {interned.dict, c.dictProperty}} {
		if item[1].IsNil() {
			continue
		}
		if err := p.save(item[0]); err != nil {
			return err
		}
		if err := p.save(item[1]); err != nil {
			return err
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
		// A class that can't be weakly referenced can't be tracked: say so as
		// cloudpickle does.
		python.ClearError()
	}
	if !id.IsNil() {
		id.IncRef()
		return id, nil
	}
	if id = python.Call1(p.ns.getOrCreateTrack, o); id.IsNil() {
		return python.Nil, python.ErrPython
	}
	return id, nil
}

// readClassDict finds the attributes that are the class's own: not what a base
// has the very same of, not what making the class makes anew. They are in the
// order of their names.
func (p *Pickler) readClassDict(c *classParts, d python.Object) error {
	if n := len(p.spareAttributes); n > 0 {
		c.attributes = p.spareAttributes[n-1]
		p.spareAttributes = p.spareAttributes[:n-1]
	}
	if layout, _ := python.Fast(); !layout {
		if err := c.findAttributes(d); err != nil {
			return err
		}
	} else if !p.readByPlan(c, d) {
		version := python.GivenVersionTag(c.class)
		if err := c.findAttributes(d); err != nil {
			return err
		}
		makePlan(c, d, version)
	}
	if python.IsSubtype(c.class.Type(), common.abcMeta) {
		if err := c.readABC(); err != nil {
			return err
		}
	}
	if c.has("__slots__") {
		if err := c.dropSlots(); err != nil {
			return err
		}
	}
	c.drop("__dict__")
	return nil
}

// findAttributes finds the attributes that no base has and that making the class
// does not make anew, but for what hangs on more than the class's __dict__.
func (c *classParts) findAttributes(d python.Object) error {
	it := python.IterDict(d)
	for {
		key, value, ok := it.Next()
		if !ok {
			break
		}
		if !python.IsStr(key) {
			return python.Raise(python.TypeError, "can't pickle %s: its __dict__ has a key that is no str: %s",
				reprOf(c.class), reprOf(key))
		}
		c.attributes = append(c.attributes, newAttribute(key, value))
	}
	slices.SortFunc(c.attributes, func(a, b classAttribute) int { return strings.Compare(a.text, b.text) })
	if err := c.dropInherited(); err != nil {
		return err
	}
	c.drop("__weakref__")
	if python.Minor() >= 14 {
		// PEP 649: its closure refers to the class's namespace; the loading
		// side makes it anew.
		c.drop("__annotate_func__")
	}
	return nil
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

// dropInherited drops what the first base that has the name has the very same of.
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
	for _, name := range []string{"_abc_cache", "_abc_negative_cache", "_abc_negative_cache_version"} {
		c.drop(name)
	}
	dump := python.Call1(common.abcGetDump, c.class)
	if dump.IsNil() {
		return python.ErrPython
	}
	defer dump.DecRef()
	references := python.NewList(python.TupleItem(dump, 0))
	if references.IsNil() {
		return python.ErrPython
	}
	defer references.DecRef()
	registered := make([]python.Object, 0, 8)
	defer func() {
		for _, o := range registered {
			o.DecRef()
		}
	}()
	for i := range python.ListSize(references) {
		subclass := python.Call0(python.ListItem(references, i))
		if subclass.IsNil() {
			return python.ErrPython
		}
		registered = append(registered, subclass)
	}
	tuple := python.NewTuple(registered...)
	if tuple.IsNil() {
		return python.ErrPython
	}
	defer tuple.DecRef()
	if c.abcRegistry = python.NewList(tuple); c.abcRegistry.IsNil() {
		return python.ErrPython
	}
	c.drop("_abc_impl")
	return nil
}

// dropSlots drops the descriptors that __slots__ makes.
func (c *classParts) dropSlots() error {
	slots := python.GetAttr(c.class, interned.slots)
	if slots.IsNil() {
		return python.ErrPython
	}
	defer slots.DecRef()
	if python.IsStr(slots) {
		name := python.String(slots)
		if !c.has(name) {
			return python.Raise(python.KeyError, "%s", name)
		}
		c.drop(name)
		return nil
	}
	it := python.Iter(slots)
	if it.IsNil() {
		return python.ErrPython
	}
	defer it.DecRef()
	for {
		name, err := python.Next(it)
		if err != nil || name.IsNil() {
			return err
		}
		if python.IsStr(name) {
			c.drop(python.String(name))
		}
		name.DecRef()
	}
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
			return err
		}
		d.item()
	}
	if !c.abcRegistry.IsNil() {
		if err := p.save(interned.abcImpl); err != nil {
			return err
		}
		if err := p.save(c.abcRegistry); err != nil {
			return err
		}
		d.item()
	}
	d.close()
	return nil
}
