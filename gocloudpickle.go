// Package gocloudpickle pickles the Python objects that the standard pickle
// refuses: lambdas, closures, inner functions, and classes made or changed at run
// time. The bytes are cloudpickle's, and any Python process that has cloudpickle
// or gocloudpickle loads them.
//
// This is the interface for Go programs. They host an interpreter (hosting.Start), get
// Python objects from it, and turn them into bytes and back:
//
//	err := hosting.Start(hosting.StartOptions{Home: "/opt/python3.14"})
//	...
//	err = hosting.Do(func() error {
//		globals := python.NewDict()
//		defer globals.DecRef()
//		double := python.Eval("lambda x: x * 2", globals)
//		if double.IsNil() {
//			return python.ErrPython
//		}
//		defer double.DecRef()
//		data, err = gocloudpickle.Dumps(double)
//		return err
//	})
//
// Nothing has to be installed for Python: the package brings its own Python
// sources, and Python code in the hosted interpreter can "import gocloudpickle"
// too. Where cloudpickle is installed its registry and class tracker are shared.
//
// Every function here takes the GIL itself and may be called from any goroutine,
// inside hosting.Do or not. An error that comes from Python is a *hosting.Exception.
package gocloudpickle

import (
	"bytes"
	"fmt"
	"io"

	"github.com/gocloudpickle/gocloudpickle/pickler"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// DefaultProtocol is the highest pickle protocol, as in cloudpickle.
const DefaultProtocol = 5

// An Option changes how objects are pickled.
type Option func(*pickler.Options)

// Protocol chooses a pickle protocol, 0 to 5.
func Protocol(n int) Option { return func(o *pickler.Options) { o.Protocol = n } }

func collect(options []Option) (pickler.Options, error) {
	o := pickler.Options{Protocol: DefaultProtocol}
	for _, option := range options {
		option(&o)
	}
	if o.Protocol < 0 || o.Protocol > DefaultProtocol {
		return o, fmt.Errorf("gocloudpickle: there is no pickle protocol %d, only 0 to %d", o.Protocol, DefaultProtocol)
	}
	return o, nil
}

// Dumps pickles an object.
func Dumps(obj python.Object, options ...Option) ([]byte, error) {
	o, err := collect(options)
	if err != nil {
		return nil, err
	}
	var data []byte
	err = enter(obj, func() error {
		result, err := target.Dumps(obj, o)
		if err != nil {
			return err
		}
		data = bytes.Clone(python.Bytes(result))
		result.DecRef()
		return nil
	})
	return data, err
}

// Dump pickles an object into w, frame by frame. The GIL is free while w writes.
func Dump(w io.Writer, obj python.Object, options ...Option) error {
	o, err := collect(options)
	if err != nil {
		return err
	}
	return enter(obj, func() error {
		return withStream(&stream{w: w}, func(file python.Object) error { return target.Dump(obj, file, o) })
	})
}

// Loads makes the object that data describes: a new reference, which the caller
// gives back with DecRef inside hosting.Do.
//
// Loading runs code that the data chooses: never load data from somebody you
// don't trust.
func Loads(data []byte) (python.Object, error) {
	obj := python.Nil
	err := enter(python.None, func() error {
		text := python.NewBytes(data)
		if text.IsNil() {
			return python.ErrPython
		}
		defer text.DecRef()
		obj = python.Call1(loads, text)
		return orError(obj)
	})
	return obj, err
}

// Load is Loads for the next pickle that r gives, and reads not one byte past it.
// At the end of r the error is io.EOF. Small reads are many: give it a
// bufio.Reader rather than a file or a connection. The GIL is free while r reads.
func Load(r io.Reader) (python.Object, error) {
	obj := python.Nil
	err := enter(python.None, func() error {
		return withStream(&stream{r: r}, func(file python.Object) error {
			obj = python.Call1(load, file)
			return orError(obj)
		})
	})
	return obj, err
}

// A Pickler writes one object after another into a stream, with one memo: what
// was in an earlier dump is only referred to in a later one, and one
// pickle.Unpickler must load them in that order.
type Pickler struct {
	object python.Object // gocloudpickle.Pickler of Python, owned
	stream *stream
}

// NewPickler makes a Pickler that writes into w. Close it.
func NewPickler(w io.Writer, options ...Option) (*Pickler, error) {
	o, err := collect(options)
	if err != nil {
		return nil, err
	}
	p := &Pickler{stream: &stream{w: w}}
	err = enter(python.None, func() error {
		file := p.stream.open()
		if file.IsNil() {
			return python.ErrPython
		}
		defer file.DecRef()
		protocol := python.NewLong(o.Protocol)
		defer protocol.DecRef()
		p.object = python.Call2(target.Class, file, protocol)
		return orError(p.object)
	})
	if err != nil {
		p.stream.close()
		return nil, err
	}
	return p, nil
}

// Dump writes one object.
func (p *Pickler) Dump(obj python.Object) error {
	return enter(obj, func() error {
		return p.stream.explain(p.call("dump", obj))
	})
}

// ClearMemo forgets what has been pickled: later dumps don't refer to it.
func (p *Pickler) ClearMemo() error {
	return enter(python.None, func() error { return p.call("clear_memo") })
}

// Close gives back what the Pickler holds. It does not close the writer.
func (p *Pickler) Close() error {
	return enter(python.None, func() error {
		p.stream.close()
		p.object.XDecRef()
		p.object = python.Nil
		return nil
	})
}

func (p *Pickler) call(method string, args ...python.Object) error {
	if p.object.IsNil() {
		return fmt.Errorf("gocloudpickle: %s of a Pickler that was closed", method)
	}
	name := python.Intern(method)
	defer name.DecRef()
	f := python.GetAttr(p.object, name)
	if f.IsNil() {
		return python.ErrPython
	}
	defer f.DecRef()
	tuple := python.NewTuple(args...)
	defer tuple.XDecRef()
	result := python.Call(f, tuple, python.Nil)
	defer result.XDecRef()
	return orError(result)
}

func orError(o python.Object) error {
	if o.IsNil() {
		return python.ErrPython
	}
	return nil
}
