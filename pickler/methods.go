package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Module is the extension module: what cmd/engine gives to CPython.
func Module() python.Module {
	const public, private = "gocloudpickle", "gocloudpickle._engine"
	return python.Module{
		Init:   Bind,
		States: &picklers,
		Methods: []python.Method{
			{Name: "dumps", In: public, Call: dumps, Doc: `dumps(obj, protocol=None, buffer_callback=None)
--

Serialize obj as bytes, functions and classes by value where they can't be imported.

protocol is 0 to 5, negative for the highest; None is DEFAULT_PROTOCOL, the highest.
buffer_callback takes each out-of-band buffer (PEP 574), from protocol 5 on.

Raises pickle.PicklingError, TypeError or whatever an object's own __reduce__ raises
where obj can't be pickled.

>>> import gocloudpickle, pickle
>>> pickle.loads(gocloudpickle.dumps(lambda x: x + 1))(1)
2`},
			{Name: "dump", In: public, Call: dump, Doc: `dump(obj, file, protocol=None, buffer_callback=None)
--

Serialize obj into file, which has a write(bytes) method. See dumps.

>>> import gocloudpickle, io
>>> gocloudpickle.dump(lambda: 0, io.BytesIO())`},
			{Name: "bind", In: private, Call: bind, Doc: `bind(namespace, pickler, dispatch_table, builtin_type_names, reduce)
--

Make a door: dumps through a Pickler class and the module that payloads name. Returns its number.`},
			{Name: "dumps_through", In: private, Call: dumpsThrough, Doc: `dumps_through(door, obj, protocol=None, buffer_callback=None)
--

`},
			{Name: "dump_through", In: private, Call: dumpThrough, Doc: `dump_through(door, obj, file, protocol=None, buffer_callback=None)
--

`},
			{Name: "new_state", In: private, Call: newState, Doc: `new_state(door, protocol=None, buffer_callback=None, fix_imports=True)
--

Make the engine's half of a Pickler object.`},
			{Name: "pickler_dump", In: private, Call: picklerDump, Doc: `pickler_dump(state, pickler, obj, write)
--

`},
			{Name: "memo_get", In: private, Call: memoGet, Doc: `memo_get(state)
--

Return the memo as a dict from id(obj) to (slot, obj).`},
			{Name: "memo_set", In: private, Call: memoSet, Doc: `memo_set(state, memo)
--

Set the memo from such a dict.`},
			{Name: "memo_clear", In: private, Call: memoClear, Doc: `memo_clear(state)
--

`},
			{Name: "info", In: private, Call: info, Doc: `info()
--

Return what the engine is and has done, as a dict.`},
		},
	}
}

// Bind prepares this package for the interpreter that python.Init has bound.
func Bind() error {
	if err := bindOpcodes(); err != nil {
		return err
	}
	return bindCommon()
}

var doors []*Door

// bind(namespace, pickler, dispatch_table, builtin_type_names, reduce) -> int
func bind(a python.Args) (python.Object, error) {
	if !python.InMainInterpreter() {
		// Up to 3.13 CPython gives a sub-interpreter a module that the main one has
		// imported, without asking it.
		return python.Nil, python.Raise(python.ImportError, "gocloudpickle can't run in a sub-interpreter: "+
			"use it in the main one, or stock cloudpickle here")
	}
	args, err := arguments(a, "bind", 5, "namespace", "pickler", "dispatch_table", "builtin_type_names", "reduce")
	if err != nil {
		return python.Nil, err
	}
	d, err := NewDoor(args[0], args[1], args[2], args[3], args[4])
	if err != nil {
		return python.Nil, raised(err)
	}
	doors = append(doors, d)
	return python.NewLong(len(doors) - 1), nil
}

// NewDoor makes a door of a module of cloudpickle's names, a Pickler class with
// its original dispatch table, the names of the types module's types, and the
// function that reduces functions and classes in Python.
func NewDoor(namespace, class, dispatch, builtinNames, reduce python.Object) (*Door, error) {
	ns, err := NewNamespace(namespace, dispatch, builtinNames)
	if err != nil {
		return nil, err
	}
	override, err := attribute(class, "reducer_override")
	if err != nil {
		return nil, err
	}
	if dispatch.Type() != python.DictType {
		common.lateTable = dispatch.Type()
	}
	class.IncRef()
	reduce.IncRef()
	return &Door{Namespace: ns, Class: class, ReduceInPython: reduce, ReducerOverride: override}, nil
}

func raised(err error) error {
	if python.Occurred() {
		return python.ErrPython
	}
	return python.Raise(python.RuntimeError, "gocloudpickle: %s", err)
}

func doorOf(o python.Object) (*Door, error) {
	n, ok := int64(0), false
	if python.IsInt(o) {
		n, ok = python.IntSmall(o)
	}
	if !ok || n < 0 || n >= int64(len(doors)) {
		return nil, python.Raise(python.ValueError, "no such door: %s", reprOf(o))
	}
	return doors[n], nil
}

func dumps(a python.Args) (python.Object, error) {
	args, err := arguments(a, "dumps", 1, "obj", "protocol", "buffer_callback")
	if err != nil {
		return python.Nil, err
	}
	return dumpsBy(0, args[0], args[1], args[2])
}

func dumpsThrough(a python.Args) (python.Object, error) {
	args, err := arguments(a, "dumps_through", 2, "door", "obj", "protocol", "buffer_callback")
	if err != nil {
		return python.Nil, err
	}
	d, err := doorOf(args[0])
	if err != nil {
		return python.Nil, err
	}
	options, err := optionsOf(args[2], args[3])
	if err != nil {
		return python.Nil, err
	}
	return d.Dumps(args[1], options)
}

func dumpsBy(door int, o, protocol, callback python.Object) (python.Object, error) {
	options, err := optionsOf(protocol, callback)
	if err != nil {
		return python.Nil, err
	}
	return doors[door].Dumps(o, options)
}

func dump(a python.Args) (python.Object, error) {
	args, err := arguments(a, "dump", 2, "obj", "file", "protocol", "buffer_callback")
	if err != nil {
		return python.Nil, err
	}
	return dumpBy(doors[0], args[0], args[1], args[2], args[3])
}

func dumpThrough(a python.Args) (python.Object, error) {
	args, err := arguments(a, "dump_through", 3, "door", "obj", "file", "protocol", "buffer_callback")
	if err != nil {
		return python.Nil, err
	}
	d, err := doorOf(args[0])
	if err != nil {
		return python.Nil, err
	}
	return dumpBy(d, args[1], args[2], args[3], args[4])
}

func dumpBy(d *Door, o, file, protocol, callback python.Object) (python.Object, error) {
	options, err := optionsOf(protocol, callback)
	if err != nil {
		return python.Nil, err
	}
	return none(d.Dump(o, file, options))
}

// none is the result of a function that returns None.
func none(err error) (python.Object, error) {
	if err != nil {
		return python.Nil, err
	}
	python.None.IncRef()
	return python.None, nil
}

func newState(a python.Args) (python.Object, error) {
	args, err := arguments(a, "new_state", 1, "door", "protocol", "buffer_callback", "fix_imports")
	if err != nil {
		return python.Nil, err
	}
	d, err := doorOf(args[0])
	if err != nil {
		return python.Nil, err
	}
	options, err := optionsOf(args[1], args[2])
	if err != nil {
		return python.Nil, err
	}
	if !args[3].IsNil() {
		fix, err := python.IsTrue(args[3])
		if err != nil {
			return python.Nil, err
		}
		options.NoFixImports = !fix
	}
	return d.newObject(options)
}

func picklerDump(a python.Args) (python.Object, error) {
	args, err := arguments(a, "pickler_dump", 4, "state", "pickler", "obj", "write")
	if err != nil {
		return python.Nil, err
	}
	ob, err := picklers.of(args[0])
	if err != nil {
		return python.Nil, err
	}
	// The state must outlive the dump, whatever Python code does to the Pickler.
	args[0].IncRef()
	err = ob.dumpObject(args[1], args[2], args[3])
	args[0].DecRef()
	return none(err)
}

func memoGet(a python.Args) (python.Object, error) {
	ob, _, err := memoArguments(a, "memo_get", 1)
	if err != nil {
		return python.Nil, err
	}
	d := python.NewDict()
	if d.IsNil() {
		return d, python.ErrPython
	}
	err = ob.memo.each(func(o python.Object, slot int) error {
		number := python.NewLong(slot)
		pair := python.NewTuple(number, o)
		number.DecRef()
		id := python.NewAddress(o)
		err := python.DictSet(d, id, pair)
		id.DecRef()
		pair.DecRef()
		return err
	})
	if err != nil {
		d.DecRef()
		return python.Nil, err
	}
	return d, nil
}

func memoArguments(a python.Args, name string, required int) (object, python.Object, error) {
	args, err := arguments(a, name, required, "state", "memo")
	if err != nil {
		return object{}, python.Nil, err
	}
	ob, err := picklers.of(args[0])
	if err == nil && ob.busy {
		err = python.Raise(python.RuntimeError, "the memo of a Pickler can't change in the middle of its dump")
	}
	return ob, args[1], err
}

func memoSet(a python.Args) (python.Object, error) {
	ob, memo, err := memoArguments(a, "memo_set", 2)
	if err != nil {
		return python.Nil, err
	}
	if memo.Type() != python.DictType {
		return python.Nil, python.Raise(python.TypeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not %s",
			typeName(memo.Type()))
	}
	ob.clearMemo()
	it := python.IterDict(memo)
	for {
		_, pair, ok := it.Next()
		if !ok {
			return none(nil)
		}
		if !python.IsTuple(pair) || python.TupleSize(pair) != 2 || !python.IsInt(python.TupleItem(pair, 0)) {
			ob.clearMemo()
			return python.Nil, python.Raise(python.TypeError, "'memo' values must be 2-item tuples")
		}
		slot, ok := python.IntSmall(python.TupleItem(pair, 0))
		if !ok || slot < 0 || slot > 1<<32-1 {
			ob.clearMemo()
			return python.Nil, python.Raise(python.ValueError, "'memo' slots must be from 0 to 2**32-1")
		}
		ob.memo.set(python.TupleItem(pair, 1), int(slot))
	}
}

func memoClear(a python.Args) (python.Object, error) {
	ob, _, err := memoArguments(a, "memo_clear", 1)
	if err != nil {
		return python.Nil, err
	}
	ob.clearMemo()
	return none(nil)
}

func info(a python.Args) (python.Object, error) {
	if _, err := arguments(a, "info", 0); err != nil {
		return python.Nil, err
	}
	d := python.NewDict()
	set := func(name string, value python.Object) {
		key := python.Intern(name)
		_ = python.DictSet(d, key, value)
		key.DecRef()
		value.DecRef()
	}
	fast, why := python.Fast()
	path := "portable"
	python.None.IncRef()
	reason := python.None
	if fast {
		path = "layout"
	} else {
		reason = python.NewStr(why)
	}
	set("python", python.NewStr(python.Version()))
	set("path", python.NewStr(path))
	set("why_portable", reason)
	set("layout", python.NewLong(int(Counts.Layout)))
	set("portable", python.NewLong(int(Counts.Portable)))
	return d, nil
}

// optionsOf reads protocol and buffer_callback as pickle.Pickler does. Absent
// ones are Nil.
func optionsOf(protocol, callback python.Object) (Options, error) {
	o := Options{Protocol: pickle.HighestProtocol}
	if !protocol.IsNil() && protocol != python.None {
		n := python.AsLong(protocol)
		if n == -1 && python.Occurred() {
			return o, python.ErrPython
		}
		if n > pickle.HighestProtocol {
			return o, python.Raise(python.ValueError, "pickle protocol must be <= %d", pickle.HighestProtocol)
		}
		if n >= 0 {
			o.Protocol = n
		}
	}
	if !callback.IsNil() && callback != python.None {
		if o.Protocol < 5 {
			return o, python.Raise(python.ValueError, "buffer_callback needs protocol >= 5")
		}
		o.BufferCallback = callback
	}
	return o, nil
}

// maxArguments is the most that a function here takes.
const maxArguments = 5

// arguments sorts a call's arguments by name, borrowed; absent ones are Nil. The
// first required ones must be there.
func arguments(a python.Args, function string, required int, names ...string) (out [maxArguments]python.Object, err error) {
	n := a.Positional()
	if n > len(names) {
		return out, python.Raise(python.TypeError, "%s() takes at most %d arguments (%d given)", function, len(names), n)
	}
	copy(out[:], a.Values[:n])
	for i, value := range a.Values[n:] {
		key := python.String(python.TupleItem(a.Keywords, i))
		at := -1
		for j, name := range names {
			if name == key {
				at = j
			}
		}
		if at < 0 {
			return out, python.Raise(python.TypeError, "%s() got an unexpected keyword argument '%s'", function, key)
		}
		if !out[at].IsNil() {
			return out, python.Raise(python.TypeError, "%s() got multiple values for argument '%s'", function, key)
		}
		out[at] = value
	}
	for i, name := range names[:required] {
		if out[i].IsNil() {
			return out, python.Raise(python.TypeError, "%s() missing required argument '%s' (pos %d)", function, name, i+1)
		}
	}
	return out, nil
}
