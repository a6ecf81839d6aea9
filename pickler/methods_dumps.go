package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// The functions for gocloudpickle's own target: dumps and dump, with max_bytes and skip, and
// trace, which explain is made of.

// Made once: a call with keywords would make them each time.
var (
	dumpsNames = []string{"obj", "protocol", "buffer_callback", "max_bytes", "skip"}
	dumpNames  = []string{"obj", "file", "protocol", "buffer_callback", "max_bytes", "skip"}
)

func dumps(a python.Args) (python.Object, error) {
	if n := len(a.Values); a.Keywords.IsNil() && 0 < n && n <= 3 {
		var plain [3]python.Object
		copy(plain[:], a.Values)
		return dumpsBy(0, plain[0], plain[1], plain[2])
	}
	args, err := argumentsOf(a, "dumps", 1, 3, dumpsNames...)
	if err != nil {
		return python.Nil, err
	}
	if args[3].IsNil() && args[4].IsNil() {
		return dumpsBy(0, args[0], args[1], args[2])
	}
	return dumpsBounded(args[0], args[1], args[2], args[3], args[4])
}

func dumpsBounded(o, protocol, callback, maxBytes, skip python.Object) (python.Object, error) {
	options, err := boundedOptions(protocol, callback, maxBytes, skip)
	if err != nil {
		return python.Nil, err
	}
	defer options.Skip.XDecRef()
	if changed, err := targets[0].hooksChanged(); err != nil || changed {
		return byClass(err, "dumps_bounded", o, protocol, callback, maxBytes, skip)
	}
	data, err := targets[0].Dumps(o, options)
	if err == errTooLarge {
		err = refuse(o, protocol, callback, maxBytes, skip)
	}
	return data, err
}

func dump(a python.Args) (python.Object, error) {
	if n := len(a.Values); a.Keywords.IsNil() && 1 < n && n <= 4 {
		var plain [4]python.Object
		copy(plain[:], a.Values)
		return dumpBy(targets[0], plain[0], plain[1], plain[2], plain[3])
	}
	args, err := argumentsOf(a, "dump", 2, 4, dumpNames...)
	if err != nil {
		return python.Nil, err
	}
	if args[4].IsNil() && args[5].IsNil() {
		return dumpBy(targets[0], args[0], args[1], args[2], args[3])
	}
	return none(dumpBounded(args[0], args[1], args[2], args[3], args[4], args[5]))
}

func dumpBounded(o, file, protocol, callback, maxBytes, skip python.Object) error {
	options, err := boundedOptions(protocol, callback, maxBytes, skip)
	if err != nil {
		return err
	}
	defer options.Skip.XDecRef()
	if changed, err := targets[0].hooksChanged(); err != nil || changed {
		done, err := byClass(err, "dump_bounded", o, file, protocol, callback, maxBytes, skip)
		done.XDecRef()
		return err
	}
	if err = targets[0].Dump(o, file, options); err == errTooLarge {
		err = refuse(o, protocol, callback, maxBytes, skip)
	}
	return err
}

// boundedOptions reads max_bytes and skip as well. It gives a new reference in Skip.
func boundedOptions(protocol, callback, maxBytes, skip python.Object) (Options, error) {
	options, err := optionsOf(protocol, callback)
	if err != nil {
		return options, err
	}
	if !maxBytes.IsNil() && maxBytes != python.None {
		if options.MaxBytes = int64(python.AsLong(maxBytes)); python.Occurred() {
			return options, python.ErrPython
		}
		if options.MaxBytes < 1 {
			return options, python.Raise(python.ValueError, "max_bytes must be at least 1")
		}
	}
	if !skip.IsNil() && skip != python.None {
		options.Skip, err = callImported("gocloudpickle._skip", "reducer", skip)
	}
	return options, err
}

// byClass calls a function of _python_path.py, where the target's class has other hooks than
// it had: those are Python's.
func byClass(err error, function string, args ...python.Object) (python.Object, error) {
	if err != nil {
		return python.Nil, err
	}
	return callImported("gocloudpickle._python_path", function, args...)
}

// refuse raises PayloadTooLargeError.
func refuse(args ...python.Object) error {
	done, err := callImported("gocloudpickle._too_large", "refuse", args...)
	if err != nil {
		return err
	}
	done.DecRef()
	return python.Raise(python.SystemError, "gocloudpickle: a refusal that didn't raise")
}

// callImported calls a function of a module, with None for an argument that is Nil: a new
// reference.
func callImported(module, name string, args ...python.Object) (python.Object, error) {
	function, err := importFrom(module, name)
	if err != nil {
		return python.Nil, err
	}
	defer function.DecRef()
	for i := range args {
		if args[i].IsNil() {
			args[i] = python.None
		}
	}
	tuple := python.NewTuple(args...)
	if tuple.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer tuple.DecRef()
	result := python.Call(function, tuple, python.Nil)
	if result.IsNil() {
		return python.Nil, python.ErrPython
	}
	return result, nil
}

func trace(a python.Args) (python.Object, error) {
	args, err := arguments(a, "trace", 1, "obj", "protocol", "buffer_callback", "skip", "limit")
	if err != nil {
		return python.Nil, err
	}
	options, err := boundedOptions(args[1], args[2], python.Nil, args[3])
	if err != nil {
		return python.Nil, err
	}
	defer options.Skip.XDecRef()
	if changed, err := targets[0].hooksChanged(); err != nil || changed {
		return byClass(err, "trace", args[:5]...)
	}
	limit := 0
	if !args[4].IsNil() && args[4] != python.None {
		if limit = python.AsLong(args[4]); python.Occurred() {
			return python.Nil, python.ErrPython
		}
	}
	return targets[0].Trace(args[0], options, int64(limit))
}
