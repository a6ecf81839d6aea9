package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// plainClass is what is known of a class whose instances object.__reduce_ex__
// takes apart: nothing of pickle's protocol is overridden.
type plainClass struct {
	version uint32 // the class's version tag when it was looked at
	plain   bool
	dict    bool // instances have a __dict__

	slotnames python.Object // what copyreg puts in the class, a list; owned
	slots     []slot        // of those names
}

// slot is a member of a class's instances.
type slot struct {
	name   python.Object // owned
	offset uintptr
}

func (c *plainClass) release() {
	c.slotnames.XDecRef()
	for _, s := range c.slots {
		s.name.DecRef()
	}
}

// plainClasses remembers classes by address. The version tag, which no two
// classes share and which changes with the class, says whether what is
// remembered is still so.
var plainClasses = map[uintptr]*plainClass{}

// maxPlainClasses bounds the map, for programs that make classes without end.
const maxPlainClasses = 1 << 12

var notPlain plainClass

// plainClassOf gives what is known of a class; it is valid until Python code runs.
func plainClassOf(t python.Object) (*plainClass, error) {
	version := python.VersionTag(t)
	if version == 0 {
		return &notPlain, nil
	}
	known := plainClasses[t.Addr()]
	if known != nil && known.version == version && known.current() {
		return known, nil
	}
	if known != nil {
		delete(plainClasses, t.Addr())
		known.release()
	}
	c := &plainClass{version: version}
	if err := c.look(t); err != nil {
		c.release()
		return nil, err
	}
	if python.VersionTag(t) != version {
		c.release()
		return &notPlain, nil
	}
	if len(plainClasses) >= maxPlainClasses {
		for _, old := range plainClasses {
			old.release()
		}
		clear(plainClasses)
	}
	plainClasses[t.Addr()] = c
	return c, nil
}

// current reports whether __slotnames__ has what it had: it is a list.
func (c *plainClass) current() bool {
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
//
// A list or dict subclass has items besides.
func (c *plainClass) look(t python.Object) error {
	if !python.PlainAttributes(t) || !python.IsHeapType(t) {
		return nil
	}
	c.dict = python.HasDict(t)
	for _, want := range []struct{ name, is python.Object }{
		{interned.reduceEx, common.objectReduceEx},
		{interned.reduce, common.objectReduce},
		{interned.getstate, common.objectGetstate},
		{interned.getnewargs, python.Nil},
		{interned.getnewargsEx, python.Nil},
		{interned.class, common.objectClass},
	} {
		found, err := python.LookupType(t, want.name)
		if err != nil || found != want.is {
			return err
		}
	}
	if c.dict {
		// Every class has a getset __dict__ for its instances; a property of
		// that name would show something else.
		found, err := python.LookupType(t, interned.dict)
		if err != nil || found.IsNil() || found.Type() != common.getsetType {
			return err
		}
	}
	return c.lookSlots(t)
}

// lookSlots reads what copyreg has found when it looked for slots in the class.
// That a class has both slots and a __dict__ is left to object.__reduce_ex__.
func (c *plainClass) lookSlots(t python.Object) error {
	d, err := python.TypeDict(t)
	if err != nil {
		return err
	}
	defer d.DecRef()
	slotnames, err := python.DictGetStr(d, interned.slotnames)
	if err != nil || slotnames.IsNil() || slotnames.Type() != python.ListType {
		return err
	}
	n := python.ListSize(slotnames)
	if !python.OnlySlots(t, n) || c.dict && n > 0 {
		return nil
	}
	slotnames.IncRef()
	c.slotnames = slotnames
	for i := range n {
		name := python.ListItem(slotnames, i)
		if name.Type() != python.StrType || c.hasSlot(name) {
			return nil // a slot that hides a base's is there twice, and in the state once
		}
		descriptor, err := python.LookupType(t, name)
		if err != nil {
			return err
		}
		offset, ok := python.Member(descriptor)
		if !ok {
			return nil
		}
		name.IncRef()
		c.slots = append(c.slots, slot{name, offset})
	}
	c.plain = true
	return nil
}

func (c *plainClass) hasSlot(name python.Object) bool {
	for _, s := range c.slots {
		if python.TextView(s.name) == python.TextView(name) {
			return true
		}
	}
	return false
}

// savePlainInstance writes the instance of a plain class: NEWOBJ and its
// __dict__ or slots. done is false when the class is not known to be plain.
func (p *Pickler) savePlainInstance(o, t python.Object) (done bool, err error) {
	if !p.hooks.virtual() {
		return false, nil
	}
	c, err := plainClassOf(t)
	switch {
	case err != nil || !c.plain:
		return false, err
	case c.dict:
		return p.saveDictInstance(o, t)
	}
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	for _, s := range c.slots {
		if value := python.MemberAt(o, s.offset); !value.IsNil() {
			p.hold(s.name)
			p.hold(value)
		}
	}
	end := len(p.scratch)
	if done, err := p.saveNewObject(o, t); done || err != nil || start == end {
		return true, err
	}
	// The state is (None, slots).
	if err := p.openTuple(2); err != nil {
		return true, err
	}
	if err := p.save(python.None); err != nil {
		return true, err
	}
	if err := p.saveHeldDict(start, end); err != nil {
		return true, err
	}
	if err := p.endTuple(2); err != nil {
		return true, err
	}
	p.w.Op(pickle.OpBuild)
	return true, nil
}

// saveNewObject writes NEWOBJ, without arguments. done is true for an instance that
// writing its class has written.
func (p *Pickler) saveNewObject(o, t python.Object) (done bool, err error) {
	if err := p.save(t); err != nil {
		return false, err
	}
	if err := p.saveEmptyTuple(); err != nil {
		return false, err
	}
	p.w.Op(pickle.OpNewObj)
	return p.memoizeMade(o)
}

// saveDictInstance writes an instance whose state is its __dict__.
func (p *Pickler) saveDictInstance(o, t python.Object) (done bool, err error) {
	state := python.GenericDict(o)
	if state.IsNil() {
		return true, python.ErrPython
	}
	defer state.DecRef()
	// An attribute of the instance can stand before the class's methods.
	for _, name := range [...]python.Object{interned.reduceEx, interned.reduce, interned.getstate, interned.class} {
		own, err := python.DictGetStr(state, name)
		if err != nil {
			return true, err
		}
		if !own.IsNil() {
			return false, nil
		}
	}
	empty := python.DictSize(state) == 0 // now: saving the class can run Python code
	if done, err := p.saveNewObject(o, t); done || err != nil || empty {
		return true, err
	}
	if err := p.save(state); err != nil {
		return true, err
	}
	p.w.Op(pickle.OpBuild)
	return true, nil
}
