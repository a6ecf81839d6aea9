package format

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// A small envelope: one part in at most one chunk, in it, signed with HMAC-SHA256. Each
// of its lengths is known beforehand, so that it is made in place, and read without
// taking it apart. package seal's way gives the same bytes, and says why it refuses.

// TermsSize is the length of a statement between its texts and its digest: three times,
// the nonce, the version of Python and the content type.
const TermsSize = 3*8 + NonceSize + 3

// MaxSingle is the length that the content of a small envelope has at most.
const MaxSingle = ChunkSize

// singleManifest is the length of the manifest of one part of one chunk, 4 + 4 + 8 bytes
// before its digest. A part of no bytes has no chunk.
const singleManifest = 4 + 4 + 8 + DigestSize

func manifestSize(content int) int {
	if content == 0 {
		return singleManifest - DigestSize
	}
	return singleManifest
}

// SingleSize is the length of the envelope that PutSingle makes.
func SingleSize(prefix, content int) int {
	return FixedSize + prefix + TermsSize + DigestSize + sha256.Size + manifestSize(content) + content
}

// PutSingle makes an envelope in out, which has SingleSize bytes. prefix is the statement
// up to its texts, terms are the TermsSize bytes that follow, and content has at most
// MaxSingle bytes.
func PutSingle(out, secret, prefix, terms, content []byte) {
	manifest := appendSingleManifest(make([]byte, 0, singleManifest), content)
	digest := sha256.Sum256(manifest)
	h := out[:0]
	h = append(h, Magic...)
	h = append(h, formatVersion, 0)
	h = binary.BigEndian.AppendUint16(h, uint16(len(prefix)+TermsSize+DigestSize))
	h = binary.BigEndian.AppendUint16(h, sha256.Size)
	h = binary.BigEndian.AppendUint64(h, uint64(len(manifest)))
	h = append(h, prefix...)
	h = append(h, terms...)
	h = append(h, digest[:]...)
	signature := statementMAC(secret, h[FixedSize:])
	h = append(h, signature[:]...)
	h = append(h, manifest...)
	copy(out[len(h):], content)
}

// OpenSingle returns the content of an envelope that PutSingle has made with the same
// secret and prefix, in the envelope's memory. Anything else is not ok. Whether it is
// for now, and here for the first time, is left to the caller.
func OpenSingle(secret, prefix, envelope []byte) (content []byte, ok bool) {
	if len(prefix) == 0 || len(envelope) < SingleSize(len(prefix), 0) {
		return nil, false
	}
	h, statement, signature, manifest, err := ReadFixed(envelope[:FixedSize])
	if err != nil || h.Flags != 0 || statement != len(prefix)+TermsSize+DigestSize || signature != sha256.Size {
		return nil, false
	}
	rest := envelope[FixedSize:]
	h.Statement, rest = rest[:statement], rest[statement:]
	h.Signature, rest = rest[:signature], rest[signature:]
	if manifest > len(rest) || manifest != manifestSize(len(rest)-manifest) || len(rest)-manifest > MaxSingle {
		return nil, false
	}
	h.Manifest, content = rest[:manifest], rest[manifest:]
	mac := statementMAC(secret, h.Statement)
	digest := sha256.Sum256(h.Manifest)
	var made [singleManifest]byte
	terms := h.Statement[len(prefix):]
	return content, bytes.HasPrefix(h.Statement, prefix) && Algorithm(prefix[0]) == HMACSHA256 &&
		subtle.ConstantTimeCompare(mac[:], h.Signature) == 1 &&
		subtle.ConstantTimeCompare(digest[:], terms[TermsSize:]) == 1 &&
		subtle.ConstantTimeCompare(appendSingleManifest(made[:0], content), h.Manifest) == 1 &&
		areTerms(terms[:TermsSize])
}

func appendSingleManifest(out, content []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, ChunkSize)
	out = binary.BigEndian.AppendUint32(out, 1)
	out = binary.BigEndian.AppendUint64(out, uint64(len(content)))
	if len(content) == 0 {
		return out
	}
	digest := sha256.Sum256(content)
	return append(out, digest[:]...)
}

// areTerms says whether DecodeStatement would take them.
func areTerms(terms []byte) bool {
	issued, notBefore, expires := binary.BigEndian.Uint64(terms), binary.BigEndian.Uint64(terms[8:]), binary.BigEndian.Uint64(terms[16:])
	return issued <= MaxTime && notBefore <= MaxTime && (expires <= MaxTime || expires == never) &&
		ContentType(terms[TermsSize-1]) <= Encrypted
}
