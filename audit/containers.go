package audit

// Containers: items, iteration, subscripts.

import (
	"slices"
	"unicode/utf8"
)

func runes(s string) int { return utf8.RuneCountInString(s) }

// items are those of a container that are known, in order, and rest stands for any others.
func (x *examiner) items(v value) (items []value, rest value) {
	switch v := v.(type) {
	case *tuple:
		return v.items, nil
	case *list:
		x.goesThrough(v)
		if v.of != nil {
			return x.viewed(v)
		}
		if v.isSet() {
			if len(v.items) > 0 {
				rest = joinUpTo(anyOf(v.items), v.rest, 64)
			} else {
				rest = v.rest
			}
			return nil, rest
		}
		return v.items, v.rest
	case *iterator:
		x.goesThrough(v)
		v.look()
		items, rest = v.items[min(v.at, len(v.items)):], v.rest
		if v.of == nil || x.lazy > 0 {
			// Whoever takes them may leave some.
			v.loosen()
		} else {
			v.at = len(v.items)
		}
		return items, rest
	case *dict:
		x.wholeModule(v)
		if v.rest != nil || v.module != "" {
			rest = someGiven()
		}
		if v.loose {
			if len(v.keys) > 0 {
				rest = joinUpTo(anyOf(v.keys), rest, 64)
			}
			return nil, rest
		}
		return append(items, v.keys...), rest
	case string:
		if len(v) > maxItems {
			return nil, some("str", lost)
		}
		x.charge(len(v) / 16)
		for _, r := range v {
			items = append(items, string(r))
		}
		return items, nil
	case octets:
		if len(v) > maxItems {
			return nil, some("int", lost)
		}
		for i := range len(v) {
			items = append(items, int64(v[i]))
		}
		return items, nil
	case *few:
		for _, alternative := range v.values {
			some, more := x.items(alternative)
			x.charge(len(some) / 4)
			if len(some) > 0 {
				rest = joinUpTo(rest, anyOf(some), 64)
			}
			rest = join(rest, more)
		}
		return nil, rest
	case *instance:
		if it := x.callSpecial(v, "__iter__"); it != nil {
			if it == value(v) {
				if next := x.callSpecial(v, "__next__"); next != nil {
					return nil, next
				}
				return nil, someGiven()
			}
			if _, again := it.(*instance); again {
				if next := x.callSpecial(it, "__next__"); next != nil {
					return nil, next
				}
				return nil, someGiven()
			}
			return x.items(it)
		}
		if get := x.callSpecial(v, "__getitem__", some("int", given)); get != nil {
			return nil, get
		}
		return nil, someGiven()
	case *unknown:
		u := &unknown{from: v.from, of: v.of}
		switch v.kind {
		case "str":
			u.kind = "str"
		case "bytes", "bytearray", "range":
			u.kind = "int"
		}
		return nil, u
	case *class:
		// An Enum gives its members.
		for _, a := range v.attrs {
			if _, ok := a.(*function); !ok {
				rest = joinUpTo(rest, a, 64)
			}
		}
		return nil, orGiven(rest)
	case *name:
		return nil, &unknown{from: named, of: v}
	}
	return nil, &unknown{from: result(v)}
}

// viewed are the items of a view of a dict.
func (x *examiner) viewed(l *list) (items []value, rest value) {
	d := l.of
	if l.kind == "dict_keys" {
		return x.items(d)
	}
	x.wholeModule(d)
	rest = d.rest
	if d.module != "" && d.module != shippedModule {
		rest = &unknown{from: insides}
	}
	for _, k := range d.keys {
		if v, ok := d.get(k); ok {
			if l.kind == "dict_items" {
				v = &tuple{[]value{k, v}}
			}
			items = append(items, v)
		}
	}
	if l.kind == "dict_items" && rest != nil {
		rest = &tuple{[]value{some("str", result(rest)), rest}}
	}
	if d.loose && len(items) > 0 {
		return nil, joinUpTo(anyOf(items), rest, 64)
	}
	return items, rest
}

// look brings an iterator up to date with the list that it goes through.
func (it *iterator) look() {
	if it.of != nil {
		it.items, it.rest = it.of.items, it.of.rest
	}
	if it.by != nil && it.by.changes != it.since {
		it.by = nil
		it.loosen()
		it.rest = joinUpTo(it.rest, someLost(), 64)
	}
	if it.late != nil && *it.late != nil {
		late := *it.late
		it.late = nil
		it.loosen()
		it.rest = joinUpTo(it.rest, late, 64)
	}
}

// loosen gives up which of the items have been taken.
func (it *iterator) loosen() {
	it.look()
	for _, v := range it.items[min(it.at, len(it.items)):] {
		it.rest = joinUpTo(it.rest, v, 64)
	}
	if it.of != nil {
		it.rest = joinUpTo(it.rest, someLost(), 64)
	}
	it.items, it.at, it.of = nil, 0, nil
}

// wholeModule notes that everything in a module's dict is taken.
func (x *examiner) wholeModule(d *dict) {
	switch d.module {
	case "", shippedModule:
	case anyModule, "sys.modules":
		x.find(Unknown, d.module, "whatever is in %s is taken", d.describe())
	default:
		x.escapes(&name{d.module, ""}, "has all its names taken")
	}
}

func (d *dict) describe() string {
	if d.module == anyModule {
		return "a module that isn't known"
	}
	return d.module
}

// shippedModule marks the globals of shipped functions.
const shippedModule = "*"

// iterate is an iterator over a container.
func (x *examiner) iterate(v value) *iterator {
	if it, ok := v.(*iterator); ok {
		return it
	}
	items, rest := x.items(v)
	it := &iterator{items: items, rest: rest}
	if l, ok := v.(*list); ok {
		it.size = l.size
		if l.of == nil && !l.isSet() {
			it.of = l
		}
	}
	return it
}

// extend adds items to a list or set.
func (x *examiner) extend(to value, items []value, rest value) {
	x.contained(items)
	for _, to := range each(to) {
		if l, ok := to.(*list); ok {
			if l.shared != nil && (len(items) > 0 || rest != nil) {
				l.gains(items...)
				if rest != nil {
					l.gains(rest)
				}
				continue
			}
			for _, v := range items {
				l.add(v)
			}
			if rest != nil {
				l.rest = joinUpTo(l.rest, rest, 64)
			}
			continue
		}
		for _, v := range items {
			x.keeps(v, "a container")
		}
	}
}

// contained notes modules among values that a container is made of: what comes out of it may not be followed.
func (x *examiner) contained(vs []value) []value {
	for _, v := range vs {
		x.keeps(v, "a container")
	}
	return vs
}

// update adds what a mapping or pairs have to a dict.
func (x *examiner) update(d *dict, v value) {
	switch v := v.(type) {
	case *dict:
		x.wholeModule(v)
		for _, key := range v.keys {
			if item, ok := v.get(key); ok {
				d.set(key, item)
			}
		}
		if v.rest != nil {
			d.setAny(v.rest)
		}
		d.loose = d.loose || v.loose
		return
	case *unknown:
		d.setAny(&unknown{from: v.from, of: v.of})
		return
	}
	items, rest := x.items(v)
	for _, item := range items {
		if pair, more := x.items(item); len(pair) == 2 && more == nil {
			d.set(pair[0], pair[1])
		} else {
			d.setAny(joinUpTo(anyOf(pair), more, 64))
		}
	}
	if rest != nil {
		items, more := x.items(rest)
		v := joinUpTo(&unknown{from: result(rest)}, more, 64)
		if len(items) > 0 {
			v = joinUpTo(v, anyOf(items), 64)
		}
		d.setAny(v)
	}
}

func (x *examiner) toTuple(v value) value {
	size := itemsOf(v)
	items, rest := x.items(v)
	if rest == nil {
		return &tuple{items}
	}
	return &list{kind: "tuple", items: items, rest: rest, size: size}
}

// index is a subscript.
func (x *examiner) index(container, key value) value {
	if f, ok := container.(*few); ok {
		var all value
		for _, v := range f.values {
			all = joinUpTo(all, x.index(v, key), 64)
		}
		return all
	}
	if f, ok := key.(*few); ok {
		var all value
		for _, v := range f.values {
			all = joinUpTo(all, x.index(container, v), 64)
		}
		return all
	}
	switch c := container.(type) {
	case *dict:
		return x.lookupKey(c, key)
	case *tuple:
		return x.itemAt(c.items, nil, key, func(items []value, rest value) value {
			if rest != nil {
				return &list{kind: "tuple", rest: rest}
			}
			return &tuple{items}
		})
	case *list:
		return x.itemAt(c.items, c.rest, key, func(items []value, rest value) value {
			return &list{kind: c.kind, items: items, rest: rest}
		})
	case string:
		x.charge(len(c) / 64)
		if s, ok := key.(*slice); ok {
			return sliceText(c, s)
		}
		if i, ok := number(key).(int64); ok {
			if ascii(c) {
				if i < 0 {
					i += int64(len(c))
				}
				if i >= 0 && i < int64(len(c)) {
					return c[i : i+1]
				}
			} else if len(c) < maxText {
				all := []rune(c)
				if i < 0 {
					i += int64(len(all))
				}
				if i >= 0 && i < int64(len(all)) {
					return string(all[i])
				}
			}
		}
		return some("str", result(container, key))
	case octets:
		if s, ok := key.(*slice); ok {
			if from, to, step, ok := s.bounds(len(c)); ok {
				var b []byte
				for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
					b = append(b, c[i])
				}
				return octets(b)
			}
			return some("bytes", result(container, key))
		}
		if i, ok := number(key).(int64); ok {
			if i < 0 {
				i += int64(len(c))
			}
			if i >= 0 && i < int64(len(c)) {
				return int64(c[i])
			}
		}
		return some("int", result(container, key))
	case *instance:
		if v := x.callSpecial(c, "__getitem__", key); v != nil {
			return v
		}
		if v := x.callSpecial(c, "__missing__", key); v != nil {
			return v
		}
	case *class:
		if v := x.callSpecial(c, "__getitem__", key); v != nil {
			return v
		}
		if v, ok := x.lookup(c, "__class_getitem__", false); ok {
			x.call(v, []value{c, key}, nil)
		}
		return c
	case *name:
		if c.module == "os" && c.attr == "environ" {
			return some("str", given)
		}
		if c.attr == "" { // __builtins__ is the module or its dict
			return x.lookupKey(moduleDict(c.module), key)
		}
		return &unknown{from: named, of: c}
	case *unknown:
		if c.from == insides {
			if s, ok := key.(string); ok {
				x.judgeAttribute(s, true)
				return x.anyGlobal(s)
			}
		}
		u := &unknown{from: c.from, of: c.of, hint: c.hint}
		switch c.kind {
		case "str":
			u.kind = "str"
		case "bytes":
			if _, ok := key.(*slice); ok {
				u.kind = "bytes"
			} else {
				u.kind = "int"
			}
		case "list", "tuple":
			if _, ok := key.(*slice); ok {
				u.kind = c.kind
			}
		}
		return u
	}
	return &unknown{from: result(container, key)}
}

// anyGlobal is what a name in a module that isn't known may be.
func (x *examiner) anyGlobal(s string) value {
	if s == "__builtins__" {
		return &name{"builtins", ""}
	}
	if s == "sys" || s == "os" || s == "builtins" || s == "subprocess" || s == "importlib" {
		return &name{s, ""}
	}
	if builtinNames()[s] {
		return x.obtain(name{"builtins", s})
	}
	if caps, ok := capabilityTable()[s]; ok && (len(caps) != 1 || caps[0] != Pure) {
		return &name{s, ""}
	}
	return &unknown{from: insides}
}

// lookupKey is the value of a key of a dict.
func (x *examiner) lookupKey(d *dict, key value) value {
	if v, ok := d.get(key); ok {
		return v
	}
	s, isText := key.(string)
	switch d.module {
	case "":
	case shippedModule:
		switch {
		case isText && s == "__builtins__":
			x.find(Interpreter, "__builtins__", "the builtins are taken from the globals")
			return &name{"builtins", ""}
		case isText:
			return someGiven()
		case result(key) != given:
			x.find(Unknown, "globals()", "a global is taken by a name that can't be known")
		}
	case "sys.modules":
		if isText {
			return x.imports(s)
		}
		x.find(DynamicImport, "sys.modules", "a module is taken by a name that can't be known")
		return &unknown{from: insides}
	case anyModule:
		if isText {
			x.judgeAttribute(s, true)
			return x.anyGlobal(s)
		}
		return &unknown{from: insides}
	default:
		if isText {
			return x.attributeOfName(&name{d.module, ""}, s)
		}
		if len(dangerous(name{d.module, ""})) > 0 || d.module == "builtins" {
			x.find(Unknown, d.module, "a name of %s is taken that can't be known", d.module)
			x.escapes(&name{d.module, ""}, "is searched for a name that can't be known")
		}
		return &unknown{from: named}
	}
	if atom(key) && d.rest != nil {
		return d.rest
	}
	all := d.all()
	if len(all) == 0 {
		return &unknown{from: result(key)}
	}
	if !atom(key) {
		return anyOf(all)
	}
	return &unknown{from: given}
}

func (x *examiner) itemAt(items []value, rest, key value, part func(items []value, rest value) value) value {
	if s, ok := key.(*slice); ok {
		if from, to, step, ok := s.bounds(len(items)); ok && rest == nil {
			var some []value
			for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
				some = append(some, items[i])
			}
			return part(some, nil)
		}
		if len(items) > 0 {
			rest = joinUpTo(anyOf(items), rest, 64)
		}
		return part(nil, rest)
	}
	if i, ok := number(key).(int64); ok && rest == nil {
		if i < 0 {
			i += int64(len(items))
		}
		if i >= 0 && i < int64(len(items)) {
			return items[i]
		}
		return someGiven() // an error
	}
	if rest == nil && len(items) == 0 {
		return &unknown{from: result(key)}
	}
	all := items
	if rest != nil {
		all = append(append([]value(nil), items...), rest)
	}
	return anyOf(all)
}

// bounds are those of a slice of something of a length: from, and on by step up to to.
func (s *slice) bounds(n int) (from, to, step int, ok bool) {
	step = 1
	get := func(v value, otherwise int) (int, bool) {
		switch v := number(v).(type) {
		case none, nil:
			return otherwise, true
		case int64:
			i := int(max(min(v, int64(n)+1), -int64(n)-1))
			if i < 0 {
				i += n
				if i < 0 {
					if step < 0 {
						return -1, true
					}
					return 0, true
				}
			}
			if i >= n {
				if step < 0 {
					return n - 1, true
				}
				return n, true
			}
			return i, true
		}
		return 0, false
	}
	if k, isInt := number(s.step).(int64); isInt {
		if k == 0 || k > 1<<30 || k < -1<<30 {
			return 0, 0, 0, false
		}
		step = int(k)
	} else if _, isNone := s.step.(none); !isNone && s.step != nil {
		return 0, 0, 0, false
	}
	first, last := 0, n
	if step < 0 {
		first, last = n-1, -1
	}
	var a, b bool
	from, a = get(s.start, first)
	to, b = get(s.stop, last)
	return from, to, step, a && b
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func sliceText(s string, k *slice) value {
	if len(s) > maxText {
		return some("str", lost)
	}
	all := []rune(s)
	from, to, step, ok := k.bounds(len(all))
	if !ok {
		return some("str", result(k.start, k.stop, k.step))
	}
	var made []rune
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		made = append(made, all[i])
	}
	return string(made)
}

// setItem is an assignment to a subscript.
func (x *examiner) setItem(container, key, v value) {
	for _, c := range each(container) {
		if container != c {
			x.share(c, false, 2) // what is changed is one of them
		}
	}
	for _, container := range each(container) {
		switch c := container.(type) {
		case *dict:
			switch c.module {
			case "":
				x.contained([]value{key, v})
				c.set(key, v)
			case shippedModule:
				c.weaken(key, v)
			default:
				x.find(Interpreter, c.module, "something in %s is replaced, for everybody", c.describe())
			}
		case *list:
			x.keeps(v, "a container")
			if i, ok := number(key).(int64); ok && c.rest == nil {
				if i < 0 {
					i += int64(len(c.items))
				}
				if i >= 0 && i < int64(len(c.items)) {
					if c.shared != nil {
						v = c.shared.weakly(c.items[i], v)
					}
					c.items = slices.Clone(c.items)
					c.items[i] = v
				}
				continue
			}
			if c.shared != nil {
				if _, ok := key.(*slice); ok {
					items, rest := x.items(v)
					c.gains()
					x.extend(c, items, rest)
				} else {
					c.gains(v)
				}
				continue
			}
			c.loosen()
			if _, ok := key.(*slice); ok {
				items, rest := x.items(v)
				c.rest = joinUpTo(joinUpTo(c.rest, anyOf(items), 64), rest, 64)
				continue
			}
			c.rest = joinUpTo(c.rest, v, 64)
		case *instance:
			if x.callSpecial(c, "__setitem__", key, v) == nil {
				x.keeps(v, "an item")
			}
		case *name:
			if c.String() == "os.environ" {
				x.find(Environment, "os.environ", "the environment is changed")
			} else if c.attr != "" {
				x.find(Interpreter, c.String(), "something in %s is replaced, for everybody", c)
			}
		case *unknown:
			if c.from == insides {
				x.find(Interpreter, "item", "an item of something inside the interpreter is replaced")
			}
			x.keeps(v, "an item")
			x.callback(v)
		}
	}
}

// deleteItem is the deletion of a subscript.
func (x *examiner) deleteItem(container, key value) {
	for _, c := range each(container) {
		if container != c {
			x.share(c, false, 2)
		}
	}
	for _, container := range each(container) {
		switch c := container.(type) {
		case *dict:
			switch c.module {
			case "":
				if keys := each(key); len(keys) > 1 || c.of != nil {
					c.loose = true
					if c.of != nil {
						x.mayChange(c.of, 1)
					}
				} else {
					c.drop(key)
				}
			case shippedModule:
				if s, ok := key.(string); ok {
					x.uncovers(c, s)
				} else {
					x.find(Unknown, "globals()", "a global is deleted by a name that can't be known")
				}
			default:
				x.find(Interpreter, c.module, "something in %s is deleted, for everybody", c.describe())
			}
		case *list:
			if c.shared != nil {
				c.gains()
				continue
			}
			i, ok := number(key).(int64)
			if i < 0 {
				i += int64(len(c.items))
			}
			if !ok || c.rest != nil || i < 0 || i >= int64(len(c.items)) {
				c.loosen()
				continue
			}
			c.items = slices.Delete(slices.Clone(c.items), int(i), int(i)+1)
		case *instance:
			x.callSpecial(c, "__delitem__", key)
		case *name:
			x.find(Interpreter, c.String(), "something in %s is deleted, for everybody", c)
		case *unknown:
			if c.from == insides {
				x.find(Interpreter, "item", "an item of something inside the interpreter is deleted")
			}
		}
	}
}

// uncovers notes that a global may be deleted: what its name stands for is a builtin then.
func (x *examiner) uncovers(globals *dict, n string) {
	if builtinNames()[n] {
		globals.weaken(n, x.obtain(name{"builtins", n}))
	}
}

// mayChange gives up what is known of a value that goes to where it isn't followed, and may be changed there.
func (x *examiner) mayChange(v value, depth int) {
	if depth == 0 {
		return
	}
	for _, v := range each(v) {
		switch v := v.(type) {
		case *list:
			if v.of != nil {
				continue
			}
			x.charge(len(v.items) / 4)
			for _, item := range v.items {
				x.mayChange(item, depth-1)
			}
			if v.shared != nil {
				v.gains(someLost())
			} else if len(v.items) > 0 || v.rest != nil || v.kind != "tuple" {
				v.loosen()
				v.rest = joinUpTo(v.rest, someLost(), 64)
			}
		case *iterator:
			v.loosen()
		case *dict:
			if v.module != "" {
				continue
			}
			x.charge(len(v.keys) / 4)
			for _, item := range v.values {
				x.mayChange(item, depth-1)
			}
			v.setAny(someLost())
		case *tuple:
			for _, item := range v.items[:min(len(v.items), 64)] {
				x.mayChange(item, depth-1)
			}
		case *instance:
			x.charge(len(v.attrs) / 4)
			v.open = true
			for k, attr := range v.attrs {
				x.mayChange(attr, depth-1)
				if v.shared != nil {
					v.attrs[k] = v.shared.weakly(attr, someLost())
				} else {
					v.attrs[k] = joinUpTo(attr, someLost(), 64)
				}
			}
		}
	}
}
