package pickler

import (
	"errors"

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
	max  int64 // of used, 0 for none

	// The length of the last large one, or 0. Dumps of one process are often alike, and memory that
	// is asked for at once in its final size is what the C library has kept of the last one; what
	// it grows to would be larger than what it keeps, and new pages each time.
	last int
}

// Lengths that bytesSink.last takes: from where it matters, to what the C library keeps
// (DEFAULT_MMAP_THRESHOLD_MAX of glibc).
const (
	minLast = 256 << 10
	maxLast = 32 << 20
)

// reserve makes out hold n more bytes. A large bytes object is moved by the kernel
// and not copied when it grows (mremap), so it grows by an eighth only, a small one
// by half.
func (s *bytesSink) reserve(n int) error {
	if s.used+n <= s.size {
		return nil
	}
	if s.max > 0 && int64(s.used+n) > s.max {
		return errTooLarge
	}
	size := s.used + n
	if size <= s.last && s.last <= 8*size && s.max == 0 {
		size = s.last
	} else if !s.out.IsNil() {
		if size < 1<<22 {
			size += size >> 1
		} else {
			size += size >> 3
		}
		if s.max > 0 {
			size = int(min(int64(size), s.max))
		}
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

// Write copies b, unless that is what has been lent.
func (s *bytesSink) Write(b []byte) error {
	if len(b) > 0 && s.used+len(b) <= s.size && &b[0] == &python.Bytes(s.out)[s.used] {
		s.used += len(b)
		return nil
	}
	if err := s.reserve(len(b)); err != nil {
		return err
	}
	s.used += python.Copy(python.Bytes(s.out)[s.used:], b)
	return nil
}

// Lend gives the next bytes of out.
func (s *bytesSink) Lend(n int) ([]byte, error) {
	if s.max > 0 {
		return nil, nil // there may be less
	}
	if s.size != s.last {
		if err := s.reserve(n); err != nil {
			return nil, err
		}
	} else if s.size-s.used < n*3/4 {
		return nil, nil // it may be all that comes
	}
	return python.Bytes(s.out)[s.used:], nil
}

// WriteContent copies b.
func (s *bytesSink) WriteContent(b []byte, _ any) error { return s.Write(b) }

// WriteSized lets put write n bytes.
func (s *bytesSink) WriteSized(n int, put func(dst []byte)) error {
	if err := s.reserve(n); err != nil {
		return err
	}
	put(python.Bytes(s.out)[s.used : s.used+n])
	s.used += n
	return nil
}

// finish gives the bytes object, a new reference.
func (s *bytesSink) finish(rest []byte) (python.Object, error) {
	if s.out.IsNil() {
		if s.max > 0 && int64(len(rest)) > s.max {
			return python.Nil, errTooLarge
		}
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
	if s.last = 0; minLast <= s.used && s.used <= maxLast {
		s.last = s.used
	}
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
	*s = bytesSink{last: s.last}
}

// fileSink calls a file's write method.
type fileSink struct {
	write python.Object
	trail *trail // which is told when that fails
}

// Write calls write(bytes).
func (s fileSink) Write(b []byte) error {
	chunk := python.NewBytes(b)
	if chunk.IsNil() {
		return python.ErrPython
	}
	defer chunk.DecRef()
	return s.call(chunk)
}

// WriteContent calls write with the object that owns the content, which need not
// be copied, or with a copy where nobody owns it.
func (s fileSink) WriteContent(b []byte, owner any) error {
	if o, ok := owner.(python.Object); ok && !o.IsNil() {
		return s.call(o)
	}
	return s.Write(b)
}

// WriteSized calls write with what put writes.
func (s fileSink) WriteSized(n int, put func(dst []byte)) error {
	chunk := python.AllocBytes(n)
	if chunk.IsNil() {
		return python.ErrPython
	}
	defer chunk.DecRef()
	put(python.Bytes(chunk))
	return s.call(chunk)
}

func (s fileSink) call(chunk python.Object) error {
	result := python.Call1(s.write, chunk)
	if result.IsNil() {
		s.trail.ofFile = true
		return python.ErrPython
	}
	result.DecRef()
	return nil
}

// limitedSink is a fileSink for so many bytes.
type limitedSink struct {
	fileSink
	left int64
}

func (s *limitedSink) take(n int) error {
	if s.left -= int64(n); s.left < 0 {
		return errTooLarge
	}
	return nil
}

func (s *limitedSink) Write(b []byte) error {
	if err := s.take(len(b)); err != nil {
		return err
	}
	return s.fileSink.Write(b)
}

func (s *limitedSink) WriteContent(b []byte, owner any) error {
	if err := s.take(len(b)); err != nil {
		return err
	}
	return s.fileSink.WriteContent(b, owner)
}

func (s *limitedSink) WriteSized(n int, put func(dst []byte)) error {
	if err := s.take(n); err != nil {
		return err
	}
	return s.fileSink.WriteSized(n, put)
}

// errTooLarge says that the stream has become longer than was allowed. No Python exception
// is set.
var errTooLarge = errors.New("the payload is too large")
