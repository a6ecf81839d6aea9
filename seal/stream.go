package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// SignStream writes an envelope of what r holds from where it is on. It holds a chunk of
// it in memory, and reads it once where w is a file that can be written out of order, and
// twice where it isn't. A content that changes meanwhile is an error: what w has then is
// no envelope.
func (s *Signer) SignStream(w io.Writer, r io.ReadSeeker) error {
	if file, place := inAnyOrder(w); file != nil {
		return s.signInOnePass(file, place, r)
	}
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	part, err := copyPart(io.Discard, r)
	if err != nil {
		return err
	}
	h, err := s.head(&Manifest{ChunkSize: ChunkSize, Parts: []Part{part}})
	if err != nil {
		return err
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return err
	}
	if _, err := w.Write(h.Encode(0)); err != nil {
		return err
	}
	content := &partReader{r: r, part: part, chunkSize: ChunkSize, buffer: make([]byte, ChunkSize)}
	if _, err := io.Copy(w, content); err != nil {
		return fmt.Errorf("seal: the content changed while it was signed: %w", err)
	}
	return nil
}

var errChanged = errors.New("seal: the content changed while it was signed")

func (s *Signer) signInOnePass(file *os.File, place int64, r io.ReadSeeker) error {
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return err
	}
	// The head of a content so long, with other digests. In its place are zeros until the right
	// one is there, so that it is no envelope before.
	size := end - start
	chunks := make([][DigestSize]byte, (size+ChunkSize-1)/ChunkSize)
	h, err := s.head(&Manifest{ChunkSize: ChunkSize, Parts: []Part{{Size: size, Chunks: chunks}}})
	if err != nil {
		return err
	}
	room := h.Size()
	if _, err := file.Write(make([]byte, room)); err != nil {
		return err
	}
	part, err := copyPart(file, r)
	if err != nil {
		return err
	}
	if part.Size != size {
		return errChanged
	}
	if h, err = s.head(&Manifest{ChunkSize: ChunkSize, Parts: []Part{part}}); err != nil {
		return err
	}
	_, err = file.WriteAt(h.Encode(0), place)
	return err
}

// copyPart copies r to its end, and hashes each chunk while another one is on its way.
func copyPart(w io.Writer, r io.Reader) (Part, error) {
	var part Part
	buffers := [2][]byte{make([]byte, ChunkSize), make([]byte, ChunkSize)}
	digest := make(chan [DigestSize]byte, 1)
	for i := 0; ; i++ {
		n, err := io.ReadFull(r, buffers[i%2])
		if i > 0 {
			part.Chunks = append(part.Chunks, <-digest)
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return part, err
		}
		if n == 0 {
			return part, nil
		}
		chunk := buffers[i%2][:n]
		part.Size += int64(n)
		go func() { digest <- sha256.Sum256(chunk) }()
		if _, err := w.Write(chunk); err != nil {
			return part, err
		}
	}
}

// A Stream is an envelope in a file that has been accepted. It is read again where it
// is used, and each chunk verified again then: the file may have changed.
type Stream struct {
	Statement *Statement
	Manifest  *Manifest
	r         io.ReaderAt
	offset    int64 // of the content
}

// VerifyStream verifies the whole of an envelope of size bytes, and holds its manifest
// and one chunk of it in memory.
func (v *Verifier) VerifyStream(r io.ReaderAt, size int64) (*Stream, error) {
	fixed := make([]byte, min(size, int64(format.FixedSize)))
	if err := readAt(r, fixed, 0); err != nil {
		return nil, err
	}
	h, statement, signature, manifest, err := format.ReadFixed(fixed)
	if err != nil {
		return nil, err
	}
	if h.Flags&format.Detached != 0 {
		return nil, format.Refuse(Malformed, "the content is detached: verify it with its content")
	}
	if left := size - int64(format.FixedSize); int64(statement)+int64(signature)+int64(manifest) > left {
		return nil, format.Refuse(Malformed, "it ends after %d bytes", size)
	}
	rest := make([]byte, statement+signature+manifest)
	if err := readAt(r, rest, int64(format.FixedSize)); err != nil {
		return nil, err
	}
	h.Statement, h.Signature, h.Manifest = rest[:statement], rest[statement:statement+signature], rest[statement+signature:]
	s, m, err := v.verifyHead(&h)
	if err != nil {
		return nil, err
	}
	stream := &Stream{s, m, r, int64(h.Size())}
	if got := size - stream.offset; got != m.Size() {
		return nil, format.Refuse(Malformed, "the content has %d bytes, and should have %d", got, m.Size())
	}
	for i := range m.Parts {
		if _, err := io.Copy(io.Discard, stream.Part(i)); err != nil {
			return nil, err
		}
	}
	if err := v.accept(s); err != nil {
		return nil, err
	}
	return stream, nil
}

func readAt(r io.ReaderAt, into []byte, offset int64) error {
	n, err := r.ReadAt(into, offset)
	if n == len(into) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return format.Refuse(Malformed, "it ends after %d bytes", offset+int64(n))
	}
	return err
}

// Part reads part i of the content, 0 being the pickle. Its reader gives no byte that
// is not verified, and an [*Error] where one has changed.
func (s *Stream) Part(i int) io.Reader {
	offset := s.offset
	for _, before := range s.Manifest.Parts[:i] {
		offset += before.Size
	}
	part := s.Manifest.Parts[i]
	return &partReader{
		r:    io.NewSectionReader(s.r, offset, part.Size),
		part: part, chunkSize: s.Manifest.ChunkSize,
		buffer: make([]byte, min(int64(s.Manifest.ChunkSize), part.Size)),
	}
}

// A partReader reads a part chunk by chunk, and verifies each before it gives any of it.
type partReader struct {
	r         io.Reader
	part      Part
	chunkSize int
	buffer    []byte
	ready     []byte // of buffer: verified, and not given yet
	chunk     int
	err       error
}

func (p *partReader) Read(into []byte) (int, error) {
	if len(p.ready) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		if p.chunk == len(p.part.Chunks) {
			return 0, io.EOF
		}
		p.next()
		if p.err != nil {
			return 0, p.err
		}
	}
	n := copy(into, p.ready)
	p.ready = p.ready[n:]
	return n, nil
}

func (p *partReader) next() {
	size := min(int64(p.chunkSize), p.part.Size-int64(p.chunk)*int64(p.chunkSize))
	chunk := p.buffer[:size]
	if _, err := io.ReadFull(p.r, chunk); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = format.Refuse(Malformed, "the content ends in chunk %d", p.chunk)
		}
		p.err = err
		return
	}
	if !format.EqualDigests(sha256.Sum256(chunk), p.part.Chunks[p.chunk]) {
		p.err = format.Refuse(BadSignature, "the content is not the one that was signed (chunk %d)", p.chunk)
		return
	}
	p.chunk++
	p.ready = chunk
}
