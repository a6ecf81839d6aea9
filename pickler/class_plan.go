package pickler

import (
	"slices"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// A classPlan remembers which items of a class's __dict__ are attributes of its
// own, in the order of their names: finding that out takes longer than writing
// most of them.
type classPlan struct {
	version uint32 // the class's version tag when the plan was made
	items   int    // of the class's __dict__, deleted ones among them
	keep    []plannedItem
	slots   plannedItem // __slots__, if the class is made with it: then it has a key

	lazyAnnotations bool

	// Of an Enum: the addresses of its members' names, which are keys of its
	// __dict__, and which of keep are the members and what is made from them.
	members []uintptr
	made    []int
}

type plannedItem struct {
	index int     // in __dict__
	key   uintptr // its address
}

func (k plannedItem) isIn(items []python.StrItem) bool {
	return items[k.index].Key.Addr() == k.key && !items[k.index].Value.IsNil()
}

// classPlans are plans of classes. The version tag, which no two classes share, changes
// with the class and with each of its bases.
var classPlans = map[plannedClass]*classPlan{}

type plannedClass struct {
	address uintptr
	better  bool // than stock's
}

func (c *classParts) planned() plannedClass { return plannedClass{c.class.Addr(), c.better} }

// maxClassPlans bounds the map, for programs that make classes without end.
const maxClassPlans = 1 << 10

// readByPlan reads the attributes of a class, whose __dict__ is d, by the plan that
// there is for it. ok is false where there is none, or it no longer holds.
func (p *Pickler) readByPlan(c *classParts, d python.Object) (ok bool) {
	plan := classPlans[c.planned()]
	if plan == nil || plan.version != python.VersionTag(c.class) {
		return false
	}
	items, ok := python.StrItems(d)
	if !ok || len(items) != plan.items {
		return false
	}
	for _, k := range plan.keep {
		if !k.isIn(items) {
			return false
		}
	}
	if plan.slots.key != 0 {
		if !plan.slots.isIn(items) {
			return false
		}
		c.slots = items[plan.slots.index].Value
		c.slots.IncRef()
	}
	for _, k := range plan.keep {
		c.attributes = append(c.attributes, newAttribute(items[k.index].Key, items[k.index].Value))
	}
	c.plan, c.lazyAnnotations = plan, plan.lazyAnnotations
	return true
}

// makePlan remembers what has been found, if the class has a version tag and its
// __dict__ can be viewed. It must have had that version since before the finding.
func makePlan(c *classParts, d python.Object, version uint32) {
	items, ok := python.StrItems(d)
	if !ok || version == 0 || version != python.VersionTag(c.class) {
		return
	}
	if !c.slots.IsNil() && c.slots.Type() != python.TupleType && c.slots.Type() != python.StrType {
		return // a list can change without the class
	}
	plan := &classPlan{version: version, items: len(items), lazyAnnotations: c.lazyAnnotations}
	for _, a := range c.attributes {
		isSlots := a.text == "__slots__" && !c.slots.IsNil()
		if a.dropped && !isSlots {
			continue
		}
		i := slices.IndexFunc(items, func(item python.StrItem) bool { return item.Key == a.key })
		if i < 0 || items[i].Value != a.value {
			return
		}
		if isSlots {
			plan.slots = plannedItem{i, a.key.Addr()}
		} else {
			plan.keep = append(plan.keep, plannedItem{i, a.key.Addr()})
		}
	}
	if len(classPlans) >= maxClassPlans {
		clear(classPlans)
	}
	classPlans[c.planned()] = plan
}

// madeFrom reports whether members, pairs of name and value, have the names that
// were noted.
func (plan *classPlan) madeFrom(members []python.Object) bool {
	if len(plan.made) == 0 || len(members) != 2*len(plan.members) {
		return false
	}
	for i, name := range plan.members {
		if members[2*i].Addr() != name {
			return false
		}
	}
	return true
}

// noteMade notes what has been dropped of an Enum read by the plan, if each of its
// members' names is the very key, which lives as long as the class has this version.
func (plan *classPlan) noteMade(c *classParts, members []python.Object) {
	plan.members, plan.made = plan.members[:0], plan.made[:0]
	for i := 0; i < len(members); i += 2 {
		at, _ := c.find(python.String(members[i]))
		if c.attributes[at].key != members[i] {
			return
		}
		plan.members = append(plan.members, members[i].Addr())
	}
	for i := range c.attributes {
		if c.attributes[i].dropped {
			plan.made = append(plan.made, i)
		}
	}
}
