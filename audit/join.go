package audit

// What is known of a value that two ways lead to, and copies for ways that part.

import (
	"math/big"
	"slices"
)

// join is what is known of a value that is a or b.
func join(a, b value) value { return joinUpTo(a, b, maxFew) }

func joinUpTo(a, b value, limit int) value {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case same(a, b, 3):
		return a
	}
	ua, oka := a.(*unknown)
	ub, okb := b.(*unknown)
	if oka && okb {
		if ua.covers(ub) {
			return a
		}
		if ub.covers(ua) {
			return b
		}
		return joinUnknown(ua, ub)
	}
	if la, ok := a.(*list); ok {
		if lb, ok := b.(*list); ok && la.kind == lb.kind {
			return joinLists(la, lb)
		}
	}
	if da, ok := a.(*dict); ok {
		if db, ok := b.(*dict); ok {
			return joinDicts(da, db)
		}
	}
	var all []value
	for _, v := range append(append([]value(nil), each(a)...), each(b)...) {
		if !hasSame(all, v) {
			all = append(all, v)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	size := 0
	for _, v := range all {
		if s, ok := v.(string); ok {
			size += len(s)
		}
	}
	if len(all) > limit || size > 4096 {
		return joinLost(a, b)
	}
	return &few{all}
}

func hasSame(all []value, v value) bool {
	for _, w := range all {
		if same(v, w, 3) {
			return true
		}
	}
	return false
}

func (u *unknown) covers(v *unknown) bool {
	return u.from >= v.from && u.size >= v.size && (u.kind == "" || u.kind == v.kind) && (u.of == nil || v.of != nil && *u.of == *v.of)
}

func joinUnknown(a, b *unknown) value {
	u := &unknown{from: max(a.from, b.from), size: max(a.size, b.size)}
	if a.kind == b.kind {
		u.kind = a.kind
	}
	if a.of != nil && b.of != nil && *a.of == *b.of {
		u.of = a.of
	}
	return u
}

// joinLost gives up on which of the values it is. Callables are kept: whoever calls it calls one of them.
func joinLost(a, b value) value {
	kind, o := "", named
	var callables []value
	parts := each(a)
	if b != nil {
		parts = append(append([]value(nil), parts...), each(b)...)
	}
	for i, v := range parts {
		switch w := v.(type) {
		case *function, *class, *bound, *name, *method:
			n, _ := w.(*name)
			if (len(callables) < 64 || n != nil && n.attr == "") && !hasSame(callables, v) {
				callables = append(callables, v)
			}
			continue
		case *unknown:
			o = max(o, w.from)
		default:
			o = lost
		}
		if t := typeOf(v); i == 0 || t == kind {
			kind = t
		} else {
			kind = ""
		}
	}
	u := &unknown{from: o, kind: kind}
	if len(callables) == 0 {
		return u
	}
	return &few{append(callables, u)}
}

func joinLists(a, b *list) value {
	l := &list{kind: a.kind, rest: join(a.rest, b.rest), size: max(a.size, b.size)}
	if a.of != nil || b.of != nil {
		for _, view := range []*list{a, b} {
			if view.of != nil {
				l.rest = joinUpTo(l.rest, someLost(), 64)
				l.rest = joinUpTo(l.rest, anyOf(append(slices.Clone(view.of.keys), view.of.all()...)), 64)
			}
		}
	}
	n := min(len(a.items), len(b.items))
	if len(a.items) != len(b.items) || n > 256 {
		for _, v := range a.items {
			l.rest = join(l.rest, v)
		}
		for _, v := range b.items {
			l.rest = join(l.rest, v)
		}
		return l
	}
	for i := range n {
		l.items = append(l.items, shallow(a.items[i], b.items[i]))
	}
	return l
}

// shallow joins the parts of containers: those of parts of parts are given up.
func shallow(a, b value) value {
	if same(a, b, 2) {
		return a
	}
	switch a.(type) {
	case *list, *dict, *tuple:
		return joinLost(a, b)
	}
	return join(a, b)
}

func joinDicts(a, b *dict) value {
	d := newDict()
	d.module = a.module
	d.rest = join(a.rest, b.rest)
	d.loose = a.loose || b.loose || !slices.EqualFunc(a.keys, b.keys, func(k, l value) bool { return same(k, l, 3) })
	for _, from := range []*dict{a, b} {
		for _, key := range from.keys {
			v, ok := from.get(key)
			if !ok {
				continue
			}
			if had, ok := d.get(key); ok {
				v = shallow(had, v)
			}
			d.set(key, v)
		}
	}
	return d
}

// same reports whether two values are known to be indistinguishable. Depth bounds how far it looks.
func same(a, b value, depth int) bool {
	if depth == 0 {
		return false
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case none, bool, int64, string, octets, ellipsis, null:
		return a == b
	case float64:
		f, ok := b.(float64)
		return ok && (a == f || a != a && f != f)
	case complex128:
		return a == b
	case *big.Int:
		n, ok := b.(*big.Int)
		return ok && a.Cmp(n) == 0
	case *name:
		n, ok := b.(*name)
		return ok && *a == *n
	case *tuple:
		t, ok := b.(*tuple)
		return ok && (a == t || sameItems(a.items, t.items, depth-1))
	case *list:
		l, ok := b.(*list)
		return ok && (a == l || a.kind == l.kind && a.of == l.of && sameItems(a.items, l.items, depth-1) && same(a.rest, l.rest, depth-1))
	case *iterator:
		i, ok := b.(*iterator)
		return ok && (a == i || a.at == i.at && (a.of == nil) == (i.of == nil) && sameItems(a.items, i.items, depth-1) && same(a.rest, i.rest, depth-1))
	case *dict:
		d, ok := b.(*dict)
		if !ok || a != d && (len(a.keys) != len(d.keys) || a.loose != d.loose || a.of != d.of || !same(a.rest, d.rest, depth-1)) {
			return false
		}
		if a == d {
			return true
		}
		for _, key := range a.keys {
			v, _ := a.get(key)
			if w, ok := d.get(key); !ok || !same(v, w, depth-1) {
				return false
			}
		}
		return true
	case *unknown:
		u, ok := b.(*unknown)
		return ok && (a == u || a.covers(u) && u.covers(a))
	case *method:
		m, ok := b.(*method)
		return ok && (a == m || a.name == m.name && same(a.self, m.self, depth-1))
	case *bound:
		m, ok := b.(*bound)
		return ok && (a == m || len(a.kwargs) == 0 && len(m.kwargs) == 0 && same(a.fn, m.fn, depth-1) && sameItems(a.args, m.args, depth-1))
	case *cell:
		c, ok := b.(*cell)
		return ok && (a == c || same(a.v, c.v, depth-1))
	case *function:
		f, ok := b.(*function)
		if !ok || a != f && (a.code != f.code || a.globals != f.globals || len(a.closure) != len(f.closure) || !sameItems(a.defaults, f.defaults, depth-1)) {
			return false
		}
		for i := range a.closure {
			if !same(a.closure[i], f.closure[i], depth-1) {
				return false
			}
		}
		return true
	case *instance:
		o, ok := b.(*instance)
		if !ok || a != o && (!same(a.class, o.class, depth-1) || len(a.attrs) != len(o.attrs)) {
			return false
		}
		if a == o {
			return true
		}
		for k, v := range a.attrs {
			if w, ok := o.attrs[k]; !ok || !same(v, w, depth-1) {
				return false
			}
		}
		return true
	case *few:
		f, ok := b.(*few)
		return ok && sameItems(a.values, f.values, depth-1)
	case *codeRef:
		c, ok := b.(*codeRef)
		return ok && a.code == c.code
	}
	return a == b
}

func sameItems(a, b []value, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) > 0 && &a[0] == &b[0] {
		return true
	}
	if len(a) > 256 {
		return false // too long to look
	}
	for i := range a {
		if !same(a[i], b[i], depth) {
			return false
		}
	}
	return true
}

// copier copies what a way can change, so that another way does not see it.
type copier struct {
	seen map[value]value
	left int
}

func newCopier() *copier { return &copier{map[value]value{}, 4 * maxItems} }

func (c *copier) all(vs []value) []value {
	if vs == nil {
		return nil
	}
	made := make([]value, len(vs))
	for i, v := range vs {
		made[i] = c.copy(v)
	}
	return made
}

func (c *copier) copy(v value) value {
	switch v.(type) {
	case *list, *dict, *iterator, *instance, *cell, *tuple, *function:
	default:
		return v
	}
	if made, ok := c.seen[v]; ok {
		return made
	}
	if c.left <= 0 {
		return v
	}
	switch v := v.(type) {
	case *list:
		if v.shared != nil {
			return v // what it has is everybody's
		}
		l := &list{kind: v.kind, rest: v.rest, size: v.size}
		c.seen[v] = l
		if v.of != nil {
			l.of, _ = c.copy(v.of).(*dict)
		}
		c.left -= len(v.items)
		l.items = c.all(v.items)
		return l
	case *dict:
		if v.module != "" || v.shared != nil {
			return v // globals are everybody's
		}
		d := &dict{keys: append([]value(nil), v.keys...), values: make(map[value]value, len(v.values)), rest: v.rest, loose: v.loose}
		c.seen[v] = d
		if v.of != nil {
			d.of, _ = c.copy(v.of).(*instance)
		}
		c.left -= len(v.keys)
		for k, w := range v.values {
			d.values[k] = c.copy(w)
		}
		return d
	case *iterator:
		i := &iterator{items: v.items, at: v.at, rest: v.rest, size: v.size, late: v.late, by: v.by, since: v.since}
		c.seen[v] = i
		if v.of != nil {
			i.of, _ = c.copy(v.of).(*list)
		}
		return i
	case *instance:
		if v.shared != nil {
			return v
		}
		o := &instance{class: v.class, attrs: make(map[string]value, len(v.attrs)), open: v.open, rest: v.rest}
		c.seen[v] = o
		c.left -= len(v.attrs)
		for k, w := range v.attrs {
			o.attrs[k] = c.copy(w)
		}
		return o
	case *cell:
		if v.shared != nil {
			return v
		}
		o := &cell{}
		c.seen[v] = o
		o.v = c.copy(v.v)
		return o
	case *function:
		if !v.local || len(v.closure) == 0 || v.shared != nil {
			return v
		}
		f := *v
		c.seen[v] = &f
		f.closure = make([]*cell, len(v.closure))
		for i, k := range v.closure {
			f.closure[i] = c.copy(k).(*cell)
		}
		return &f
	case *tuple:
		if len(v.items) > 64 || !hasMutable(v.items, 3) {
			return v
		}
		t := &tuple{}
		c.seen[v] = t
		t.items = c.all(v.items)
		return t
	}
	return v
}

func hasMutable(vs []value, depth int) bool {
	if depth == 0 {
		return false
	}
	for _, v := range vs {
		switch v := v.(type) {
		case *list, *dict, *iterator, *instance, *cell, *function:
			return true
		case *tuple:
			if hasMutable(v.items[:min(len(v.items), 64)], depth-1) {
				return true
			}
		}
	}
	return false
}
