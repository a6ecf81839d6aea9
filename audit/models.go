package audit

// What calls of builtins do, as far as it matters for names.

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

var (
	modelTable map[string]model
	modelsOnce sync.Once
)

// models are those of all names.
func models() map[string]model {
	modelsOnce.Do(func() {
		modelTable = map[string]model{}
		for _, some := range []map[string]model{builtinModels(), typeModels(), libraryModels(), codingModels()} {
			for n, m := range some {
				if m != nil {
					modelTable[n] = m
				}
			}
		}
		for n, m := range lazyModels() {
			modelTable[n] = m
		}
		for n, shortest := range lazyNames {
			modelTable[n] = lazily(modelTable[n], shortest)
		}
	})
	return modelTable
}

// arg is an argument by its place or name, nil if it is not there.
func arg(args []value, kwargs map[string]value, i int, name string) value {
	if i >= 0 && i < len(args) {
		return args[i]
	}
	return kwargs[name]
}

func textArg(args []value, kwargs map[string]value, i int, name string) (string, bool) {
	s, ok := arg(args, kwargs, i, name).(string)
	return s, ok
}

// codecArg is the name of a codec, an argument that may be left out; ok is false where it isn't
// known.
func codecArg(args []value, kwargs map[string]value, i int) (name string, ok bool) {
	if arg(args, kwargs, i, "encoding") == nil {
		return "utf-8", true
	}
	return textArg(args, kwargs, i, "encoding")
}

func builtinModels() map[string]model {
	return map[string]model{
		"builtins.getattr": func(x *examiner, args []value, _ map[string]value) value { return x.getattr(args, nil) },
		"builtins.hasattr": func(x *examiner, args []value, _ map[string]value) value { return some("bool", result(args...)) },
		"builtins.setattr": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) < 3 {
				return none{}
			}
			for _, n := range each(args[1]) {
				s, ok := n.(string)
				if !ok {
					if _, isName := args[0].(*name); isName || result(n) >= lost {
						x.find(Unknown, "setattr", "an attribute is set by a name that can't be known")
					}
					for _, of := range each(args[0]) {
						switch o := of.(type) {
						case *instance:
							o.open = true
							o.rest = joinUpTo(o.rest, args[2], 64)
						case *class:
							for k, had := range o.attrs {
								o.attrs[k] = joinUpTo(had, args[2], 64)
							}
						case *function:
							for k, had := range o.attributes {
								o.attributes[k] = joinUpTo(had, args[2], 64)
							}
						}
					}
					x.keeps(args[2], "of a name that isn't known")
					x.callback(args[2])
					continue
				}
				x.setAttribute(args[0], s, args[2])
			}
			return none{}
		},
		"builtins.__import__": func(x *examiner, args []value, kwargs map[string]value) value {
			n := arg(args, kwargs, 0, "name")
			from := arg(args, kwargs, 3, "fromlist")
			var all value
			for _, n := range each(orGiven(n)) {
				s, ok := n.(string)
				if !ok {
					x.find(DynamicImport, "builtins.__import__", "a module is imported by a name that can't be known")
					x.computed("a module")
					all = join(all, &unknown{from: insides})
					continue
				}
				v := x.imports(s)
				if t, known := truth(orNone(from)); known && !t {
					if i := strings.IndexByte(s, '.'); i >= 0 {
						v = &name{s[:i], ""}
					}
				}
				all = join(all, v)
			}
			return all
		},
		"builtins.globals": func(x *examiner, args []value, _ map[string]value) value {
			if x.frame != nil {
				return x.frame.globals
			}
			return moduleDict(anyModule)
		},
		"builtins.locals": func(x *examiner, args []value, _ map[string]value) value {
			if x.frame != nil && x.frame.now != nil {
				return x.frame.localsDict(x.frame.now)
			}
			return some("dict", given)
		},
		"builtins.vars": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return models()["builtins.locals"](x, args, kwargs)
			}
			return x.attribute(args[0], "__dict__")
		},
		"builtins.dir": func(x *examiner, args []value, _ map[string]value) value {
			return &list{kind: "list", rest: some("str", lost)}
		},
		"builtins.eval":            runsCode("eval"),
		"builtins.exec":            runsCode("exec"),
		"builtins.__build_class__": func(x *examiner, args []value, kwargs map[string]value) value { return x.buildClass(args, kwargs) },
		"builtins.super": func(x *examiner, args []value, _ map[string]value) value {
			switch {
			case len(args) == 2:
				return x.superOf(args[0], args[1])
			case len(args) == 1:
				return x.superOf(args[0], nil)
			case x.frame != nil && x.frame.now != nil:
				// The compiler has made a cell for __class__; the first variable is self.
				w, p := x.frame.now, x.frame.program
				var c value
				for i, n := range p.code.FreeVars {
					if n != "__class__" {
						continue
					}
					if p.minor >= 11 {
						i += len(p.fast) - len(p.code.FreeVars)
					} else {
						i += len(p.code.CellVars)
					}
					if k := x.frame.cellAt(w, i); k != nil {
						c = k.v
					}
				}
				var self value
				if len(w.locals) > 0 {
					self = w.locals[0]
					if k, ok := self.(*cell); ok {
						self = k.v
					}
				}
				return x.superOf(c, self)
			}
			return nil
		},
		"builtins.map": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) < 2 {
				return nil
			}
			var lists [][]value
			n := math.MaxInt
			takeTurns(args[1:])
			for _, a := range args[1:] {
				items, rest := x.items(a)
				if rest != nil {
					arguments := []value{}
					for _, b := range args[1:] {
						all, rest := x.items(b)
						arguments = append(arguments, joinUpTo(anyOf(all), rest, 64))
					}
					if len(items) > 0 {
						arguments[0] = joinUpTo(anyOf(items), rest, 64)
					} else {
						arguments[0] = rest
					}
					return &iterator{rest: x.call(args[0], arguments, nil)}
				}
				lists = append(lists, items)
				n = min(n, len(items))
			}
			it := &iterator{}
			for i := range n {
				var arguments []value
				for _, l := range lists {
					arguments = append(arguments, l[i])
				}
				it.items = append(it.items, x.call(args[0], arguments, nil))
			}
			return it
		},
		"builtins.filter": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) < 2 {
				return nil
			}
			items, rest := x.items(args[1])
			it := &iterator{rest: rest}
			if rest != nil {
				x.call(args[0], []value{rest}, nil)
			}
			for _, v := range items {
				var r value = v
				if _, isNone := args[0].(none); !isNone {
					r = x.call(args[0], []value{v}, nil)
				}
				t, known := truth(r)
				switch {
				case !known:
					it.rest = joinUpTo(it.rest, v, 64)
				case t:
					it.items = append(it.items, v)
				}
			}
			if it.rest != nil {
				for _, v := range it.items {
					it.rest = joinUpTo(it.rest, v, 64)
				}
				it.items = nil
			}
			return it
		},
		"builtins.iter": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 2 {
				return &iterator{rest: x.call(args[0], nil, nil), size: endless}
			}
			if len(args) == 1 {
				return x.iterate(args[0])
			}
			return nil
		},
		"builtins.next": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			if it, ok := args[0].(*iterator); ok {
				it.look()
				if it.at < len(it.items) {
					it.at++
					return it.items[it.at-1]
				}
				if it.rest != nil {
					if len(args) > 1 {
						return joinUpTo(it.rest, args[1], 64)
					}
					return it.rest
				}
				if len(args) > 1 {
					return args[1]
				}
				return someGiven()
			}
			_, rest := x.items(args[0])
			return orGiven(rest)
		},
		"builtins.enumerate": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			items, rest := x.items(args[0])
			it := &iterator{}
			from, known := int64(0), true
			if start := arg(args, kwargs, 1, "start"); start != nil {
				from, known = number(start).(int64)
			}
			for i, v := range items {
				var n value = some("int", lost)
				if known {
					n = integers("+", from, int64(i))
				}
				it.items = append(it.items, &tuple{[]value{orKind(n, "int"), v}})
			}
			if rest != nil {
				it.rest = &tuple{[]value{some("int", given), rest}}
			}
			return it
		},
		"builtins.zip": func(x *examiner, args []value, _ map[string]value) value {
			it := &iterator{}
			var lists [][]value
			n := math.MaxInt
			var rests []value
			takeTurns(args)
			for _, a := range args {
				items, rest := x.items(a)
				lists = append(lists, items)
				if rest == nil {
					n = min(n, len(items))
				}
				rests = append(rests, rest)
			}
			known := true
			for _, r := range rests {
				known = known && r == nil
			}
			if !known || len(args) == 0 {
				t := &tuple{}
				for i := range lists {
					v := rests[i]
					if len(lists[i]) > 0 {
						v = joinUpTo(anyOf(lists[i]), v, 64)
					}
					t.items = append(t.items, orGiven(v))
				}
				return &iterator{rest: t}
			}
			for i := range n {
				t := &tuple{}
				for _, l := range lists {
					t.items = append(t.items, l[i])
				}
				it.items = append(it.items, t)
			}
			return it
		},
		"builtins.reversed": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 1 {
				return nil
			}
			items, rest := x.items(args[0])
			it := &iterator{rest: rest}
			for i := len(items) - 1; i >= 0; i-- {
				it.items = append(it.items, items[i])
			}
			return it
		},
		"builtins.sorted": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) != 1 {
				return nil
			}
			items, rest := x.items(args[0])
			key := orNone(kwargs["key"])
			if _, isNone := key.(none); !isNone {
				x.callEach(key, items, rest)
			}
			if texts, ok := sortable(items); ok && rest == nil && len(kwargs) == 0 {
				return &list{kind: "list", items: texts}
			}
			l := &list{kind: "list", rest: rest}
			for _, v := range items {
				l.rest = joinUpTo(l.rest, v, 64)
			}
			return l
		},
		"builtins.min": oneOf, "builtins.max": oneOf,
		"builtins.sum": func(x *examiner, args []value, kwargs map[string]value) value {
			if start := kwargs["start"]; start != nil && len(args) == 1 {
				args = append(args[:1:1], start)
			}
			if len(args) == 0 {
				return nil
			}
			items, rest := x.items(args[0])
			if rest != nil || len(items) > 1024 {
				return &unknown{from: result(append(items[:min(len(items), 16)], rest)...)}
			}
			var total value = int64(0)
			if len(args) > 1 {
				total = args[1]
			}
			for _, v := range items {
				total = x.binary("+", total, v)
			}
			if _, ok := total.(float64); ok {
				return some("float", lost) // versions of Python differ in the last digits
			}
			return total
		},
		"builtins.len": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 1 {
				return nil
			}
			if v := x.callSpecial(args[0], "__len__"); v != nil {
				return v
			}
			if n, ok := length(args[0]); ok {
				return n
			}
			return some("int", result(args...))
		},
		"builtins.chr": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 1 {
				if n, ok := number(args[0]).(int64); ok && n >= 0 && n <= utf8.MaxRune && utf8.ValidRune(rune(n)) {
					return string(rune(n))
				}
			}
			return nil
		},
		"builtins.ord": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 1 {
				return nil
			}
			switch s := args[0].(type) {
			case string:
				if r, n := utf8.DecodeRuneInString(s); n == len(s) && n > 0 {
					return int64(r)
				}
			case octets:
				if len(s) == 1 {
					return int64(s[0])
				}
			}
			return nil
		},
		"builtins.hex": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 1 {
				if n, ok := number(args[0]).(int64); ok && n >= 0 {
					return "0x" + strconv.FormatInt(n, 16)
				}
			}
			return nil
		},
		"builtins.abs": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 1 {
				if n, ok := number(args[0]).(int64); ok && n != math.MinInt64 {
					return max(n, -n)
				}
			}
			return nil
		},
		"builtins.range": func(x *examiner, args []value, _ map[string]value) value {
			from, to, step := int64(0), int64(0), int64(1)
			for i, a := range args {
				n, ok := number(a).(int64)
				if !ok {
					return &list{kind: "range", rest: some("int", result(args...))}
				}
				switch {
				case len(args) == 1:
					to = n
				case i == 0:
					from = n
				case i == 1:
					to = n
				case i == 2:
					step = n
				}
			}
			l := &list{kind: "range"}
			if step == 0 {
				return l
			}
			for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
				if len(l.items) >= maxItems {
					return &list{kind: "range", rest: some("int", lost), size: distance(from, to, step)}
				}
				l.items = append(l.items, i)
			}
			x.charge(len(l.items) / 16)
			return l
		},
		"builtins.isinstance": func(x *examiner, args []value, _ map[string]value) value { return some("bool", result(args...)) },
		"builtins.issubclass": func(x *examiner, args []value, _ map[string]value) value { return some("bool", result(args...)) },
		"builtins.print": func(x *examiner, args []value, _ map[string]value) value {
			for _, a := range args {
				x.convert(a, 1)
			}
			return none{}
		},
		"builtins.repr": func(x *examiner, args []value, _ map[string]value) value {
			return firstOf(args, func(v value) value { return x.convert(v, 2) })
		},
		"builtins.format": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 2 {
				return x.formatWith(args[0], args[1])
			}
			return firstOf(args, func(v value) value { return x.convert(v, 1) })
		},
		"builtins.property":     descriptorOf("property"),
		"builtins.classmethod":  descriptorOf("classmethod"),
		"builtins.staticmethod": descriptorOf("staticmethod"),
		"builtins.type": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 1 {
				return x.attribute(args[0], "__class__")
			}
			if len(args) < 3 {
				return nil
			}
			return x.newClass(nil, args[0], args[1], args[2])
		},
		"builtins.object": func(x *examiner, args []value, _ map[string]value) value { return &unknown{from: named} },
		"builtins.any":    drains, "builtins.all": drains,
		"builtins.callable": func(x *examiner, args []value, _ map[string]value) value { return some("bool", result(args...)) },
		"builtins.id":       func(x *examiner, args []value, _ map[string]value) value { return some("int", given) },
		"builtins.hash": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 1 {
				x.callSpecial(args[0], "__hash__")
			}
			return some("int", result(args...))
		},
	}
}

// takeTurns gives up the order of an iterator that several take the items of.
func takeTurns(args []value) {
	for i, a := range args {
		if it, ok := a.(*iterator); ok && slices.Contains(args[:i], a) {
			it.loosen()
		}
	}
}

func firstOf(args []value, f func(value) value) value {
	if len(args) == 0 {
		return nil
	}
	return f(args[0])
}

func orNone(v value) value {
	if v == nil {
		return none{}
	}
	return v
}

func drains(x *examiner, args []value, _ map[string]value) value {
	for _, a := range args {
		x.items(a)
	}
	return some("bool", result(args...))
}

func oneOf(x *examiner, args []value, kwargs map[string]value) value {
	all := args
	if len(args) == 1 {
		items, rest := x.items(args[0])
		all = items
		if rest != nil {
			all = append(append([]value(nil), items...), rest)
		}
	}
	if key := kwargs["key"]; key != nil {
		x.callEach(key, all, nil)
	}
	if d := kwargs["default"]; d != nil {
		all = append(append([]value(nil), all...), d)
	}
	return anyOf(all)
}

func descriptorOf(kind string) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		d := &descriptor{kind: kind, fn: append([]value(nil), args...)}
		for _, k := range []string{"fget", "fset", "fdel"} {
			if v := kwargs[k]; v != nil {
				d.fn = append(d.fn, v)
			}
		}
		if len(d.fn) == 0 {
			d.fn = []value{someGiven()}
		}
		return d
	}
}

// runsCode is eval or exec.
func runsCode(which string) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		x.find(DynamicCode, "builtins."+which, "%s runs code", which)
		if len(args) > 0 {
			if c, ok := args[0].(*codeRef); ok {
				g := newDict()
				if x.frame != nil {
					g = x.frame.globals
				}
				if len(args) > 1 {
					if d, ok := args[1].(*dict); ok {
						g = d
					}
				}
				f := &function{code: c.code, name: c.code.Name, globals: g, offset: x.offset}
				p := x.program(c.code)
				if p.bad == nil {
					x.runFrame(&frame{x: x, program: p, globals: f.globals, names: newDict()}, make([]value, len(p.fast)), nil)
				}
			}
		}
		return &unknown{from: insides}
	}
}

// newClass is what type(name, bases, namespace) makes.
func (x *examiner) newClass(meta, n, bases, namespace value) value {
	c := &class{attrs: map[string]value{}, meta: meta, offset: x.offset}
	c.name, _ = n.(string)
	c.bases, _ = x.items(bases)
	x.takeNamespace(c, namespace)
	c.inheritMeta()
	x.made(c)
	x.meetClass(c)
	return c
}
