package seal

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// SignStream writes an envelope of what r holds from where it is on. It holds little of it
// in memory, and reads it once where w is a file that can be written out of order, and
// twice where it isn't. An r that is an [io.ReaderAt], such as a file, is read by several
// goroutines. A content that changes meanwhile is an error: what w has then is no envelope.
func (s *Signer) SignStream(w io.Writer, r io.ReadSeeker) error {
	if file, place := inAnyOrder(w); file != nil {
		return s.signInOnePass(file, place, r)
	}
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	part, err := digestRest(r)
	if err != nil {
		return err
	}
	h, err := s.headOf(part)
	if err != nil {
		return err
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return err
	}
	if _, err := w.Write(h.Encode(0)); err != nil {
		return err
	}
	again, err := copyPart(w, r)
	if err != nil {
		return err
	}
	if again.Size != part.Size || !slices.Equal(again.Chunks, part.Chunks) {
		return errChanged
	}
	return nil
}

// SignDetachedStream makes an envelope without the content, which is what r holds from
// where it is on. See [Signer.SignStream].
func (s *Signer) SignDetachedStream(r io.ReadSeeker) ([]byte, error) {
	part, err := digestRest(r)
	if err != nil {
		return nil, err
	}
	h, err := s.headOf(part)
	if err != nil {
		return nil, err
	}
	h.Flags |= format.Detached
	return h.Encode(0), nil
}

func (s *Signer) headOf(part Part) (*head, error) {
	return s.head(&Manifest{ChunkSize: ChunkSize, Parts: []Part{part}})
}

var errChanged = errors.New("seal: the content changed while it was signed")

func (s *Signer) signInOnePass(file *os.File, place int64, r io.ReadSeeker) error {
	start, size, err := rest(r)
	if err != nil {
		return err
	}
	// The head of a content so long, with other digests. In its place are zeros until the right
	// one is there, so that it is no envelope before.
	chunks := make([][DigestSize]byte, (size+ChunkSize-1)/ChunkSize)
	h, err := s.headOf(Part{Size: size, Chunks: chunks})
	if err != nil {
		return err
	}
	room := int64(h.Size())
	if _, err := file.WriteAt(make([]byte, room), place); err != nil {
		return err
	}
	var part Part
	if at, ok := r.(io.ReaderAt); ok {
		part, err = digestFrom(r, at, start, size, func(piece []byte, offset int64) error {
			_, err := file.WriteAt(piece, place+room+offset)
			return err
		})
	} else {
		part, err = copyPart(io.NewOffsetWriter(file, place+room), r)
	}
	if err != nil {
		return err
	}
	if part.Size != size {
		return errChanged
	}
	if h, err = s.headOf(part); err != nil {
		return err
	}
	if _, err := file.WriteAt(h.Encode(0), place); err != nil {
		return err
	}
	_, err = file.Seek(place+room+size, io.SeekStart)
	return err
}

// rest says where r is, and how much it holds from there on.
func rest(r io.Seeker) (start, size int64, err error) {
	if start, err = r.Seek(0, io.SeekCurrent); err != nil {
		return 0, 0, err
	}
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0, err
	}
	_, err = r.Seek(start, io.SeekStart)
	return start, max(0, end-start), err
}

// digestRest hashes r to its end.
func digestRest(r io.ReadSeeker) (Part, error) {
	at, ok := r.(io.ReaderAt)
	if !ok {
		return copyPart(io.Discard, r)
	}
	start, size, err := rest(r)
	if err != nil {
		return Part{}, err
	}
	return digestFrom(r, at, start, size, nil)
}

// digestFrom hashes size bytes, which are all that r, which is at too, has from start on,
// and gives each piece to use with its place after start. r is at its end then.
func digestFrom(r io.Seeker, at io.ReaderAt, start, size int64, use func(piece []byte, offset int64) error) (Part, error) {
	part, err := digestPart(io.NewSectionReader(at, start, size), size, use)
	if errors.Is(err, errShort) {
		return part, errChanged
	}
	if err != nil {
		return part, err
	}
	if n, err := at.ReadAt(make([]byte, 1), start+size); n > 0 {
		return part, errChanged
	} else if !errors.Is(err, io.EOF) {
		return part, err
	}
	_, err = r.Seek(start+size, io.SeekStart)
	return part, err
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
// and little else of it in memory. Several goroutines read r.
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
	return v.openStream(&h, r, int64(h.Size()), size)
}

// VerifyDetachedStream verifies a content of size bytes that travelled beside its envelope.
func (v *Verifier) VerifyDetachedStream(envelope []byte, content io.ReaderAt, size int64) (*Stream, error) {
	h, err := detachedHead(envelope)
	if err != nil {
		return nil, err
	}
	return v.openStream(h, content, 0, size)
}

// openStream verifies the content that begins at offset of r, and is the rest of its size bytes.
func (v *Verifier) openStream(h *head, r io.ReaderAt, offset, size int64) (*Stream, error) {
	s, m, err := v.verifyHead(h)
	if err != nil {
		return nil, err
	}
	stream := &Stream{s, m, r, offset}
	if got := size - offset; got != m.Size() {
		return nil, format.Refuse(Malformed, "the content has %d bytes, and should have %d", got, m.Size())
	}
	for i := range m.Parts {
		if err := stream.part(i).verify(); err != nil {
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
// is not verified, and an [*Error] where one has changed. With [io.Copy] several
// goroutines write into a file.
func (s *Stream) Part(i int) io.Reader {
	return s.part(i)
}

func (s *Stream) part(i int) *partReader {
	offset := s.offset
	for _, before := range s.Manifest.Parts[:i] {
		offset += before.Size
	}
	part := s.Manifest.Parts[i]
	return &partReader{
		r:    io.NewSectionReader(s.r, offset, part.Size),
		part: part, chunkSize: s.Manifest.ChunkSize,
	}
}

// A partReader reads a part chunk by chunk, and verifies each before it gives any of it.
type partReader struct {
	r         *io.SectionReader
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
	if p.buffer == nil {
		p.buffer = make([]byte, min(int64(p.chunkSize), p.part.Size))
	}
	offset := int64(p.chunk) * int64(p.chunkSize)
	s := span{p.chunk, offset, int(min(int64(p.chunkSize), p.part.Size-offset))}
	if p.err = p.verifyChunk(s, p.buffer, nil); p.err != nil {
		return
	}
	p.chunk++
	p.ready = p.buffer[:s.size]
}

// verifyChunk reads a chunk, piece by piece where the buffer is shorter, and compares its digest.
func (p *partReader) verifyChunk(s span, buffer []byte, use func(piece []byte, offset int64) error) error {
	digest, err := digestChunk(p.r, s, buffer, use)
	if errors.Is(err, errShort) {
		return format.Refuse(Malformed, "the content ends in chunk %d", s.chunk)
	}
	if err != nil {
		return err
	}
	if !format.EqualDigests(digest, p.part.Chunks[s.chunk]) {
		return format.Refuse(BadSignature, "the content is not the one that was signed (chunk %d)", s.chunk)
	}
	return nil
}

// verify reads the whole part.
func (p *partReader) verify() error {
	return eachChunk(p.part.Size, p.chunkSize, pieceSize, func(s span, buffer []byte) error {
		return p.verifyChunk(s, buffer, nil)
	})
}

// WriteTo is that of [io.WriterTo].
func (p *partReader) WriteTo(w io.Writer) (int64, error) {
	file, place := inAnyOrder(w)
	if file == nil || p.chunk > 0 {
		return io.Copy(w, struct{ io.Reader }{p})
	}
	err := eachChunk(p.part.Size, p.chunkSize, p.chunkSize, func(s span, buffer []byte) error {
		if err := p.verifyChunk(s, buffer, nil); err != nil {
			return err
		}
		_, err := file.WriteAt(buffer[:s.size], place+s.offset)
		return err
	})
	if err != nil {
		return 0, err
	}
	p.chunk = len(p.part.Chunks)
	_, err = file.Seek(place+p.part.Size, io.SeekStart)
	return p.part.Size, err
}
