package audit

import "slices"

// Values that several functions have: what one changes, another sees, whichever is called first, and however
// often. Nothing is overwritten in those: what was known of them stays possible.

// sharing is what is noted of a value that more than one function has.
type sharing struct {
	by *examiner
	// lasting is set for what globals, closures and defaults have; others go from a function to those that it calls.
	lasting bool
	root    int // the number of the root that made it
	// late are what is done again after a change, for iterators that were made of it before.
	late []func()
}

// changed notes that more is possible than was.
func (s *sharing) changed() {
	if s == nil {
		return
	}
	s.by.changes++
	late := s.late
	s.late = nil // not for what that changes
	for _, do := range late {
		do()
	}
	s.late = late
	if s.lasting {
		s.by.epoch++
		if s.root < s.by.roots {
			s.by.stale = true
		}
	}
}

// weakly is what a part of the value may be that was one thing and is set to another.
func (s *sharing) weakly(had, v value) value {
	s.by.share(v, s.lasting, maxShared)
	if had == nil {
		s.changed()
		return v
	}
	made := joinUpTo(had, v, 64)
	if same(had, made, 3) {
		return had
	}
	if s.lasting && s.by.pass > 1 {
		if made = widened(had, v); same(had, made, 3) {
			return had
		}
	}
	s.changed()
	return made
}

// widened gives up which of the values it is, but for callables: of those there is one of each code.
func widened(had, v value) value {
	var callables []value
	key := func(v value) any {
		switch v := v.(type) {
		case *function:
			return v.code
		case *bound:
			if f, ok := v.fn.(*function); ok {
				return f.code
			}
			return "bound"
		case *method:
			return v.name
		case *class:
			return v
		case *name:
			return *v
		}
		return nil
	}
	seen := map[any]bool{}
	for _, v := range append(slices.Clone(each(had)), each(v)...) {
		if k := key(v); k != nil && !seen[k] && len(callables) < 64 {
			seen[k] = true
			callables = append(callables, v)
		}
	}
	if len(callables) == 0 {
		return someLost()
	}
	return &few{append(callables, someLost())}
}

// watch has something done again when one of some containers changes.
func (x *examiner) watch(vs []value, do func()) {
	for _, v := range vs {
		var s *sharing
		switch v := v.(type) {
		case *list:
			if v.of != nil {
				x.watch([]value{v.of}, do)
				continue
			}
			x.share(v, false, maxShared)
			s = v.shared
		case *dict:
			x.share(v, false, maxShared)
			s = v.shared
		case *iterator:
			if v.of != nil {
				x.watch([]value{v.of}, do)
			}
			continue
		}
		if s != nil && len(s.late) < 16 {
			s.late = append(s.late, do)
		}
	}
}

// maxShared bounds how deep in other values the shared ones are looked for.
const maxShared = 24

// share marks what is in a value as shared.
func (x *examiner) share(v value, lasting bool, depth int) {
	if depth == 0 {
		return
	}
	// again reports whether there is something to do, and marks the value.
	again := func(s **sharing) bool {
		if *s == nil {
			*s = &sharing{by: x, lasting: lasting, root: x.roots}
			return true
		}
		if lasting && !(*s).lasting {
			(*s).lasting = true
			return true
		}
		return false
	}
	all := func(vs []value) {
		x.charge(len(vs) / 16)
		for _, v := range vs {
			x.share(v, lasting, depth-1)
		}
	}
	switch v := v.(type) {
	case *few:
		all(v.values)
	case *tuple:
		all(v.items)
	case *list:
		if again(&v.shared) {
			all(v.items)
			x.share(v.rest, lasting, depth-1)
			if v.of != nil {
				x.share(v.of, lasting, depth-1)
			}
		}
	case *dict:
		if again(&v.shared) {
			all(v.all())
			if v.of != nil {
				x.share(v.of, lasting, depth-1)
			}
		}
	case *instance:
		if again(&v.shared) {
			for _, a := range v.attrs {
				x.share(a, lasting, depth-1)
			}
			x.share(v.rest, lasting, depth-1)
			x.share(v.class, lasting, depth-1)
		}
	case *class:
		if again(&v.shared) {
			for _, a := range v.attrs {
				x.share(a, lasting, depth-1)
			}
			all(v.bases)
		}
	case *cell:
		if again(&v.shared) {
			x.share(v.v, lasting, depth-1)
		}
	case *function:
		if again(&v.shared) {
			for _, c := range v.closure {
				if c != nil {
					x.share(c, true, depth-1)
				}
			}
			for _, d := range v.defaults {
				x.share(d, true, depth-1)
			}
			if v.kwdefaults != nil {
				x.share(v.kwdefaults, true, depth-1)
			}
			if v.globals != nil {
				x.share(v.globals, true, depth-1)
			}
			for _, a := range v.attributes {
				x.share(a, true, depth-1)
			}
		}
	case *bound:
		x.share(v.fn, lasting, depth-1)
		all(v.args)
		for _, a := range v.kwargs {
			x.share(a, lasting, depth-1)
		}
	case *method:
		x.share(v.self, lasting, depth-1)
	case *super:
		x.share(v.self, lasting, depth-1)
	case *descriptor:
		all(v.fn)
	case *goFunction:
		all(v.has)
	case *iterator:
		if lasting {
			v.loosen()
		}
		all(v.items)
		x.share(v.rest, lasting, depth-1)
		if v.of != nil {
			x.share(v.of, lasting, depth-1)
		}
	}
}

// gains is a change of a shared list: its items may be in another order then, with others.
func (l *list) gains(vs ...value) {
	if len(l.items) > 0 && !l.isSet() {
		l.loosen()
		l.shared.changed()
	}
	for _, v := range vs {
		l.rest = l.shared.weakly(l.rest, orGiven(v))
	}
}

// changesShared does a method of a list that is shared; ok is false for methods that change nothing.
func (x *examiner) changesShared(l *list, m string, args []value, kwargs map[string]value) (v value, ok bool) {
	switch m {
	case "append", "add", "appendleft":
		l.gains(args...)
	case "extend", "update", "extendleft":
		for _, a := range args {
			items, rest := x.items(a)
			x.extend(l, items, rest)
		}
	case "insert":
		if len(args) == 2 {
			l.gains(args[1])
		}
	case "pop", "popleft":
		items := l.items
		if l.rest != nil {
			items = append(items[:len(items):len(items)], l.rest)
		}
		v := anyOf(items)
		l.gains()
		return v, true
	case "sort":
		if key := kwargs["key"]; key != nil {
			x.callEach(key, l.items, l.rest)
		}
		l.gains()
	case "reverse", "clear", "remove", "discard", "rotate", "difference_update", "intersection_update", "symmetric_difference_update":
		l.gains()
		for _, a := range args {
			if _, isList := a.(*list); isList && m == "symmetric_difference_update" {
				items, rest := x.items(a)
				x.extend(l, items, rest)
			}
		}
	default:
		return nil, false
	}
	return none{}, true
}

// setAttr sets an attribute of an instance.
func (x *examiner) setAttr(o *instance, attr string, v value) {
	if o.shared == nil {
		o.attrs[attr] = v
		return
	}
	had := o.attrs[attr]
	if c, ok := o.class.(*class); ok && had == nil {
		if found, ok := x.lookup(c, attr, false); ok && !isProperty(found) {
			had = x.bind(found, o, c) // where it isn't set yet
		}
	}
	o.attrs[attr] = o.shared.weakly(had, v)
}
