package audit

// The constructors of Python's own types, and their methods called through the type: str.join.

import (
	"encoding/hex"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

func typeModels() map[string]model {
	all := map[string]model{
		"builtins.str": func(x *examiner, args []value, kwargs map[string]value) value {
			switch {
			case len(args) == 0 && len(kwargs) == 0:
				return ""
			case len(args) == 1 && len(kwargs) == 0:
				return x.convert(args[0], 1)
			case len(args) == 0 || len(args) > 2 || kwargs["errors"] != nil:
				return nil
			}
			if b, ok := args[0].(octets); ok {
				if e, ok := textArg(args, kwargs, 1, "encoding"); ok {
					return orKind(decodeOctets(b, e), "str")
				}
			}
			return nil
		},
		"builtins.int": func(x *examiner, args []value, kwargs map[string]value) value {
			if base := kwargs["base"]; base != nil && len(args) == 1 {
				args, kwargs = []value{args[0], base}, nil
			}
			switch {
			case len(kwargs) > 0:
			case len(args) == 0:
				return int64(0)
			case len(args) == 1:
				switch v := number(args[0]).(type) {
				case int64:
					return v
				case float64:
					if v > -1e15 && v < 1e15 {
						return int64(v)
					}
				case string:
					if n, err := strconv.ParseInt(strings.TrimSpace(strings.ReplaceAll(v, "_", "")), 10, 64); err == nil {
						return n
					}
				}
			case len(args) == 2:
				s, ok := args[0].(string)
				base, isInt := args[1].(int64)
				if ok && isInt && (base == 0 || base >= 2 && base <= 36) {
					s = strings.ToLower(strings.TrimSpace(s))
					if base == 16 {
						s = strings.TrimPrefix(s, "0x")
					}
					if n, err := strconv.ParseInt(s, int(base), 64); err == nil {
						return n
					}
					if n, ok := new(big.Int).SetString(s, int(base)); ok && len(s) < 1000 {
						return n
					}
				}
			}
			return nil
		},
		"builtins.float": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 1 {
				switch v := number(args[0]).(type) {
				case int64:
					return float64(v)
				case float64:
					return v
				}
			}
			return nil
		},
		"builtins.bool": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 1 {
				if t, ok := truth(args[0]); ok {
					return t
				}
				x.callSpecial(args[0], "__bool__")
			}
			return nil
		},
		"builtins.list":      containerOf("list"),
		"builtins.set":       containerOf("set"),
		"builtins.frozenset": containerOf("frozenset"),
		"builtins.tuple": func(x *examiner, args []value, _ map[string]value) value {
			if len(args) == 0 {
				return &tuple{}
			}
			return x.toTuple(args[0])
		},
		"builtins.dict":      dictOf,
		"builtins.bytes":     bytesFrom("bytes"),
		"builtins.bytearray": bytesFrom("bytearray"),
		"builtins.memoryview": func(x *examiner, args []value, _ map[string]value) value {
			return firstOf(args, func(v value) value {
				if _, ok := v.(octets); ok {
					return v
				}
				return nil // what is written to it is written to the other
			})
		},
		"builtins.slice": func(x *examiner, args []value, _ map[string]value) value {
			switch len(args) {
			case 1:
				return &slice{none{}, args[0], none{}}
			case 2:
				return &slice{args[0], args[1], none{}}
			case 3:
				return &slice{args[0], args[1], args[2]}
			}
			return nil
		},
		"builtins.bytes.fromhex":     fromHex("bytes"),
		"builtins.bytearray.fromhex": fromHex("bytearray"),
		"builtins.int.from_bytes": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			b, ok := args[0].(octets)
			order, known := byteOrder(args, kwargs)
			if !ok || !known || len(b) > 64 || kwargs["signed"] != nil {
				return some("int", result(args...))
			}
			raw := []byte(b)
			if order == "little" {
				slices.Reverse(raw)
			}
			n := new(big.Int).SetBytes(raw)
			if n.IsInt64() {
				return n.Int64()
			}
			return n
		},
		"builtins.str.maketrans": func(x *examiner, args []value, _ map[string]value) value {
			d := newDict()
			switch len(args) {
			case 1:
				from, ok := args[0].(*dict)
				if !ok || from.rest != nil {
					return &dict{values: map[value]value{}, rest: someLost()}
				}
				for _, k := range from.keys {
					v, _ := from.get(k)
					if s, ok := k.(string); ok {
						if r := []rune(s); len(r) == 1 {
							k = int64(r[0])
						}
					}
					d.set(k, v)
				}
			case 2, 3:
				a, oka := args[0].(string)
				b, okb := args[1].(string)
				ra, rb := []rune(a), []rune(b)
				if !oka || !okb || len(ra) != len(rb) || len(ra) > maxItems {
					return &dict{values: map[value]value{}, rest: someLost()}
				}
				for i := range ra {
					d.set(int64(ra[i]), int64(rb[i]))
				}
				if len(args) == 3 {
					c, ok := args[2].(string)
					if !ok {
						return &dict{values: map[value]value{}, rest: someLost()}
					}
					for _, r := range c {
						d.set(int64(r), none{})
					}
				}
			}
			return d
		},
		"builtins.dict.fromkeys": func(x *examiner, args []value, _ map[string]value) value {
			d := newDict()
			if len(args) > 0 {
				items, rest := x.items(args[0])
				var v value = none{}
				if len(args) > 1 {
					v = args[1]
				}
				for _, k := range items {
					d.set(k, v)
				}
				if rest != nil {
					d.rest = join(d.rest, v)
				}
			}
			return d
		},
		"builtins.object.__new__": newOf, "builtins.type.__call__": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) == 0 {
				return nil
			}
			return x.call(args[0], args[1:], kwargs)
		},
		"builtins.object.__getattribute__": func(x *examiner, args []value, _ map[string]value) value { return x.getattr(args, nil) },
		"builtins.type.__getattribute__":   func(x *examiner, args []value, _ map[string]value) value { return x.getattr(args, nil) },
		"builtins.object.__setattr__":      func(x *examiner, args []value, kwargs map[string]value) value { return builtinSetattr(x, args, kwargs) },
		"builtins.type.__setattr__":        func(x *examiner, args []value, kwargs map[string]value) value { return builtinSetattr(x, args, kwargs) },
		"builtins.object.__delattr__":      deletesAttribute, "builtins.type.__delattr__": deletesAttribute, "builtins.delattr": deletesAttribute,
		"builtins.type.__new__": func(x *examiner, args []value, kwargs map[string]value) value {
			if len(args) < 4 {
				return nil
			}
			return x.newClass(args[0], args[1], args[2], args[3])
		},
		"builtins.type.__subclasses__": func(x *examiner, args []value, _ map[string]value) value {
			x.find(Interpreter, "__subclasses__", "all classes are searched")
			return &unknown{from: insides}
		},
	}
	for kind, methods := range map[string][]string{
		"str": {"join", "format", "encode", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "split", "rsplit", "partition",
			"rpartition", "translate", "swapcase", "title", "capitalize", "removeprefix", "removesuffix", "format_map", "__add__", "__mod__",
			"__getitem__", "casefold", "startswith", "endswith", "zfill", "splitlines", "__mul__"},
		"bytes":     {"decode", "hex", "join", "translate", "replace", "strip", "split", "__add__", "__getitem__", "startswith"},
		"bytearray": {"decode", "hex", "translate"},
		"list":      {"append", "extend", "pop", "insert", "__getitem__", "__setitem__", "copy", "index", "reverse", "sort", "__add__"},
		"dict":      {"get", "pop", "setdefault", "__getitem__", "__setitem__", "items", "values", "keys", "update", "copy", "popitem"},
		"tuple":     {"__getitem__", "index", "count", "__add__"},
		"set":       {"add", "update", "pop"},
		"int":       {"to_bytes"},
	} {
		for _, m := range methods {
			all["builtins."+kind+"."+m] = func(x *examiner, args []value, kwargs map[string]value) value {
				if len(args) == 0 {
					return nil
				}
				return x.call(x.attribute(args[0], m), args[1:], kwargs)
			}
		}
	}
	return all
}

func builtinSetattr(x *examiner, args []value, kwargs map[string]value) value {
	if len(args) == 3 {
		if o, ok := args[0].(*instance); ok {
			if s, ok := args[1].(string); ok {
				x.keeps(args[2], s)
				x.setAttr(o, s, args[2])
				return none{}
			}
		}
	}
	return models()["builtins.setattr"](x, args, kwargs)
}

func newOf(x *examiner, args []value, kwargs map[string]value) value {
	if len(args) == 0 {
		return nil
	}
	if c, ok := args[0].(*class); ok {
		return &instance{class: c, attrs: map[string]value{}, open: c.foreign() != nil}
	}
	return &unknown{from: named}
}

func containerOf(kind string) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		l := &list{kind: kind}
		if len(args) > 1 || len(kwargs) > 0 {
			items, rest := x.items(orNone(arg(args, kwargs, 0, "iterable")))
			x.extend(l, items, rest)
			l.loosen() // with maxlen it drops items, now and later
			l.rest = joinUpTo(l.rest, someLost(), 64)
			return l
		}
		if len(args) > 0 {
			l.size = itemsOf(args[0])
			items, rest := x.items(args[0])
			l.items, l.rest = slices.Clone(items), rest
		}
		return l
	}
}

func dictOf(x *examiner, args []value, kwargs map[string]value) value {
	d := newDict()
	if len(args) > 0 {
		x.update(d, args[0])
	}
	x.addKeywords(d, kwargs)
	return d
}

// addKeywords adds keyword arguments to a dict, which are in an order that isn't known.
func (x *examiner) addKeywords(d *dict, kwargs map[string]value) {
	for _, k := range slices.Sorted(maps.Keys(kwargs)) {
		x.keeps(kwargs[k], k)
		d.set(k, kwargs[k])
	}
	d.loose = d.loose || len(kwargs) > 1
}

func bytesFrom(kind string) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		var made value
		switch {
		case len(args) == 0:
			made = octets("")
		case len(args) >= 2 || kwargs["encoding"] != nil:
			s, ok := args[0].(string)
			e, isText := textArg(args, kwargs, 1, "encoding")
			if ok && isText {
				made = encodeText(s, e)
			}
		default:
			switch v := args[0].(type) {
			case octets:
				made = v
			case int64:
				if v >= 0 && v < maxItems {
					made = octets(strings.Repeat("\x00", int(v)))
				}
			case *instance:
				made = x.callSpecial(v, "__bytes__")
			default:
				items, rest := x.items(v)
				if b, ok := bytesOf(&list{items: items, rest: rest}); ok {
					made = b
				}
			}
		}
		if made == nil {
			return nil
		}
		if kind == "bytearray" {
			items, rest := x.items(made)
			return &list{kind: "bytearray", items: items, rest: rest}
		}
		return made
	}
}

func fromHex(kind string) model {
	return func(x *examiner, args []value, kwargs map[string]value) value {
		if len(args) == 0 {
			return nil
		}
		s, ok := args[0].(string)
		if !ok {
			return some("bytes", result(args...))
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
		if err != nil {
			return some("bytes", lost)
		}
		if kind == "bytearray" {
			return bytesFrom("bytearray")(x, []value{octets(b)}, nil)
		}
		return octets(b)
	}
}

// keywords are the entries of a mapping as keyword arguments; more says that there may be others.
func (x *examiner) keywords(v value) (kwargs map[string]value, more bool) {
	d, ok := v.(*dict)
	if !ok {
		_, isNull := v.(null)
		return nil, !isNull
	}
	for _, k := range d.keys {
		if s, ok := k.(string); ok {
			if kwargs == nil {
				kwargs = map[string]value{}
			}
			kwargs[s], _ = d.get(k)
		}
	}
	return kwargs, d.rest != nil
}
