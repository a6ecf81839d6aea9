package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// isEnum reports whether a class derives from enum.Enum. Where enum has not been
// imported there are none.
func (p *Pickler) isEnum(o python.Object) (bool, error) {
	if stdlib.enum.IsNil() {
		m, err := python.DictGet(python.Modules(), interned.enumModule)
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
		stdlib.enum = enum
	}
	return python.IsSubtype(o, stdlib.enum), nil
}

// holdEnumMembers appends a class's members to p.scratch: pairs of name and value,
// owned. It reads them from where enum keeps them; done is false where a class or its
// metaclass overrides that: has an __iter__, name or value that is not enum's own.
func (p *Pickler) holdEnumMembers(o python.Object) (done bool, err error) {
	if byDefault, err := isDefaultEnum(o); err != nil || !byDefault {
		return false, err
	}
	start := len(p.scratch)
	p.plainMembers = true
	names, err := python.LookupType(o, interned.memberNames)
	if err != nil || names.IsNil() || names.Type() != python.ListType {
		return false, err
	}
	members, err := python.LookupType(o, interned.memberMap)
	if err != nil || members.IsNil() || members.Type() != python.DictType {
		return false, err
	}
	for i := range python.ListSize(names) {
		name := python.ListItem(names, i)
		if name.Type() != python.StrType {
			p.releaseScratch(start)
			return false, nil
		}
		member, err := python.DictGetStr(members, name)
		if err == nil && !member.IsNil() {
			err = p.holdEnumMember(member)
		}
		if err != nil || len(p.scratch) != start+2*(i+1) {
			p.releaseScratch(start)
			return false, err
		}
	}
	return true, nil
}

// defaultEnums caches the Enum classes for which isDefaultEnum is true, by address.
var defaultEnums = map[uintptr]defaultEnum{}

type defaultEnum struct {
	versions     [2]uint32 // the tags that class and metaclass had then
	stockIsRight bool      // the reducer in Python has said so
}

func enumVersions(o python.Object) [2]uint32 {
	return [2]uint32{python.VersionTag(o), python.VersionTag(o.Type())}
}

// stockMakesEnum reports whether an Enum, whose members have been held, is left to
// cloudpickle's way: the dump is strict, or cloudpickle is known to be right. What isn't
// known the twin finds out, and noteEnum notes it.
func (p *Pickler) stockMakesEnum(o python.Object) (bool, error) {
	if p.plainMembers {
		if known := defaultEnums[o.Addr()]; known.stockIsRight && known.versions == enumVersions(o) {
			return true, nil
		}
	}
	return p.strict()
}

// noteEnum notes that the reducer in Python has left a class, if that is an Enum, to
// _make_skeleton_enum, where it had versions before it was asked.
func (p *Pickler) noteEnum(o, reduced python.Object, versions [2]uint32) {
	if reduced.Type() != python.TupleType || python.TupleItem(reduced, 0) != p.ns.makeSkeletonEnum.object {
		return
	}
	if known, ok := defaultEnums[o.Addr()]; ok && known.versions == versions && enumVersions(o) == versions {
		known.stockIsRight = true
		defaultEnums[o.Addr()] = known
	}
}

// isDefaultEnum reports whether an Enum's members, and their names and values, are
// found where the module enum puts them.
func isDefaultEnum(o python.Object) (bool, error) {
	versions := enumVersions(o)
	versioned := versions[0] != 0 && versions[1] != 0
	if versioned && defaultEnums[o.Addr()].versions == versions {
		return true, nil
	}
	for _, want := range [...]struct{ in, name, is python.Object }{
		{o.Type(), interned.iter, stdlib.enumIter},
		{o, interned.memberName, stdlib.enumName},
		{o, interned.value, stdlib.enumValue},
	} {
		found, err := python.LookupType(want.in, want.name)
		if err != nil || found != want.is || found.IsNil() {
			return false, err
		}
	}
	if len(defaultEnums) >= maxClassInfos {
		clear(defaultEnums)
	}
	if versioned {
		defaultEnums[o.Addr()] = defaultEnum{versions: versions}
	}
	return true, nil
}

// holdEnumMember appends the member's _name_ and _value_, if it has both.
func (p *Pickler) holdEnumMember(member python.Object) error {
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
	extra := python.DictSize(d) - ownMemberAttributes()
	if extra == 1 {
		inverted, err := python.DictGetStr(d, interned.inverted) // a cache of Flag's
		if err != nil {
			return err
		}
		if !inverted.IsNil() {
			extra = 0
		}
	}
	p.plainMembers = p.plainMembers && extra <= 0
	return nil
}

// ownMemberAttributes is how many attributes a member has that has none of the user's:
// _value_, _name_, __objclass__ and, from 3.11 on, _sort_order_.
func ownMemberAttributes() int {
	if python.Minor() >= 11 {
		return 4
	}
	return 3
}

// saveEnum writes an Enum class by value. Its members come with its making,
// since a metaclass's __new__ needs them.
func (p *Pickler) saveEnum(o python.Object) error {
	start := len(p.scratch)
	defer func() { p.releaseScratch(start) }()
	c := classParts{class: o}
	defer c.release(p)
	if err := p.readWholeEnum(&c); err != nil {
		return err
	}
	return p.writeEnum(&c, start)
}

// readWholeEnum reads an Enum class, and appends its members to p.scratch.
func (p *Pickler) readWholeEnum(c *classParts) error {
	o, start := c.class, len(p.scratch)
	if done, err := p.holdEnumMembers(o); err != nil || !done {
		if err == nil {
			err = errTwin
		}
		return err
	}
	if right, err := p.stockMakesEnum(o); !right || err != nil {
		if err == nil {
			err = errTwin
		}
		return err
	}
	return p.readEnum(c, p.scratch[start:])
}

// writeEnum writes an Enum class that has been read, with its members in p.scratch[start:].
func (p *Pickler) writeEnum(c *classParts, start int) error {
	members := len(p.scratch)
	bases := python.Bases(c.class)
	if bases.IsNil() {
		return python.ErrPython
	}
	defer bases.DecRef()
	qualname := python.ClassQualname(c.class)
	if qualname.IsNil() {
		return python.ErrPython
	}
	defer qualname.DecRef()
	if err := p.saveNamespaceFunction(&p.ns.makeSkeletonEnum); err != nil {
		return p.ofReduced(err, placeReconstructor, c.class)
	}
	if err := p.saveEnumArguments(c, bases, qualname, start, members); err != nil {
		return p.ofReduced(err, placeArguments, c.class)
	}
	return p.saveClassState(c)
}

// saveEnumArguments writes the arguments of _make_skeleton_enum, with the members in
// scratch[start:end].
func (p *Pickler) saveEnumArguments(c *classParts, bases, qualname python.Object, start, end int) error {
	if err := p.openTuple(abi.MakeSkeletonEnum.Arity()); err != nil {
		return err
	}
	if err := p.saveInTuple(0, bases, c.name, qualname); err != nil {
		return err
	}
	if err := p.saveHeldDict(start, end); err != nil {
		return p.atIndex(err, python.Nil, 3)
	}
	if err := p.saveInTuple(4, c.module, c.tracker, python.None); err != nil {
		return err
	}
	return p.endTuple(abi.MakeSkeletonEnum.Arity())
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
			return errTwin // for the KeyError
		}
		c.drop(name)
	}
	if plan != nil && !c.has("__slots__") {
		plan.noteMade(c, members)
	}
	return nil
}

// bindEnum finds the attributes that an Enum class has when it overrides nothing.
func bindEnum(enum python.Object) error {
	if layout, _ := python.Fast(); !layout {
		return nil
	}
	for _, want := range [...]struct {
		in, name python.Object
		to       *python.Object
	}{
		{enum.Type(), interned.iter, &stdlib.enumIter},
		{enum, interned.memberName, &stdlib.enumName},
		{enum, interned.value, &stdlib.enumValue},
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
