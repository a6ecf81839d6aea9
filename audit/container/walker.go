package container

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// Read reads a file of size bytes and calls visit for each of its parts, in order. A part's
// Data are good until visit returns. meant says whether the file itself, if it is of no known
// format, is a pickle for certain.
func Read(r io.ReaderAt, size int64, meant bool, limits Limits, visit func(*Part)) []Problem {
	w := &walker{limits: limits.withDefaults(), visit: visit}
	w.left = w.limits.Bytes
	w.file("", r, size, meant, 0)
	return w.problems
}

// walker goes through one file.
type walker struct {
	limits   Limits
	left     int64 // how many bytes may still be read
	visit    func(*Part)
	problems []Problem
}

func (w *walker) problem(name, why string, args ...any) {
	w.problems = append(w.problems, Problem{Path: name, Why: fmt.Sprintf(why, args...)})
}

// file reads what can be read at any place.
func (w *walker) file(name string, r io.ReaderAt, size int64, meant bool, depth int) {
	head := make([]byte, min(size, peekBytes))
	if n, err := r.ReadAt(head, 0); err != nil && !(err == io.EOF && n == len(head)) {
		w.problem(name, "can't be read: %v", err)
		return
	}
	isZip := sniff(head) == formatZip
	if isZip {
		w.probe(name, io.NewSectionReader(r, 0, size), size)
	} else {
		w.stream(name, io.NewSectionReader(r, 0, size), size, meant, depth)
	}
	// A zip file ends as one: there may be a program, or a pickle, before it.
	if (isZip || endsAsZip(r, size)) && w.deeper(name, depth) {
		w.zip(name, r, size, isZip, depth+1)
	}
}

// deeper says whether one more format inside the others is read.
func (w *walker) deeper(name string, depth int) bool {
	if depth >= w.limits.Depth {
		w.problem(name, "more than %d formats inside one another", w.limits.Depth)
		return false
	}
	return true
}

// stream reads what comes from a reader. size is how many bytes it takes in the file,
// packed: the ratio counts from there.
func (w *walker) stream(name string, r io.Reader, size int64, meant bool, depth int) {
	bounded := &boundedReader{r: r, w: w, most: max(freeBytes, size*w.limits.Ratio)}
	head, err := io.ReadAll(io.LimitReader(bounded, peekBytes))
	whole := io.MultiReader(bytes.NewReader(head), bounded)
	if err != nil {
		whole = io.MultiReader(bytes.NewReader(head), failing{err})
	}
	switch f := sniff(head); f {
	case formatNone:
		w.plain(name, whole, size, meant)
	case formatZip:
		data, _ := w.all(name, whole)
		w.file(name, bytes.NewReader(data), int64(len(data)), meant, depth)
	case formatTar:
		data, _ := w.all(name, whole)
		w.probe(name, bytes.NewReader(data), int64(len(data)))
		if w.deeper(name, depth) {
			w.tar(name, bytes.NewReader(data), depth+1)
		}
	case formatNumpy:
		w.numpy(name, whole)
	case format7z, formatRar:
		w.problem(name, "is a %s archive, which isn't read: unpack it first", f)
	default:
		if w.deeper(name, depth) {
			w.compressed(name, f, whole, max(size, int64(len(head))), depth+1)
		}
	}
	if bounded.over != nil {
		w.problem(name, "%v", bounded.over)
	}
}

// all reads to the end. What came before an error is in data, and the error a problem.
func (w *walker) all(name string, r io.Reader) (data []byte, ok bool) {
	return w.sized(name, r, 0)
}

// sized is all for what is known to have some bytes: they are read to where they stay.
func (w *walker) sized(name string, r io.Reader, size int64) (data []byte, ok bool) {
	into := bytes.NewBuffer(make([]byte, 0, min(size, w.limits.Bytes)+bytes.MinRead))
	_, err := into.ReadFrom(r)
	data = into.Bytes()
	if err != nil && !errors.Is(err, errTooMuch) {
		w.problem(name, "is damaged after %d bytes: %v", len(data), err)
	}
	return data, err == nil
}

// plain reads what is of no format with a name: pickles, or anything. size is how many
// bytes it takes in the file.
func (w *walker) plain(name string, r io.Reader, size int64, meant bool) {
	role := Meant
	if !meant && !LooksMeant(name) {
		role = Possible
		head, err := io.ReadAll(io.LimitReader(r, probeBytes))
		if err == nil && endsAsPickle(head) {
			w.visit(&Part{Path: name, Data: head})
			return
		}
		r = io.MultiReader(bytes.NewReader(head), r)
	}
	data, _ := w.sized(name, r, size)
	switch {
	case isTorchLegacy(data):
		w.torchLegacy(name, data)
	case mayBeJoblib(data):
		w.joblib(name, data)
	default:
		w.visit(&Part{Path: name, Data: data, Role: role})
	}
}

// probe gives a file of another format as a pickle, as far as it reads as one: that is what
// an unpickler does with it.
func (w *walker) probe(name string, r io.Reader, size int64) {
	head, err := io.ReadAll(io.LimitReader(r, probeBytes))
	if err != nil {
		return // the reader of the format meets it too
	}
	if !endsAsPickle(head) {
		rest, _ := w.all(name, &boundedReader{r: r, w: w, most: size})
		head = append(head, rest...)
	}
	w.visit(&Part{Path: name, Data: head, Role: Another})
}

// endsAsPickle says whether an unpickler certainly stops within these first bytes of a
// file, at what is no opcode.
func endsAsPickle(head []byte) bool {
	if len(head) < probeBytes {
		return true // all of it
	}
	for at := 0; at < len(head); {
		if _, ok := wire.Opcode(head[at]).Info(); !ok {
			return true
		}
		in, err := wire.ReadInstruction(head, at)
		if err != nil {
			return false // its argument may go on
		}
		at += in.Size
	}
	return false
}

// meantNames are how files end that programs unpickle.
var meantNames = map[string]bool{
	".pkl": true, ".pickle": true, ".pck": true, ".pcl": true, ".p": true, ".dill": true, ".joblib": true,
	".pt": true, ".pth": true, ".ckpt": true, ".cloudpickle": true,
}

// LooksMeant says whether a file's name is of those that programs unpickle.
func LooksMeant(name string) bool { return meantNames[strings.ToLower(path.Ext(name))] }

// boundedReader counts what is read against the limits.
type boundedReader struct {
	r    io.Reader
	w    *walker
	most int64
	over error
}

var errTooMuch = errors.New("unpacks to more than the limit")

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.over != nil {
		return 0, b.over
	}
	if room := min(b.w.left, b.most); int64(len(p)) > room+1 {
		p = p[:room+1]
	}
	n, err := b.r.Read(p)
	b.most -= int64(n)
	b.w.left -= int64(n)
	switch {
	case b.w.left < 0:
		b.over = fmt.Errorf("%w of %d bytes", errTooMuch, b.w.limits.Bytes)
	case b.most < 0:
		b.over = fmt.Errorf("%w of %d times its size", errTooMuch, b.w.limits.Ratio)
	default:
		return n, err
	}
	return 0, b.over
}

// failing is a reader that ends with an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
