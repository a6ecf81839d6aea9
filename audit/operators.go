package audit

// Operators on values.

import (
	"math"
	"math/big"
	"slices"
	"strings"
)

// concat is an f-string of its parts.
func concat(parts []value) value {
	var b strings.Builder
	for i, v := range parts {
		if alternatives, ok := v.(*few); ok && len(parts) < 16 {
			var all value
			for _, a := range alternatives.values {
				with := slices.Clone(parts)
				with[i] = a
				all = join(all, concat(with))
			}
			return all
		}
		s, ok := v.(string)
		if !ok || b.Len() > maxText {
			return some("str", result(parts...))
		}
		b.WriteString(s)
	}
	return b.String()
}

func unary(op string, v value) value {
	if op == "UNARY_NOT" {
		if t, ok := truth(v); ok {
			return !t
		}
		return some("bool", result(v))
	}
	switch n := number(v).(type) {
	case int64:
		switch op {
		case "UNARY_NEGATIVE":
			if n == math.MinInt64 {
				return some("int", lost)
			}
			return -n
		case "UNARY_INVERT":
			return ^n
		}
		return n
	case float64:
		if op == "UNARY_NEGATIVE" {
			return -n
		}
		return n
	}
	return &unknown{from: result(v), kind: typeOf(v)}
}

// number is a bool as an int, and any other value as it is.
func number(v value) value {
	if b, ok := v.(bool); ok {
		if b {
			return int64(1)
		}
		return int64(0)
	}
	return v
}

func not(v value, negated bool) value {
	if b, ok := v.(bool); ok {
		return b != negated
	}
	return v
}

// isSame is the operator is.
func isSame(a, b value) value {
	if _, ok := a.(*few); ok {
		return some("bool", result(a, b))
	}
	if _, ok := b.(*few); ok {
		return some("bool", result(a, b))
	}
	_, ua := a.(*unknown)
	_, ub := b.(*unknown)
	if ua || ub {
		return some("bool", result(a, b))
	}
	ta, tb := typeOf(a), typeOf(b)
	if ta != "" && tb != "" && ta != tb {
		return false
	}
	switch a.(type) {
	case none, bool, ellipsis:
		return a == b
	case *class, *function, *instance, *list, *dict:
		if a == b {
			return true
		}
	}
	if n, ok := a.(*name); ok && n.attr != "" {
		return some("bool", lost) // it may be of a constant
	}
	if _, ok := b.(none); ok {
		return false
	}
	return some("bool", result(a, b))
}

func (x *examiner) binary(op string, a, b value) value {
	if op == "[]" {
		return x.index(a, b)
	}
	if n := len(each(a)) * len(each(b)); n > 1 {
		x.charge(n * n / 4)
	}
	if len(each(a))*len(each(b)) > 64 {
		a, b = joinLost(a, nil), joinLost(b, nil)
	}
	if f, ok := a.(*few); ok {
		var all value
		for _, v := range f.values {
			all = join(all, x.binary(op, v, b))
		}
		return all
	}
	if f, ok := b.(*few); ok {
		var all value
		for _, v := range f.values {
			all = join(all, x.binary(op, a, v))
		}
		return all
	}
	if v := x.operatorMethod(op, a, b); v != nil {
		return v
	}
	if l, ok := a.(bool); ok && (op == "&" || op == "|" || op == "^") {
		if r, ok := b.(bool); ok {
			return map[string]bool{"&": l && r, "|": l || r, "^": l != r}[op]
		}
	}
	a, b = number(a), number(b)
	size := sizeOfOperator(op, a, b)
	x.makes("the operator "+op, size)
	return sized(x.combined(op, a, b), size)
}

// inPlace is the operator of an assignment, which changes lists and dicts.
func (x *examiner) inPlace(op string, a, b value) value {
	if _, ok := a.(*few); !ok {
		if n, ok := operatorMethods[op]; ok {
			if v := x.callSpecial(a, "__i"+n+"__", b); v != nil {
				return joinUpTo(v, x.binary(op, a, b), 64) // NotImplemented
			}
		}
	}
	made := x.binary(op, a, b)
	for _, v := range each(a) {
		switch v := v.(type) {
		case *list:
			if l, ok := made.(*list); ok && a == value(v) && v.of == nil && v.kind != "tuple" && v.kind != "frozenset" {
				if v.shared != nil {
					v.gains(l.items...)
					if l.rest != nil {
						v.gains(l.rest)
					}
					return v
				}
				v.items, v.rest, v.size = l.items, l.rest, l.size
				return v
			}
			x.mayChange(v, 1)
		case *dict:
			if d, ok := made.(*dict); ok && a == value(v) && v.module == "" {
				x.update(v, d)
				return v
			}
			x.update(v, b)
		}
	}
	return made
}

// combined is the result of an operator, of values that are no alternatives.
func (x *examiner) combined(op string, a, b value) value {
	switch l := a.(type) {
	case int64:
		switch r := b.(type) {
		case int64:
			if v := integers(op, l, r); v != nil {
				return v
			}
			return some("int", lost)
		case float64:
			return floats(op, float64(l), r)
		case string, octets, *tuple, *list:
			if op == "*" {
				return x.binary(op, b, a)
			}
		}
	case float64:
		switch r := b.(type) {
		case int64:
			return floats(op, l, float64(r))
		case float64:
			return floats(op, l, r)
		}
	case string:
		switch r := b.(type) {
		case string:
			x.charge((len(l) + len(r)) / 64)
			if op == "+" && len(l)+len(r) <= maxText {
				return l + r
			}
		case int64:
			if op == "*" && r >= 0 && r < maxText && int64(len(l))*r <= maxText {
				x.charge(len(l) * int(r) / 64)
				return strings.Repeat(l, int(r))
			}
		}
		if op == "%" {
			x.charge(len(l) / 16)
			return x.percent(l, b)
		}
	case octets:
		switch r := b.(type) {
		case octets:
			if op == "+" && len(l)+len(r) <= maxText {
				return l + r
			}
		case int64:
			if op == "*" && r >= 0 && r < maxText && int64(len(l))*r <= maxText {
				return octets(strings.Repeat(string(l), int(r)))
			}
		}
	case *tuple:
		if r, ok := b.(*tuple); ok && op == "+" && len(l.items)+len(r.items) <= maxItems {
			return &tuple{append(slices.Clone(l.items), r.items...)}
		}
		if n, ok := b.(int64); ok && op == "*" && n >= 0 && n*int64(len(l.items)) <= maxItems {
			return &tuple{slices.Repeat(l.items, int(n))}
		}
	case *list:
		if r, ok := b.(*list); ok && (op == "+" || op == "|") && len(l.items)+len(r.items) <= maxItems {
			made := &list{kind: l.kind, items: slices.Clone(l.items), rest: l.rest}
			x.extend(made, r.items, r.rest)
			return made
		}
		if n, ok := b.(int64); ok && op == "*" && l.rest == nil && n >= 0 && n*int64(len(l.items)) <= maxItems {
			return &list{kind: l.kind, items: slices.Repeat(l.items, int(n))}
		}
		items, rest := x.items(b)
		made := &list{kind: l.kind, items: slices.Clone(l.items), rest: l.rest}
		if _, more := x.items(l); l.isSet() || l.of != nil {
			made.kind, made.items, made.rest = "set", slices.Clone(l.items), more
		}
		x.extend(made, items, rest)
		if op != "+" && !made.isSet() {
			made.loosen()
			made.rest = joinUpTo(made.rest, someLost(), 64)
		}
		return made
	case *dict:
		if r, ok := b.(*dict); ok && op == "|" {
			d := newDict()
			x.update(d, l)
			x.update(d, r)
			return d
		}
	}
	kind := ""
	if ta, tb := typeOf(a), typeOf(b); ta != "" && ta == tb {
		kind = ta
		if op == "/" {
			kind = "float"
		}
	} else if ta == "str" && op == "%" {
		kind = "str"
	}
	v := &unknown{from: result(a, b), kind: kind}
	for _, o := range []value{a, b} {
		if u, ok := o.(*unknown); ok && u.of != nil && v.of == nil {
			v.of = u.of
		}
	}
	return v
}

// operatorMethods are the methods that operators call.
var operatorMethods = map[string]string{"+": "add", "&": "and", "//": "floordiv", "<<": "lshift", "@": "matmul", "*": "mul", "%": "mod",
	"|": "or", "**": "pow", ">>": "rshift", "-": "sub", "/": "truediv", "^": "xor"}

// operatorMethod calls the method of a shipped class that an operator stands for, nil if there is none.
func (x *examiner) operatorMethod(op string, a, b value) value {
	n, ok := operatorMethods[op]
	if !ok {
		return nil
	}
	v := x.callSpecial(a, "__"+n+"__", b)
	if r := x.callSpecial(b, "__r"+n+"__", a); r != nil {
		v = joinUpTo(v, r, 64) // of a subclass it is first
	}
	return v
}

// callSpecial calls a special method of an instance of a shipped class, nil if it has none.
func (x *examiner) callSpecial(self value, m string, args ...value) value {
	o, ok := self.(*instance)
	if !ok {
		if c, ok := self.(*class); ok {
			if meta, ok := c.meta.(*class); ok {
				if v, ok := x.lookup(meta, m, false); ok {
					return x.call(v, append([]value{c}, args...), nil)
				}
			}
		}
		return nil
	}
	c, ok := o.class.(*class)
	if !ok {
		return nil
	}
	v, ok := x.lookup(c, m, false)
	if !ok {
		return nil
	}
	return x.call(x.bind(v, o, c), args, nil)
}

// integers is an operator on ints; nil where the result is too large or an error.
func integers(op string, a, b int64) value {
	switch op {
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "+":
		if s := a + b; (s > a) == (b > 0) {
			return s
		}
	case "-":
		if s := a - b; (s < a) == (b > 0) {
			return s
		}
	case "*":
		if a == 0 || b == 0 {
			return int64(0)
		}
		if p := a * b; p/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64) {
			return p
		}
	case "<<":
		if b >= 0 && b < 62 && a == a<<b>>b {
			return a << b
		}
	case ">>":
		if b >= 0 {
			return a >> min(b, 63)
		}
	case "//", "%":
		if b == 0 || b == -1 {
			return nil
		}
		q, r := a/b, a%b
		if r != 0 && (r < 0) != (b < 0) {
			q, r = q-1, r+b
		}
		if op == "//" {
			return q
		}
		return r
	case "/":
		if b != 0 && exact(a) && exact(b) {
			return float64(a) / float64(b)
		}
	case "**":
		if b >= 0 && b < 64 {
			p := new(big.Int).Exp(big.NewInt(a), big.NewInt(b), nil)
			if p.IsInt64() {
				return p.Int64()
			}
		}
	}
	return nil
}

func floats(op string, a, b float64) value {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		if b != 0 {
			return a / b
		}
	}
	return some("float", lost)
}

// compare is a comparison: <, <=, ==, !=, >, >=; to 3.8 also in, not in, is, is not.
func (x *examiner) compare(op int, a, b value) value {
	switch op {
	case 6, 7:
		return not(x.contains(b, a), op == 7)
	case 8, 9:
		return not(isSame(a, b), op == 9)
	}
	x.hint(a, b)
	methods := []string{"__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"}
	if op < len(methods) {
		if v := x.callSpecial(a, methods[op], b); v != nil {
			return some("bool", result(v))
		}
		if v := x.callSpecial(b, methods[op], a); v != nil {
			return some("bool", result(v))
		}
	}
	a, b = number(a), number(b)
	c, ok := 0, false
	switch l := a.(type) {
	case int64:
		switch r := b.(type) {
		case int64:
			c, ok = cmp(l, r), true
		case float64:
			c, ok = cmp(float64(l), r), r == r && exact(l)
		}
	case float64:
		switch r := b.(type) {
		case int64:
			c, ok = cmp(l, float64(r)), l == l && exact(r)
		case float64:
			c, ok = cmp(l, r), l == l && r == r
		}
	case string:
		if r, is := b.(string); is {
			c, ok = strings.Compare(l, r), true
		}
	case octets:
		if r, is := b.(octets); is {
			c, ok = strings.Compare(string(l), string(r)), true
		}
	}
	if ok {
		return [...]bool{c < 0, c <= 0, c == 0, c != 0, c > 0, c >= 0}[op%6]
	}
	if op == 2 || op == 3 {
		ta, tb := typeOf(a), typeOf(b)
		if atom(a) && atom(b) && ta != tb && !(ta == "float" || tb == "float") {
			return op == 3
		}
	}
	return &unknown{from: result(a, b)} // of NumPy it is an array
}

// exact reports whether an int is the same as a float.
func exact(n int64) bool { return n > -1<<53 && n < 1<<53 }

func cmp[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// hint notes the name that something unknown is looked for by.
func (x *examiner) hint(a, b value) {
	for _, pair := range [][2]value{{a, b}, {b, a}} {
		n, ok := pair[0].(*nameOf)
		if !ok {
			continue
		}
		for _, v := range each(pair[1]) {
			if s, ok := v.(string); ok && n.of.from == insides {
				n.of.hint = s
				x.judgeAttribute(s, true)
			}
		}
	}
}

// contains is the operator in.
func (x *examiner) contains(container, v value) value {
	if n, ok := v.(*nameOf); ok {
		items, _ := x.items(container)
		for _, item := range items {
			x.hint(n, item)
		}
	}
	if n, ok := container.(*nameOf); ok {
		x.hint(n, v)
	}
	if r := x.callSpecial(container, "__contains__", v); r != nil {
		return some("bool", result(r))
	}
	switch c := container.(type) {
	case string:
		if s, ok := v.(string); ok {
			return strings.Contains(c, s)
		}
	case *tuple, *list:
		items, rest := x.items(c)
		if l, ok := c.(*list); ok && l.isSet() && l.of == nil {
			items, rest = l.items, l.rest
		}
		if atom(v) && rest == nil {
			all := true
			for _, item := range items {
				if !atom(item) {
					all = false
				} else if t, ok := x.compare(2, item, v).(bool); ok && t {
					if l, ok := c.(*list); ok && l.isSet() {
						return some("bool", lost) // it may have left
					}
					return true
				}
			}
			if all {
				return false
			}
		}
	case *iterator:
		c.loosen()
	case *dict:
		if _, ok := c.get(v); ok && c.loose {
			return some("bool", lost)
		} else if ok {
			return true
		}
		if atom(v) && c.rest == nil && c.module == "" {
			return false
		}
	}
	return some("bool", result(container, v))
}

// length is that of a container, where it is known.
func length(v value) (int64, bool) {
	switch v := v.(type) {
	case string:
		return int64(runes(v)), true
	case octets:
		return int64(len(v)), true
	case *tuple:
		return int64(len(v.items)), true
	case *list:
		if v.of != nil {
			return length(v.of)
		}
		return int64(len(v.items)), v.rest == nil && !v.isSet()
	case *dict:
		return int64(len(v.keys)), v.rest == nil && v.module == "" && !v.loose
	}
	return 0, false
}
