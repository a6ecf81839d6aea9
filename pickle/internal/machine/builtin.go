package machine

// Calls that picklers write for values of Python's own types: before protocol
// 4 a set is a call, before 3 so are bytes, and complex numbers always are.

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// builtin makes the value of such a call. It reports false for any other
// call, which then stays symbolic.
func (m *machine) builtin(g value.Global, args value.Tuple) (any, bool, error) {
	switch g.Module {
	case "builtins":
	case "_codecs":
		if g.Name != "encode" || len(args) != 2 {
			return nil, false, nil
		}
		b, ok := m.latin1Arg(args)
		if !ok {
			return nil, false, nil
		}
		return mem.BytesAny(m.Header(mem.ViewString(b))), true, nil
	default:
		return nil, false, nil
	}
	switch g.Name {
	case "set", "frozenset":
		return m.builtinSet(g.Name, args)
	case "complex":
		if len(args) == 2 {
			re, ok1 := args[0].(float64)
			im, ok2 := args[1].(float64)
			return complex(re, im), ok1 && ok2, nil
		}
	case "bytes":
		if len(args) == 0 {
			return value.Bytes(""), true, nil
		}
	case "bytearray":
		switch len(args) {
		case 0:
			return &value.ByteArray{}, true, nil
		case 1:
			if b, ok := args[0].(value.Bytes); ok {
				m.Taken += int64(len(b))
				return &value.ByteArray{Data: []byte(b)}, true, nil
			}
		case 2:
			b, ok := m.latin1Arg(args)
			return &value.ByteArray{Data: b}, ok, nil
		}
	}
	return nil, false, nil
}

// latin1Arg encodes the arguments (str, "latin1").
func (m *machine) latin1Arg(args value.Tuple) ([]byte, bool) {
	s, ok := args[0].(string)
	enc, _ := args[1].(string)
	if !ok || enc != "latin1" && enc != "latin-1" {
		return nil, false
	}
	m.Taken += int64(len(s))
	return atom.BytesOfLatin1(s)
}

func (m *machine) builtinSet(name string, args value.Tuple) (any, bool, error) {
	var items []any
	switch len(args) {
	case 0:
	case 1:
		l, ok := args[0].(*value.List)
		if !ok {
			return nil, false, nil
		}
		items = l.Items
	default:
		return nil, false, nil
	}
	// A set of one list again and again is a copy for each few bytes: the
	// copies count, and may not be larger than what the stream pays for.
	var v any
	var d *value.Dict
	if name == "set" {
		s := &value.Set{}
		v, d = s, value.DictOf(s)
	} else {
		s := &value.FrozenSet{}
		v, d = s, value.DictOfFrozen(s)
	}
	if err := m.fillSet(d, items); err != nil {
		return nil, false, m.keyError(err)
	}
	if err := m.checkMemory(); err != nil {
		return nil, false, err
	}
	return v, true, nil
}
