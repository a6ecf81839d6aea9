package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// isEnum reports whether a class derives from enum.Enum. Where enum has not been
// imported there are none.
func (p *Pickler) isEnum(o python.Object) (bool, error) {
	if common.enum.IsNil() {
		key := python.Intern("enum")
		m, err := python.DictGet(python.Modules(), key)
		key.DecRef()
		if err != nil || m.IsNil() || m == python.None {
			return false, err
		}
		// A module that is being imported right now may not have it yet.
		enum, err := python.LookupAttr(m, interned.enumClass)
		if err != nil || enum.IsNil() {
			return false, err
		}
		if err := bindEnum(enum); err != nil {
			enum.DecRef()
			return false, err
		}
		common.enum = enum
	}
	return python.IsSubtype(o, common.enum), nil
}

// holdEnumMembers appends a class's members to p.scratch: pairs of name and
// value, owned.
func (p *Pickler) holdEnumMembers(o python.Object) error {
	if done, err := p.holdPlainEnumMembers(o); done || err != nil {
		return err
	}
	it := python.Iter(o)
	if it.IsNil() {
		return python.ErrPython
	}
	defer it.DecRef()
	for {
		member, err := python.Next(it)
		if err != nil || member.IsNil() {
			return err
		}
		name := python.GetAttr(member, interned.memberName)
		value := python.Nil
		if !name.IsNil() {
			value = python.GetAttr(member, interned.value)
		}
		member.DecRef()
		if value.IsNil() {
			name.XDecRef()
			return python.ErrPython
		}
		p.scratch = append(p.scratch, name, value)
	}
}

// holdPlainEnumMembers reads the members from where enum keeps them; done is
// false where a class or its metaclass answers for itself: has an __iter__, name
// or value that is not enum's own.
func (p *Pickler) holdPlainEnumMembers(o python.Object) (done bool, err error) {
	if layout, _ := python.Fast(); !layout {
		return false, nil
	}
	if plain, err := isPlainEnum(o); err != nil || !plain {
		return false, err
	}
	start := len(p.scratch)
	names, err := python.LookupType(o, interned.memberNames)
	if err != nil || names.IsNil() || names.Type() != python.ListType {
		return false, err
	}
	members, err := python.LookupType(o, interned.memberMap)
	if err != nil || members.IsNil() || members.Type() != python.DictType {
		return false, err
	}
	for i := range python.ListSize(names) {
		member, err := python.DictGet(members, python.ListItem(names, i))
		if err == nil && !member.IsNil() {
			err = p.holdPlainEnumMember(member)
		}
		if err != nil || len(p.scratch) != start+2*(i+1) {
			p.releaseScratch(start)
			return false, err
		}
	}
	return true, nil
}

// plainEnums are the Enum classes that have answered for nothing themselves, by
// address: the version tags of class and metaclass at the time.
var plainEnums = map[uintptr][2]uint32{}

// isPlainEnum reports whether an Enum's members, and their names and values, are
// found as enum does.
func isPlainEnum(o python.Object) (bool, error) {
	versions := [2]uint32{python.VersionTag(o), python.VersionTag(o.Type())}
	known := versions[0] != 0 && versions[1] != 0
	if known && plainEnums[o.Addr()] == versions {
		return true, nil
	}
	for _, want := range [...]struct{ in, name, is python.Object }{
		{o.Type(), interned.iter, common.enumIter},
		{o, interned.memberName, common.enumName},
		{o, interned.value, common.enumValue},
	} {
		found, err := python.LookupType(want.in, want.name)
		if err != nil || found != want.is || found.IsNil() {
			return false, err
		}
	}
	if len(plainEnums) >= maxPlainClasses {
		clear(plainEnums)
	}
	if known {
		plainEnums[o.Addr()] = versions
	}
	return true, nil
}

// holdPlainEnumMember appends the member's _name_ and _value_, if it has both.
func (p *Pickler) holdPlainEnumMember(member python.Object) error {
	d := python.GenericDict(member)
	if d.IsNil() {
		python.ClearError() // a member without a __dict__
		return nil
	}
	defer d.DecRef()
	name, err := python.DictGetStr(d, interned.privateName)
	if err != nil || name.IsNil() {
		return err
	}
	value, err := python.DictGetStr(d, interned.privateValue)
	if err != nil || value.IsNil() {
		return err
	}
	p.hold(name)
	p.hold(value)
	return nil
}

// saveEnum writes an Enum class by value. Its members come with its making,
// since a metaclass's __new__ needs them.
func (p *Pickler) saveEnum(o python.Object) error {
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	c := classParts{class: o}
	defer c.release(p)
	bases := python.Bases(o)
	if bases.IsNil() {
		return python.ErrPython
	}
	defer bases.DecRef()
	if err := p.holdEnumMembers(o); err != nil {
		return err
	}
	members := len(p.scratch)
	if err := p.readEnum(&c, p.scratch[start:members]); err != nil {
		return err
	}
	qualname := python.ClassQualname(o)
	if qualname.IsNil() {
		return python.ErrPython
	}
	defer qualname.DecRef()
	if err := p.saveKnown(&p.ns.makeSkeletonEnum); err != nil {
		return err
	}
	if err := p.openTuple(7); err != nil {
		return err
	}
	for _, item := range [...]python.Object{bases, c.name, qualname} {
		if err := p.save(item); err != nil {
			return err
		}
	}
	if err := p.saveHeldDict(start, members); err != nil {
		return err
	}
	for _, item := range [...]python.Object{c.module, c.tracker, python.None} {
		if err := p.save(item); err != nil {
			return err
		}
	}
	if err := p.endTuple(7); err != nil {
		return err
	}
	return p.saveClassState(&c)
}

// readEnum reads an Enum class, without what the metaclass makes from members,
// pairs of name and value.
func (p *Pickler) readEnum(c *classParts, members []python.Object) error {
	if err := p.readClass(c); err != nil {
		return err
	}
	if c.module.IsNil() {
		if c.module = python.ClassModule(c.class); c.module.IsNil() {
			return python.ErrPython
		}
	}
	return c.dropMembers(members)
}

// dropMembers drops what the metaclass makes from members, and those themselves.
func (c *classParts) dropMembers(members []python.Object) error {
	plan := c.plan
	if plan != nil && plan.madeFrom(members) {
		for _, i := range plan.made {
			c.attributes[i].dropped = true
		}
		return nil
	}
	for _, name := range []string{
		"_generate_next_value_", "_member_names_", "_member_map_", "_member_type_", "_value2member_map_",
	} {
		c.drop(name)
	}
	for i := 0; i < len(members); i += 2 {
		name := python.String(members[i])
		if !c.has(name) {
			return python.RaiseObject(python.KeyError, members[i])
		}
		c.drop(name)
	}
	if plan != nil && !c.has("__slots__") {
		plan.noteMade(c, members)
	}
	return nil
}

// bindEnum finds what an Enum class has that answers for itself in nothing.
func bindEnum(enum python.Object) error {
	if layout, _ := python.Fast(); !layout {
		return nil
	}
	for _, want := range [...]struct {
		in, name python.Object
		to       *python.Object
	}{
		{enum.Type(), interned.iter, &common.enumIter},
		{enum, interned.memberName, &common.enumName},
		{enum, interned.value, &common.enumValue},
	} {
		found, err := python.LookupType(want.in, want.name)
		if err != nil {
			return err
		}
		found.XIncRef()
		*want.to = found
	}
	return nil
}
