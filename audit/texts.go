package audit

// Formatting: f-strings, %, str.format.

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// convert is str() (1), repr() (2) or ascii() (3).
func (x *examiner) convert(v value, how int) value {
	switch v := v.(type) {
	case *few:
		var all value
		for _, v := range v.values {
			all = join(all, x.convert(v, how))
		}
		return all
	case string:
		if how == 1 {
			return v
		}
		if printable(v) && !strings.ContainsAny(v, "'\\") && len(v) < 1000 {
			return "'" + v + "'"
		}
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		if v {
			return "True"
		}
		return "False"
	case none:
		return "None"
	case *big.Int:
		if v.BitLen() < 1000 {
			return v.String()
		}
	case *instance:
		for _, m := range [][]string{nil, {"__str__", "__repr__"}, {"__repr__"}, {"__repr__"}}[how&3] {
			if r := x.callSpecial(v, m); r != nil {
				return r
			}
		}
		return some("str", given)
	case *nameOf:
		return v
	}
	return some("str", result(v))
}

// printable reports whether a text is of characters of ASCII that repr gives as they are.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// format is what an f-string makes of a value.
func (x *examiner) format(v value, spec string) value {
	if r := x.callSpecial(v, "__format__", spec); r != nil {
		return r
	}
	x.makes("a format", widest(spec))
	if spec == "" {
		return x.convert(v, 1)
	}
	switch n := v.(type) {
	case int64:
		switch spec {
		case "c":
			if n >= 0 && n < 0x110000 && utf8.ValidRune(rune(n)) {
				return string(rune(n))
			}
		case "x":
			return strconv.FormatInt(n, 16)
		case "d":
			return strconv.FormatInt(n, 10)
		case "02x":
			if n >= 0 && n < 256 {
				return string("0123456789abcdef"[n>>4]) + string("0123456789abcdef"[n&15])
			}
		}
	case string:
		if spec == "s" {
			return n
		}
	}
	return some("str", result(v))
}

func (x *examiner) formatWith(v, spec value) value {
	if f, ok := v.(*few); ok {
		var all value
		for _, v := range f.values {
			all = join(all, x.formatWith(v, spec))
		}
		return all
	}
	if s, ok := spec.(string); ok {
		return x.format(v, s)
	}
	return some("str", result(v, spec))
}

// percent is the operator % of a str.
func (x *examiner) percent(format string, args value) value {
	items := []value{args}
	if t, ok := args.(*tuple); ok {
		items = t.items
	}
	var parts []value
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 || i+1 >= len(format) {
			parts = append(parts, format)
			return concat(parts)
		}
		parts = append(parts, format[:i])
		kind := format[i+1]
		format = format[i+2:]
		if kind == '%' {
			parts = append(parts, "%")
			continue
		}
		if kind == '(' {
			end := strings.IndexByte(format, ')')
			if end < 0 || end+1 >= len(format) {
				return some("str", result(args))
			}
			key := format[:end]
			kind, format = format[end+1], format[end+2:]
			items = []value{x.index(args, key)}
		}
		if len(items) == 0 {
			return some("str", given)
		}
		switch kind {
		case 's':
			parts = append(parts, x.convert(items[0], 1))
		case 'r':
			parts = append(parts, x.convert(items[0], 2))
		case 'd', 'i':
			parts = append(parts, x.convert(number(items[0]), 1))
		case 'c':
			v := items[0]
			if n, ok := v.(int64); ok {
				v = x.format(n, "c")
			}
			parts = append(parts, v)
		case 'x':
			parts = append(parts, x.format(items[0], "x"))
		default:
			return some("str", result(items...))
		}
		items = items[1:]
	}
}

// place is the number that a field of str.format begins with: digits, and no sign.
func place(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// formatText is str.format.
func (x *examiner) formatText(format string, args []value, kwargs map[string]value) value {
	var parts []value
	next := 0
	for format != "" {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			parts = append(parts, format)
			break
		}
		parts = append(parts, format[:i])
		if i+1 < len(format) && format[i+1] == format[i] {
			parts = append(parts, format[i:i+1])
			format = format[i+2:]
			continue
		}
		end := strings.IndexByte(format, '}')
		if end < i || format[i] == '}' {
			return some("str", lost)
		}
		field := format[i+1 : end]
		format = format[end+1:]
		field, spec, _ := strings.Cut(field, ":")
		field, conversion, _ := strings.Cut(field, "!")
		root, path := field, ""
		if j := strings.IndexAny(field, ".["); j >= 0 {
			root, path = field[:j], field[j:]
		}
		var v value
		if !ascii(field) {
			return some("str", lost) // other digits are digits, too
		}
		if n, ok := place(root); ok {
			if n < len(args) {
				v = args[n]
			}
		} else if root == "" {
			if next < len(args) {
				v = args[next]
			}
			next++
		} else {
			v = kwargs[root]
		}
		v = orGiven(v)
		for n := 0; path != "" && n < 32; n++ {
			if path[0] == '.' {
				j := strings.IndexAny(path[1:], ".[")
				attr := path[1:]
				if j >= 0 {
					attr = path[1 : 1+j]
				}
				path = path[1+len(attr):]
				v = x.attribute(v, attr)
				continue
			}
			j := strings.IndexByte(path, ']')
			if j < 1 {
				return some("str", lost)
			}
			var key value = path[1:j]
			if n, ok := place(path[1:j]); ok {
				key = int64(n)
			}
			path = path[j+1:]
			v = x.index(v, key)
		}
		switch conversion {
		case "r":
			v = x.convert(v, 2)
		case "s":
			v = x.convert(v, 1)
		case "":
		default:
			x.format(v, spec)
			v = some("str", lost)
		}
		parts = append(parts, x.format(v, spec))
		if len(parts) > 1000 {
			return some("str", lost)
		}
	}
	return concat(parts)
}
