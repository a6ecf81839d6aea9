package payload

// How values look in one line, for people. What comes from a payload is cut to a few
// words and has nothing in it that a terminal acts on.

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// maxText is how many characters of a name or a value are shown.
const maxText = 60

// cut shortens a text in its middle.
func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxText {
		return s
	}
	r := []rune(s)
	return string(r[:maxText-20]) + "..." + string(r[len(r)-17:])
}

// printable is a name without what isn't graphic.
func printable(s string) string {
	if len(s) > 8*maxText {
		s = s[:8*maxText]
	}
	return cut(graphic(withoutSecret(s)))
}

// withoutSecret masks what looks like a secret in a text.
func withoutSecret(s string) string {
	if _, from, to, ok := findSecret(s); ok {
		return mask(s, from, to)
	}
	return s
}

// graphic is a text with signs instead of what isn't graphic.
func graphic(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

func quoted(name string) string { return "'" + printable(name) + "'" }

// qualified is module.name.
func qualified(module, name string) string {
	if module == "" {
		return printable(name)
	}
	return printable(module + "." + name)
}

// text is a key or an id in one line.
func (p *Payload) text(v any) string {
	if _, has := identity(v); has {
		kind, name := p.describe(v)
		if _, is := v.(*pickle.Object); is {
			kind = "object"
		}
		return kind + " of " + name
	}
	if g, ok := v.(pickle.Global); ok {
		return printable(g.String())
	}
	return atomText(v)
}

// atomText is the repr of an atom, with a secret of a known form masked.
func atomText(v any) string {
	if _, masked, ok := secret("", v); ok {
		return masked
	}
	return openText(v)
}

// openText is the repr of an atom that is no secret.
func openText(v any) string {
	switch v := v.(type) {
	case string:
		return cut(bytecode.Repr(v[:min(len(v), 8*maxText)]))
	case pickle.Bytes:
		return cut(bytecode.Repr([]byte(v[:min(len(v), 8*maxText)])))
	case pickle.Tuple:
		if len(v) == 0 {
			return "()"
		}
		return "tuple"
	case *big.Int:
		if v.BitLen() > 256 {
			return strconv.Itoa(v.BitLen()) + " bits"
		}
	}
	return cut(bytecode.Repr(v))
}

// atomBytes is how many bytes an atom takes, with the entry in the memo that strings
// and bytes get: of protocol 4 or 5, where it is written first.
func atomBytes(v any) int64 {
	counted := func(n int) int64 {
		switch {
		case n < 1<<8:
			return int64(n) + 3
		case n < 1<<32:
			return int64(n) + 6
		}
		return int64(n) + 10
	}
	switch v := v.(type) {
	case nil, bool:
		return 1
	case int64:
		switch {
		case v >= 0 && v < 1<<8:
			return 2
		case v >= 0 && v < 1<<16:
			return 3
		case v == int64(int32(v)):
			return 5
		}
		return 2 + int64(big.NewInt(v).BitLen()/8+1)
	case *big.Int:
		return 2 + int64(v.BitLen()/8+1)
	case float64:
		return 9
	case string:
		return counted(len(v))
	case pickle.Bytes:
		return counted(len(v))
	case pickle.Global:
		return counted(len(v.Module)) + counted(len(v.Name)) + 2
	}
	return 1
}

// String is the function's name and signature: module.name(a, b=2, *args, key=..., **kw).
func (f *Function) String() string {
	return qualified(f.Module, f.QualName) + f.Signature()
}

// Signature is (a, /, b=2, *args, c, **kw), as inspect.signature shows it, without annotations.
func (f *Function) Signature() string {
	c := f.Code
	if c == nil {
		return "(...)"
	}
	defaults := map[string]string{}
	for _, d := range f.Defaults {
		if _, has := identity(d.Value); has {
			defaults[d.Name] = "..."
		} else {
			defaults[d.Name] = openText(d.Value)
			if _, masked, ok := secret(d.Name, d.Value); ok {
				defaults[d.Name] = masked
			}
		}
	}
	var parts []string
	parameter := func(name string) {
		name = printable(name)
		if d, ok := defaults[name]; ok {
			name += "=" + d
		}
		parts = append(parts, name)
	}
	names := c.VarNames
	next := func(n int) (some []string) {
		n = min(max(n, 0), len(names))
		some, names = names[:n], names[n:]
		return some
	}
	for i, name := range next(c.ArgCount) {
		parameter(name)
		if i+1 == c.PosOnlyArgCount {
			parts = append(parts, "/")
		}
	}
	keywordOnly := next(c.KwOnlyArgCount)
	const varArgs, varKeywords = 0x4, 0x8 // CO_VARARGS, CO_VARKEYWORDS
	if c.Flags&varArgs != 0 {
		for _, name := range next(1) {
			parts = append(parts, "*"+printable(name))
		}
	} else if len(keywordOnly) > 0 {
		parts = append(parts, "*")
	}
	for _, name := range keywordOnly {
		parameter(name)
	}
	if c.Flags&varKeywords != 0 {
		for _, name := range next(1) {
			parts = append(parts, "**"+printable(name))
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
