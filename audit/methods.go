package audit

// Methods of values of Python's own types.

import (
	"slices"
	"strings"
)

// callMethod calls a method of a value of Python's own types.
func (x *examiner) callMethod(m *method, args []value, kwargs map[string]value) value {
	switch m.name {
	case "__call__":
		return x.call(m.self, args, kwargs)
	case "__getattribute__":
		return x.getattr(append([]value{m.self}, args...), nil)
	case "__get__":
		if f, ok := m.self.(*function); ok && len(args) > 0 {
			if _, isNone := args[0].(none); isNone {
				return f
			}
			return &bound{fn: f, args: args[:1]}
		}
	case "__getitem__":
		if len(args) == 1 {
			return x.index(m.self, args[0])
		}
	case "__setitem__":
		if len(args) == 2 {
			x.setItem(m.self, args[0], args[1])
			return none{}
		}
	case "__iadd__":
		if len(args) == 1 {
			return x.inPlace("+", m.self, args[0])
		}
	case "__add__", "__concat__":
		if len(args) == 1 {
			return x.binary("+", m.self, args[0])
		}
	case "__mod__":
		if len(args) == 1 {
			return x.binary("%", m.self, args[0])
		}
	case "__mul__", "__rmul__":
		if len(args) == 1 {
			return x.binary("*", m.self, args[0])
		}
	case "__iter__":
		return x.iterate(m.self)
	case "__next__":
		return models()["builtins.next"](x, []value{m.self}, nil)
	case "__len__":
		return models()["builtins.len"](x, []value{m.self}, nil)
	case "__contains__":
		if len(args) == 1 {
			return x.contains(m.self, args[0])
		}
	case "__str__":
		return x.convert(m.self, 1)
	case "__repr__":
		return x.convert(m.self, 2)
	case "__format__":
		if len(args) == 1 {
			return x.formatWith(m.self, args[0])
		}
	}
	var v value
	size := int64(0)
	if s, ok := sizedMethods[m.name]; ok && x.when == OnLoad {
		size = s(m.self, args)
		x.makes("the method "+m.name, size)
	}
	switch self := m.self.(type) {
	case string:
		v = x.textMethod(self, m.name, args, kwargs)
	case octets:
		v = x.octetsMethod(self, m.name, args, kwargs)
	case *list:
		v = x.listMethod(self, m.name, args, kwargs)
	case *dict:
		v = x.dictMethod(self, m.name, args, kwargs)
	case *tuple:
		if m.name == "index" || m.name == "count" {
			return some("int", result(append(args, self.items...)...))
		}
	case *iterator:
		switch m.name {
		case "send", "throw", "close":
			x.passes(nil, args, kwargs)
			items, rest := x.items(self)
			if len(items) > 0 {
				rest = joinUpTo(anyOf(items), rest, 64)
			}
			return orGiven(rest)
		}
	case *coroutine:
		x.passes(nil, args, kwargs)
		return self.result
	case *descriptor:
		made := &descriptor{self.kind, append(slices.Clone(self.fn), args...)}
		return made
	case int64:
		if m.name == "to_bytes" && len(args) > 0 && kwargs["signed"] == nil {
			return intToBytes(self, args, kwargs)
		}
	case *unknown:
		if self.kind != "" {
			if self.kind == "str" && m.name == "format" {
				x.passes(nil, args, kwargs)
			}
			if caps, ok := capabilityTable()["builtins."+self.kind+"."+m.name]; ok && caps[0] != Pure {
				x.judge(name{"builtins", self.kind + "." + m.name}, x.when, "is called")
			}
			x.passes(nil, args, kwargs)
			return &unknown{from: result(append(args, self)...), kind: resultKind(self.kind, m.name), size: size}
		}
	}
	if v != nil {
		return sized(v, size)
	}
	x.passes(nil, args, kwargs)
	x.mayChange(m.self, 1)
	return &unknown{from: result(append(args, m.self)...), kind: resultKind(typeOf(m.self), m.name), size: size}
}

// resultKind is the type of what a method gives.
func resultKind(kind, method string) string {
	switch kind {
	case "str":
		switch method {
		case "split", "rsplit", "splitlines":
			return "list"
		case "encode":
			return "bytes"
		case "startswith", "endswith", "isdigit", "isalpha", "isspace", "isupper", "islower", "isidentifier", "isalnum":
			return "bool"
		case "find", "rfind", "index", "rindex", "count":
			return "int"
		case "partition", "rpartition":
			return "tuple"
		}
		return "str"
	case "bytes", "bytearray":
		switch method {
		case "decode", "hex":
			return "str"
		case "split":
			return "list"
		case "find", "index", "count":
			return "int"
		}
		return "bytes"
	case "int":
		switch method {
		case "to_bytes":
			return "bytes"
		}
		return "int"
	}
	return ""
}

func (x *examiner) listMethod(l *list, m string, args []value, kwargs map[string]value) value {
	if l.kind == "bytearray" {
		switch m {
		case "decode", "hex", "translate":
			if b, ok := bytesOf(l); ok {
				return x.octetsMethod(b, m, args, kwargs)
			}
		}
	}
	switch m {
	case "append", "add", "appendleft", "insert":
		x.contained(args)
	}
	if l.shared != nil {
		if v, ok := x.changesShared(l, m, args, kwargs); ok {
			return v
		}
	}
	switch m {
	case "append", "add", "appendleft":
		if len(args) == 1 {
			if m == "appendleft" && l.rest == nil {
				l.items = append([]value{args[0]}, l.items...)
			} else {
				l.add(args[0])
			}
		}
		return none{}
	case "extend", "update", "extendleft":
		for _, a := range args {
			items, rest := x.items(a)
			x.extend(l, items, rest)
		}
		if m == "extendleft" {
			l.loosen()
		}
		return none{}
	case "insert":
		if len(args) == 2 {
			if i, ok := number(args[0]).(int64); ok && l.rest == nil {
				if i < 0 {
					i += int64(len(l.items))
				}
				at := min(max(i, 0), int64(len(l.items)))
				l.items = slices.Insert(slices.Clone(l.items), int(at), args[1])
			} else {
				l.rest = joinUpTo(l.rest, args[1], 64)
				l.loosen()
			}
		}
		return none{}
	case "pop", "popleft":
		if l.rest == nil && !l.isSet() && len(l.items) > 0 {
			at := len(l.items) - 1
			if m == "popleft" {
				at = 0
			} else if len(args) > 0 {
				i, ok := args[0].(int64)
				if i < 0 {
					i += int64(len(l.items))
				}
				if !ok || i < 0 || i >= int64(len(l.items)) {
					v := anyOf(l.items)
					l.loosen()
					return v
				}
				at = int(i)
			}
			v := l.items[at]
			l.items = slices.Delete(slices.Clone(l.items), at, at+1)
			return v
		}
		v := x.itemAt(l.items, l.rest, some("int", given), nil)
		if !l.isSet() {
			l.loosen()
		}
		return v
	case "reverse":
		if l.rest != nil {
			l.loosen()
		}
		l.items = slices.Clone(l.items)
		slices.Reverse(l.items)
		return none{}
	case "sort":
		if sorted, ok := sortable(l.items); ok && l.rest == nil && len(kwargs) == 0 {
			l.items = sorted
			return none{}
		}
		if key := kwargs["key"]; key != nil {
			x.callEach(key, l.items, l.rest)
		}
		for _, v := range l.items {
			l.rest = joinUpTo(l.rest, v, 64)
		}
		l.items = nil
		return none{}
	case "copy", "union":
		made := &list{kind: l.kind, items: slices.Clone(l.items), rest: l.rest}
		for _, a := range args {
			items, rest := x.items(a)
			x.extend(made, items, rest)
		}
		return made
	case "clear":
		l.items, l.rest = nil, nil
		return none{}
	case "remove", "discard":
		if !l.isSet() {
			x.removeFrom(l, args)
		}
		return none{}
	case "rotate":
		l.loosen()
		return none{}
	case "difference", "intersection", "symmetric_difference":
		made := &list{kind: "set", items: slices.Clone(l.items), rest: l.rest}
		for _, a := range args {
			items, rest := x.items(a)
			x.extend(made, items, rest)
		}
		return made
	case "index", "count":
		return some("int", result(append(args, l.items...)...))
	}
	return nil
}

// removeFrom removes the first item that is the same as a value, or any.
func (x *examiner) removeFrom(l *list, args []value) {
	if len(args) != 1 || l.rest != nil || !atom(args[0]) {
		l.loosen()
		return
	}
	for i, item := range l.items {
		equal, known := x.compare(2, item, args[0]).(bool)
		if !known {
			l.loosen()
			return
		}
		if equal {
			l.items = slices.Delete(slices.Clone(l.items), i, i+1)
			return
		}
	}
}

// sortable sorts texts or ints.
func sortable(items []value) ([]value, bool) {
	sorted := slices.Clone(items)
	if len(items) > maxItems {
		return nil, false
	}
	for _, v := range items {
		switch v.(type) {
		case string, int64:
		default:
			return nil, false
		}
		if typeOf(v) != typeOf(items[0]) {
			return nil, false
		}
	}
	slices.SortStableFunc(sorted, func(a, b value) int {
		if s, ok := a.(string); ok {
			return strings.Compare(s, b.(string))
		}
		return cmp(a.(int64), b.(int64))
	})
	return sorted, true
}

func (x *examiner) dictMethod(d *dict, m string, args []value, kwargs map[string]value) value {
	if m == "setdefault" {
		x.contained(args)
	}
	switch m {
	case "get", "pop", "setdefault", "__getitem__":
		if len(args) == 0 {
			return nil
		}
		if d.module == "" || d.module == shippedModule {
			if _, ok := d.get(args[0]); !ok && atom(args[0]) && d.rest == nil && args[0] != value("__builtins__") {
				if m == "setdefault" {
					d.set(args[0], orNone(arg(args, nil, 1, "")))
				}
				if len(args) > 1 {
					return args[1]
				}
				if d.module == "" {
					return none{}
				}
			}
		}
		v := x.index(d, args[0])
		switch m {
		case "pop":
			x.deleteItem(d, args[0])
		case "setdefault":
			if _, ok := d.get(args[0]); !ok || d.loose {
				for _, k := range each(args[0]) {
					d.weaken(k, orNone(arg(args, nil, 1, "")))
				}
			}
		}
		if len(args) > 1 {
			v = joinUpTo(v, args[1], 64)
		}
		return v
	case "keys", "values", "items":
		x.viewed(&list{kind: "dict_" + m, of: d})
		return &list{kind: "dict_" + m, of: d}
	case "update":
		if d.module != "" && d.module != shippedModule {
			x.find(Interpreter, d.module, "something in %s is replaced, for everybody", d.describe())
			return none{}
		}
		for _, a := range args {
			x.update(d, a)
		}
		for k, v := range kwargs {
			d.set(k, v)
		}
		return none{}
	case "copy":
		x.wholeModule(d)
		return shallowCopy(d)
	case "popitem":
		if d.module != "" {
			x.deleteItem(d, some("str", lost))
		}
		d.drop(some("str", lost))
		return &tuple{[]value{someGiven(), anyOf(d.all())}}
	case "clear":
		if d.module != "" {
			x.deleteItem(d, some("str", lost))
		} else {
			if d.shared != nil {
				d.drop(some("str", lost))
				return none{}
			}
			d.keys, d.values, d.rest, d.loose = nil, map[value]value{}, nil, d.of != nil
			if d.of != nil {
				x.mayChange(d.of, 1)
			}
		}
		return none{}
	case "fromkeys":
		return models()["builtins.dict.fromkeys"](x, args, kwargs)
	}
	return nil
}

func bytesOf(l *list) (octets, bool) {
	if l.rest != nil {
		return "", false
	}
	b := make([]byte, len(l.items))
	for i, v := range l.items {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 255 {
			return "", false
		}
		b[i] = byte(n)
	}
	return octets(b), true
}

// byteOrder is that of int.to_bytes and from_bytes; ok is false where it isn't known.
func byteOrder(args []value, kwargs map[string]value) (order string, ok bool) {
	if arg(args, kwargs, 1, "byteorder") == nil {
		return "big", true
	}
	order, ok = textArg(args, kwargs, 1, "byteorder")
	return order, ok && (order == "big" || order == "little")
}

func intToBytes(n int64, args []value, kwargs map[string]value) value {
	size, ok := args[0].(int64)
	order, known := byteOrder(args, kwargs)
	if !ok || !known || size < 0 || size > 64 || n < 0 {
		return some("bytes", lost)
	}
	b := make([]byte, size)
	for i := range b {
		b[len(b)-1-i] = byte(n)
		n >>= 8
	}
	if order == "little" {
		slices.Reverse(b)
	}
	return octets(b)
}
