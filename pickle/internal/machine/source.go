package machine

// Where the bytes come from: a slice, or a reader whose bytes are brought in
// as they are needed.

import "io"

// source is a window onto the input.
//
// Invariants: 0 <= pos <= len(data); data[0] is byte number base of the input;
// with a reader, the window only moves in more, which keeps everything from
// pos on.
type source struct {
	data []byte
	pos  int
	base int64
	r    io.Reader
	rerr error // what ended the reading
	// first is the number of the byte that the current pickle began with.
	first int64
	// keep holds on to all bytes of the current pickle.
	keep bool
}

// minRead is how many bytes a read from the reader may fill at least.
const minRead = 4 << 10

// maxEmptyReads is how often in a row a reader may give nothing.
const maxEmptyReads = 100

// more brings in bytes until need of them are there from pos on. The buffer
// grows with what has arrived, never with what the stream says will come.
// It returns io.EOF when there was no further byte at all.
func (s *source) more(need int, limit int64) error {
	have := len(s.data) - s.pos
	if have >= need {
		return nil
	}
	if s.r == nil {
		return io.EOF
	}
	if s.offset()-s.first+int64(need) > limit {
		return errTooLong
	}
	drop := s.pos
	if s.keep {
		drop = int(s.first - s.base)
	}
	if drop > 0 {
		if drop >= len(s.data)/2 {
			// Slide: what is left is the smaller part.
			n := copy(s.data, s.data[drop:])
			s.data = s.data[:n]
		} else {
			s.data = append(make([]byte, 0, cap(s.data)), s.data[drop:]...)
		}
		s.base += int64(drop)
		s.pos -= drop
	}
	for empty := 0; len(s.data)-s.pos < need; {
		if s.rerr != nil {
			return s.rerr
		}
		if cap(s.data)-len(s.data) < minRead {
			grown := make([]byte, len(s.data), 2*cap(s.data)+minRead)
			copy(grown, s.data)
			s.data = grown
		}
		n, err := s.r.Read(s.data[len(s.data):cap(s.data)])
		if n < 0 || n > cap(s.data)-len(s.data) {
			panic("pickle: reader returned an impossible count")
		}
		s.data = s.data[:len(s.data)+n]
		if err != nil {
			s.rerr = err
		} else if n > 0 {
			empty = 0
		} else if empty++; empty >= maxEmptyReads {
			s.rerr = io.ErrNoProgress
		}
	}
	return nil
}

// offset is the number of the next byte in the input.
func (s *source) offset() int64 { return s.base + int64(s.pos) }
