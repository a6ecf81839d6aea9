package pickler

import (
	"github.com/gocloudpickle/gocloudpickle/python"
)

// bytesSink gathers a pickle in one bytes object, so that a large content is
// copied once: from where it is to where it is returned.
//
// Invariant: used <= len of out; out[used:] is not yet written.
type bytesSink struct {
	out  python.Object // owned, Nil while nothing has come
	used int
	size int
}

// room makes out hold n more bytes. A large bytes object is moved by the kernel
// and not copied when it grows (mremap), so it grows by an eighth only.
func (s *bytesSink) room(n int) error {
	if s.used+n <= s.size {
		return nil
	}
	size := s.used + n
	if !s.out.IsNil() {
		size += size >> 3
	}
	if s.out.IsNil() {
		s.out = python.AllocBytes(size)
	} else {
		s.out = python.ResizeBytes(s.out, size)
	}
	if s.out.IsNil() {
		s.size, s.used = 0, 0
		return python.ErrPython
	}
	s.size = size
	return nil
}

// Write copies b.
func (s *bytesSink) Write(b []byte) error {
	if err := s.room(len(b)); err != nil {
		return err
	}
	s.used += python.Copy(python.Bytes(s.out)[s.used:], b)
	return nil
}

// WritePayload copies b.
func (s *bytesSink) WritePayload(b []byte, _ any) error { return s.Write(b) }

// finish gives the bytes object, a new reference.
func (s *bytesSink) finish(rest []byte) (python.Object, error) {
	if s.out.IsNil() {
		o := python.NewBytes(rest)
		if o.IsNil() {
			return o, python.ErrPython
		}
		return o, nil
	}
	if err := s.Write(rest); err != nil {
		return python.Nil, err
	}
	o := s.out
	s.out = python.Nil
	if s.used < s.size {
		if o = python.ResizeBytes(o, s.used); o.IsNil() {
			return o, python.ErrPython
		}
	}
	return o, nil
}

// drop forgets what has been gathered.
func (s *bytesSink) drop() {
	s.out.XDecRef()
	*s = bytesSink{}
}

// fileSink calls a file's write method.
type fileSink struct{ write python.Object }

// Write calls write(bytes).
func (s fileSink) Write(b []byte) error {
	chunk := python.NewBytes(b)
	if chunk.IsNil() {
		return python.ErrPython
	}
	defer chunk.DecRef()
	return s.call(chunk)
}

// WritePayload calls write with the object that owns the content, which need not
// be copied, or with a copy where nobody owns it.
func (s fileSink) WritePayload(b []byte, owner any) error {
	if o, ok := owner.(python.Object); ok && !o.IsNil() {
		return s.call(o)
	}
	return s.Write(b)
}

func (s fileSink) call(chunk python.Object) error {
	result := python.Call1(s.write, chunk)
	if result.IsNil() {
		return python.ErrPython
	}
	result.DecRef()
	return nil
}
