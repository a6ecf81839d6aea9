package pickle

// Opcodes that name, call and change what only Python could make. Nothing is
// run: the result is a symbolic value, unless the program registered a
// constructor.

import "unicode/utf8"

// global runs GLOBAL, STACK_GLOBAL and the extension registry.
func (m *machine) global(op Opcode) error {
	switch op {
	case OpExt1, OpExt2, OpExt4:
		return m.extension(op)
	case OpStackGlobal:
		n := len(m.stack)
		if n-m.fence < 2 {
			return m.underflow()
		}
		module, ok1 := m.stack[n-2].(string)
		name, ok2 := m.stack[n-1].(string)
		if !ok1 || !ok2 {
			return m.failf(ErrSyntax, "a global is named by two strs, not by %s and %s",
				typeName(m.stack[n-2]), typeName(m.stack[n-1]))
		}
		m.stack = m.stack[:n-2]
		m.depths.pop(n - 2)
		m.pos++
		return m.push(m.named(module, name))
	}
	module, name, end, err := m.twoNames(true)
	if err != nil {
		return err
	}
	m.pos += end
	return m.push(m.named(module, name))
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
			return "", "", 0, m.fail(ErrSyntax, "a global has an empty name")
		case utf && !utf8.Valid(b):
			return "", "", 0, m.failf(ErrSyntax, "the name is not UTF-8: %s", quote(b))
		case !utf && !isASCII(b):
			return "", "", 0, m.failf(ErrSyntax, "the name is not ASCII: %s", quote(b))
		}
	}
	return m.copyString(first), m.copyString(second), end, nil
}

// named is a global, by its Python 3 name. CPython renames for protocols
// below 3 (_pickle.c, find_class).
func (m *machine) named(module, name string) Global {
	m.taken += 32
	if m.proto < 3 && !m.cfg.keepNames {
		return python3Name(Global{module, name})
	}
	return Global{module, name}
}

func (m *machine) extension(op Opcode) error {
	info, _ := op.Info()
	b, err := m.arg(info.Arg.fixed())
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
		code = int32(le32(b))
	}
	if code <= 0 {
		return m.failf(ErrSyntax, "extension code %d is not above 0", code)
	}
	g, ok := m.cfg.extensions[code]
	if !ok && m.cfg.strict {
		return m.failf(ErrStrict, "extension code %d is not registered; see WithExtensions", code)
	}
	m.pos += 1 + len(b)
	if !ok {
		return m.push(Extension{code})
	}
	return m.push(g)
}

// persistent runs PERSID and BINPERSID.
func (m *machine) persistent(op Opcode) error {
	var id any
	if op == OpPersID {
		text, end, err := m.line(1)
		if err != nil {
			return err
		}
		if !isASCII(text) {
			return m.failf(ErrSyntax, "the persistent id is not ASCII: %s", quote(text))
		}
		id = m.copyString(text)
		m.pos += end
	} else {
		var err error
		if id, err = m.pop(); err != nil {
			return err
		}
		m.pos++
	}
	depth := m.depths.pop(len(m.stack))
	if m.cfg.persistent == nil {
		m.taken += 16
		return m.pushDeep(PersistentID{id}, depth+1)
	}
	v, err := m.cfg.persistent(id)
	if err != nil {
		return m.program(err)
	}
	return m.push(v)
}

// call runs the opcodes that make an object.
func (m *machine) call(op Opcode) error {
	made := Object{Op: op}
	var at, end int
	var err error
	switch op {
	case OpReduce, OpNewObj:
		at = len(m.stack) - 2
		end = 1
		if at < m.fence {
			return m.underflow()
		}
		made.Func = m.stack[at]
		args, ok := m.stack[at+1].(Tuple)
		if !ok {
			return m.failf(ErrSyntax, "the arguments of a call are a tuple, not %s", typeName(m.stack[at+1]))
		}
		made.Args = args
	case OpNewObjEx:
		at = len(m.stack) - 3
		end = 1
		if at < m.fence {
			return m.underflow()
		}
		made.Func = m.stack[at]
		args, ok1 := m.stack[at+1].(Tuple)
		kwargs, ok2 := m.stack[at+2].(*Dict)
		if !ok1 || !ok2 {
			return m.failf(ErrSyntax, "the arguments of a call are a tuple and a dict, not %s and %s",
				typeName(m.stack[at+1]), typeName(m.stack[at+2]))
		}
		made.Args, made.Kwargs = args, kwargs
		for _, e := range kwargs.entries {
			if _, ok := e.Key.(string); !ok {
				return m.failf(ErrSyntax, "a keyword is a str, not %s", typeName(e.Key))
			}
		}
	case OpInst:
		module, name, size, err := m.twoNames(false)
		if err != nil {
			return err
		}
		if at, err = m.popMark(); err != nil {
			return err
		}
		end = size
		made.Func = m.named(module, name)
		made.Args = m.newItems(m.stack[at:])
	case OpObj:
		if at, err = m.popMark(); err != nil {
			return err
		}
		end = 1
		if len(m.stack)-at < 1 {
			return m.underflow()
		}
		made.Func = m.stack[at]
		made.Args = m.newItems(m.stack[at+1:])
	}
	if !isSymbolic(made.Func) {
		return m.failf(ErrSyntax, "%s cannot be called", typeName(made.Func))
	}
	v, err := m.make(made)
	if err != nil {
		return err
	}
	m.pos += end
	depth := m.depths.pop(at) + 1
	m.stack = m.stack[:at]
	return m.pushDeep(v, depth)
}

// make is the value of a call: what a constructor returns, or the call itself.
func (m *machine) make(made Object) (any, error) {
	if g, ok := made.Class(); ok {
		if con, ok := m.cfg.constructors[g]; ok {
			v, err := con(&made)
			if err != nil {
				return nil, m.program(err)
			}
			return v, nil
		}
		if made.Op == OpReduce && !m.cfg.symbolic {
			if v, ok, err := m.builtin(g, made.Args); ok || err != nil {
				return v, err
			}
		}
	}
	o := m.newObject()
	*o = made
	return o, nil
}

// update notes what the stream does to the symbolic value at a height of the stack.
func (m *machine) update(at int, u Update) {
	o, ok := m.stack[at].(*Object)
	if !ok {
		// Something this stream did not make gets changed: a class, a module's
		// own object. The place on the stack remembers it.
		o = m.newObject()
		*o = Object{Op: OpBuild, Func: m.stack[at]}
		m.stack[at] = o
	}
	if o.Updates == nil {
		o.Updates = m.newUpdates()
		o.Updates[0] = u
		return
	}
	m.taken += 48
	o.Updates = append(o.Updates, u)
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
	case *Object, Global, PersistentID, Extension:
		m.update(n-2, Update{Op: OpBuild, Value: state})
	case StateSetter:
		if err := t.SetPickleState(state); err != nil {
			return m.program(err)
		}
	default:
		if !emptyState(state) {
			return m.failf(ErrSyntax, "%s takes no state", typeName(t))
		}
	}
	return m.absorb(n - 1)
}

// emptyState reports whether a state sets nothing, which every object takes
// (_pickle.c, load_build).
func emptyState(state any) bool {
	if t, ok := state.(Tuple); ok && len(t) == 2 {
		slots, ok := t[1].(*Dict)
		return t[0] == nil && ok && slots.Len() == 0
	}
	return state == nil
}

// dropped looks at a value that POP took. A pickler writes a call of a state
// setter and drops its result: that belongs to the object it was called with.
func (m *machine) dropped(v any) {
	setter, ok := v.(*Object)
	if ok && setter.Op == OpReduce && len(setter.Args) == 2 && len(setter.Updates) == 0 && len(m.stack) > m.fence {
		if o, ok := m.stack[len(m.stack)-1].(*Object); ok && setter.Args[0] == any(o) {
			m.update(len(m.stack)-1, Update{Op: OpReduce, Func: setter.Func, Value: setter.Args[1]})
			return
		}
	}
	m.discard(v)
}
