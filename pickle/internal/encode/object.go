package encode

// Encoding of symbolic values: globals, and objects as the calls that
// make them (_pickle.c, save_global and save_reduce).

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

func (e *encoder) global(g value.Global) error {
	if slot, ok := e.memo.globals[g]; ok && !e.cfg.Fast {
		return e.get(slot)
	}
	if e.cfg.Proto >= 2 {
		if code, ok := e.cfg.Extensions[g]; ok {
			e.w.Extension(int(code))
			return nil
		}
	}
	if err := e.name(g); err != nil {
		return err
	}
	if e.memo.globals == nil {
		e.memo.globals = map[value.Global]int{}
	}
	e.memo.globals[g] = e.memo.count
	e.memo.count++
	return e.memoizeAs(e.memo.count - 1)
}

func (e *encoder) name(g value.Global) error {
	if g.Module == "" || g.Name == "" {
		return encodeErrorf("a global needs a module and a name: %q, %q", g.Module, g.Name)
	}
	if e.cfg.Proto >= 4 {
		if err := e.save(g.Module); err != nil {
			return err
		}
		if err := e.save(g.Name); err != nil {
			return err
		}
		e.w.Op(wire.OpStackGlobal)
		return nil
	}
	if i := strings.LastIndexByte(g.Name, '.'); i > 0 && i+1 < len(g.Name) {
		// Qualified names came with protocol 4; before, an attribute is asked for.
		if err := e.save(value.Global{Module: "builtins", Name: "getattr"}); err != nil {
			return err
		}
		args := value.Tuple{value.Global{Module: g.Module, Name: g.Name[:i]}, g.Name[i+1:]}
		e.memo.held = append(e.memo.held, args)
		if err := e.save(args); err != nil {
			return err
		}
		e.w.Op(wire.OpReduce)
		return nil
	}
	if e.cfg.Proto < 3 && !e.cfg.KeepNames {
		g = value.Python2Name(g)
	}
	for _, s := range []string{g.Module, g.Name} {
		if strings.ContainsAny(s, "\n") || !utf8.ValidString(s) {
			return encodeErrorf("the name %q cannot be written at protocol %d", s, e.cfg.Proto)
		}
	}
	e.w.Op(wire.OpGlobal)
	e.w.RawString(g.Module)
	e.w.RawString("\n")
	e.w.RawString(g.Name)
	e.w.RawString("\n")
	return nil
}

func (e *encoder) object(o *value.Object) error {
	id := pointerID(unsafe.Pointer(o), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	if err := e.enter(); err != nil {
		return err
	}
	if err := e.create(o); err != nil {
		return err
	}
	if o.Op != wire.OpBuild {
		// An argument may refer back to the object, as in a recursive tuple.
		if slot, ok := e.memo.get(id); ok {
			e.w.Op(wire.OpPop)
			if err := e.get(slot); err != nil {
				return err
			}
		} else if err := e.memoize(id); err != nil {
			return err
		}
	}
	for i := range o.Updates {
		if err := e.update(o, &o.Updates[i]); err != nil {
			return err
		}
		if i == 0 && o.Op == wire.OpBuild {
			// What is changed only becomes an object of its own here.
			if _, ok := e.memo.get(id); !ok {
				if err := e.memoize(id); err != nil {
					return err
				}
			}
		}
	}
	e.depth--
	return nil
}

// create writes the call that makes an object.
func (e *encoder) create(o *value.Object) error {
	switch {
	case o.Op == wire.OpBuild:
		return e.save(o.Func)
	case o.Op == wire.OpReduce || o.Op == 0:
		return e.call(o.Func, o.Args)
	case o.Op == wire.OpNewObj && e.cfg.Proto >= 2, o.Op == wire.OpNewObjEx && e.cfg.Proto >= 4:
		if err := e.save(o.Func); err != nil {
			return err
		}
		if err := e.save(o.Args); err != nil {
			return err
		}
		if o.Op == wire.OpNewObjEx {
			kwargs := o.Kwargs
			if kwargs == nil {
				kwargs = &value.Dict{}
			}
			if err := e.save(e.hold(kwargs)); err != nil {
				return err
			}
		}
		e.w.Op(o.Op)
		return nil
	case o.Op == wire.OpNewObj && len(o.Args) == 0:
		return e.call(value.Global{Module: "copyreg", Name: "_reconstructor"}, value.Tuple{o.Func, value.Global{Module: "builtins", Name: "object"}, nil})
	case o.Op == wire.OpNewObj:
		return e.call(value.Global{Module: "copyreg", Name: "__newobj__"}, append(value.Tuple{o.Func}, o.Args...))
	case o.Op == wire.OpNewObjEx:
		return e.call(value.Global{Module: "copyreg", Name: "__newobj_ex__"}, value.Tuple{o.Func, o.Args, e.hold(o.Kwargs)})
	case o.Op == wire.OpInst || o.Op == wire.OpObj:
		return e.oldInstance(o)
	}
	return encodeErrorf("an Object is not made by %s", o.Op)
}

// oldInstance writes an instance the way Python 2 did.
func (e *encoder) oldInstance(o *value.Object) error {
	e.w.Op(wire.OpMark)
	if o.Op == wire.OpObj {
		if err := e.save(o.Func); err != nil {
			return err
		}
	}
	for i, x := range o.Args {
		if err := e.save(x); err != nil {
			return gotype.At(i, err)
		}
	}
	e.w.Op(o.Op)
	if o.Op == wire.OpInst {
		g, ok := o.Func.(value.Global)
		if !ok || !atom.IsASCII([]byte(g.Module+g.Name)) || strings.ContainsAny(g.Module+g.Name, "\n") {
			return encodeErrorf("INST names its class in ASCII, not by %s", value.TypeName(o.Func))
		}
		if e.cfg.Proto < 3 && !e.cfg.KeepNames {
			g = value.Python2Name(g)
		}
		e.w.RawString(g.Module + "\n" + g.Name + "\n")
	}
	return nil
}

// update writes one change to the object on the stack.
func (e *encoder) update(o *value.Object, u *value.Update) error {
	switch u.Op {
	case wire.OpBuild:
		if err := e.save(u.Value); err != nil {
			return err
		}
		e.w.Op(wire.OpBuild)
		return nil
	case wire.OpReduce:
		if e.cfg.Fast {
			return encodeErrorf("a state setter refers to its object, which WithoutMemo cannot")
		}
		if err := e.save(u.Func); err != nil {
			return err
		}
		if err := e.save(o); err != nil {
			return err
		}
		if err := e.save(u.Value); err != nil {
			return err
		}
		// TUPLE2 at any protocol, as CPython does (_pickle.c, save_reduce).
		e.w.Op2(wire.OpTuple2, wire.OpReduce)
		e.w.Op(wire.OpPop)
		return nil
	}
	items, ok := u.Value.(value.Tuple)
	if !ok {
		return encodeErrorf("an update by %s holds a Tuple, not %T", u.Op, u.Value)
	}
	switch u.Op {
	case wire.OpAppends:
		return e.batches(len(items), 1, wire.OpAppend, wire.OpAppends, items)
	case wire.OpSetItems:
		if len(items)%2 != 0 {
			return encodeErrorf("an update by SETITEMS holds keys and values in turn")
		}
		return e.batches(len(items)/2, 2, wire.OpSetItem, wire.OpSetItems, items)
	case wire.OpAddItems:
		return e.setItems(len(items), func(i int) error { return e.save(items[i]) })
	}
	return encodeErrorf("an Object is not updated by %s", u.Op)
}

// batches writes n groups of values as batch_list and batch_dict of
// _pickle.c do, which do not know how many will come.
func (e *encoder) batches(n, each int, one, many wire.Opcode, items []any) error {
	if err := e.enter(); err != nil {
		return err
	}
	write := func(i int) error {
		for _, x := range items[i*each : i*each+each] {
			if err := e.save(x); err != nil {
				return gotype.At(i, err)
			}
		}
		return nil
	}
	for i := 0; i < n; {
		if e.cfg.Proto == 0 || n-i == 1 {
			if err := write(i); err != nil {
				return err
			}
			e.w.Op(one)
			i++
			continue
		}
		e.w.Op(wire.OpMark)
		for end := min(n, i+wire.BatchSize); i < end; i++ {
			if err := write(i); err != nil {
				return err
			}
		}
		e.w.Op(many)
	}
	e.depth--
	return nil
}
