package audit

// What the symbolic execution knows of a value.

import (
	"math/big"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// A value is one of: none, bool, int64, *big.Int, float64, complex128, string, octets and
// ellipsis for what is known entirely; the types below for what is known in part; nil is
// never one but for an unbound variable.
type value any

type (
	none     struct{}
	ellipsis struct{}
	// null is what the interpreter pushes for a callable without a self.
	null struct{}
	// octets are bytes.
	octets string

	tuple struct{ items []value }
	// list is a list, set, deque or bytearray (its items are ints): the first items in order, and rest for
	// whatever may be behind them, nil if nothing. Those of a set have no order, and may have left it.
	list struct {
		kind   string
		items  []value
		rest   value
		size   int64 // how many items it has, 0 for as many as are known
		of     *dict // what it is a view of
		shared *sharing
	}
	// dict is a mapping with keys that are known, in order, and rest for the values of those that
	// aren't. A dict of globals falls back to the builtins.
	dict struct {
		keys   []value
		values map[value]value
		rest   value
		// what is a module's: its name
		module string
		// loose is set where it may lack some of the keys, or has them in another order.
		loose bool
		// of is the instance whose attributes it has.
		of     *instance
		shared *sharing
	}
	// name is an attribute of a module, or the module itself with attr "".
	name struct{ module, attr string }
	cell struct {
		v      value
		shared *sharing
	}
	// function is a Python function that is shipped, or made by one that is.
	function struct {
		code       *bytecode.Code
		name       string
		globals    *dict
		defaults   []value
		kwdefaults *dict
		closure    []*cell
		attributes map[string]value
		offset     int64
		// local is set for one that bytecode has made.
		local bool
		// owner is the class that it is a method of.
		owner  *class
		shared *sharing
	}
	class struct {
		name   string
		bases  []value
		meta   value
		attrs  map[string]value
		offset int64
		asked  map[string]When // the unasked methods that were run
		shared *sharing
	}
	instance struct {
		class value // *class or *name
		attrs map[string]value
		// open is set for one with attributes that aren't known.
		open bool
		// rest is what attributes may be that were set by names that aren't known.
		rest   value
		shared *sharing
	}
	// bound is a callable with its first arguments.
	bound struct {
		fn     value
		args   []value
		kwargs map[string]value
	}
	// method is a method of a value of Python's own types.
	method struct {
		self value
		name string
	}
	// iterator is over items that are known, and rest.
	iterator struct {
		items []value
		at    int
		rest  value
		size  int64 // as list has
		of    *list // what it goes through, which may change meanwhile
		// late is what it may give besides, since what it is made of has changed.
		late *value
		// by has made it when there were so many changes of shared values; nil where those don't matter.
		by    *examiner
		since int
	}
	slice   struct{ start, stop, step value }
	codeRef struct{ code *bytecode.Code }
	// super is a super object.
	super struct {
		class *class
		self  value
	}
	// coroutine is what calling an async function gives.
	coroutine struct{ result value }
	// property and its kin: a descriptor around a function.
	descriptor struct {
		kind string
		fn   []value
	}
	// few is one of some values.
	few struct{ values []value }
	// unknown is any value.
	unknown struct {
		from origin
		// kind is the type, where that is known: str, bytes, int, float, bool, list, dict...
		kind string
		// of is the name whose call gave it, or that it is an attribute of.
		of *name
		// hint is a name that it was compared with.
		hint string
		// size is how many bytes it has, where that is known: see sizes.go.
		size int64
	}
)

// origin says where an unknown value comes from.
type origin uint8

const (
	// given by the caller, or by what the caller gave.
	given origin = iota
	// named: the result of a name that was judged when it was looked up.
	named
	// lost: computed from constants, in a way that isn't followed.
	lost
	// insides: of the interpreter, reached by a walk over its objects.
	insides
)

func someGiven() value                 { return &unknown{from: given} }
func someLost() value                  { return &unknown{from: lost} }
func some(kind string, o origin) value { return &unknown{from: o, kind: kind} }

// maxFew bounds how many values are kept apart, maxItems how many items of a container are.
const (
	maxFew   = 20
	maxItems = 1 << 12
	maxText  = 1 << 16
)

// each are the values that v may be.
func each(v value) []value {
	if f, ok := v.(*few); ok {
		return f.values
	}
	return []value{v}
}

// atom reports whether a value is known entirely and can be a key in Go as in Python.
func atom(v value) bool {
	switch v.(type) {
	case none, bool, int64, string, octets, float64, ellipsis:
		return true
	}
	return false
}

// keyOf is what stands for a key of a dict; ok is false if that isn't known.
func keyOf(v value) (value, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1), true
		}
		return int64(0), true
	case float64:
		if v == float64(int64(v)) {
			return int64(v), true
		}
		if v != v {
			return nil, false
		}
		return v, true
	case *name:
		// Other names may be of constants, which are the same as others.
		return *v, v.module == "builtins" && builtinNames()[v.attr]
	case *tuple:
		if len(v.items) > 8 {
			return nil, false
		}
		var k [8]value
		for i, item := range v.items {
			key, ok := keyOf(item)
			if !ok {
				return nil, false
			}
			k[i] = key
		}
		return k, true
	case *class:
		_, shipped := v.meta.(*class) // that may say what is equal
		return v, !shipped
	case *function:
		return v, true
	}
	return v, atom(v)
}

func newDict() *dict { return &dict{values: map[value]value{}} }

func (d *dict) get(key value) (value, bool) {
	k, ok := keyOf(key)
	if !ok {
		return nil, false
	}
	v, ok := d.values[k]
	return v, ok
}

func (d *dict) set(key, v value) {
	if s, ok := key.(string); ok && d.of != nil {
		d.of.attrs[s] = joinUpTo(d.of.attrs[s], v, 64)
		d.of.shared.changed()
	}
	k, ok := keyOf(key)
	if !ok {
		d.setAny(v)
		return
	}
	old, had := d.values[k]
	if d.shared != nil {
		v = d.shared.weakly(old, v)
		d.loose = d.loose || !had
	}
	if !had && len(d.keys) >= maxItems {
		d.rest = join(d.rest, v)
		return
	}
	if !had {
		d.keys = append(d.keys, key)
	}
	d.values[k] = v
}

// setAny sets a key that isn't known: it may be any of those that are.
func (d *dict) setAny(v value) {
	if d.shared != nil {
		d.rest = d.shared.weakly(d.rest, v)
	} else {
		d.rest = joinUpTo(d.rest, v, 64)
	}
	d.loose = true
	if d.of != nil {
		d.of.rest = joinUpTo(d.of.rest, v, 64)
	}
	if d.module != "" {
		return
	}
	if len(d.keys) > 64 && d.shared == nil {
		for _, k := range d.all() {
			d.rest = joinUpTo(d.rest, k, 64)
		}
		d.keys, d.values = nil, map[value]value{}
		return
	}
	for k, had := range d.values {
		if d.shared != nil {
			d.values[k] = d.shared.weakly(had, v)
		} else {
			d.values[k] = joinUpTo(had, v, 64)
		}
	}
}

// drop deletes a key.
func (d *dict) drop(key value) {
	k, ok := keyOf(key)
	if !ok || d.shared != nil {
		if !d.loose {
			d.shared.changed()
		}
		d.loose = true
		return
	}
	if _, had := d.values[k]; !had {
		return
	}
	delete(d.values, k)
	d.keys = slices.DeleteFunc(slices.Clone(d.keys), func(had value) bool {
		other, _ := keyOf(had)
		return other == k
	})
}

// weaken adds a value that a key may have besides.
func (d *dict) weaken(key, v value) {
	if had, ok := d.get(key); ok {
		v = join(had, v)
	}
	d.set(key, v)
}

// all are the values that it may have.
func (d *dict) all() (vs []value) {
	for _, key := range d.keys {
		if v, ok := d.get(key); ok {
			vs = append(vs, v)
		}
	}
	if d.rest != nil {
		vs = append(vs, d.rest)
	}
	return vs
}

func (l *list) add(v value) {
	if l.rest != nil && !l.isSet() || len(l.items) >= maxItems {
		l.rest = joinUpTo(l.rest, v, 64)
		return
	}
	l.items = append(l.items, v)
}

// forgetSeveral gives up what is known of containers of which one will be taken for the others.
func forgetSeveral(vs []value) {
	n := 0
	for _, v := range vs {
		switch v.(type) {
		case *list, *dict:
			n++
		}
	}
	if n == 0 || len(vs) == 1 {
		return
	}
	for _, v := range vs {
		switch v := v.(type) {
		case *list:
			if v.of != nil || v.shared == nil && len(v.items) == 0 && v.rest != nil {
				continue
			}
			if v.shared != nil {
				v.gains(someLost())
			} else {
				v.loosen()
				v.rest = joinUpTo(v.rest, someLost(), 64)
			}
		case *dict:
			if v.module == "" {
				v.setAny(someLost())
			}
		}
	}
}

// loosen gives up the order of the items, and how many there are.
func (l *list) loosen() {
	forgetSeveral(l.items)
	for _, v := range l.items {
		l.rest = joinUpTo(l.rest, v, 64)
	}
	l.items = nil
	if l.rest == nil {
		l.rest = someLost()
	}
}

func (l *list) isSet() bool { return l.kind == "set" || l.kind == "frozenset" }

// anyOf is a value that is one of some.
func anyOf(vs []value) value {
	forgetSeveral(vs)
	var v value
	for i, w := range vs {
		if i > 64 {
			return joinLost(v, someLost())
		}
		v = joinUpTo(v, w, 64)
	}
	if v == nil {
		return someGiven()
	}
	return v
}

// result is the origin of what is computed of values of which not all are known: given if one
// is of the caller, and no other is lost.
func result(vs ...value) origin {
	o, has := given, false
	for _, v := range vs {
		for _, v := range each(v) {
			if u, ok := v.(*unknown); ok {
				has = true
				o = max(o, u.from)
			}
		}
	}
	if !has {
		return lost
	}
	return o
}

// typeOf names the type of a value among Python's own, "" for others.
func typeOf(v value) string {
	switch v := v.(type) {
	case none:
		return "NoneType"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case complex128:
		return "complex"
	case string:
		return "str"
	case octets:
		return "bytes"
	case *tuple:
		return "tuple"
	case *list:
		return v.kind
	case *dict:
		return "dict"
	case *unknown:
		return v.kind
	}
	return ""
}

// truth is the truth of a value; ok is false if it isn't known.
func truth(v value) (t, ok bool) {
	switch v := v.(type) {
	case none:
		return false, true
	case bool:
		return v, true
	case int64:
		return v != 0, true
	case float64:
		return v != 0, true
	case string:
		return v != "", true
	case octets:
		return v != "", true
	case *tuple:
		return len(v.items) > 0, true
	case *list:
		if v.of != nil {
			return truth(v.of)
		}
		if len(v.items) > 0 {
			return true, !v.isSet()
		}
		return false, v.rest == nil
	case *dict:
		if len(v.keys) > 0 {
			return true, !v.loose
		}
		return false, v.rest == nil
	case *class:
		_, shipped := v.meta.(*class)
		return true, !shipped
	case *name:
		return true, v.attr == "" // it may be of a constant
	case *function, *bound, *method, *codeRef, ellipsis:
		return true, true
	}
	return false, false
}
