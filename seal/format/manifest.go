package format

import (
	"crypto/sha256"
	"encoding/binary"
)

// ChunkSize is the length in bytes of the chunks that this package makes. A verifier
// takes any between MinChunkSize and MaxChunkSize, and holds one chunk in memory.
const (
	ChunkSize    = 1 << 20
	MinChunkSize = 1 << 10
	MaxChunkSize = 16 << 20
)

// Limits of what a manifest may say before its signature is verified: what a verifier
// has to hold in memory for it.
const (
	MaxParts        = 1 << 16
	MaxManifestSize = 64 << 20 // two million chunks: 2 TiB in chunks of ChunkSize
)

// A Manifest lists the parts of a content, and the SHA-256 of each of their chunks.
// All chunks of a part but its last have the chunk size; a part of no bytes has none.
type Manifest struct {
	ChunkSize int
	Parts     []Part
}

// A Part is a pickle, or one of its out-of-band buffers.
type Part struct {
	Size   int64
	Chunks [][DigestSize]byte
}

// Size is the length in bytes of all parts.
func (m *Manifest) Size() (size int64) {
	for _, part := range m.Parts {
		size += part.Size
	}
	return size
}

// Digest is what a [Statement] says of the manifest.
func (m *Manifest) Digest() [DigestSize]byte { return sha256.Sum256(m.Encode()) }

// Encode is the manifest's one encoding: chunk size, number of parts, and for each
// part its size and the digests of its chunks.
func (m *Manifest) Encode() []byte {
	size := 8
	for _, part := range m.Parts {
		size += 8 + len(part.Chunks)*DigestSize
	}
	out := make([]byte, 0, size)
	out = binary.BigEndian.AppendUint32(out, uint32(m.ChunkSize))
	out = binary.BigEndian.AppendUint32(out, uint32(len(m.Parts)))
	for _, part := range m.Parts {
		out = binary.BigEndian.AppendUint64(out, uint64(part.Size))
		for _, chunk := range part.Chunks {
			out = append(out, chunk[:]...)
		}
	}
	return out
}

// Add appends a part that is in memory.
func (m *Manifest) Add(content []byte) {
	part := Part{Size: int64(len(content)), Chunks: make([][DigestSize]byte, 0, chunksOf(int64(len(content)), m.ChunkSize))}
	for len(content) > 0 {
		n := min(len(content), m.ChunkSize)
		part.Chunks = append(part.Chunks, sha256.Sum256(content[:n]))
		content = content[n:]
	}
	m.Parts = append(m.Parts, part)
}

func chunksOf(size int64, chunkSize int) int64 {
	n := size / int64(chunkSize)
	if size%int64(chunkSize) > 0 {
		n++
	}
	return n
}

// DecodeManifest reads the encoding of a manifest that is the whole of data.
func DecodeManifest(data []byte) (*Manifest, error) {
	r := reader{rest: data, what: "manifest"}
	m := &Manifest{ChunkSize: int(r.uint32())}
	n := r.uint32()
	if r.err == nil && (m.ChunkSize < MinChunkSize || m.ChunkSize > MaxChunkSize) {
		r.fail("chunks of %d bytes", m.ChunkSize)
	}
	if n < 1 || n > MaxParts || int64(n) > int64(len(r.rest))/8 {
		r.fail("%d parts", n)
	}
	if r.err != nil {
		return nil, r.err
	}
	m.Parts = make([]Part, 0, n)
	var total int64
	for range n {
		size := r.uint64()
		if size > uint64(1<<62)-uint64(total) || chunksOf(int64(size), m.ChunkSize) > int64(len(r.rest)/DigestSize) {
			r.fail("a part of %d bytes has fewer chunks than that", size)
		}
		if r.err != nil {
			return nil, r.err
		}
		total += int64(size)
		part := Part{Size: int64(size), Chunks: make([][DigestSize]byte, chunksOf(int64(size), m.ChunkSize))}
		for i := range part.Chunks {
			copy(part.Chunks[i][:], r.bytes(DigestSize))
		}
		m.Parts = append(m.Parts, part)
	}
	r.end()
	return m, r.err
}

// VerifyPart compares each chunk of a part that is in memory with its digest.
func (m *Manifest) VerifyPart(part Part, data []byte) error {
	if int64(len(data)) != part.Size {
		return Refuse(BadSignature, "a part has %d bytes, and should have %d", len(data), part.Size)
	}
	for i := range part.Chunks {
		start := i * m.ChunkSize
		if !EqualDigests(sha256.Sum256(data[start:min(start+m.ChunkSize, len(data))]), part.Chunks[i]) {
			return Refuse(BadSignature, "the content is not the one that was signed (chunk %d)", i)
		}
	}
	return nil
}
