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
		enum, err := python.LookupAttr(m, common.enumName)
		if err != nil || enum.IsNil() {
			return false, err
		}
		common.enum = enum
	}
	return python.IsSubtype(o, common.enum), nil
}

// enumMembers are a class's members: pairs of name and value in p.scratch, owned.
func (p *Pickler) holdEnumMembers(o python.Object) error {
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
		name := python.GetAttr(member, common.memberName)
		value := python.Nil
		if !name.IsNil() {
			value = python.GetAttr(member, common.value)
		}
		member.DecRef()
		if value.IsNil() {
			name.XDecRef()
			return python.ErrPython
		}
		p.scratch = append(p.scratch, name, value)
	}
}

// saveEnum writes an Enum class by value. Its members come with its making,
// since a metaclass's __new__ needs them.
func (p *Pickler) saveEnum(o python.Object) error {
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	c := classParts{class: o}
	defer c.release()
	bases := python.GetAttr(o, common.bases)
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
	qualname := python.GetAttr(o, common.qualname)
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
		if c.module = python.GetAttr(c.class, common.module); c.module.IsNil() {
			return python.ErrPython
		}
	}
	for _, name := range []string{
		"_generate_next_value_", "_member_names_", "_member_map_", "_member_type_", "_value2member_map_",
	} {
		c.drop(name)
	}
	for i := 0; i < len(members); i += 2 {
		name := python.String(members[i])
		if !c.has(name) {
			return python.Raise(python.KeyError, "%s", name)
		}
		c.drop(name)
	}
	return nil
}
