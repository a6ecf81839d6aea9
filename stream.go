package gocloudpickle

import (
	"errors"
	"fmt"
	"io"

	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

// A stream is a Go reader or writer that Python code uses as a file. Python knows
// it by a number.
type stream struct {
	r      io.Reader
	w      io.Writer
	number int
	read   int64 // bytes that r has given
	err    error // what r or w failed with
}

// streams are the open ones; used with the GIL held.
var (
	streams    = map[int]*stream{}
	lastStream int
)

// streamMethods are the functions behind a stream's file object (file in setup.go).
var streamMethods = []python.Method{
	{Name: "stream_write", In: "gocloudpickle._engine", Call: streamWrite, Doc: "stream_write(number, data)\n--\n\n"},
	{Name: "stream_read", In: "gocloudpickle._engine", Call: streamRead, Doc: "stream_read(number, size)\n--\n\n"},
	{Name: "stream_readline", In: "gocloudpickle._engine", Call: streamReadline, Doc: "stream_readline(number)\n--\n\n"},
}

// open makes the stream's file object: a new reference, or Nil.
func (s *stream) open() python.Object {
	lastStream++
	s.number = lastStream
	number := python.NewLong(s.number)
	if number.IsNil() {
		return number
	}
	defer number.DecRef()
	streams[s.number] = s
	return python.Call1(newFile, number)
}

func (s *stream) close() { delete(streams, s.number) }

// withStream calls f with the stream's file object.
func withStream(s *stream, f func(file python.Object) error) error {
	file := s.open()
	defer s.close()
	if file.IsNil() {
		return python.ErrPython
	}
	defer file.DecRef()
	return s.explain(f(file))
}

// explain adds what the reader or writer said to the error of a Python call.
func (s *stream) explain(err error) error {
	cause := s.err
	s.err = nil
	switch {
	case err == nil:
		return nil
	case errors.Is(cause, io.EOF):
		if s.read == 0 {
			python.ClearError()
			return io.EOF
		}
		return fmt.Errorf("gocloudpickle: the data ends within a pickle: %w", io.ErrUnexpectedEOF)
	case cause != nil:
		return fmt.Errorf("gocloudpickle: %w", cause)
	}
	return err
}

// streamOf is the stream of a call's first argument; the call must have n.
func streamOf(a python.Args, n int) (*stream, error) {
	if len(a.Values) != n {
		return nil, python.Raise(python.TypeError, "%d arguments are needed, not %d", n, len(a.Values))
	}
	s := streams[python.AsLong(a.Values[0])]
	if s == nil && !python.Occurred() {
		return nil, python.Raise(python.ValueError, "I/O operation on closed file.")
	}
	return s, orOccurred()
}

func orOccurred() error {
	if python.Occurred() {
		return python.ErrPython
	}
	return nil
}

// failed remembers err and raises it.
func (s *stream) failed(err error) error {
	s.err = err
	return python.Raise(python.RuntimeError, "%s", err)
}

// outside calls a method of somebody else's without the GIL. A panic may not
// unwind the C code between here and the caller, so it becomes an error.
func outside(what string, f func() error) error {
	return hosting.Unlocked(func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("the %s panicked: %v", what, r)
			}
		}()
		return f()
	})
}

func streamWrite(a python.Args) (python.Object, error) {
	s, err := streamOf(a, 2)
	if err != nil {
		return python.Nil, err
	}
	// Large contents come as the object that holds them, which may be a bytearray
	// that another thread could change while the GIL is free.
	data := a.Values[1]
	if data.Type() == python.BytesType {
		data.IncRef()
	} else if data = python.Call1(python.BytesType, data); data.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer data.DecRef()
	var n int
	view := python.Bytes(data)
	err = outside("writer", func() (err error) {
		n, err = s.w.Write(view)
		return err
	})
	if err != nil {
		return python.Nil, s.failed(err)
	}
	return python.NewLong(n), nil
}

func streamRead(a python.Args) (python.Object, error) {
	s, err := streamOf(a, 2)
	if err != nil {
		return python.Nil, err
	}
	size := python.AsLong(a.Values[1])
	if err := orOccurred(); err != nil {
		return python.Nil, err
	}
	return s.give(func() ([]byte, error) {
		// The size is what the payload says: the buffer grows with what comes.
		data, err := io.ReadAll(io.LimitReader(s.r, int64(size)))
		if err == nil && len(data) < size {
			err = io.EOF
		}
		return data, err
	})
}

func streamReadline(a python.Args) (python.Object, error) {
	s, err := streamOf(a, 1)
	if err != nil {
		return python.Nil, err
	}
	return s.give(func() ([]byte, error) {
		var line []byte
		var b [1]byte
		for {
			if _, err := io.ReadFull(s.r, b[:]); err != nil {
				return line, err
			}
			if line = append(line, b[0]); b[0] == '\n' {
				return line, nil
			}
		}
	})
}

// give makes a bytes object of what read reads. The end of the data is no
// failure here: pickle says what it misses.
func (s *stream) give(read func() ([]byte, error)) (python.Object, error) {
	var data []byte
	err := outside("reader", func() (err error) {
		data, err = read()
		return err
	})
	s.read += int64(len(data))
	if err != nil && !errors.Is(err, io.EOF) {
		return python.Nil, s.failed(err)
	}
	s.err = err
	o := python.NewBytes(data)
	return o, orError(o)
}
