package audit

// Methods that run without being called by name.

import (
	"maps"
	"slices"
)

// onLoad are the methods that loading a class or an instance of it can run: pickle looks up
// __setstate__ (with __getattribute__ or __getattr__), makes the instance, puts it into sets and
// dicts, and drops it where the stream does.
var onLoad = []string{"__new__", "__setstate__", "__getattribute__", "__getattr__", "__setattr__", "__hash__", "__eq__", "__del__",
	"__instancecheck__", "__set__", "__setitem__", "append", "extend", "add"}

// onClass are those that making the class of which it is a base or metaclass can run.
var onMeta = []string{"__new__", "__init__", "__prepare__", "__call__", "__setattr__", "__getattribute__", "__getattr__", "__hash__",
	"__eq__", "__instancecheck__", "__subclasscheck__", "register", "mro"}

// unasked runs methods of a class with any arguments, each once for each moment.
func (x *examiner) unasked(c *class, self value, when When, methods ...string) {
	for _, m := range methods {
		found, ok := x.lookup(c, m, false)
		if !ok {
			continue
		}
		key := m
		if had, ok := c.asked[key]; ok && (had == OnLoad || had == when) {
			continue
		}
		if c.asked == nil {
			c.asked = map[string]When{}
		}
		c.asked[key] = when
		first := self
		if first == nil {
			first = &instance{class: c, attrs: map[string]value{}, open: true}
		}
		x.in(c.name+"."+m+", unasked", when, func() { x.runAny(found, first, c) })
	}
}

// runAny runs a method, or what a descriptor has, with any arguments.
func (x *examiner) runAny(v, self value, c *class) {
	switch v := v.(type) {
	case *function:
		x.invokeUnknown(v, []value{self})
	case *descriptor:
		for _, f := range v.fn {
			x.runAny(f, self, c)
		}
	case *bound:
		x.callback(v)
	case *name:
		// A name that stands for a method: the class has os.system as its __del__, say.
		x.callName(v, []value{self}, nil)
	case *instance:
		x.call(v, []value{self}, nil)
	}
}

// made notes that loading has made a class.
func (x *examiner) made(c *class) {
	if m, ok := c.meta.(*class); ok {
		x.unasked(m, c, x.when, onMeta...)
	}
	for _, b := range c.bases {
		if k, ok := b.(*class); ok {
			x.unasked(k, c, x.when, "__init_subclass__", "__class_getitem__", "__mro_entries__")
			if f, ok := x.lookup(k, "__init_subclass__", false); ok {
				x.call(x.bind(f, c, c), nil, nil)
			}
		}
		if o, ok := b.(*instance); ok {
			if k, ok := o.class.(*class); ok {
				x.unasked(k, o, x.when, "__mro_entries__")
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(c.attrs)) {
		if o, ok := c.attrs[n].(*instance); ok {
			if k, ok := o.class.(*class); ok {
				x.unasked(k, o, x.when, "__set_name__")
				x.callSpecial(o, "__set_name__", c, n)
			}
		}
	}
}

// own notes the functions among the attributes of a class as its methods.
func (x *examiner) own(c *class, v value) {
	switch v := v.(type) {
	case *function:
		if v.owner == nil {
			v.owner = c
		}
	case *descriptor:
		if v.kind == "staticmethod" {
			return
		}
		for _, f := range v.fn {
			x.own(c, f)
		}
	}
}

// takeNamespace gives a class what is in the namespace that it is made of.
func (x *examiner) takeNamespace(c *class, namespace value) {
	d, ok := namespace.(*dict)
	if !ok {
		return
	}
	for _, key := range d.keys {
		if s, ok := key.(string); ok {
			c.attrs[s], _ = d.get(key)
			x.keeps(c.attrs[s], s)
			x.own(c, c.attrs[s])
		}
	}
}

// inheritMeta gives a class that says no metaclass the one of its bases.
func (c *class) inheritMeta() {
	for _, b := range c.bases {
		if k, ok := b.(*class); ok && c.meta == nil {
			c.meta = k.meta
		}
	}
}

// buildClass is what a class statement makes.
func (x *examiner) buildClass(args []value, kwargs map[string]value) value {
	if len(args) < 2 {
		return someLost()
	}
	c := &class{bases: args[2:], attrs: map[string]value{}, offset: x.offset}
	if s, ok := args[1].(string); ok {
		c.name = s
	}
	c.meta = kwargs["metaclass"]
	names := newDict()
	if m, ok := c.meta.(*class); ok {
		if _, ok := x.lookup(m, "__prepare__", false); ok {
			names.setAny(someLost())
		}
	}
	if f, ok := args[0].(*function); ok {
		p := x.program(f.code)
		if p.bad == nil {
			fr := &frame{x: x, program: p, globals: f.globals, names: names}
			v := x.runFrame(fr, make([]value, len(p.fast)), f.closure)
			// The cell of __class__.
			if k, ok := v.(*cell); ok {
				k.v = c
			}
		}
	}
	x.takeNamespace(c, names)
	c.inheritMeta()
	if m, ok := c.meta.(*class); ok {
		x.unasked(m, c, x.when, onMeta...)
	}
	x.made(c)
	x.meetClass(c)
	switch c.meta.(type) {
	case nil, *class, *name:
		return c
	}
	return joinUpTo(x.call(c.meta, []value{c.name, &tuple{c.bases}, names}, nil), c, 64)
}

// meetClass notes a class of which the instances' methods may run later.
func (x *examiner) meetClass(c *class) {
	if len(x.classes) < maxItems {
		x.classes = append(x.classes, c)
	}
}
