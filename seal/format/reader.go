package format

import (
	"encoding/binary"
	"time"
	"unicode/utf8"
)

// A reader takes fields off the front of bytes. After an error it gives zero values.
type reader struct {
	rest []byte
	what string // for errors
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = Refuse(Malformed, r.what+": "+format, args...)
		r.rest = nil
	}
}

// bytes are n bytes of the input itself; a slice of zeros after an error.
func (r *reader) bytes(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n > len(r.rest) {
		r.fail("%d bytes are missing", n-len(r.rest))
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) text() string {
	b := r.bytes(int(r.byte()))
	if !utf8.Valid(b) {
		r.fail("a text is not UTF-8")
	}
	return string(b)
}

func (r *reader) time() time.Time {
	v := r.uint64()
	switch {
	case v == never:
		return time.Time{}
	case v > MaxTime:
		r.fail("a time is after the year 9999")
		return time.Time{}
	}
	return time.UnixMilli(int64(v)).UTC()
}

func (r *reader) end() {
	if r.err == nil && len(r.rest) > 0 {
		r.fail("%d bytes are too many", len(r.rest))
	}
}
