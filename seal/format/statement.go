package format

import (
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"
)

// NonceSize and DigestSize are lengths in bytes.
const (
	NonceSize  = 16
	DigestSize = 32
)

// MaxText is the length, in bytes of UTF-8, that a key id, a purpose or an audience has at most.
const MaxText = 255

// A Version is a minor version of Python, such as {3, 12}; the zero value is any.
type Version struct{ Major, Minor uint8 }

// A Statement is what a signature covers: all that decides whether an envelope is
// accepted, and the digest of what it holds.
type Statement struct {
	Algorithm Algorithm
	KeyID     string
	Purpose   string
	Audience  string
	Issued    time.Time // whole milliseconds
	NotBefore time.Time
	Expires   time.Time // the zero Time where it never does
	Nonce     [NonceSize]byte
	Python    Version
	Content   ContentType
	Digest    [DigestSize]byte // SHA-256 of the encoded Manifest
}

// A ContentType says what the parts of the content are.
type ContentType uint8

// The content types.
const (
	Pickled   ContentType = iota // part 0 is a pickle, the others are its out-of-band buffers
	Bytes                        // part 0 is bytes that nobody has said more about
	Encrypted                    // one part: an age file, with an envelope inside
)

func (c ContentType) String() string {
	switch c {
	case Pickled:
		return "pickle"
	case Bytes:
		return "bytes"
	case Encrypted:
		return "encrypted"
	}
	return fmt.Sprintf("content type %d", uint8(c))
}

// Encode is the statement's one encoding, of which docs/sealed-format.md has the table.
// Statements that can't be encoded (a text that is too long) give an error.
func (s *Statement) Encode() ([]byte, error) {
	out := make([]byte, 0, 96+len(s.KeyID)+len(s.Purpose)+len(s.Audience))
	out = append(out, byte(s.Algorithm))
	for _, field := range []struct{ name, text string }{
		{"key id", s.KeyID}, {"purpose", s.Purpose}, {"audience", s.Audience},
	} {
		if len(field.text) > MaxText || !utf8.ValidString(field.text) {
			return nil, Refuse(Malformed, "the %s is not UTF-8 of at most %d bytes", field.name, MaxText)
		}
		out = append(out, byte(len(field.text)))
		out = append(out, field.text...)
	}
	out = appendTime(out, s.Issued)
	out = appendTime(out, s.NotBefore)
	out = appendTime(out, s.Expires)
	out = append(out, s.Nonce[:]...)
	out = append(out, s.Python.Major, s.Python.Minor, byte(s.Content))
	return append(out, s.Digest[:]...), nil
}

// Times are milliseconds since 1970; the zero Time is the largest number, which is after all others.
const never = ^uint64(0)

func appendTime(out []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.BigEndian.AppendUint64(out, never)
	}
	return binary.BigEndian.AppendUint64(out, uint64(max(0, t.UnixMilli())))
}

// MaxTime is the last millisecond of the year 9999, which Python's datetime has too.
const MaxTime = 253402300799999

// DecodeStatement reads the encoding of a statement that is the whole of data.
func DecodeStatement(data []byte) (*Statement, error) {
	r := reader{rest: data, what: "statement"}
	s := &Statement{Algorithm: Algorithm(r.byte())}
	s.KeyID, s.Purpose, s.Audience = r.text(), r.text(), r.text()
	s.Issued, s.NotBefore, s.Expires = r.time(), r.time(), r.time()
	copy(s.Nonce[:], r.bytes(NonceSize))
	s.Python = Version{r.byte(), r.byte()}
	s.Content = ContentType(r.byte())
	copy(s.Digest[:], r.bytes(DigestSize))
	r.end()
	if r.err == nil && s.Content > Encrypted {
		r.fail("content type %d is unknown", s.Content)
	}
	if r.err == nil && (s.Issued.IsZero() || s.NotBefore.IsZero()) {
		r.fail("a time that must be there is not")
	}
	return s, r.err
}
