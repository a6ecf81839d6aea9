package audit

// Variables, cells and attributes, for the instructions of ops.go.

import "slices"

// returns notes what is returned. A module may go to somebody who is not followed.
func (f *frame) returns(v value) {
	f.x.escapes(v, "is returned")
	f.result = join(f.result, v)
}

// local is the value of a variable; one that isn't bound raises, and is as good as given.
func (f *frame) local(w *way, i int) (value, error) {
	if i >= len(w.locals) {
		return nil, errVariable
	}
	if v := w.locals[i]; v != nil {
		return v, nil
	}
	return someGiven(), nil
}

func (w *way) setLocal(i int, v value) error {
	if i >= len(w.locals) {
		return errVariable
	}
	if _, ok := v.(null); ok {
		v = nil
	}
	w.locals[i] = v
	return nil
}

func (f *frame) cellAt(w *way, i int) *cell {
	if f.program.minor < 11 {
		if i < len(w.cells) {
			return w.cells[i]
		}
		return nil
	}
	if i < len(w.locals) {
		c, _ := w.locals[i].(*cell)
		return c
	}
	return nil
}

// isFree reports whether a cell is that of an outer function.
func (f *frame) isFree(i int) bool {
	if f.program.minor < 11 {
		return i >= len(f.program.code.CellVars)
	}
	return i >= len(f.program.fast)-len(f.program.code.FreeVars)
}

func (c *cell) set(v value) {
	if c.shared != nil {
		v = c.shared.weakly(c.v, v)
	}
	c.v = v
}

// cellName is the name of a variable that is in a cell.
func (f *frame) cellName(i int) string {
	names := f.program.fast
	if f.program.minor < 11 {
		names = append(slices.Clone(f.program.code.CellVars), f.program.code.FreeVars...)
	}
	if i < len(names) {
		return names[i]
	}
	return ""
}

func (f *frame) deref(w *way, op string, i int) (bool, error) {
	c := f.cellAt(w, i)
	if c == nil {
		return false, errVariable
	}
	switch op {
	case "LOAD_CLOSURE":
		w.push(c)
		return true, nil
	case "STORE_DEREF":
		v := w.pop()
		if f.isFree(i) {
			f.x.keeps(v, f.cellName(i))
		}
		c.set(v)
		return true, nil
	case "DELETE_DEREF":
		if c.shared == nil {
			c.v = nil
		}
		return true, nil
	case "LOAD_FROM_DICT_OR_DEREF":
		w.pop()
	}
	v := c.v
	if f.names != nil && op != "LOAD_DEREF" {
		// The class body is looked at first.
		if own, ok := f.names.get(f.cellName(i)); ok {
			v = joinUpTo(v, own, 64)
		}
		v = joinUpTo(v, f.names.rest, 64)
	}
	if v == nil {
		v = someGiven()
	}
	w.push(v)
	return true, nil
}

// variable does the instructions that name a global, or a variable of a class body.
func (f *frame) variable(w *way, op, n string, in *instruction) (bool, error) {
	switch op {
	case "STORE_NAME":
		v := w.pop()
		if f.names != nil {
			f.names.set(n, v)
		} else {
			f.setGlobal(n, v)
		}
		return true, nil
	case "STORE_GLOBAL":
		f.setGlobal(n, w.pop())
		return true, nil
	case "DELETE_NAME", "DELETE_GLOBAL":
		if f.names != nil && op == "DELETE_NAME" {
			f.names.drop(n)
		} else {
			f.x.uncovers(f.globals, n)
		}
		return true, nil
	case "LOAD_FROM_DICT_OR_GLOBALS":
		w.pop()
	}
	var v value
	if f.names != nil && op != "LOAD_GLOBAL" {
		v, _ = f.names.get(n)
	}
	if v == nil {
		v = f.x.global(f.globals, n)
		if f.names != nil && op != "LOAD_GLOBAL" {
			v = joinUpTo(v, f.names.rest, 64)
		}
	}
	if op == "LOAD_GLOBAL" && in.Arg&1 != 0 && f.program.minor >= 11 {
		f.pushWithNull(w, v)
		return true, nil
	}
	w.push(v)
	return true, nil
}

// setGlobal sets a global: others may see it before that, too.
func (f *frame) setGlobal(n string, v value) {
	if n == "__builtins__" {
		f.x.find(Interpreter, n, "the builtins are replaced")
	}
	if _, had := f.globals.get(n); !had {
		f.x.uncovers(f.globals, n)
	}
	f.x.share(v, true, maxShared)
	f.globals.weaken(n, v)
}

// pushWithNull pushes a callable that has no self, in the order of the version.
func (f *frame) pushWithNull(w *way, v value) {
	if f.program.minor >= 13 {
		w.push(v)
		w.push(null{})
		return
	}
	w.push(null{})
	w.push(v)
}

func (f *frame) localsDict(w *way) value {
	if f.names != nil {
		return f.names
	}
	d := newDict()
	for i, v := range w.locals {
		if c, ok := v.(*cell); ok {
			v = c.v
		}
		if v != nil && i < len(f.program.fast) {
			d.set(f.program.fast[i], v)
		}
	}
	return d
}

// attribute does the instructions that name an attribute or a module.
func (f *frame) attribute(w *way, op, n string, in *instruction) {
	x := f.x
	switch op {
	case "LOAD_METHOD":
		f.pushWithNull(w, x.attribute(w.pop(), n))
	case "LOAD_ATTR":
		v := x.attribute(w.pop(), n)
		if in.Arg&1 != 0 && f.program.minor >= 12 {
			f.pushWithNull(w, v)
		} else {
			w.push(v)
		}
	case "LOAD_SUPER_ATTR":
		vs := w.popN(3)
		v := x.attribute(x.superOf(vs[1], vs[2]), n)
		if in.Arg&1 != 0 {
			f.pushWithNull(w, v)
		} else {
			w.push(v)
		}
	case "STORE_ATTR":
		target := w.pop()
		x.setAttribute(target, n, w.pop())
	case "DELETE_ATTR":
		x.deleteAttribute(w.pop(), n)
	case "IMPORT_NAME":
		from := w.pop()
		level := w.pop()
		w.push(x.importName(f, n, from, level))
	case "IMPORT_FROM":
		w.push(x.attribute(w.top(1), n))
	}
}
