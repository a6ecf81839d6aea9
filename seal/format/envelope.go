package format

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
)

// Magic begins every envelope. Its first byte begins no pickle and no text, and the
// line ends show whether somebody has transferred it as text, as in PNG.
const Magic = "\x89GCP\r\n\x1a\n"

const formatVersion = 1

// Detached is the one flag of envelopes: the content is not in it. Flags are not signed,
// and decide nothing but where the content is to be found.
const Detached = 1

// MaxStatementSize is more than any statement has.
const MaxStatementSize = 4 << 10

// A Head is an envelope without its content.
type Head struct {
	Flags     byte
	Statement []byte // as signed
	Signature []byte
	Manifest  []byte // encoded
}

// FixedSize is the length of the magic, the version, the flags and the two lengths that follow.
const FixedSize = len(Magic) + 2 + 4 + 8

// Encode gives the head's bytes, with capacity for reserve bytes after them.
func (h *Head) Encode(reserve int) []byte {
	out := make([]byte, 0, h.Size()+reserve)
	out = append(out, Magic...)
	out = append(out, formatVersion, h.Flags)
	out = binary.BigEndian.AppendUint16(out, uint16(len(h.Statement)))
	out = binary.BigEndian.AppendUint16(out, uint16(len(h.Signature)))
	out = binary.BigEndian.AppendUint64(out, uint64(len(h.Manifest)))
	out = append(out, h.Statement...)
	out = append(out, h.Signature...)
	return append(out, h.Manifest...)
}

// Size is the length of what Encode gives.
func (h *Head) Size() int {
	return FixedSize + len(h.Statement) + len(h.Signature) + len(h.Manifest)
}

// Sealed says whether data begins like an envelope.
func Sealed(data []byte) bool { return bytes.HasPrefix(data, []byte(Magic)) }

// ReadFixed reads the first FixedSize bytes: the Head without what the lengths are
// about, and the number of bytes that follow it.
func ReadFixed(fixed []byte) (h Head, statement, signature, manifest int, err error) {
	if !Sealed(fixed) {
		if len(fixed) > 0 && bytes.HasPrefix([]byte(Magic), fixed) {
			return h, 0, 0, 0, Refuse(Malformed, "it ends after %d bytes", len(fixed))
		}
		return h, 0, 0, 0, Refuse(Unsigned, "it does not begin as an envelope does")
	}
	r := reader{rest: fixed[len(Magic):], what: "envelope"}
	version := r.byte()
	h.Flags = r.byte()
	b := r.bytes(4)
	size := r.uint64()
	if r.err != nil {
		return h, 0, 0, 0, r.err
	}
	statement, signature = int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))
	switch {
	case version != formatVersion:
		r.fail("it is of version %d, and this reads version %d", version, formatVersion)
	case h.Flags&^Detached != 0:
		r.fail("flags %#x are unknown", h.Flags)
	case statement > MaxStatementSize:
		r.fail("a statement of %d bytes", statement)
	case size > MaxManifestSize:
		r.fail("a manifest of %d bytes", size)
	}
	return h, statement, signature, int(size), r.err
}

// Split reads an envelope that is in memory. What it returns is in data.
func Split(data []byte) (h Head, content []byte, err error) {
	h, statement, signature, manifest, err := ReadFixed(data[:min(len(data), FixedSize)])
	if err != nil {
		return h, nil, err
	}
	r := reader{rest: data[FixedSize:], what: "envelope"}
	h.Statement, h.Signature, h.Manifest = r.bytes(statement), r.bytes(signature), r.bytes(manifest)
	return h, r.rest, r.err
}

// EqualDigests compares in constant time.
func EqualDigests(a, b [DigestSize]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
