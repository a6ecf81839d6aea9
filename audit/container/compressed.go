package container

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// maxWindow bounds the memory that a compressed file may ask for before its first byte.
const maxWindow = 128 << 20

// compressed reads what is inside a compressed file.
func (w *walker) compressed(name string, f format, r io.Reader, size int64, depth int) {
	inner := join(name, f.String())
	unpacked, done, err := decompressor(f, r)
	if err != nil {
		w.problem(name, "%s: %v", f, err)
		return
	}
	defer done()
	w.stream(inner, unpacked, size, true, depth)
}

// decompressor unpacks a format. done gives back what it holds.
func decompressor(f format, r io.Reader) (unpacked io.Reader, done func(), err error) {
	done = func() {}
	switch f {
	case formatGzip:
		unpacked, err = gzip.NewReader(r)
	case formatZlib:
		unpacked, err = zlib.NewReader(r)
	case formatBzip2:
		unpacked = bzip2.NewReader(r)
	case formatXz:
		unpacked, err = xz.ReaderConfig{DictCap: lzma.MinDictCap}.NewReader(bufio.NewReader(r))
	case formatLzma:
		unpacked, err = lzmaReader(r)
	case formatZstd:
		var z *zstd.Decoder
		z, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<40),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err == nil {
			unpacked, done = z, z.Close
		}
	case formatLz4:
		unpacked = lz4.NewReader(r)
	case formatZFile:
		unpacked, err = zFile(r)
	default:
		err = fmt.Errorf("no compressed format")
	}
	return unpacked, done, err
}

// lzmaReader reads the format of the program lzma, which has the size of the window in
// its header: LZMA_ALONE of Python's lzma.
func lzmaReader(r io.Reader) (io.Reader, error) {
	header := make([]byte, lzma.HeaderLen)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, err
	}
	if window := le32(header[1:]); window > maxWindow {
		return nil, fmt.Errorf("asks for a window of %d bytes", window)
	}
	return lzma.NewReader(io.MultiReader(bytes.NewReader(header), r))
}

// zFileHeader is "ZF" and the length in hexadecimal, padded with blanks: what joblib
// up to 0.9 wrote (numpy_pickle_compat.read_zfile).
const zFileHeader = len("ZF") + 19

func zFile(r io.Reader) (io.Reader, error) {
	header := make([]byte, zFileHeader)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimRight(string(header[2:]), " "), "0x"), "L")
	if _, err := strconv.ParseUint(text, 16, 64); err != nil {
		return nil, fmt.Errorf("the header has no length: %q", header)
	}
	rest := bufio.NewReader(r)
	if next, err := rest.Peek(1); err == nil && next[0] == ' ' { // Python 2's 0x…L was one longer
		rest.Discard(1)
	}
	return zlib.NewReader(rest)
}

// join is the path of something inside.
func join(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "!" + inner
}
