package audit

// Methods of values of Python's own types.

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

func (x *examiner) textMethod(s, m string, args []value, kwargs map[string]value) value {
	x.charge(len(s) / 32)
	for i, a := range args {
		if f, ok := a.(*few); ok && len(args) <= 3 {
			var all value
			for _, v := range f.values {
				with := slices.Clone(args)
				with[i] = v
				r := x.textMethod(s, m, with, kwargs)
				if r == nil {
					return nil
				}
				all = join(all, r)
			}
			return all
		}
	}
	texts := make([]string, len(args))
	known := true
	for i, a := range args {
		t, ok := a.(string)
		texts[i], known = t, known && ok
	}
	if len(kwargs) > 0 && m != "format" && m != "encode" {
		return nil // keywords change what it gives
	}
	switch m {
	case "join":
		if len(args) != 1 {
			return nil
		}
		items, rest := x.items(args[0])
		if rest != nil || len(items) > maxItems {
			return some("str", result(append(slices.Clone(items), rest)...))
		}
		var parts []value
		for i, v := range items {
			if i > 0 && s != "" {
				parts = append(parts, s)
			}
			parts = append(parts, v)
		}
		return concat(parts)
	case "format":
		return x.formatText(s, args, kwargs)
	case "format_map":
		if len(args) != 1 {
			return nil
		}
		if d, ok := args[0].(*dict); ok {
			kw := map[string]value{}
			for _, k := range d.keys {
				if t, ok := k.(string); ok {
					kw[t], _ = d.get(k)
				}
			}
			return x.formatText(s, nil, kw)
		}
	case "encode":
		encoding, ok := codecArg(args, kwargs, 0)
		if len(args) > 0 && !known {
			return some("bytes", result(args...))
		}
		if !ok {
			return some("bytes", result(kwargs["encoding"]))
		}
		return orKind(encodeText(s, encoding), "bytes")
	case "lower", "casefold":
		if ascii(s) { // the tables of Python and Go differ
			return strings.ToLower(s)
		}
	case "upper":
		if ascii(s) {
			return strings.ToUpper(s)
		}
	case "title":
		if ascii(s) {
			return titled(s)
		}
	case "capitalize":
		if s != "" && ascii(s) {
			return strings.ToUpper(s[:1]) + strings.ToLower(s[1:])
		}
	case "swapcase":
		if !ascii(s) {
			return nil
		}
		return strings.Map(func(r rune) rune {
			if l := unicode.ToLower(r); l != r {
				return l
			}
			return unicode.ToUpper(r)
		}, s)
	case "strip", "lstrip", "rstrip":
		cut := whitespace
		if len(args) == 1 && known {
			cut = texts[0]
		} else if len(args) > 0 {
			return nil
		}
		switch m {
		case "strip":
			return strings.Trim(s, cut)
		case "lstrip":
			return strings.TrimLeft(s, cut)
		}
		return strings.TrimRight(s, cut)
	case "removeprefix":
		if len(args) == 1 && known {
			return strings.TrimPrefix(s, texts[0])
		}
	case "removesuffix":
		if len(args) == 1 && known {
			return strings.TrimSuffix(s, texts[0])
		}
	case "replace":
		if len(args) == 2 && known && (texts[0] != "" || len(s) < 1000) && strings.Count(s, texts[0])*len(texts[1]) <= maxText {
			return strings.ReplaceAll(s, texts[0], texts[1])
		}
		if len(args) == 3 {
			if n, ok := args[2].(int64); ok {
				a, oka := args[0].(string)
				b, okb := args[1].(string)
				if oka && okb && len(b) < 100 {
					return strings.Replace(s, a, b, int(n))
				}
			}
		}
	case "split", "rsplit":
		var parts []string
		switch {
		case len(args) == 0:
			parts = strings.FieldsFunc(s, isSpace)
		case m == "split" && len(args) == 1 && known && texts[0] != "":
			parts = strings.Split(s, texts[0])
		default:
			a, ok := textArg(args, nil, 0, "")
			n, isInt := int64(maxItems), true
			if len(args) > 1 {
				n, isInt = args[1].(int64)
			}
			if !ok || a == "" || !isInt || n < 0 || n > maxItems {
				return &list{kind: "list", rest: some("str", lost)}
			}
			if m == "split" {
				parts = strings.SplitN(s, a, int(n)+1)
			} else {
				for range n {
					i := strings.LastIndex(s, a)
					if i < 0 {
						break
					}
					parts = append([]string{s[i+len(a):]}, parts...)
					s = s[:i]
				}
				parts = append([]string{s}, parts...)
			}
		}
		l := &list{kind: "list"}
		for _, p := range parts {
			l.add(p)
		}
		return l
	case "splitlines":
		if len(args) > 0 || strings.ContainsAny(s, "\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029") {
			return &list{kind: "list", rest: some("str", lost)}
		}
		l := &list{kind: "list"}
		for line := range strings.Lines(s) {
			l.add(strings.TrimSuffix(line, "\n"))
		}
		return l
	case "partition", "rpartition":
		if len(args) == 1 && known && texts[0] != "" {
			if m == "rpartition" {
				if i := strings.LastIndex(s, texts[0]); i >= 0 {
					return &tuple{[]value{s[:i], texts[0], s[i+len(texts[0]):]}}
				}
				return &tuple{[]value{"", "", s}}
			}
			a, b, ok := strings.Cut(s, texts[0])
			if !ok {
				return &tuple{[]value{s, "", ""}}
			}
			return &tuple{[]value{a, texts[0], b}}
		}
	case "startswith":
		if len(args) == 1 && known {
			return strings.HasPrefix(s, texts[0])
		}
	case "endswith":
		if len(args) == 1 && known {
			return strings.HasSuffix(s, texts[0])
		}
	case "find", "index":
		if len(args) == 1 && known && ascii(s) {
			return int64(strings.Index(s, texts[0]))
		}
	case "translate":
		if len(args) == 1 {
			return x.translate(s, args[0])
		}
	case "maketrans":
		return models()["builtins.str.maketrans"](x, args, kwargs)
	case "zfill", "ljust", "rjust", "center", "expandtabs":
		return some("str", result(append(args, value(s))...))
	}
	return nil
}

// whitespace is what str.strip and str.split take for it.
const whitespace = " \t\n\r\v\f\x1c\x1d\x1e\x1f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

func isSpace(r rune) bool { return strings.ContainsRune(whitespace, r) }

// titled is str.title of ASCII: a letter is upper-case behind one that is no letter.
func titled(s string) string {
	b := []byte(strings.ToLower(s))
	before := false
	for i, c := range b {
		letter := c >= 'a' && c <= 'z'
		if letter && !before {
			b[i] = c - 'a' + 'A'
		}
		before = letter
	}
	return string(b)
}

// translate is str.translate with a dict of code points.
func (x *examiner) translate(s string, table value) value {
	d, ok := table.(*dict)
	if !ok || d.rest != nil || len(s) > maxText {
		return some("str", result(table))
	}
	var b strings.Builder
	for _, r := range s {
		v, ok := d.get(int64(r))
		if !ok {
			b.WriteRune(r)
			continue
		}
		switch v := v.(type) {
		case int64:
			if v < 0 || !utf8.ValidRune(rune(v)) {
				return some("str", lost)
			}
			b.WriteRune(rune(v))
		case string:
			b.WriteString(v)
		case none:
		default:
			return some("str", result(v))
		}
		if b.Len() > maxText {
			return some("str", lost)
		}
	}
	return b.String()
}

func orKind(v value, kind string) value {
	if v == nil {
		return some(kind, lost)
	}
	return v
}

func (x *examiner) octetsMethod(b octets, m string, args []value, kwargs map[string]value) value {
	x.charge(len(b) / 32)
	switch m {
	case "decode":
		encoding, ok := codecArg(args, kwargs, 0)
		if len(args) > 1 || kwargs["errors"] != nil {
			return some("str", lost)
		}
		if !ok {
			return some("str", result(arg(args, kwargs, 0, "encoding")))
		}
		return orKind(decodeOctets(b, encoding), "str")
	case "hex":
		if len(args) == 0 && len(kwargs) == 0 {
			return hex.EncodeToString([]byte(b))
		}
		return some("str", lost)
	case "join":
		if len(args) != 1 {
			return nil
		}
		items, rest := x.items(args[0])
		if rest != nil {
			return some("bytes", result(append(slices.Clone(items), rest)...))
		}
		var made strings.Builder
		for i, v := range items {
			o, ok := v.(octets)
			if !ok || made.Len() > maxText {
				return some("bytes", result(items...))
			}
			if i > 0 {
				made.WriteString(string(b))
			}
			made.WriteString(string(o))
		}
		return octets(made.String())
	case "translate":
		if len(args) == 1 && len(kwargs) == 0 {
			if t, ok := args[0].(octets); ok && len(t) == 256 {
				made := []byte(b)
				for i, c := range made {
					made[i] = t[c]
				}
				return octets(made)
			}
		}
		return some("bytes", result(args...))
	}
	// As a str of ASCII, but for those that ASCII has only as a str.
	if !ascii(string(b)) || len(kwargs) > 0 || strings.ContainsAny(string(b), "\x1c\x1d\x1e\x1f") {
		return nil
	}
	texts := make([]value, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case octets:
			if !ascii(string(a)) {
				return nil
			}
			texts[i] = string(a)
		case int64:
			texts[i] = a
		default:
			return nil
		}
	}
	switch m {
	case "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix", "swapcase":
		if s, ok := x.textMethod(string(b), m, texts, nil).(string); ok {
			return octets(s)
		}
		return some("bytes", lost)
	case "startswith", "endswith":
		return x.textMethod(string(b), m, texts, nil)
	case "split", "rsplit":
		l, ok := x.textMethod(string(b), m, texts, nil).(*list)
		if !ok || l.rest != nil {
			return &list{kind: "list", rest: some("bytes", lost)}
		}
		for i, v := range l.items {
			l.items[i] = octets(v.(string))
		}
		return l
	}
	return nil
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
