package machine

// Opcodes that name, call and change what only Python could make. Nothing is
// run: the result is a symbolic value, unless the program registered a
// constructor.

import (
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// global runs GLOBAL, STACK_GLOBAL and the extension registry.
func (m *machine) global(op wire.Opcode) error {
	switch op {
	case wire.OpExt1, wire.OpExt2, wire.OpExt4:
		return m.extension(op)
	case wire.OpStackGlobal:
		n := len(m.stack)
		if n-m.fence < 2 {
			return m.underflow()
		}
		module, ok1 := m.stack[n-2].(string)
		name, ok2 := m.stack[n-1].(string)
		if !ok1 || !ok2 {
			return m.failf(wire.ErrSyntax, "a global is named by two strs, not by %s and %s",
				value.TypeName(m.stack[n-2]), value.TypeName(m.stack[n-1]))
		}
		m.stack = m.stack[:n-2]
		m.depths.pop(n - 2)
		m.pos++
		return m.pushName(op, m.named(module, name))
	}
	module, name, end, err := m.twoNames(true)
	if err != nil {
		return err
	}
	m.pos += end
	return m.pushName(op, m.named(module, name))
}

// pushName puts what a name stands for on the stack.
func (m *machine) pushName(op wire.Opcode, named any) error {
	m.tell(Named, op, len(m.stack), named, nil)
	return m.push(named)
}

// twoNames reads the module and the name of GLOBAL and INST.
func (m *machine) twoNames(utf bool) (module, name string, end int, err error) {
	first, end, err := m.line(1)
	if err != nil {
		return "", "", 0, err
	}
	second, end, err := m.line(end)
	if err != nil {
		return "", "", 0, err
	}
	for _, b := range [][]byte{first, second} {
		switch {
		case len(b) == 0:
			return "", "", 0, m.fail(wire.ErrSyntax, "a global has an empty name")
		case utf && !utf8.Valid(b):
			return "", "", 0, m.failf(wire.ErrSyntax, "the name is not UTF-8: %s", atom.Quote(b))
		case !utf && !atom.IsASCII(b):
			return "", "", 0, m.failf(wire.ErrSyntax, "the name is not ASCII: %s", atom.Quote(b))
		}
	}
	return m.CopyString(first), m.CopyString(second), end, nil
}

// named is a global, by its Python 3 name. CPython renames for protocols
// below 3 (_pickle.c, find_class).
func (m *machine) named(module, name string) value.Global {
	m.Taken += 32
	if m.proto < 3 && !m.cfg.KeepNames {
		return value.Python3Name(value.Global{Module: module, Name: name})
	}
	return value.Global{Module: module, Name: name}
}

func (m *machine) extension(op wire.Opcode) error {
	info, _ := op.Info()
	b, err := m.arg(info.Arg.Fixed())
	if err != nil {
		return err
	}
	var code int32
	switch len(b) {
	case 1:
		code = int32(b[0])
	case 2:
		code = int32(b[0]) | int32(b[1])<<8
	default:
		code = int32(atom.Uint32(b))
	}
	if code <= 0 {
		return m.failf(wire.ErrSyntax, "extension code %d is not above 0", code)
	}
	g, ok := m.cfg.Extensions[code]
	if !ok && m.cfg.Strict {
		return m.failf(wire.ErrStrict, "extension code %d is not registered; see WithExtensions", code)
	}
	m.pos += 1 + len(b)
	if !ok {
		return m.pushName(op, value.Extension{Code: code})
	}
	return m.pushName(op, g)
}

// persistent runs PERSID and BINPERSID.
func (m *machine) persistent(op wire.Opcode) error {
	var id any
	if op == wire.OpPersID {
		text, end, err := m.line(1)
		if err != nil {
			return err
		}
		if !atom.IsASCII(text) {
			return m.failf(wire.ErrSyntax, "the persistent id is not ASCII: %s", atom.Quote(text))
		}
		id = m.CopyString(text)
		m.pos += end
	} else {
		var err error
		if id, err = m.pop(); err != nil {
			return err
		}
		m.pos++
	}
	depth := m.depths.pop(len(m.stack))
	m.tell(Identified, op, len(m.stack), value.PersistentID{ID: id}, nil)
	if m.cfg.Persistent == nil {
		m.Taken += 16
		return m.pushDeep(value.PersistentID{ID: id}, depth+1)
	}
	v, err := m.cfg.Persistent(id)
	if err != nil {
		return m.program(err)
	}
	return m.push(v)
}

// call runs the opcodes that make an object.
func (m *machine) call(op wire.Opcode) error {
	made := value.Object{Op: op}
	var at, end int
	var err error
	switch op {
	case wire.OpReduce, wire.OpNewObj:
		at = len(m.stack) - 2
		end = 1
		if at < m.fence {
			return m.underflow()
		}
		made.Func = m.stack[at]
		args, ok := m.stack[at+1].(value.Tuple)
		if !ok {
			return m.failf(wire.ErrSyntax, "the arguments of a call are a tuple, not %s", value.TypeName(m.stack[at+1]))
		}
		made.Args = args
	case wire.OpNewObjEx:
		at = len(m.stack) - 3
		end = 1
		if at < m.fence {
			return m.underflow()
		}
		made.Func = m.stack[at]
		args, ok1 := m.stack[at+1].(value.Tuple)
		kwargs, ok2 := m.stack[at+2].(*value.Dict)
		if !ok1 || !ok2 {
			return m.failf(wire.ErrSyntax, "the arguments of a call are a tuple and a dict, not %s and %s",
				value.TypeName(m.stack[at+1]), value.TypeName(m.stack[at+2]))
		}
		made.Args, made.Kwargs = args, kwargs
		for _, e := range value.EntriesIn(kwargs) {
			if _, ok := e.Key.(string); !ok {
				return m.failf(wire.ErrSyntax, "a keyword is a str, not %s", value.TypeName(e.Key))
			}
		}
	case wire.OpInst:
		module, name, size, err := m.twoNames(false)
		if err != nil {
			return err
		}
		if at, err = m.popMark(); err != nil {
			return err
		}
		end = size
		named := m.named(module, name)
		m.tell(Named, op, at, named, nil)
		made.Func = named
		made.Args = m.NewItems(m.stack[at:])
	case wire.OpObj:
		if at, err = m.popMark(); err != nil {
			return err
		}
		end = 1
		if len(m.stack)-at < 1 {
			return m.underflow()
		}
		made.Func = m.stack[at]
		made.Args = m.NewItems(m.stack[at+1:])
	}
	if !value.IsSymbolic(made.Func) {
		return m.failf(wire.ErrSyntax, "%s cannot be called", value.TypeName(made.Func))
	}
	v, err := m.make(made, at)
	if err != nil {
		return err
	}
	m.pos += end
	depth := m.depths.pop(at) + 1
	m.stack = m.stack[:at]
	return m.pushDeep(v, depth)
}

// make is the value of a call: what a constructor returns, or the call itself.
func (m *machine) make(made value.Object, at int) (any, error) {
	if g, ok := made.Class(); ok {
		if con, ok := m.cfg.Constructors[g]; ok {
			m.told(made, at)
			v, err := con(&made)
			if err != nil {
				return nil, m.program(err)
			}
			return v, nil
		}
		if made.Op == wire.OpReduce && !m.cfg.Symbolic {
			if v, ok, err := m.builtin(g, made.Args); ok || err != nil {
				m.told(made, at)
				return v, err
			}
		}
	}
	o := m.NewObject()
	*o = made
	m.tell(Called, made.Op, at, o, nil)
	return o, nil
}

// told emits a call whose result is no symbolic value.
func (m *machine) told(made value.Object, at int) {
	if m.observer != nil {
		call := made // on the heap, and only here
		m.tell(Called, made.Op, at, &call, nil)
	}
}

// update notes what the stream does to the symbolic value at a height of the stack.
func (m *machine) update(at int, u value.Update) {
	o, ok := m.stack[at].(*value.Object)
	if !ok {
		// Something this stream did not make gets changed: a class, a module's
		// own object. The place on the stack remembers it.
		o = m.NewObject()
		*o = value.Object{Op: wire.OpBuild, Func: m.stack[at]}
		m.stack[at] = o
	}
	if o.Updates == nil {
		o.Updates = m.NewUpdates()
		o.Updates[0] = u
	} else {
		m.Taken += 48
		o.Updates = append(o.Updates, u)
	}
	m.tell(Updated, m.opcode(), at, o, &o.Updates[len(o.Updates)-1])
}

// build runs BUILD.
func (m *machine) build() error {
	n := len(m.stack)
	if n-2 < m.fence {
		return m.underflow()
	}
	if m.sub != nil && m.depths.isShared(n-2) {
		return errSubOdd
	}
	state := m.stack[n-1]
	switch t := m.stack[n-2].(type) {
	case *value.Object, value.Global, value.PersistentID, value.Extension:
		m.update(n-2, value.Update{Op: wire.OpBuild, Value: state})
	case stateSetter:
		if err := t.SetPickleState(state); err != nil {
			return m.program(err)
		}
	default:
		if !emptyState(state) {
			return m.failf(wire.ErrSyntax, "%s takes no state", value.TypeName(t))
		}
	}
	return m.absorb(n - 1)
}

// emptyState reports whether a state sets nothing, which every object takes
// (_pickle.c, load_build).
func emptyState(state any) bool {
	if t, ok := state.(value.Tuple); ok && len(t) == 2 {
		slots, ok := t[1].(*value.Dict)
		return t[0] == nil && ok && slots.Len() == 0
	}
	return state == nil
}

// dropped looks at a value that POP took. A pickler writes a call of a state
// setter and drops its result: that belongs to the object it was called with.
func (m *machine) dropped(v any) {
	setter, ok := v.(*value.Object)
	if ok && setter.Op == wire.OpReduce && len(setter.Args) == 2 && len(setter.Updates) == 0 && len(m.stack) > m.fence {
		if o, ok := m.stack[len(m.stack)-1].(*value.Object); ok && setter.Args[0] == any(o) {
			m.update(len(m.stack)-1, value.Update{Op: wire.OpReduce, Func: setter.Func, Value: setter.Args[1]})
			if m.observer != nil {
				m.observer.setter = true
			}
			return
		}
	}
	m.discard(len(m.stack), v)
}
