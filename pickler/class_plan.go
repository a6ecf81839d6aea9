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
}

type plannedItem struct {
	index int     // in __dict__
	key   uintptr // its address
}

// classPlans are plans by the address of the class. The version tag, which no two
// classes share, changes with the class and with each of its bases.
var classPlans = map[uintptr]*classPlan{}

// maxClassPlans bounds the map, for programs that make classes without end.
const maxClassPlans = 1 << 10

// readByPlan reads the attributes of a class, whose __dict__ is d, by the plan that
// there is for it. ok is false where there is none, or it no longer holds.
func (p *Pickler) readByPlan(c *classParts, d python.Object) (ok bool) {
	plan := classPlans[c.class.Addr()]
	if plan == nil || plan.version != python.VersionTag(c.class) {
		return false
	}
	items, ok := python.StrItems(d)
	if !ok || len(items) != plan.items {
		return false
	}
	for _, k := range plan.keep {
		if items[k.index].Key.Addr() != k.key || items[k.index].Value.IsNil() {
			return false
		}
	}
	for _, k := range plan.keep {
		c.attributes = append(c.attributes, newAttribute(items[k.index].Key, items[k.index].Value))
	}
	return true
}

// makePlan remembers what has been found, if the class has a version tag and its
// __dict__ can be viewed. It must have had that version since before the finding.
func makePlan(c *classParts, d python.Object, version uint32) {
	items, ok := python.StrItems(d)
	if !ok || version == 0 || version != python.VersionTag(c.class) {
		return
	}
	plan := &classPlan{version: version, items: len(items)}
	for _, a := range c.attributes {
		i := slices.IndexFunc(items, func(item python.StrItem) bool { return item.Key == a.key })
		if i < 0 || items[i].Value != a.value {
			return
		}
		plan.keep = append(plan.keep, plannedItem{i, a.key.Addr()})
	}
	if len(classPlans) >= maxClassPlans {
		clear(classPlans)
	}
	classPlans[c.class.Addr()] = plan
}
