package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// classInfo is what has been found out about a class.
type classInfo struct {
	stamp  python.ClassStamp // of when the class was looked at
	reduce reduceKind
	dict   bool // instances have a __dict__

	// isInstance is set where instances are neither functions nor classes, and to ask
	// them runs no code of theirs.
	isInstance bool

	// stays is set where no reducer beyond cloudpickle's is for the class.
	stays bool

	// Of a class with reduceNewobj: its __getnewargs__ and __getstate__, Nil where it
	// has none or object's. They live as long as the class is unchanged.
	getnewargs, getstate python.Object

	slotnames python.Object // what copyreg puts in the class, a list; owned
	slots     []slot        // of those names
}

// reduceKind says what __reduce_ex__ of a class's instances does, unless attributes of
// their own hide its methods.
type reduceKind uint8

const (
	reduceUnknown reduceKind = iota // it has to be called
	reduceDefault                   // that of object, and nothing of pickle's protocol is overridden
	reduceOwn                       // that of object, which calls a __reduce__ that is the class's
	reducePartial                   // reduceOwn of functools.partial, with a __reduce__ that is known
	reduceNewobj                    // that of object, which calls a __getnewargs__ or a __getstate__
)

// slot is a member of a class's instances.
type slot struct {
	name   python.Object // owned
	offset uintptr
}

func (c *classInfo) release() {
	c.slotnames.XDecRef()
	for _, s := range c.slots {
		s.name.DecRef()
	}
}

// classInfos remembers classes by address. The version tag, which no two
// classes share and which changes with the class, says whether what is
// remembered is still so.
var classInfos = map[uintptr]*classInfo{}

// recentInfos are entries of classInfos, by some bits of the address.
var recentInfos [1 << 8]struct {
	class uintptr
	info  *classInfo
}

// maxClassInfos bounds the map, for programs that make classes without end.
const maxClassInfos = 1 << 12

var nothingKnown classInfo

// classInfoOf gives what has been found out about a class; it is valid until Python code runs.
func classInfoOf(t python.Object) (*classInfo, error) {
	recent := &recentInfos[(t.Addr()>>4^t.Addr()>>12)%uintptr(len(recentInfos))]
	if recent.class == t.Addr() && recent.info.describes(t) {
		return recent.info, nil
	}
	c, err := findClassInfo(t)
	if err == nil && c != &nothingKnown {
		recent.class, recent.info = t.Addr(), c
	}
	return c, err
}

// describes reports whether t, at whose address c was made, is still what c says.
func (c *classInfo) describes(t python.Object) bool {
	stamp, ok := python.StampOf(t)
	return ok && stamp == c.stamp && c.current()
}

//go:noinline
func findClassInfo(t python.Object) (*classInfo, error) {
	stamp, ok := python.StampOf(t)
	if !ok {
		return &nothingKnown, nil
	}
	cached := classInfos[t.Addr()]
	if cached != nil && cached.describes(t) {
		return cached, nil
	}
	if cached != nil {
		delete(classInfos, t.Addr())
		clear(recentInfos[:])
		cached.release()
	}
	c := &classInfo{stamp: stamp}
	if err := c.look(t); err != nil {
		c.release()
		return nil, err
	}
	if now, _ := python.StampOf(t); now != stamp {
		c.release()
		return &nothingKnown, nil
	}
	if len(classInfos) >= maxClassInfos {
		clear(recentInfos[:])
		for _, old := range classInfos {
			old.release()
		}
		clear(classInfos)
	}
	classInfos[t.Addr()] = c
	return c, nil
}

// current reports whether __slotnames__, a list that anybody can change, is unchanged.
func (c *classInfo) current() bool {
	if c.slotnames.IsNil() || python.ListSize(c.slotnames) != len(c.slots) {
		return c.slotnames.IsNil()
	}
	for i := range c.slots {
		if python.ListItem(c.slotnames, i) != c.slots[i].name {
			return false
		}
	}
	return true
}

// look reads a class: have its instances a __dict__ or __slots__ and no more, and
// are all of pickle's methods object's own?
func (c *classInfo) look(t python.Object) error {
	c.isInstance = python.ClassIsType(t) && !python.IsSubtype(t, python.TypeType) && t != python.FunctionType
	if beyond, err := hasBeyondReducer(t); err != nil || beyond {
		return err
	}
	c.stays = true
	if !python.DefaultGetattr(t) {
		return nil
	}
	c.dict = python.HasDict(t)
	var m struct{ reduceEx, reduce, getstate, getnewargs, getnewargsEx, class python.Object }
	for name, to := range map[python.Object]*python.Object{
		interned.reduceEx: &m.reduceEx, interned.reduce: &m.reduce, interned.getstate: &m.getstate,
		interned.getnewargs: &m.getnewargs, interned.getnewargsEx: &m.getnewargsEx, interned.class: &m.class,
	} {
		var err error
		if *to, err = python.LookupType(t, name); err != nil {
			return err
		}
	}
	if m.reduceEx != stdlib.objectReduceEx || m.class != stdlib.objectClass {
		return nil
	}
	if m.reduce != stdlib.objectReduce {
		if asType, err := asksType(t.Type()); !asType || m.reduce.IsNil() {
			return err
		}
		c.reduce = reduceOwn
		if t == stdlib.partial && m.reduce == partials.reduce {
			c.reduce = reducePartial
		}
		return nil
	}
	if !python.IsHeapType(t) || !python.HasNew(t) || !m.getnewargsEx.IsNil() {
		return nil
	}
	return c.lookNewobj(t, m.getnewargs, m.getstate)
}

// lookNewobj reads a class whose __reduce_ex__ and __reduce__ are object's.
func (c *classInfo) lookNewobj(t, getnewargs, getstate python.Object) error {
	if getstate == stdlib.objectGetstate {
		if known, err := c.lookState(t); err != nil || !known {
			return err
		}
		getstate = python.Nil
	}
	hasItems := python.IsSubtype(t, python.ListType) || python.IsSubtype(t, python.DictType)
	if getnewargs.IsNil() && getstate.IsNil() && !hasItems {
		if python.OnlySlots(t, len(c.slots)) {
			c.reduce = reduceDefault
		}
		return nil
	}
	for _, o := range [...]python.Object{getnewargs, getstate} {
		if !o.IsNil() && o.Type() != python.FunctionType && o.Type() != stdlib.methodDescriptor {
			return nil
		}
	}
	asType, err := asksType(t.Type())
	if asType && len(c.slots) == 0 {
		c.reduce, c.getnewargs, c.getstate = reduceNewobj, getnewargs, getstate
	}
	return err
}

// asksType reports whether a class whose metaclass is meta is asked for its __reduce__ as
// one of type.
func asksType(meta python.Object) (bool, error) {
	if meta == python.TypeType || !python.DefaultMetaclass(meta) {
		return meta == python.TypeType, nil
	}
	found, err := python.LookupType(meta, interned.reduce)
	return found == stdlib.objectReduce, err
}

// lookState reads what the state is that object's __getstate__ gives. It is known where it is
// a __dict__ or slots and no more.
func (c *classInfo) lookState(t python.Object) (known bool, err error) {
	if c.dict {
		// Every class has a getset __dict__ for its instances; a property of
		// that name would show something else.
		found, err := python.LookupType(t, interned.dict)
		if err != nil || found.IsNil() || found.Type() != stdlib.getsetType {
			return false, err
		}
	}
	return c.lookSlots(t)
}

// lookSlots reads what copyreg has found when it looked for slots in the class.
func (c *classInfo) lookSlots(t python.Object) (known bool, err error) {
	d, err := python.TypeDict(t)
	if err != nil {
		return false, err
	}
	defer d.DecRef()
	slotnames, err := python.DictGetStr(d, interned.slotnames)
	if err != nil || slotnames.IsNil() || slotnames.Type() != python.ListType {
		return false, err
	}
	n := python.ListSize(slotnames)
	slotnames.IncRef()
	c.slotnames = slotnames
	for i := range n {
		name := python.ListItem(slotnames, i)
		if name.Type() != python.StrType || c.hasSlot(name) {
			return false, nil // a slot that hides a base's is there twice, and in the state once
		}
		descriptor, err := python.LookupType(t, name)
		if err != nil {
			return false, err
		}
		offset, ok := python.Member(descriptor)
		if !ok {
			return false, nil
		}
		name.IncRef()
		c.slots = append(c.slots, slot{name, offset})
	}
	return true, nil
}

func (c *classInfo) hasSlot(name python.Object) bool {
	for _, s := range c.slots {
		if python.TextView(s.name) == python.TextView(name) {
			return true
		}
	}
	return false
}

func isLayout() bool {
	layout, _ := python.Fast()
	return layout
}
