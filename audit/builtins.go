package audit

// Calls of names: those that are followed are in models, by their dotted names.

import (
	"strings"

	"github.com/gocloudpickle/gocloudpickle/abi"
)

// model is what a call of a name does, and gives.
type model func(x *examiner, args []value, kwargs map[string]value) value

// callName calls an attribute of a module.
func (x *examiner) callName(n *name, args []value, kwargs map[string]value) value {
	if f, ok := abi.Lookup(n.module, n.attr); ok {
		return x.rebuild(f, args, kwargs)
	}
	if x.when == OnLoad {
		x.judgeCall(*n)
	}
	key := n.String()
	x.waits(*n, args)
	size := x.sizeOfCall(*n, args, kwargs)
	if m, ok := models()[canonical(key)]; ok {
		if v := m(x, args, kwargs); v != nil {
			return sized(v, size)
		}
	} else if v := x.callDunder(n, args, kwargs); v != nil {
		return v
	}
	x.passes(n, args, kwargs)
	if kind, ok := kinds[key]; ok {
		o := result(args...)
		if len(args) == 0 {
			o = named
		}
		return &unknown{from: o, kind: kind, size: size}
	}
	return &unknown{from: named, of: n, size: size}
}

// canonical is the name under which a model is, for names that have several.
func canonical(s string) string {
	switch {
	case strings.HasPrefix(s, "_operator."), strings.HasPrefix(s, "_functools."), strings.HasPrefix(s, "_codecs."):
		return s[1:]
	case s == "_io.open", s == "io.open":
		return "builtins.open"
	case s == "importlib.__import__", s == "importlib._bootstrap.__import__":
		return "builtins.__import__"
	case s == "importlib._bootstrap._gcd_import":
		return "importlib.import_module"
	case s == "_collections.deque":
		return "collections.deque"
	}
	return s
}

// callDunder calls a special method of a name that is reached through it: os.system.__call__.
func (x *examiner) callDunder(n *name, args []value, kwargs map[string]value) value {
	i := strings.LastIndexByte(n.attr, '.')
	last := n.attr[i+1:]
	if !isDunder(last) {
		return nil
	}
	var of value = &name{n.module, ""}
	if i >= 0 {
		of = &name{n.module, n.attr[:i]}
	}
	switch last {
	case "__call__":
		return x.call(of, args, kwargs)
	case "__get__":
		if len(args) > 0 {
			if _, isNone := args[0].(none); !isNone {
				return &bound{fn: of, args: args[:1]}
			}
		}
		return of
	case "__getattribute__", "__getattr__":
		if len(args) > 0 {
			return x.getattr(args, of)
		}
	case "__new__":
		if len(args) > 0 {
			return x.call(args[0], args[1:], kwargs)
		}
	case "__getitem__":
		if len(args) > 0 {
			return x.index(args[0], args[len(args)-1])
		}
	}
	return nil
}

// getattr is an attribute by a name that is a value; the object is the first argument unless given.
func (x *examiner) getattr(args []value, of value) value {
	if of == nil {
		if len(args) < 2 {
			return someGiven()
		}
		of, args = args[0], args[1:]
	} else if len(args) == 2 {
		of, args = args[0], args[1:]
	}
	var all value
	for _, n := range each(args[0]) {
		s, ok := n.(string)
		if !ok {
			all = joinUpTo(all, x.unknownAttribute(of, n), 64)
			continue
		}
		v := of
		v = x.attribute(v, s)
		all = joinUpTo(all, v, 64)
	}
	if len(args) > 1 {
		all = join(all, args[1])
	}
	return all
}

// unknownAttribute is an attribute by a name that isn't known.
func (x *examiner) unknownAttribute(of, n value) value {
	from := result(n)
	var all value
	for _, of := range each(of) {
		switch o := of.(type) {
		case *name:
			x.find(Unknown, o.String(), "an attribute of %s is taken by a name that can't be known", o)
			x.computed("an attribute of %s", o)
			x.escapes(o, "has an attribute taken by a name that can't be known")
			all = join(all, &unknown{from: insides})
		case *instance:
			for _, k := range attributesDict(o.attrs).all() {
				all = joinUpTo(all, k, 64)
			}
			if c, ok := o.class.(*class); ok {
				for k, v := range c.attrs {
					if _, isFunction := v.(*function); isFunction && !isDunder(k) {
						all = joinUpTo(all, x.bind(v, o, c), 64)
					}
				}
			}
			all = join(all, someGiven())
		default:
			if from >= lost || x.frame == nil && x.when == OnLoad {
				x.find(Unknown, "getattr", "an attribute is taken by a name that can't be known")
				x.computed("an attribute")
				all = join(all, &unknown{from: lost})
			} else {
				all = join(all, &unknown{from: max(given, result(of))})
			}
		}
	}
	if u, ok := all.(*unknown); ok && u.from == lost && from < lost {
		return &unknown{from: from}
	}
	return all
}

// computed notes a name that loading computes in a way that is not followed.
func (x *examiner) computed(format string, args ...any) {
	if x.when == OnLoad {
		x.problem("name", "loading takes "+format+" by a name that can't be known", args...)
	}
}

// imports is the module of a name that is a value, with the dots in it.
func (x *examiner) imports(s string) value {
	x.noteImport(s)
	return x.obtain(name{s, ""})
}

// importName does an import statement.
func (x *examiner) importName(f *frame, n string, from, level value) value {
	if l, ok := level.(int64); ok && l > 0 {
		base, _ := f.globals.get("__package__")
		if _, ok := base.(string); !ok {
			base, _ = f.globals.get("__name__")
		}
		pkg, _ := base.(string)
		for ; l > 1; l-- {
			pkg = pkg[:max(strings.LastIndexByte(pkg, '.'), 0)]
		}
		if n != "" && pkg != "" {
			n = pkg + "." + n
		} else if n == "" {
			n = pkg
		}
		if n == "" {
			n = "."
		}
		return x.imports(n)
	}
	v := x.imports(n)
	if t, ok := from.(*tuple); ok && len(t.items) > 0 {
		return v
	}
	if i := strings.IndexByte(n, '.'); i >= 0 {
		return &name{n[:i], ""}
	}
	return v
}

// starImport is from m import *.
func (x *examiner) starImport(f *frame, m value) {
	x.escapes(m, "has all its names imported")
	for _, m := range each(m) {
		if n, ok := m.(*name); ok {
			f.globals.rest = join(f.globals.rest, &unknown{from: named, of: n})
		}
	}
}

// superOf is a super object of a class and an instance.
func (x *examiner) superOf(c, self value) value {
	if k, ok := c.(*class); ok {
		return &super{k, self}
	}
	if o, ok := self.(*instance); ok {
		if k, ok := o.class.(*class); ok {
			return &super{k, self}
		}
	}
	return &unknown{from: named}
}

// global is the value of a global name in a function.
func (x *examiner) global(g *dict, n string) value {
	if v, ok := g.values[n]; ok {
		return joinUpTo(v, g.rest, 64)
	}
	switch n {
	case "__builtins__":
		x.find(Interpreter, n, "the builtins are taken from the globals")
		return &name{"builtins", ""}
	case "__name__", "__file__", "__package__", "__doc__":
		return some("str", given)
	case "__loader__", "__spec__":
		x.find(DynamicImport, n, "the loader of the module is taken")
		return &unknown{from: insides, of: &name{"importlib", n}}
	}
	if g.module != "" && g.module != shippedModule && g.module != anyModule && g.module != "sys.modules" {
		return x.attributeOfName(&name{g.module, ""}, n)
	}
	if builtinNames()[n] {
		v := x.obtain(name{"builtins", n})
		if g.rest != nil {
			return join(v, g.rest)
		}
		return v
	}
	if g.rest != nil {
		return g.rest
	}
	return someGiven() // it raises NameError, unless somebody sets it
}

// kinds are the types of what names give.
var kinds = map[string]string{
	"builtins.str": "str", "builtins.int": "int", "builtins.float": "float", "builtins.bool": "bool", "builtins.bytes": "bytes",
	"builtins.len": "int", "builtins.ord": "int", "builtins.chr": "str", "builtins.repr": "str", "builtins.ascii": "str",
	"builtins.hash": "int", "builtins.hex": "str", "builtins.oct": "str", "builtins.bin": "str", "builtins.format": "str",
	"builtins.isinstance": "bool", "builtins.issubclass": "bool", "builtins.callable": "bool", "builtins.hasattr": "bool",
	"builtins.any": "bool", "builtins.all": "bool", "builtins.range": "range", "builtins.input": "str", "builtins.id": "int",
	"builtins.bytearray": "bytearray", "builtins.complex": "complex", "builtins.divmod": "tuple",
	"base64.b64decode": "bytes", "base64.b64encode": "bytes", "zlib.decompress": "bytes", "zlib.compress": "bytes",
	"time.time": "float", "random.random": "float", "binascii.unhexlify": "bytes",
}

// attributePath is an attribute with dots in its name.
func (x *examiner) attributePath(v value, path string) value {
	for n := 0; n < 64; n++ {
		first, rest, more := strings.Cut(path, ".")
		v = x.attribute(v, first)
		if !more {
			return v
		}
		path = rest
	}
	return someLost()
}
