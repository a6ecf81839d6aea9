package seal

import (
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// pieceSize is how much of a chunk is read, hashed and written at a time: so little that
// it stays in the processor's nearer caches from the one to the other.
const pieceSize = 64 << 10

// maxWorkers is after how many the disk or the memory, rather than the hash, is what they wait for.
const maxWorkers = 8

// errShort is a source that ends before the chunk that should be there does.
var errShort = errors.New("seal: a chunk is cut off")

// A span is a chunk's place in a part.
type span struct {
	chunk  int
	offset int64
	size   int
}

// eachChunk calls work for each chunk of size bytes, on several processors: chunks have
// digests of their own. buffer has room bytes. The error is that of the first chunk, in
// order, that has one.
func eachChunk(size int64, chunkSize, room int, work func(s span, buffer []byte) error) error {
	chunks := (size + int64(chunkSize) - 1) / int64(chunkSize)
	var next atomic.Int64
	var mu sync.Mutex
	failed, failure := chunks, error(nil)
	loop := func() {
		buffer := make([]byte, min(int64(room), size))
		for {
			i := next.Add(1) - 1
			if i >= chunks {
				return
			}
			offset := i * int64(chunkSize)
			err := work(span{int(i), offset, int(min(int64(chunkSize), size-offset))}, buffer)
			if err != nil {
				next.Store(chunks) // all before it are somebody's already
				mu.Lock()
				if i < failed {
					failed, failure = i, err
				}
				mu.Unlock()
				return
			}
		}
	}
	var others sync.WaitGroup
	for range min(chunks, int64(runtime.GOMAXPROCS(0)), maxWorkers) - 1 {
		others.Go(loop)
	}
	loop()
	others.Wait()
	return failure
}

// digestChunk hashes a chunk of r piece by piece, each of which use gets with its place.
func digestChunk(r io.ReaderAt, s span, buffer []byte, use func(piece []byte, offset int64) error) (digest [DigestSize]byte, err error) {
	hash := sha256.New()
	for done := 0; done < s.size; {
		piece := buffer[:min(len(buffer), s.size-done)]
		offset := s.offset + int64(done)
		if n, err := r.ReadAt(piece, offset); n < len(piece) {
			if errors.Is(err, io.EOF) {
				err = errShort
			}
			return digest, err
		}
		hash.Write(piece)
		if use != nil {
			if err := use(piece, offset); err != nil {
				return digest, err
			}
		}
		done += len(piece)
	}
	hash.Sum(digest[:0])
	return digest, nil
}

// digestPart hashes size bytes of r, each piece of which use gets.
func digestPart(r io.ReaderAt, size int64, use func(piece []byte, offset int64) error) (Part, error) {
	part := Part{Size: size, Chunks: make([][DigestSize]byte, (size+ChunkSize-1)/ChunkSize)}
	err := eachChunk(size, ChunkSize, pieceSize, func(s span, buffer []byte) (err error) {
		part.Chunks[s.chunk], err = digestChunk(r, s, buffer, use)
		return err
	})
	return part, err
}
