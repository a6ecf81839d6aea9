package payload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Change is a difference between two payloads.
type Change struct {
	// Path leads to it from the payload's value, "" for the value itself: steps as in [Node],
	// joined by " -> ".
	Path string `json:"path"`
	// What is "added", "removed" or "changed".
	What string `json:"what"`
	// Old and New are what is there in each of the two, in one line.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Details are what changed in a function's code.
	Details []string `json:"details,omitempty"`
}

// maxChanges is how many changes are told, maxDiffNesting how deep values are compared.
const (
	maxChanges     = 1000
	maxDiffNesting = 500
)

// Diff tells what is different in another payload, in terms of functions, constants,
// captured values and imports. What two payloads hold in the same place is compared, not
// how it is written: the order of sets, the memo, and the ids under which classes are
// tracked make no difference. cut is set where there is more than it tells.
func Diff(before, after *Payload) (changes []Change, cut bool) {
	d := &differ{before: before, after: after, seen: map[[2]any]bool{}}
	d.compare(nil, before.Value, after.Value)
	d.needs()
	return d.changes, d.cut
}

type differ struct {
	before, after *Payload
	seen          map[[2]any]bool
	changes       []Change
	cut           bool
}

func (d *differ) add(c Change) {
	if len(d.changes) >= maxChanges {
		d.cut = true
		return
	}
	d.changes = append(d.changes, c)
}

// entry is a part of a value.
type entry struct {
	step  string
	value any
}

func entriesOf(p *Payload, v any) (all []entry) {
	count := map[string]int{}
	p.parts(v, func(step string, part any) {
		if count[step]++; count[step] > 1 {
			step = fmt.Sprintf("%s, %d.", step, count[step])
		}
		all = append(all, entry{step, part})
	})
	return all
}

// compare looks at what two payloads have in the same place.
func (d *differ) compare(path []string, a, b any) {
	step := ""
	if len(path) > 0 {
		step = path[len(path)-1]
	}
	kindA, nameA, _ := d.before.describeAt(step, a)
	kindB, nameB, _ := d.after.describeAt(step, b)
	_, partsA := identity(a)
	_, partsB := identity(b)
	if kindA != kindB || !partsA || !partsB {
		if kindA != kindB || nameA != nameB || !sameAtom(a, b) {
			d.changed(path, oneLine(kindA, nameA), oneLine(kindB, nameB), nil)
		}
		return
	}
	keyA, _ := identity(a)
	keyB, _ := identity(b)
	if d.seen[[2]any{keyA, keyB}] {
		return
	}
	d.seen[[2]any{keyA, keyB}] = true
	if len(path) >= maxDiffNesting {
		d.cut = true
		return
	}
	if !sized(kindA) && nameA != nameB {
		d.changed(path, oneLine(kindA, nameA), oneLine(kindB, nameB), nil)
	}
	if atoms(kindA) && !sameAtom(a, b) {
		d.changed(path, oneLine(kindA, nameA), oneLine(kindB, nameB), nil)
	}
	if kindA == "code" {
		d.code(path, d.before.Code.Of(a.(*pickle.Object)), d.after.Code.Of(b.(*pickle.Object)))
	}
	d.parts(path, entriesOf(d.before, a), entriesOf(d.after, b))
}

// parts compares those that go by the same step, and tells of the others.
func (d *differ) parts(path []string, before, after []entry) {
	at := map[string]any{}
	for _, e := range after {
		at[e.step] = e.value
	}
	had := map[string]bool{}
	for _, e := range before {
		had[e.step] = true
		here := append(path[:len(path):len(path)], e.step)
		if v, ok := at[e.step]; ok {
			d.compare(here, e.value, v)
		} else {
			d.add(Change{Path: join(here), What: "removed", Old: lineOf(d.before, e)})
		}
	}
	for _, e := range after {
		if !had[e.step] {
			d.add(Change{Path: join(append(path[:len(path):len(path)], e.step)), What: "added", New: lineOf(d.after, e)})
		}
	}
}

func (d *differ) changed(path []string, before, after string, details []string) {
	d.add(Change{Path: join(path), What: "changed", Old: before, New: after, Details: details})
}

// code compares the instructions of two code objects, and the names and constants that
// they use.
func (d *differ) code(path []string, a, b *bytecode.Code) {
	if a == nil || b == nil {
		if a != b {
			d.changed(path, "code", "code", []string{"only one of the two can be read"})
		}
		return
	}
	var details []string
	if a.Version != b.Version {
		details = append(details, fmt.Sprintf("made by CPython %v, was %v", b.Version, a.Version))
	}
	for _, part := range []struct {
		what string
		a, b []string
	}{
		{"names", append(slices.Clone(a.Names), a.FreeVars...), append(slices.Clone(b.Names), b.FreeVars...)},
		{"variables", a.VarNames, b.VarNames},
		{"constants", constantTexts(a), constantTexts(b)},
	} {
		details = append(details, listChanges(part.what, part.a, part.b)...)
	}
	if a.Version == b.Version && string(a.Code) != string(b.Code) {
		details = append(details, "its instructions")
	}
	if a.Flags != b.Flags {
		details = append(details, fmt.Sprintf("its flags, %#x, were %#x", b.Flags, a.Flags))
	}
	if len(details) > 0 {
		d.changed(path, "code "+printable(a.Name), "code "+printable(b.Name), details)
	}
}

// constantTexts are the constants that are no code, which is compared by itself.
func constantTexts(c *bytecode.Code) (all []string) {
	for _, v := range c.Consts {
		if _, is := v.(*bytecode.Code); !is {
			all = append(all, withoutSecret(bytecode.Repr(v)))
		}
	}
	return all
}

// listChanges says what is in one of two lists only.
func listChanges(what string, a, b []string) (details []string) {
	only := func(these, those []string) string {
		var some []string
		for _, s := range these {
			if !slices.Contains(those, s) {
				some = append(some, printable(s))
			}
		}
		return strings.Join(some, ", ")
	}
	if added := only(b, a); added != "" {
		details = append(details, what+" added: "+added)
	}
	if removed := only(a, b); removed != "" {
		details = append(details, what+" removed: "+removed)
	}
	return details
}

// needs compares what must be importable.
func (d *differ) needs() {
	list := func(p *Payload) (all []string) {
		for _, n := range p.Needs() {
			name := n.Module
			if n.Name != "" {
				name += "." + n.Name
			}
			all = append(all, printable(name)+" when "+n.When+"ed")
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	a, b := list(d.before), list(d.after)
	for _, need := range b {
		if !slices.Contains(a, need) {
			d.add(Change{Path: "imports", What: "added", New: need})
		}
	}
	for _, need := range a {
		if !slices.Contains(b, need) {
			d.add(Change{Path: "imports", What: "removed", Old: need})
		}
	}
}

// sized is for the kinds whose name is how much is in them.
func sized(kind string) bool {
	switch kind {
	case "list", "tuple", "dict", "set", "frozenset":
		return true
	}
	return false
}

// atoms is for the kinds without parts.
func atoms(kind string) bool {
	switch kind {
	case "str", "bytes", "bytearray":
		return true
	}
	return false
}

func sameAtom(a, b any) bool {
	switch a := a.(type) {
	case *pickle.ByteArray:
		other, ok := b.(*pickle.ByteArray)
		return ok && string(a.Data) == string(other.Data)
	case string:
		return a == b
	case pickle.Bytes:
		return a == b
	}
	return bytecode.Repr(a) == bytecode.Repr(b)
}

func lineOf(p *Payload, e entry) string {
	kind, name, _ := p.describeAt(e.step, e.value)
	return oneLine(kind, name)
}

func oneLine(kind, name string) string {
	switch {
	case name == "":
		return kind
	case kind == "name" || kind == name:
		return name
	}
	return kind + " " + name
}

func join(path []string) string { return strings.Join(path, " -> ") }
