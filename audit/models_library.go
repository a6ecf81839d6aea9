package audit

// What calls of the standard library do, as far as it matters for names.

import (
	"maps"
	"slices"
	"strings"
)

func libraryModels() map[string]model {
	return map[string]model{
		"importlib.import_module": func(x *examiner, args []value, kwargs map[string]value) value {
			var all value
			for _, n := range each(orGiven(arg(args, kwargs, 0, "name"))) {
				s, ok := n.(string)
				if ok && strings.HasPrefix(s, ".") {
					pkg, known := textArg(args, kwargs, 1, "package")
					if ok = known; known {
						s = pkg + s
					}
				}
				if !ok {
					x.find(DynamicImport, "importlib.import_module", "a module is imported by a name that can't be known")
					x.computed("a module")
					all = join(all, &unknown{from: insides})
					continue
				}
				all = join(all, x.imports(s))
			}
			return all
		},
		"importlib.reload": func(x *examiner, args []value, _ map[string]value) value {
			return firstOf(args, func(v value) value { return v })
		},
		"pkgutil.resolve_name": resolves,
		"pydoc.locate":         resolves,
		"sys._getframe":        func(x *examiner, args []value, _ map[string]value) value { return &unknown{from: insides} },
		"sys.exc_info":         func(x *examiner, args []value, _ map[string]value) value { return some("", given) },
		"gc.get_objects":       func(x *examiner, args []value, _ map[string]value) value { return &unknown{from: insides} },
		"inspect.currentframe": func(x *examiner, args []value, _ map[string]value) value { return &unknown{from: insides} },
		"inspect.stack":        func(x *examiner, args []value, _ map[string]value) value { return &unknown{from: insides} },
		"inspect.getmodule":    func(x *examiner, args []value, _ map[string]value) value { return &unknown{from: insides} },
		"operator.attrgetter":  getter(func(x *examiner, v value, n value) value { return pathOrUnknown(x, v, n) }),
		"operator.itemgetter":  getter(func(x *examiner, v value, n value) value { return x.index(v, n) }),
		"operator.methodcaller": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return &goFunction{func(x *examiner, called []value, _ map[string]value) value {
				if len(called) == 0 {
					return someGiven()
				}
				return x.call(x.getattr([]value{called[0], args[0]}, nil), args[1:], kwargs)
			}, args}
		},
		"operator.getitem": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 2 {
				return nil
			}
			return x.index(args[0], args[1])
		},
		"operator.call": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return x.call(args[0], args[1:], kwargs)
		},
		"operator.add": operates("+"), "operator.concat": operates("+"),
		"operator.mod": operates("%"), "operator.mul": operates("*"), "operator.xor": operates("^"), "operator.sub": operates("-"),
		"operator.or_": operates("|"), "operator.and_": operates("&"),
		"operator.setitem": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 3 {
				x.setItem(args[0], args[1], args[2])
			}
			return none{}
		},
		"functools.partial": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return &bound{args[0], args[1:], kwargs}
		},
		"functools.partialmethod": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return &descriptor{kind: "partialmethod", fn: []value{args[0]}}
		},
		"functools.reduce": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) < 2 {
				return nil
			}
			items, rest := x.items(args[1])
			if rest != nil {
				return x.call(args[0], []value{&unknown{from: result(rest)}, rest}, nil)
			}
			var v value
			if len(kwargs) > 0 {
				return nil
			}
			if len(args) > 2 {
				v = args[2]
			} else if len(items) > 0 {
				v, items = items[0], items[1:]
			}
			for _, item := range items {
				v = x.call(args[0], []value{v, item}, nil)
			}
			return orGiven(v)
		},
		"functools.wraps": func(x *examiner, args []value, _ map[string]value) value {
			return &goFunction{func(_ *examiner, called []value, _ map[string]value) value {
				return firstOf(called, asWrapper)
			}, args}
		},
		"functools.update_wrapper": func(x *examiner, args []value, _ map[string]value) value {
			return firstOf(args, asWrapper)
		},
		"functools.total_ordering": func(x *examiner, args []value, _ map[string]value) value {
			return firstOf(args, func(v value) value { return v })
		},
		"functools.cache":     wraps,
		"functools.lru_cache": wraps,
		"functools.singledispatch": func(x *examiner, args []value, _ map[string]value) value {
			// What it calls is what is registered later.
			return &goFunction{func(x *examiner, called []value, kwargs map[string]value) value {
				x.passes(nil, called, kwargs)
				return joinUpTo(x.call(orGiven(firstOf(args, func(v value) value { return v })), called, kwargs), someLost(), 64)
			}, args}
		},
		"functools.cached_property": descriptorOf("cached_property"),
		"functools.cmp_to_key":      wraps,
		"contextlib.contextmanager": wraps,
		"atexit.register":           calls,
		"typing.cast": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 2 {
				return args[1]
			}
			return nil
		},
		"itertools.chain": func(x *examiner, args []value, _ map[string]value) value {
			it := &iterator{}
			for _, a := range args {
				items, rest := x.items(a)
				if it.rest != nil {
					for _, v := range items {
						it.rest = joinUpTo(it.rest, v, 64)
					}
				} else {
					it.items = append(it.items, items...)
				}
				it.rest = join(it.rest, rest)
			}
			return it
		},
		"itertools.starmap": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 2 {
				return nil
			}
			items, rest := x.items(args[1])
			it := &iterator{}
			for _, v := range items {
				arguments, _ := x.items(v)
				it.items = append(it.items, x.call(args[0], arguments, nil))
			}
			if rest != nil {
				arguments, more := x.items(rest)
				it.rest = x.call(args[0], append(append([]value(nil), arguments...), orGiven(more)), nil)
			}
			return it
		},
		"types.FunctionType": func(x *examiner, args []value, kwargs map[string]value) value {
			x.find(DynamicCode, "types.FunctionType", "a function is made of a code object")
			if len(args) == 0 {
				return nil
			}
			c, ok := args[0].(*codeRef)
			if !ok {
				return &unknown{from: lost}
			}
			f := &function{code: c.code, name: c.code.Name, offset: x.offset, local: true}
			f.globals, _ = arg(args, kwargs, 1, "globals").(*dict)
			f.set(withDefaults, arg(args, kwargs, 3, "argdefs"))
			f.set(withClosure, arg(args, kwargs, 4, "closure"))
			x.meetFunction(f)
			return f
		},
		"types.MethodType": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 2 {
				return nil
			}
			return &bound{fn: args[0], args: args[1:]}
		},
		"types.new_class": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			namespace := newDict()
			if body := arg(args, kwargs, 3, "exec_body"); body != nil {
				x.call(body, []value{namespace}, nil)
			}
			var meta value
			if d, ok := arg(args, kwargs, 2, "kwds").(*dict); ok {
				meta, _ = d.get("metaclass")
			}
			return x.newClass(meta, args[0], orNone(arg(args, kwargs, 1, "bases")), namespace)
		},
		"types.SimpleNamespace": func(x *examiner, args []value, kwargs map[string]value) value {
			o := &instance{class: &name{"types", "SimpleNamespace"}, attrs: map[string]value{}}
			maps.Copy(o.attrs, kwargs)
			if len(args) > 0 {
				o.open, o.rest = true, someLost()
			}
			return o
		},
		"types.CodeType": func(x *examiner, args []value, _ map[string]value) value {
			x.find(DynamicCode, "types.CodeType", "a code object is made of its parts")
			return &unknown{from: lost}
		},
		"types.prepare_class":   nil,
		"dataclasses.dataclass": wraps,
		"dataclasses.field": func(x *examiner, args []value, kwargs map[string]value) value {
			if f := kwargs["default_factory"]; f != nil {
				return x.call(f, nil, nil)
			}
			return orGiven(kwargs["default"])
		},
		"collections.namedtuple":  func(x *examiner, args []value, kwargs map[string]value) value { return &unknown{from: named} },
		"collections.deque":       containerOf("deque"),
		"collections.OrderedDict": dictOf,
		"collections.Counter": func(x *examiner, args []value, kwargs map[string]value) value {
			d := newDict()
			for _, a := range args {
				x.items(a)
			}
			d.setAny(some("", lost)) // numbers, or what it is given
			return d
		},
		"collections.defaultdict": func(x *examiner, args []value, kwargs map[string]value) value {
			d := newDict()
			if len(args) > 1 {
				x.update(d, args[1])
			}
			x.addKeywords(d, kwargs)
			if len(args) > 0 {
				if _, isNone := args[0].(none); !isNone {
					d.rest = x.call(args[0], nil, nil)
					d.loose = true // it has keys that are only asked for
				}
			}
			return d
		},
		"collections.ChainMap": func(x *examiner, args []value, _ map[string]value) value {
			d := newDict()
			for _, a := range args {
				of := newDict()
				x.update(of, a)
				for _, v := range of.all() {
					d.setAny(v)
				}
			}
			d.setAny(someLost()) // of what the mappings will have
			return d
		},
		"copy.copy":     func(x *examiner, args []value, _ map[string]value) value { return copies(x, args, false) },
		"copy.deepcopy": func(x *examiner, args []value, _ map[string]value) value { return copies(x, args, true) },
		"copyreg._reconstructor": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return x.newInstance(args[0], args[1:], nil)
		},
		"copyreg.__newobj__": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return x.newInstance(args[0], args[1:], nil)
		},
		"copyreg.__newobj_ex__": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) != 3 {
				return nil
			}
			more, _ := x.items(args[1])
			kwargs, _ := x.keywords(args[2])
			return x.newInstance(args[0], more, kwargs)
		},
	}
}

// goFunction is a callable that is a function here.
type goFunction struct {
	call model
	has  []value
}

func copies(x *examiner, args []value, deep bool) value {
	if len(args) == 0 {
		return nil
	}
	var made value
	for _, own := range []value{x.callSpecial(args[0], "__reduce_ex__", int64(4)), x.callSpecial(args[0], "__reduce__")} {
		if own != nil {
			made = someLost()
		}
	}
	if own := x.callSpecial(args[0], "__deepcopy__", newDict()); deep && own != nil {
		made = joinUpTo(made, own, 64)
	}
	if own := x.callSpecial(args[0], "__copy__"); !deep && own != nil {
		made = joinUpTo(made, own, 64)
	}
	if deep {
		return joinUpTo(newCopier().copy(args[0]), made, 64)
	}
	return joinUpTo(shallowCopy(args[0]), made, 64)
}

// shallowCopy is a container with the same items.
func shallowCopy(v value) value {
	switch v := v.(type) {
	case *list:
		return &list{kind: v.kind, items: slices.Clone(v.items), rest: v.rest, size: v.size, of: v.of}
	case *dict:
		if v.module != "" {
			return v
		}
		return &dict{keys: slices.Clone(v.keys), values: maps.Clone(v.values), rest: v.rest, loose: v.loose}
	case *instance:
		return &instance{class: v.class, attrs: maps.Clone(v.attrs), open: v.open, rest: v.rest}
	}
	return v
}

// wraps gives a function back that behaves as the one it gets, or a decorator that does.
func wraps(x *examiner, args []value, kwargs map[string]value) value {
	if len(args) > 0 {
		for _, v := range each(args[0]) {
			switch v.(type) {
			case *name: // the wrapper has attributes of its own
				return &bound{fn: v}
			case *function, *class, *bound, *method, *descriptor, *instance:
				return args[0]
			}
		}
	}
	return &goFunction{func(_ *examiner, called []value, _ map[string]value) value {
		return firstOf(called, func(v value) value {
			if n, ok := v.(*name); ok {
				return &bound{fn: n}
			}
			return v
		})
	}, nil}
}

// asWrapper is a function that has the attributes of another now.
func asWrapper(v value) value {
	for _, v := range each(v) {
		if f, ok := v.(*function); ok {
			for k, had := range f.attributes {
				f.attributes[k] = joinUpTo(had, someLost(), 64)
			}
			if f.attributes == nil {
				f.attributes = map[string]value{}
			}
			f.attributes["__name__"] = some("str", lost)
		}
	}
	return v
}

func calls(x *examiner, args []value, kwargs map[string]value) value {
	if len(args) > 0 {
		x.call(args[0], args[1:], kwargs)
		return args[0]
	}
	return nil
}

func operates(op string) model {
	return func(x *examiner, args []value, _ map[string]value) value {
		if len(args) != 2 {
			return nil
		}
		return x.binary(op, args[0], args[1])
	}
}

func getter(get func(x *examiner, v, n value) value) model {
	return func(x *examiner, args []value, _ map[string]value) value {
		return &goFunction{func(x *examiner, called []value, _ map[string]value) value {
			if len(called) == 0 {
				return someGiven()
			}
			if len(args) == 1 {
				return get(x, called[0], args[0])
			}
			t := &tuple{}
			for _, n := range args {
				t.items = append(t.items, get(x, called[0], n))
			}
			return t
		}, args}
	}
}

func pathOrUnknown(x *examiner, v, n value) value {
	var all value
	for _, n := range each(n) {
		if s, ok := n.(string); ok {
			all = join(all, x.attributePath(v, s))
		} else {
			all = join(all, x.unknownAttribute(v, n))
		}
	}
	return all
}

// resolves is a function that finds what a text names: pkgutil.resolve_name and its kin.
func resolves(x *examiner, args []value, kwargs map[string]value) value {
	var all value
	for _, n := range each(orGiven(arg(args, kwargs, 0, "name"))) {
		s, ok := n.(string)
		if !ok {
			x.find(DynamicImport, "pkgutil.resolve_name", "something is looked up by a name that can't be known")
			x.computed("something")
			all = join(all, &unknown{from: insides})
			continue
		}
		module, attr, colon := strings.Cut(s, ":")
		if !colon {
			parts := strings.Split(s, ".")
			n := 1
			for n < len(parts) && n < 16 {
				if _, ok := capabilityTable()[strings.Join(parts[:n+1], ".")]; !ok || !isModuleRow(strings.Join(parts[:n+1], ".")) {
					break
				}
				n++
			}
			module, attr = strings.Join(parts[:n], "."), strings.Join(parts[n:], ".")
		}
		v := x.imports(module)
		if attr != "" {
			v = x.attributePath(v, attr)
		}
		all = join(all, v)
	}
	return all
}

// isModuleRow reports whether a row of the table is of a module that others are in: os.path.
func isModuleRow(s string) bool {
	return s == "os.path" || strings.Count(s, ".") > 0 && strings.ToLower(s) == s && !slices.Contains([]string{"os.system"}, s) && modulesWithin[s]
}

var modulesWithin = map[string]bool{"concurrent.futures": true, "importlib.util": true, "multiprocessing.pool": true, "xml.etree": true}
