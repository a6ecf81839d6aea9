package audit

// What the functions do that cloudpickle's payloads call, by package abi: they make functions and
// classes, and are no findings themselves.

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
)

// rebuild calls one of them; nil if it isn't followed.
func (x *examiner) rebuild(f *abi.Function, args []value, kwargs map[string]value) value {
	at := func(param string) value {
		if i := f.Index(param); i >= 0 && i < len(args) {
			return args[i]
		}
		return nil
	}
	switch f {
	case abi.BuiltinType:
		if s, ok := at("name").(string); ok {
			return &name{"types", s}
		}
		x.find(Unknown, "types", "a type is taken by a name that can't be known")
	case abi.MakeFunction:
		return x.makeFunction(at("code"), at("globals"), at("argdefs"), at("closure"))
	case abi.FunctionSetstate:
		if fn, ok := at("obj").(*function); ok {
			x.setFunctionState(fn, at("state"))
			return none{}
		}
		x.find(DynamicCode, "_function_setstate", "the attributes of something that isn't shipped are replaced")
	case abi.MakeEmptyCell:
		return &cell{}
	case abi.MakeCell:
		c := &cell{}
		if len(args) > 0 {
			c.v = args[0]
			if n, ok := args[0].(*name); ok && n.attr == abi.EmptyCellValue && abi.IsModule(n.module) {
				c.v = nil
			}
		}
		return c
	case abi.MakeSkeletonClass:
		return x.makeClass(at("type_constructor"), at("name"), at("bases"), at("type_kwargs"))
	case abi.MakeSkeletonEnum:
		c := x.makeClass(nil, at("name"), at("bases"), at("members"))
		if k, ok := c.(*class); ok {
			for _, b := range k.bases {
				if base, ok := b.(*class); ok {
					x.unasked(base, nil, x.when, "__new__", "__init__", "_generate_next_value_", "_missing_", "__set_name__", "__init_subclass__")
				}
			}
		}
		return c
	case abi.ClassSetstate:
		if c, ok := at("obj").(*class); ok {
			x.setClassState(c, at("state"))
			return c
		}
		if n, ok := at("obj").(*name); ok {
			x.find(Interpreter, n.String(), "the attributes of %s are replaced, for everybody", n)
		}
		return at("obj")
	case abi.Subimport:
		if s, ok := at("name").(string); ok {
			return x.imports(s)
		}
		x.find(DynamicImport, "subimport", "a module is imported by a name that can't be known")
		x.computed("a module")
		return &unknown{from: insides}
	case abi.DynamicSubimport:
		o := &instance{class: &name{"types", "ModuleType"}, attrs: map[string]value{}, open: true}
		if d, ok := at("vars").(*dict); ok {
			for _, k := range d.keys {
				if s, ok := k.(string); ok {
					o.attrs[s], _ = d.get(k)
				}
			}
		}
		return o
	case abi.MakeDictItems, abi.MakeDictKeys, abi.MakeDictValues, abi.FileReconstructor:
		if len(args) > 0 {
			return args[0]
		}
	}
	return &unknown{from: named}
}

func (x *examiner) makeFunction(code, globals, defaults, closure value) value {
	c, ok := code.(*codeRef)
	if !ok {
		x.find(DynamicCode, "code", "a function is made of code that can't be known")
		x.problem("opcode", "a function is made of code that can't be known")
		return &unknown{from: lost}
	}
	f := &function{code: c.code, name: c.code.Name, offset: x.offset}
	f.globals, _ = globals.(*dict)
	if f.globals == nil {
		f.globals = newDict()
	}
	if f.globals.module == "" {
		f.globals.module = shippedModule
	}
	f.set(withDefaults, defaults)
	f.set(withClosure, closure)
	x.meetFunction(f)
	return f
}

// setFunctionState gives a function the rest of what it has.
func (x *examiner) setFunctionState(f *function, state value) {
	t, ok := state.(*tuple)
	if !ok || len(t.items) != 2 {
		x.problem("stream", "the state of a function is not of the layout that cloudpickle writes")
		return
	}
	d, ok := t.items[1].(*dict)
	if !ok {
		x.problem("stream", "the state of a function is not of the layout that cloudpickle writes")
		return
	}
	for _, k := range d.keys {
		n, _ := k.(string)
		v, _ := d.get(k)
		switch n {
		case abi.FunctionAttributes[abi.FunctionGlobals]:
			if g, ok := v.(*dict); ok {
				for _, k := range g.keys {
					item, _ := g.get(k)
					f.globals.set(k, item)
				}
				f.globals.rest = join(f.globals.rest, g.rest)
			}
		case abi.FunctionAttributes[abi.FunctionDefaults]:
			f.set(withDefaults, v)
		case abi.FunctionAttributes[abi.FunctionKwdefaults]:
			f.kwdefaults, _ = v.(*dict)
		case abi.FunctionAttributes[abi.FunctionClosure]:
			cells, _ := v.(*tuple)
			if cells == nil {
				continue
			}
			for i, c := range cells.items {
				from, ok := c.(*cell)
				if !ok || i >= len(f.closure) {
					continue
				}
				if f.closure[i] == nil {
					f.closure[i] = &cell{}
				}
				f.closure[i].v = from.v
			}
		case abi.FunctionAttributes[abi.FunctionName]:
			if s, ok := v.(string); ok {
				f.name = s
			}
		case abi.FunctionAttributes[abi.FunctionSubmodules], abi.FunctionAttributes[abi.FunctionDoc],
			abi.FunctionAttributes[abi.FunctionModule], abi.FunctionAttributes[abi.FunctionQualname],
			abi.FunctionAttributes[abi.FunctionAnnotations]:
		default:
			x.setAttribute(f, n, v)
		}
	}
	if namespace, ok := t.items[0].(*dict); ok {
		for _, k := range namespace.keys {
			if s, ok := k.(string); ok {
				v, _ := namespace.get(k)
				x.setAttribute(f, s, v)
			}
		}
	}
}

// makeClass makes a class without attributes but those that it is made with.
func (x *examiner) makeClass(meta, n, bases, namespace value) value {
	c := &class{attrs: map[string]value{}, offset: x.offset}
	c.name, _ = n.(string)
	c.bases, _ = x.items(orNone(bases))
	x.takeNamespace(c, namespace)
	switch m := meta.(type) {
	case *class:
		c.meta = m
	case *name:
		if m.String() != "builtins.type" {
			x.judgeCall(*m)
			x.passes(m, nil, nil)
			c.meta = m
		}
	case nil:
	default:
		x.call(m, []value{c.name, &tuple{c.bases}, newDict()}, nil)
	}
	c.inheritMeta()
	x.made(c)
	x.meetClass(c)
	return c
}

// setClassState sets the attributes of a class.
func (x *examiner) setClassState(c *class, state value) {
	t, ok := state.(*tuple)
	if !ok || len(t.items) != 2 {
		x.problem("stream", "the state of a class is not of the layout that cloudpickle writes")
		return
	}
	d, ok := t.items[0].(*dict)
	if !ok {
		return
	}
	for _, k := range d.keys {
		s, ok := k.(string)
		if !ok {
			continue
		}
		v, _ := d.get(k)
		if s == abi.ABCRegistry {
			continue
		}
		c.attrs[s] = v
		if _, ok := v.(*name); ok {
			x.in(c.name, OnCall, func() { x.escapes(v, "is an attribute of a class, "+s) })
		}
		x.own(c, v)
	}
}
