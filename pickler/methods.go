package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Module is the extension module: what cmd/engine gives to CPython.
func Module() python.Module {
	const public, private = "gocloudpickle", "gocloudpickle._engine"
	return python.Module{
		Init:   Bind,
		States: &picklers,
		Methods: []python.Method{
			{Name: "dumps", In: public, Substitute: true, Call: dumps, Doc: `dumps(obj, protocol=None, buffer_callback=None, *, max_bytes=None, skip=None)
--

Serialize obj as bytes, functions and classes by value where they can't be imported.

protocol is 0 to 5, negative for the highest; None is DEFAULT_PROTOCOL, the highest.
buffer_callback takes each out-of-band buffer (PEP 574), from protocol 5 on.

max_bytes is how long the payload may become, without out-of-band buffers; a longer one
raises PayloadTooLargeError, which names the largest values. skip replaces instances of
types and of their subclasses, such as {LockType: None}: by a value, or, where that is
callable, by what it returns for the object.

Raises pickle.PicklingError, TypeError or whatever an object's own __reduce__ raises
where obj can't be pickled.

>>> import gocloudpickle, pickle
>>> pickle.loads(gocloudpickle.dumps(lambda x: x + 1))(1)
2`},
			{Name: "dump", In: public, Substitute: true, Call: dump, Doc: `dump(obj, file, protocol=None, buffer_callback=None, *, max_bytes=None, skip=None)
--

Serialize obj into file, which has a write(bytes) method. See dumps.

>>> import gocloudpickle, io
>>> gocloudpickle.dump(lambda: 0, io.BytesIO())`},
			{Name: "bind", In: private, Call: bind, Doc: `bind(target, namespace, pickler, dispatch_table, builtin_type_names, reduce, beyond)
--

Make a target: dumps through a Pickler class and the module that payloads name. Its number is
that of one there is, which it replaces, or the next one.`},
			{Name: "bind_override", In: private, Call: bindOverride, Doc: `bind_override(target, reducer_override)
--

Tell a target which reducer_override its class gets, that pickler_reduce is behind.`},
			{Name: "dumps_through", In: private, Substitute: true, Call: dumpsThrough, Doc: `dumps_through(target, obj, protocol=None, buffer_callback=None)
--

`},
			{Name: "dump_through", In: private, Substitute: true, Call: dumpThrough, Doc: `dump_through(target, obj, file, protocol=None, buffer_callback=None)
--

`},
			{Name: "pickler_stream", In: private, Substitute: true, Call: picklerStream, Doc: `pickler_stream(state, pickler, obj, reducer_override, persistent_id)
--

Pickle obj, and return the end of the stream, which is still to be written.`},
			{Name: "pickler_override", In: private, Call: picklerOverride, Doc: `pickler_override(state, pickler, obj)
--

Reduce obj as the class's own reducer_override does, in the middle of a dump; the type of
state where that is left to Python.`},
			{Name: "pickler_undo", In: private, Call: picklerUndo, Doc: `pickler_undo(state)
--

Forget what the last dump has memoized.`},
			{Name: "memo_get", In: private, Call: memoGet, Doc: `memo_get(state)
--

Return the memo as a dict from id(obj) to (slot, obj).`},
			{Name: "memo_whole", In: private, Call: memoWhole, Doc: `memo_whole(state)
--

Return memo_get(state), the number of slots taken, and a dict from the slot of each dict
that stands for the globals of functions to those globals.`},
			{Name: "memo_set", In: private, Call: memoSet, Doc: `memo_set(state, memo)
--

Set the memo from such a dict.`},
			{Name: "memo_clear", In: private, Call: memoClear, Doc: `memo_clear(state)
--

`},
			{Name: "trace", In: private, Substitute: true, Call: trace, Doc: `trace(obj, protocol=None, buffer_callback=None, skip=None, limit=0)
--

Dump obj to nowhere and return where in the stream each object is: see _trace.py.`},
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
	return bindStdlib()
}

var targets []*Target

// bind(target, namespace, pickler, dispatch_table, builtin_type_names, reduce, beyond)
//
// It can be repeated: an interrupt can come after the target is made and before
// the caller has its number.
func bind(a python.Args) (python.Object, error) {
	if !python.InMainInterpreter() {
		// Up to 3.13 CPython gives a sub-interpreter a module that the main one has
		// imported, without asking it.
		return python.Nil, python.Raise(python.ImportError, "this is a sub-interpreter: the engine runs in the main one")
	}
	args, err := arguments(a, "bind", 7, "target", "namespace", "pickler", "dispatch_table", "builtin_type_names", "reduce", "beyond")
	if err != nil {
		return python.Nil, err
	}
	d, err := NewTarget(args[1], args[2], args[3], args[4], args[5], args[6])
	if err != nil {
		return python.Nil, raised(err)
	}
	number, ok := int64(0), false
	if python.IsInt(args[0]) {
		number, ok = python.IntSmall(args[0])
	}
	if !ok || number < 0 || number > int64(len(targets)) {
		return python.Nil, python.Raise(python.ValueError, "no such target: %s", reprOf(args[0]))
	}
	if number == int64(len(targets)) {
		targets = append(targets, nil)
	}
	targets[number] = d
	return none(nil)
}

// NewTarget makes a target from a module with cloudpickle's names, a Pickler class with
// its original dispatch table, the names of the types module's types, the
// function that reduces functions and classes in Python, and a Beyond of _beyond, or
// None for stock's results.
func NewTarget(namespace, class, dispatch, builtinNames, reduce, beyond python.Object) (*Target, error) {
	ns, err := NewNamespace(namespace, dispatch, builtinNames)
	if err != nil {
		return nil, err
	}
	override, err := attribute(class, "reducer_override")
	if err != nil {
		return nil, err
	}
	persistentID, err := python.LookupAttr(class, interned.persistentID)
	if err != nil {
		return nil, err
	}
	if dispatch.Type() != python.DictType {
		stdlib.lateTable = dispatch.Type()
	}
	better, err := readBeyond(beyond)
	if err != nil {
		return nil, err
	}
	class.IncRef()
	reduce.IncRef()
	dispatch.IncRef()
	return &Target{
		Namespace: ns, Class: class, ReduceInPython: reduce, ReducerOverride: override,
		persistentID: persistentID, dispatch: dispatch, beyond: better,
	}, nil
}

func raised(err error) error {
	if python.Occurred() {
		return python.ErrPython
	}
	return python.Raise(python.RuntimeError, "gocloudpickle: %s", err)
}

func bindOverride(a python.Args) (python.Object, error) {
	args, err := arguments(a, "bind_override", 2, "target", "reducer_override")
	if err != nil {
		return python.Nil, err
	}
	d, err := targetOf(args[0])
	if err == nil {
		args[1].IncRef()
		old := d.nativeOverride
		d.nativeOverride, d.hooksVersion = args[1], 0
		old.XDecRef()
	}
	return none(err)
}

func targetOf(o python.Object) (*Target, error) {
	n, ok := int64(0), false
	if python.IsInt(o) {
		n, ok = python.IntSmall(o)
	}
	if !ok || n < 0 || n >= int64(len(targets)) {
		return nil, python.Raise(python.ValueError, "no such target: %s", reprOf(o))
	}
	return targets[n], nil
}

func dumpsThrough(a python.Args) (python.Object, error) {
	args, err := arguments(a, "dumps_through", 2, "target", "obj", "protocol", "buffer_callback")
	if err != nil {
		return python.Nil, err
	}
	d, err := targetOf(args[0])
	if err != nil {
		return python.Nil, err
	}
	options, err := optionsOf(args[2], args[3])
	if err != nil {
		return python.Nil, err
	}
	return d.Dumps(args[1], options)
}

func dumpsBy(target int, o, protocol, callback python.Object) (python.Object, error) {
	options, err := optionsOf(protocol, callback)
	if err != nil {
		return python.Nil, err
	}
	return targets[target].Dumps(o, options)
}

func dumpThrough(a python.Args) (python.Object, error) {
	args, err := arguments(a, "dump_through", 3, "target", "obj", "file", "protocol", "buffer_callback")
	if err != nil {
		return python.Nil, err
	}
	d, err := targetOf(args[0])
	if err != nil {
		return python.Nil, err
	}
	return dumpBy(d, args[1], args[2], args[3], args[4])
}

func dumpBy(d *Target, o, file, protocol, callback python.Object) (python.Object, error) {
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

func picklerStream(a python.Args) (python.Object, error) {
	if len(a.Values) != 5 || !a.Keywords.IsNil() {
		return python.Nil, python.Raise(python.TypeError, "pickler_stream() takes 5 arguments")
	}
	state, pickler, o := a.Values[0], a.Values[1], a.Values[2]
	ob, s, err := picklers.of(state)
	if err != nil {
		return python.Nil, err
	}
	if ob.busy || s.Busy() {
		return python.Nil, alreadyUsed()
	}
	if !python.IsSubtype(pickler.Type(), stdlib.pickler) {
		return python.Nil, python.Raise(python.TypeError, "a Pickler is needed, not %s", typeName(pickler.Type()))
	}
	if binary, err := python.PicklerBin(pickler); err != nil || binary != (ob.proto > 0) {
		return none(dumpInPython(pickler, o, err))
	}
	write := s.Write()
	if write.IsNil() {
		return python.Nil, python.Raise(python.RuntimeError, "this Pickler is going away")
	}
	s.SetUsed()
	if err := ob.takeHooks(s, state, pickler, a.Values[3], a.Values[4]); err != nil {
		return python.Nil, err
	}
	// They must outlive the dump, whatever Python code does to the Pickler.
	state.IncRef()
	write.IncRef()
	stream, err := ob.dumpObject(pickler, o, write)
	ob.share(s)
	write.DecRef()
	state.DecRef()
	return stream, err
}

func picklerOverride(a python.Args) (python.Object, error) {
	if len(a.Values) != 3 || !a.Keywords.IsNil() {
		return python.Nil, python.Raise(python.TypeError, "pickler_override() takes 3 arguments")
	}
	ob, _, err := picklers.of(a.Values[0])
	if err != nil {
		return python.Nil, err
	}
	if ob.busy && ob.self == a.Values[1] {
		if value, err := ob.reduceOverridden(a.Values[2]); err != errTwin {
			return value, err
		}
	}
	inPython := python.NoHook()
	inPython.IncRef()
	return inPython, nil
}

func picklerUndo(a python.Args) (python.Object, error) {
	ob, _, err := memoArguments(a, "pickler_undo", 1)
	if err == nil {
		ob.undo()
	}
	return none(err)
}

// dumpInPython makes a dump without the engine that the engine has no opcodes for: that
// of a Pickler whose attribute bin isn't that of its protocol.
func dumpInPython(pickler, o python.Object, err error) error {
	if err != nil {
		return err
	}
	dump, err := importFrom("gocloudpickle._python_path", "pickler_dump")
	if err != nil {
		return err
	}
	defer dump.DecRef()
	done := python.Call2(dump, pickler, o)
	if done.IsNil() {
		return python.ErrPython
	}
	done.DecRef()
	return nil
}

func memoGet(a python.Args) (python.Object, error) {
	ob, _, err := memoArguments(a, "memo_get", 1)
	if err != nil {
		return python.Nil, err
	}
	return ob.memoDict()
}

func (ob object) memoDict() (python.Object, error) {
	d := python.NewDict()
	if d.IsNil() {
		return d, python.ErrPython
	}
	type entry struct {
		o    python.Object
		slot int
	}
	// Held: what follows allocates, so that finalizers can run and clear the memo.
	var entries []entry
	_ = ob.memo.each(func(o python.Object, slot int) error {
		o.IncRef()
		entries = append(entries, entry{o, slot})
		return nil
	})
	var err error
	for _, e := range entries {
		if err == nil {
			err = setMemoEntry(d, e.o, e.slot)
		}
	}
	for _, e := range entries {
		e.o.DecRef()
	}
	if err != nil {
		d.DecRef()
		return python.Nil, err
	}
	return d, nil
}

// setMemoEntry is d[id(o)] = (slot, o).
func setMemoEntry(d, o python.Object, slot int) error {
	number, id := python.NewLong(slot), python.NewAddress(o)
	defer number.XDecRef()
	defer id.XDecRef()
	if number.IsNil() || id.IsNil() {
		return python.ErrPython
	}
	pair := python.NewTuple(number, o)
	if pair.IsNil() {
		return python.ErrPython
	}
	defer pair.DecRef()
	return python.DictSet(d, id, pair)
}

// memoWhole is what another pickler needs to go on with a Pickler's memo.
func memoWhole(a python.Args) (python.Object, error) {
	ob, _, err := memoArguments(a, "memo_whole", 1)
	if err != nil {
		return python.Nil, err
	}
	// Held, as in memoDict.
	refs := append([]globalsRef(nil), ob.globalsRefs...)
	for _, ref := range refs {
		ref.globals.IncRef()
		defer ref.globals.DecRef()
	}
	count := ob.memo.slots
	memo, err := ob.memoDict()
	if err != nil {
		return python.Nil, err
	}
	defer memo.DecRef()
	slots, globals := python.NewLong(count), python.NewDict()
	defer slots.XDecRef()
	defer globals.XDecRef()
	if slots.IsNil() || globals.IsNil() {
		return python.Nil, python.ErrPython
	}
	for _, ref := range refs {
		slot := python.NewLong(ref.slot)
		if slot.IsNil() {
			return python.Nil, python.ErrPython
		}
		err := python.DictSet(globals, slot, ref.globals)
		slot.DecRef()
		if err != nil {
			return python.Nil, err
		}
	}
	whole := python.NewTuple(memo, slots, globals)
	if whole.IsNil() {
		return python.Nil, python.ErrPython
	}
	return whole, nil
}

// alreadyUsed raises the error of a dump by a Pickler that is dumping: CPython's from 3.14 on,
// which crashes before.
func alreadyUsed() error {
	if python.Minor() >= 14 {
		return python.Raise(python.RuntimeError, "Pickler object is already used")
	}
	return python.Raise(python.RuntimeError,
		"this Pickler is in the middle of a dump: an object that is being pickled, or another thread, called dump again")
}

func memoArguments(a python.Args, name string, required int) (object, python.Object, error) {
	args, err := arguments(a, name, required, "state", "memo")
	if err != nil {
		return object{}, python.Nil, err
	}
	ob, s, err := picklers.of(args[0])
	if err == nil && (ob.busy || s.Busy()) {
		err = python.Raise(python.RuntimeError, "the memo of a Pickler can't change in the middle of its dump")
	}
	return ob, args[1], err
}

func memoSet(a python.Args) (result python.Object, err error) {
	defer raiseMemoryError(&err)
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
		if !ok || slot < 0 || slot > maxSlot {
			ob.clearMemo()
			return python.Nil, python.Raise(python.ValueError, "'memo' slots must be from 0 to 2**32-2")
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
		if !d.IsNil() && !key.IsNil() && !value.IsNil() {
			_ = python.DictSet(d, key, value)
		}
		key.XDecRef()
		value.XDecRef()
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
	if python.Occurred() {
		d.XDecRef()
		return python.Nil, python.ErrPython
	}
	return d, nil
}

// optionsOf reads protocol and buffer_callback as pickle.Pickler does. Absent
// ones are Nil.
func optionsOf(protocol, callback python.Object) (Options, error) {
	o := Options{Protocol: wire.HighestProtocol}
	if !protocol.IsNil() && protocol != python.None {
		n, ok := 0, false
		if protocol.Type() == python.IntType {
			var small int64
			small, ok = python.IntSmall(protocol)
			n = int(small)
		}
		if !ok {
			n = python.AsLong(protocol)
		}
		if !ok && n == -1 && python.Occurred() {
			return o, python.ErrPython
		}
		if n > wire.HighestProtocol {
			return o, python.Raise(python.ValueError, "pickle protocol must be <= %d", wire.HighestProtocol)
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
const maxArguments = 7

// arguments sorts a call's arguments by name, borrowed; absent ones are Nil. The
// first required ones must be there.
func arguments(a python.Args, function string, required int, names ...string) (out [maxArguments]python.Object, err error) {
	return argumentsOf(a, function, required, len(names), names...)
}

// argumentsOf is arguments where those after the positional ones go by name only.
func argumentsOf(a python.Args, function string, required, positional int, names ...string) (out [maxArguments]python.Object, err error) {
	n := a.Positional()
	if n > positional {
		return out, python.Raise(python.TypeError, "%s() takes at most %d arguments (%d given)", function, positional, n)
	}
	copy(out[:], a.Values[:n])
	for i, value := range a.Values[n:] {
		key := python.String(python.TupleItem(a.Keywords, i))
		at := -1
		for j, name := range names {
			if name == key {
				at = j
				break
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
