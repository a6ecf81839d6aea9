package audit

// Attributes of values.

import (
	"maps"
	"slices"
	"strings"
)

// attribute is an attribute of a value.
func (x *examiner) attribute(v value, attr string) value {
	if f, ok := v.(*few); ok {
		var all value
		for _, v := range f.values {
			x.share(v, false, 2) // what is changed is one of them
			all = joinUpTo(all, x.attribute(v, attr), 64)
		}
		return all
	}
	if attr == "__getattribute__" {
		if _, ok := v.(*instance); !ok {
			return &goFunction{func(x *examiner, args []value, _ map[string]value) value {
				if len(args) > 1 {
					return x.getattr(args, nil)
				}
				return x.getattr(args, v)
			}, nil}
		}
	}
	switch v := v.(type) {
	case *name:
		return x.attributeOfName(v, attr)
	case *function:
		return x.attributeOfFunction(v, attr)
	case *class:
		return x.attributeOfClass(v, attr)
	case *instance:
		return x.attributeOfInstance(v, attr)
	case *super:
		if found, ok := x.behind(v, attr); ok {
			return x.bind(found, v.self, v.class)
		}
		if set := setterOf(attr, v.self); set != nil {
			return set
		}
		if c, ok := x.dangerousAttribute("object", attr); ok {
			return c
		}
		return &unknown{from: named}
	case *bound:
		switch attr {
		case "__func__", "func", "__wrapped__":
			return v.fn
		case "__self__":
			if len(v.args) > 0 {
				return v.args[0]
			}
		case "args":
			return &tuple{v.args}
		case "keywords":
			d := newDict()
			for _, k := range slices.Sorted(maps.Keys(v.kwargs)) {
				d.set(k, v.kwargs[k])
				v.kwargs[k] = joinUpTo(v.kwargs[k], someLost(), 64) // whoever has the dict can change it
			}
			return d
		case "__call__":
			return v
		}
		return x.attribute(v.fn, attr)
	case *cell:
		if attr == "cell_contents" {
			return orGiven(v.v)
		}
	case *codeRef:
		return x.attributeOfCode(v, attr)
	case *method:
		switch attr {
		case "__self__":
			return v.self
		case "__call__":
			return v
		}
	case *unknown:
		return x.attributeOfUnknown(v, attr)
	case *coroutine:
		return &method{v, attr}
	case *descriptor:
		switch attr {
		case "__func__", "fget", "func", "__wrapped__":
			if len(v.fn) > 0 {
				return v.fn[0]
			}
		case "setter", "getter", "deleter", "register":
			return &method{v, attr}
		}
		return someGiven()
	}
	switch attr {
	case "__class__":
		if t := typeOf(v); t != "" {
			return &name{"builtins", t}
		}
		return &unknown{from: named}
	case "__dict__":
		return newDict()
	}
	if c, ok := x.dangerousAttribute(typeOf(v), attr); ok {
		return c
	}
	return &method{v, attr}
}

// dangerousAttribute notes that an attribute leads to the insides of the interpreter.
func (x *examiner) dangerousAttribute(of, attr string) (value, bool) {
	c, ok := dangerousAttributes[attr]
	if !ok {
		return nil, false
	}
	x.find(c, attr, "%s of any object leads to the insides of the interpreter", attr)
	if attr == "__globals__" || attr == "f_globals" || attr == "__builtins__" || attr == "f_builtins" {
		return &dict{values: map[value]value{}, module: anyModule}, true
	}
	return &unknown{from: insides, of: insidesOf(attr)}, true
}

func insidesOf(attr string) *name {
	if attr == "__loader__" || attr == "__spec__" {
		return &name{"importlib", attr}
	}
	return nil
}

// anyModule is the name of the module of which nothing is known.
const anyModule = "?"

// memberOfResult is an attribute of what a package's functions give, as often as not.
func memberOfResult(of *name, attr string) name {
	if top, _, _ := strings.Cut(of.module, "."); top == "numpy" {
		return name{"numpy", "ndarray." + attr}
	}
	return name{}
}

func (x *examiner) attributeOfUnknown(v *unknown, attr string) value {
	if v.kind != "" && v.kind != "exception" {
		if attr == "__class__" {
			return &name{"builtins", v.kind}
		}
		if c, ok := x.dangerousAttribute(v.kind, attr); ok {
			return c
		}
		return &method{v, attr}
	}
	switch attr {
	case "__class__", "__base__", "__bases__", "__mro__", "mro":
		return &unknown{from: v.from, of: v.of}
	case "__dict__":
		return &unknown{from: v.from, kind: "dict"}
	case "__name__", "__qualname__":
		return &nameOf{v}
	case "__self__":
		// That of a builtin function is its module.
		if v.from == insides {
			x.find(Interpreter, attr, "__self__ of a function that isn't known may be a module")
			return &unknown{from: insides}
		}
	}
	if v.of != nil {
		if (attr == "eval" || attr == "query") && strings.HasPrefix(v.of.module+".", "pandas.") {
			return &goFunction{call: expressionOf(v, attr, "@", "__")}
		}
		for _, n := range [...]name{{v.of.module, v.of.attr + "." + attr}, memberOfResult(v.of, attr)} {
			if _, exact := theTable().exactly(n.String()); exact {
				x.judge(n, x.when, "is used")
				return &unknown{from: v.from, of: v.of}
			}
		}
	}
	if c, ok := x.dangerousAttribute("", attr); ok {
		return c
	}
	if v.from == insides {
		x.judgeAttribute(attr, true)
		if caps, ok := capabilityTable()[attr]; ok && (len(caps) != 1 || caps[0] != Pure) && attr != "code" && attr != "select" {
			return &name{attr, ""}
		}
	} else {
		x.judgeAttribute(attr, false)
		if attr == "eval" || attr == "query" {
			return &goFunction{call: expressionOf(v, attr, "__")}
		}
	}
	return &unknown{from: v.from, of: v.of}
}

// expressionOf is eval or query of what is or may be a data frame, which evaluates a text: the payload's
// own code, also where the object is the caller's. Two underscores lead from any value to the
// interpreter's insides, and @ to the variables of whoever calls.
func expressionOf(v *unknown, attr string, suspicious ...string) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		text, known := textArg(args, kwargs, 0, "expr")
		if !known && v.of != nil || slices.ContainsFunc(suspicious, func(s string) bool { return strings.Contains(text, s) }) {
			x.find(DynamicCode, "pandas.DataFrame."+attr, "%s of a data frame evaluates a text that can call", attr)
		}
		return &unknown{from: v.from, of: v.of}
	}
}

// judgeAttribute judges the name of an attribute of an object that isn't known, by the rows
// of the table that begin with a dot.
func (x *examiner) judgeAttribute(attr string, insides bool) {
	caps, ok := capabilityTable()["."+attr]
	if !ok && insides {
		caps, ok = capabilityTable()["?."+attr]
	}
	if !ok {
		return
	}
	for _, c := range caps {
		if c != Pure {
			x.find(c, "."+attr, "%s of an object that isn't known", attr)
		}
	}
}

func (x *examiner) attributeOfFunction(f *function, attr string) value {
	switch attr {
	case "__code__":
		x.find(Interpreter, "__code__", "the code of a function is taken")
		return &codeRef{f.code}
	case "__globals__":
		x.find(Interpreter, "__globals__", "the globals of a function are taken")
		return f.globals
	case "__builtins__":
		x.find(Interpreter, "__builtins__", "the builtins of a function are taken")
		return &name{"builtins", ""}
	case "__closure__":
		t := &tuple{}
		for _, c := range f.closure {
			t.items = append(t.items, c)
		}
		return t
	case "__defaults__":
		return &tuple{f.defaults}
	case "__kwdefaults__":
		if f.kwdefaults != nil {
			return f.kwdefaults
		}
		return none{}
	case "__name__":
		return joinUpTo(f.name, f.attributes[attr], 64)
	case "__qualname__":
		return some("str", lost)
	case "__call__", "__func__":
		return f
	case "__get__":
		return &method{f, attr}
	case "__doc__", "__module__", "__annotations__":
		return some("", given)
	}
	if attr == "__dict__" {
		for k, v := range f.attributes {
			f.attributes[k] = joinUpTo(v, someLost(), 64)
		}
		d := attributesDict(f.attributes)
		d.of, d.loose = &instance{class: &name{"types", "FunctionType"}, attrs: map[string]value{}}, true
		return d
	}
	if v, ok := f.attributes[attr]; ok {
		return v
	}
	if c, ok := x.dangerousAttribute("function", attr); ok {
		return c
	}
	return someGiven()
}

func (x *examiner) attributeOfCode(c *codeRef, attr string) value {
	p := x.program(c.code)
	switch attr {
	case "co_consts":
		return &tuple{p.consts}
	case "co_names":
		return texts(c.code.Names)
	case "co_varnames":
		return texts(c.code.VarNames)
	case "co_name", "co_qualname":
		return p.name()
	case "co_code":
		return octets(c.code.Code)
	case "replace":
		x.find(DynamicCode, "code.replace", "a code object is changed")
		return &unknown{from: lost}
	}
	return &unknown{from: named}
}

func texts(all []string) *tuple {
	t := &tuple{}
	for _, s := range all {
		t.items = append(t.items, s)
	}
	return t
}

// maxBases bounds how many classes a class derives from.
const maxBases = 1 << 10

// lookup finds an attribute in a class and those it derives from; after begins behind the class.
func (x *examiner) lookup(c *class, attr string, after bool) (value, bool) {
	for _, k := range c.order() {
		if v, ok := k.attrs[attr]; ok && !(after && k == c) {
			return v, true
		}
	}
	return nil, false
}

// behind finds what a super object gives: an attribute of the classes behind its own, in the order of the instance's.
func (x *examiner) behind(s *super, attr string) (value, bool) {
	c, ok := s.self.(*class)
	if !ok {
		c = classOf(s.self)
	}
	if c != nil {
		order := c.order()
		if i := slices.Index(order, s.class); i >= 0 {
			for _, k := range order[i+1:] {
				if v, ok := k.attrs[attr]; ok {
					return v, true
				}
			}
			return nil, false
		}
	}
	return x.lookup(s.class, attr, true)
}

// order is a class and those that it derives from in the order of Python's __mro__, as far as they are shipped.
func (c *class) order() []*class {
	left := maxBases
	return c.orderWithin(&left)
}

func (c *class) orderWithin(left *int) []*class {
	made := []*class{c}
	var lists [][]*class
	var direct []*class
	for _, b := range c.bases {
		if k, ok := b.(*class); ok && k != c && *left > 0 {
			*left--
			lists = append(lists, k.orderWithin(left))
			direct = append(direct, k)
		}
	}
	if len(lists) == 1 {
		return append(made, lists[0]...)
	}
	lists = append(lists, direct)
	for {
		// The first that is behind none in any list.
		var next, first *class
		for _, l := range lists {
			if len(l) == 0 {
				continue
			}
			if first == nil {
				first = l[0]
			}
			if !slices.ContainsFunc(lists, func(o []*class) bool { return len(o) > 1 && slices.Contains(o[1:], l[0]) }) {
				next = l[0]
				break
			}
		}
		if next == nil {
			next = first // no class that there is
		}
		if next == nil {
			return made
		}
		made = append(made, next)
		for i, l := range lists {
			lists[i] = slices.DeleteFunc(slices.Clone(l), func(k *class) bool { return k == next })
		}
	}
}

// named base is one of the classes that a class derives from that isn't shipped, but object.
func (c *class) foreign() *name {
	seen := map[*class]bool{}
	pending := []value{c}
	for n := 0; len(pending) > 0 && n < maxBases; n++ {
		v := pending[0]
		pending = pending[1:]
		switch k := v.(type) {
		case *class:
			if !seen[k] {
				seen[k] = true
				pending = append(pending, k.bases...)
			}
		case *name:
			if k.String() != "builtins.object" {
				return k
			}
		}
	}
	return nil
}

func (x *examiner) attributeOfClass(c *class, attr string) value {
	switch attr {
	case "__name__":
		return joinUpTo(c.name, c.attrs[attr], 64)
	case "__qualname__":
		return some("str", lost)
	case "__class__":
		return orGiven(c.meta)
	case "__dict__":
		return attributesDict(c.attrs)
	case "__bases__":
		return &tuple{c.bases}
	case "__base__":
		if len(c.bases) > 0 {
			return c.bases[0]
		}
		return &name{"builtins", "object"}
	case "__mro__":
		t := &tuple{[]value{c}}
		t.items = append(append(t.items, c.bases...), &name{"builtins", "object"})
		return t
	}
	if v, ok := x.lookup(c, attr, false); ok {
		if d, ok := v.(*descriptor); ok {
			switch d.kind {
			case "classmethod":
				return &bound{fn: d.fn[0], args: []value{c}}
			case "staticmethod":
				return d.fn[0]
			}
		}
		if _, ok := v.(*function); !ok && c.isMade() {
			v = joinUpTo(v, someLost(), 64)
		}
		return v
	}
	if attr == "__setattr__" || attr == "__delattr__" {
		return setterOf(attr, nil)
	}
	if m, ok := c.meta.(*class); ok {
		if v, ok := x.lookup(m, attr, false); ok {
			return x.bind(v, c, m)
		}
		if getattr, ok := x.lookup(m, "__getattr__", false); ok {
			return x.call(getattr, []value{c, attr}, nil)
		}
	}
	if n := c.foreign(); n != nil && !isDunder(attr) {
		return x.attributeOfName(n, attr)
	}
	if v, ok := x.dangerousAttribute("type", attr); ok {
		return v
	}
	return &unknown{from: named, of: c.foreign()}
}

// isMade reports whether the attributes of a class are others than those that its body has: of an enum, or of
// a metaclass that is shipped.
func (c *class) isMade() bool {
	_, ok := c.meta.(*class)
	return ok || c.derivesFrom("enum", map[*class]bool{})
}

// derivesFrom reports whether a class has a base of a module.
func (c *class) derivesFrom(module string, seen map[*class]bool) bool {
	seen[c] = true
	for _, b := range c.bases {
		switch b := b.(type) {
		case *name:
			if b.module == module {
				return true
			}
		case *class:
			if !seen[b] && b.derivesFrom(module, seen) {
				return true
			}
		}
	}
	return false
}

// setterOf is __setattr__ or __delattr__ as objects have it, of an object or of the first argument; nil for other names.
func setterOf(attr string, self value) value {
	if attr != "__setattr__" && attr != "__delattr__" {
		return nil
	}
	return &goFunction{func(x *examiner, args []value, kwargs map[string]value) value {
		if self != nil {
			args = append([]value{self}, args...)
		}
		if attr == "__delattr__" {
			return deletesAttribute(x, args, kwargs)
		}
		return builtinSetattr(x, args, kwargs)
	}, nil}
}

// deletesAttribute is delattr.
func deletesAttribute(x *examiner, args []value, _ map[string]value) value {
	if len(args) != 2 {
		return none{}
	}
	for _, n := range each(args[1]) {
		if s, ok := n.(string); ok {
			x.deleteAttribute(args[0], s)
		} else {
			for _, of := range each(args[0]) {
				if _, ok := of.(*instance); !ok {
					x.find(Unknown, "delattr", "an attribute is deleted by a name that can't be known")
				}
			}
			x.mayChange(args[0], 1)
		}
	}
	return none{}
}

// deleteAttribute is the deletion of an attribute: what its class has is seen again, if it has one.
func (x *examiner) deleteAttribute(of value, attr string) {
	for _, of := range each(of) {
		switch o := of.(type) {
		case *instance:
			if c := classOf(o); c != nil {
				if x.callSpecial(o, "__delattr__", attr) != nil {
					continue
				}
				found, ok := x.lookup(c, attr, false)
				if d, isDescriptor := found.(*descriptor); isDescriptor && len(d.fn) > 2 {
					x.call(d.fn[2], []value{o}, nil)
					continue
				}
				x.callSpecial(found, "__delete__", o)
				if had := o.attrs[attr]; had != nil {
					if ok {
						had = joinUpTo(had, x.bind(found, o, c), 64)
					}
					o.attrs[attr] = joinUpTo(had, someLost(), 64)
				}
				continue
			}
			x.mayChange(o, 1)
		case *class:
			if had := o.attrs[attr]; had != nil {
				found, _ := x.lookup(o, attr, true)
				o.attrs[attr] = joinUpTo(joinUpTo(had, found, 64), someLost(), 64)
			}
		case *function:
			if had := o.attributes[attr]; had != nil {
				o.attributes[attr] = joinUpTo(had, someLost(), 64)
			}
		case *name:
			x.find(Interpreter, o.String()+"."+attr, "%s.%s is deleted, for everybody", o, attr)
		}
	}
}

func attributesDict(attrs map[string]value) *dict {
	d := newDict()
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		d.set(k, attrs[k])
	}
	return d
}

func (x *examiner) attributeOfInstance(o *instance, attr string) value {
	c, ok := o.class.(*class)
	if attr == "__class__" {
		return o.class
	}
	if attr == "__dict__" {
		d := attributesDict(o.attrs)
		d.of, d.loose, d.rest = o, true, o.rest
		return d
	}
	if !ok {
		n, _ := o.class.(*name)
		if v, ok := o.attrs[attr]; ok {
			return joinUpTo(v, o.rest, 64)
		}
		if o.rest != nil {
			return o.rest
		}
		if set := setterOf(attr, o); set != nil {
			return set
		}
		return x.attributeOfUnknown(&unknown{from: named, of: n}, attr)
	}
	found, inClass := x.lookup(c, attr, false)
	if get, ok := x.lookup(c, "__getattribute__", false); ok && !isDunder(attr) {
		if f, ok := get.(*function); !ok || x.active[f.code] == 0 {
			v := x.call(get, []value{o, attr}, nil)
			if inClass {
				v = joinUpTo(v, x.bind(found, o, c), 64)
			}
			return joinUpTo(v, o.attrs[attr], 64)
		}
	}
	if v, ok := o.attrs[attr]; ok && !isProperty(found) {
		if d, ok := found.(*instance); ok && classOf(d) != nil {
			v = joinUpTo(v, x.bind(found, o, c), 64) // it may be a descriptor, which is first
		}
		return joinUpTo(v, o.rest, 64)
	}
	if inClass {
		v := joinUpTo(x.bind(found, o, c), o.rest, 64)
		if o.open {
			if _, ok := found.(*function); !ok && !isProperty(found) {
				return join(v, someGiven()) // it may have one of its own
			}
		}
		return v
	}
	if getattr, ok := x.lookup(c, "__getattr__", false); ok && !isDunder(attr) {
		return joinUpTo(x.call(getattr, []value{o, attr}, nil), o.rest, 64)
	}
	if getattr, ok := x.lookup(c, "__getattribute__", false); ok {
		x.call(getattr, []value{o, attr}, nil)
	}
	if set := setterOf(attr, o); set != nil {
		return set
	}
	if o.rest != nil {
		return o.rest
	}
	return x.attributeOfUnknown(&unknown{from: given, of: c.foreign()}, attr)
}

func isProperty(v value) bool {
	d, ok := v.(*descriptor)
	return ok && (d.kind == "property" || d.kind == "cached_property")
}

// bind is what an attribute of a class is when it is read from an instance.
func (x *examiner) bind(v, self value, c *class) value {
	switch v := v.(type) {
	case *function:
		return &bound{fn: v, args: []value{self}}
	case *descriptor:
		switch v.kind {
		case "property", "cached_property":
			return x.call(v.fn[0], []value{self}, nil)
		case "classmethod":
			return &bound{fn: v.fn[0], args: []value{c}}
		case "staticmethod":
			return v.fn[0]
		}
		return &bound{fn: v.fn[0], args: []value{self}}
	case *instance:
		if k, ok := v.class.(*class); ok {
			if get, ok := x.lookup(k, "__get__", false); ok {
				return x.call(get, []value{v, self, c}, nil)
			}
		}
	}
	return v
}

// setAttribute is an assignment to an attribute.
func (x *examiner) setAttribute(target value, attr string, v value) {
	if f, ok := target.(*few); ok {
		for _, t := range f.values {
			x.share(t, false, 2)
			x.setAttribute(t, attr, v)
		}
		return
	}
	switch attr {
	case "__code__":
		x.find(DynamicCode, "__code__", "the code of a function is replaced")
		if f, ok := target.(*function); ok {
			if c, ok := v.(*codeRef); ok {
				x.meetFunction(&function{code: c.code, name: f.name, globals: f.globals, defaults: f.defaults,
					kwdefaults: f.kwdefaults, closure: f.closure, offset: f.offset, local: true})
			}
		}
	case "__class__", "__bases__":
		o, ok := target.(*instance)
		c, known := v.(*class)
		if !ok || !known {
			x.find(Interpreter, attr, "the class of an object is replaced")
		} else if attr == "__class__" {
			x.changeClass(o, c)
			return
		}
	}
	switch t := target.(type) {
	case *instance:
		if c, ok := t.class.(*class); ok {
			if set, ok := x.lookup(c, "__setattr__", false); ok {
				if f, isFunction := set.(*function); !isFunction || x.active[f.code] == 0 {
					x.call(set, []value{t, attr, v}, nil)
					v = joinUpTo(t.attrs[attr], v, 64)
				}
			}
			if found, ok := x.lookup(c, attr, false); ok {
				if d, ok := found.(*descriptor); ok && len(d.fn) > 1 && d.fn[1] != nil {
					x.call(d.fn[1], []value{t, v}, nil)
					return
				}
				if o, ok := found.(*instance); ok {
					if k, ok := o.class.(*class); ok {
						if set, ok := x.lookup(k, "__set__", false); ok {
							x.call(set, []value{o, t, v}, nil)
						}
					}
				}
			}
		}
		if len(t.attrs) < maxItems {
			if t.open {
				v = join(t.attrs[attr], v)
			}
			x.setAttr(t, attr, v)
		}
		x.keeps(v, attr)
	case *class:
		if t.shared != nil {
			had := t.attrs[attr]
			if had == nil {
				had, _ = x.lookup(t, attr, true)
			}
			t.attrs[attr] = t.shared.weakly(had, v)
		} else {
			t.attrs[attr] = join(t.attrs[attr], v)
		}
		x.keeps(v, attr)
	case *function:
		if f := t.attributes; f == nil {
			t.attributes = map[string]value{}
		}
		switch attr {
		case "__defaults__":
			if d, ok := v.(*tuple); ok {
				t.defaults = d.items
			}
		case "__kwdefaults__":
			t.kwdefaults, _ = v.(*dict)
		}
		if had := t.attributes[attr]; t.shared != nil {
			t.attributes[attr] = t.shared.weakly(had, v)
		} else {
			t.attributes[attr] = joinUpTo(had, v, 64)
		}
	case *cell:
		if attr == "cell_contents" {
			t.set(v)
		}
	case *name:
		x.find(Interpreter, t.String()+"."+attr, "%s.%s is replaced, for everybody", t, attr)
	case *unknown:
		x.escapes(v, "is stored in an attribute, "+attr)
		x.callback(v)
		if t.from == insides {
			x.find(Interpreter, attr, "an attribute of something inside the interpreter is replaced")
		}
	}
}

// changeClass gives an instance another class; it may have been read as of the other.
func (x *examiner) changeClass(o *instance, to *class) {
	made := &class{name: to.name, bases: []value{to, o.class}, meta: to.meta, attrs: map[string]value{}, offset: to.offset}
	if was, ok := o.class.(*class); ok {
		for _, c := range []*class{was, to} {
			for k := range c.attrs {
				v, _ := x.lookup(to, k, false)
				w, _ := x.lookup(was, k, false)
				made.attrs[k] = joinUpTo(v, w, 64)
			}
		}
	}
	o.class = made
}

// keeps notes a module that is stored where another function may find it.
func (x *examiner) keeps(v value, attr string) {
	x.escapes(v, "is stored in an attribute, "+attr)
}

// nameOf is the name of a class or function that isn't known.
type nameOf struct{ of *unknown }
