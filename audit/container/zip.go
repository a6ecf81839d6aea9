package container

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz/lzma"
)

// A zip file names each member twice, in a directory at the end and before the member. The
// readers of the world disagree about which counts, about flags, checksums and names that
// come twice (CVE-2025-1944, CVE-2025-1945, CVE-2025-10156 of scanners): where the two
// differ nothing is certain, and the contents are read all the same.

const (
	zipLocalSize = 30 // a local header without name and extra fields (APPNOTE.TXT 4.3.7)
	zipEndSize   = 22 // the end of the directory without its comment (4.3.16)
	zipEncrypted = 1  // of the flags: the member has a password (4.4.4)

	zipBzip2 = 12
	zipLzma  = 14
	zipZstd  = 93
)

// endsAsZip says whether a file ends with a zip directory.
func endsAsZip(r io.ReaderAt, size int64) bool {
	tail := make([]byte, min(size, zipEndSize+1<<16-1))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	for at := len(tail) - zipEndSize; at >= 0; at-- {
		at = bytes.LastIndex(tail[:at+4], []byte("PK\x05\x06"))
		if at < 0 {
			return false
		}
		if comment := int(binary.LittleEndian.Uint16(tail[at+20:])); at+zipEndSize+comment == len(tail) {
			return true
		}
	}
	return false
}

// zip reads an archive. certain says that it is one, and must be whole.
func (w *walker) zip(name string, r io.ReaderAt, size int64, certain bool, depth int) {
	headers := &headerReader{ReaderAt: r}
	archive, err := zip.NewReader(headers, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		if certain {
			w.problem(name, "is a damaged zip file: %v", err)
		}
		return
	}
	seen := map[string]bool{}
	for i, f := range archive.File {
		if i >= w.limits.Members {
			w.problem(name, "has more than %d members", w.limits.Members)
			return
		}
		member := join(name, f.Name)
		if seen[f.Name] {
			w.problem(member, "is in the archive twice")
		}
		seen[f.Name] = true
		w.zipMember(member, f, headers, depth)
	}
}

func (w *walker) zipMember(name string, f *zip.File, headers *headerReader, depth int) {
	if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 {
		return
	}
	headers.last = nil
	raw, err := f.OpenRaw()
	if err != nil {
		w.problem(name, "is damaged: %v", err)
		return
	}
	flags, why := f.Flags, ""
	if headers.last == nil {
		why = "can't be compared with the directory"
	} else {
		why = differs(f, headers)
		flags |= le16(headers.last[6:])
	}
	switch {
	case flags&zipEncrypted != 0:
		w.problem(name, "has a password")
	case why != "":
		w.problem(name, "%s", why)
	}
	unpacked, done, err := zipMethod(f.Method, raw, f.UncompressedSize64)
	if err != nil {
		w.problem(name, "%v", err)
		return
	}
	defer done()
	sum := &summing{r: unpacked, crc: crc32.NewIEEE()}
	w.stream(name, sum, int64(f.CompressedSize64), false, depth)
	if sum.ended && flags&zipEncrypted == 0 && (sum.crc.Sum32() != f.CRC32 || sum.size != f.UncompressedSize64) {
		w.problem(name, "is damaged: its checksum or size is another one")
	}
}

// differs says how the header before a member isn't what the directory has.
func differs(f *zip.File, headers *headerReader) string {
	h := headers.last
	nameLength := int64(le16(h[26:]))
	local := make([]byte, nameLength)
	if _, err := headers.ReaderAt.ReadAt(local, headers.at+zipLocalSize); err != nil {
		return "has a damaged header"
	}
	const descriptor = 8 // sizes and checksum follow the member (4.4.4)
	switch {
	case string(local) != f.Name:
		return fmt.Sprintf("is called %q in its own header", local)
	case le16(h[8:]) != f.Method:
		return "has another method in its own header"
	case (le16(h[6:])^f.Flags)&(zipEncrypted|descriptor) != 0:
		return "has other flags in its own header"
	case le16(h[6:])&descriptor == 0 && le32(h[14:]) != f.CRC32:
		return "has another checksum in its own header"
	case le16(h[6:])&descriptor == 0 && le32(h[18:]) != 0xffffffff && uint64(le32(h[18:])) != f.CompressedSize64:
		return "has another size in its own header"
	}
	return ""
}

// zipMethod unpacks what a member is packed with: the methods of Python's zipfile.
func zipMethod(method uint16, raw io.Reader, size uint64) (unpacked io.Reader, done func(), err error) {
	switch method {
	case zip.Store:
		return raw, func() {}, nil
	case zip.Deflate:
		r := flate.NewReader(raw)
		return r, func() { r.Close() }, nil
	case zipBzip2:
		return decompressor(formatBzip2, raw)
	case zipLzma:
		unpacked, err = zipLzmaReader(raw, size)
		return unpacked, func() {}, err
	case zipZstd, zstd.ZipMethodPKWare:
		return decompressor(formatZstd, raw)
	}
	return nil, nil, fmt.Errorf("is packed with method %d, which isn't known", method)
}

// zipLzmaReader puts the header of the lzma format before a member (5.8).
func zipLzmaReader(raw io.Reader, size uint64) (io.Reader, error) {
	var head [4]byte
	if _, err := io.ReadFull(raw, head[:]); err != nil || le16(head[2:]) != 5 {
		return nil, errors.New("is damaged: it has no properties of LZMA")
	}
	header := make([]byte, lzma.HeaderLen)
	if _, err := io.ReadFull(raw, header[:5]); err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint64(header[5:], size)
	return lzmaReader(io.MultiReader(bytes.NewReader(header), raw))
}

// headerReader keeps the last local header that was read: package zip reads it, to find
// where a member begins, and doesn't tell.
type headerReader struct {
	io.ReaderAt
	last []byte
	at   int64
}

func (h *headerReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := h.ReaderAt.ReadAt(p, off)
	if n == zipLocalSize && len(p) == zipLocalSize && bytes.HasPrefix(p, []byte("PK\x03\x04")) {
		h.last, h.at = bytes.Clone(p), off
	}
	return n, err
}

// summing takes the checksum of what is read.
type summing struct {
	r     io.Reader
	crc   hash.Hash32
	size  uint64
	ended bool
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.crc.Write(p[:n])
	s.size += uint64(n)
	if err == io.EOF {
		s.ended = true
	}
	return n, err
}

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
