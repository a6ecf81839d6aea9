package audit

// Methods of str and bytes, known where Go and Python agree.

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
