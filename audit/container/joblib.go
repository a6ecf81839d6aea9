package container

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// joblib since 0.10 writes an array as a NumpyArrayWrapper, and its data behind the BUILD
// that gives the wrapper its state, between two opcodes: NumpyUnpickler.load_build reads
// them. An array of objects is a pickle of its own there.

const joblibWrapper = "NumpyArrayWrapper"

func mayBeJoblib(data []byte) bool { return bytes.Contains(data, []byte(joblibWrapper)) }

// joblib gives the pickle without the data of arrays, the pickles of arrays of objects, and
// what pickle.load would read, which takes those data for opcodes.
func (w *walker) joblib(name string, data []byte) {
	s := &spliced{data: data}
	err := s.read()
	if len(s.gaps) == 0 {
		w.visit(&Part{Path: name, Data: data, Role: Meant})
		return
	}
	if err != nil {
		w.problem(name, "has an array that joblib wouldn't read like that: %v", err)
	}
	w.visit(&Part{Path: name, Data: s.rest, Role: Meant, gaps: s.gaps})
	for _, p := range s.nested {
		w.visit(&Part{Path: name, Data: data[p.from:p.to], Role: Meant, start: p.from})
	}
	w.visit(&Part{Path: name, Data: data[:s.firstGap()], Role: Another})
}

// spliced is the reader of a joblib file for a decoder, which leaves out the data of
// arrays. It gives the opcodes up to a BUILD at a time: the decoder asks for more when it
// has run that one, and by then an event has told what it was.
type spliced struct {
	data   []byte
	pos    int
	end    int // of the opcodes that may be given
	rest   []byte
	gaps   []gap
	nested []piece
	err    error
}

type piece struct{ from, to int64 }

func (s *spliced) read() error {
	in := pickle.NewDecoder(s, pickle.WithStringEncoding(pickle.StringLatin1), pickle.WithEvents(s.event),
		pickle.WithLimits(pickle.Limits{MaxBytes: -1}))
	for s.pos < len(s.data) {
		if _, err := in.Load(); err != nil {
			break // whoever examines the part finds it again
		}
	}
	s.rest = append(s.rest, s.data[s.pos:]...)
	return s.err
}

func (s *spliced) Read(p []byte) (int, error) {
	if s.pos >= s.end {
		s.end = s.nextBuild()
	}
	n := copy(p, s.data[s.pos:s.end])
	s.rest = append(s.rest, p[:n]...)
	s.pos += n
	if n == 0 {
		return 0, errEnd
	}
	return n, nil
}

var errEnd = errors.New("the file ends")

// nextBuild is the end of the next BUILD, or of the data.
func (s *spliced) nextBuild() int {
	for at := s.pos; at < len(s.data); {
		in, err := wire.ReadInstruction(s.data, at)
		if err != nil {
			break
		}
		at += in.Size
		if in.Op == wire.OpBuild {
			return at
		}
	}
	return len(s.data)
}

// event takes out the data of an array.
func (s *spliced) event(e pickle.Event) {
	if e.Kind != pickle.EventUpdated || e.Op != pickle.OpBuild {
		return
	}
	o, ok := e.Value.(*pickle.Object)
	if !ok {
		return
	}
	class, ok := o.Class()
	if !ok || class.Name != joblibWrapper || !strings.Contains(class.Module, "joblib") {
		return
	}
	if e.Offset+1 != int64(len(s.rest)) {
		s.fail(errors.New("its opcodes are in a frame with others"))
		return
	}
	at := int64(len(s.rest))
	size, err := s.arraySize(o)
	if err == nil && size > int64(len(s.data)-s.pos) {
		err = fmt.Errorf("it has %d bytes, and %d are there", size, len(s.data)-s.pos)
		size = int64(len(s.data) - s.pos)
	}
	if err != nil {
		s.fail(err)
	}
	s.gaps = append(s.gaps, gap{at: at, size: size})
	s.pos += int(size)
	s.end = s.pos
}

func (s *spliced) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: %w", s.pos, err)
	}
}

// arraySize is how many bytes the data of an array take, padding included.
func (s *spliced) arraySize(o *pickle.Object) (int64, error) {
	shape, _ := o.Attr("shape")
	dims, ok := shape.(pickle.Tuple)
	if !ok {
		return 0, errors.New("it has no shape")
	}
	dtype, _ := o.Attr("dtype")
	kind, itemSize, err := dtypeOf(dtype)
	if err != nil {
		return 0, err
	}
	if kind == 'O' {
		return s.objects()
	}
	size := uint64(itemSize)
	for _, d := range dims {
		n, ok := d.(int64)
		high, low := bits.Mul64(size, uint64(n))
		if !ok || n < 0 || high != 0 || low > 1<<62 {
			return 0, errors.New("its shape is none")
		}
		size = low
	}
	if align, _ := o.Attr("numpy_array_alignment_bytes"); align != nil { // since joblib 1.2
		if s.pos >= len(s.data) {
			return 0, errors.New("its padding is missing")
		}
		size += 1 + uint64(s.data[s.pos])
	}
	return int64(size), nil
}

// objects is how many bytes the pickle of an array of objects has.
func (s *spliced) objects() (int64, error) {
	in := pickle.NewDecoder(bytes.NewReader(s.data[s.pos:]), pickle.WithStringEncoding(pickle.StringLatin1))
	_, err := in.Load()
	size := in.InputOffset()
	if err != nil { // what it did before counts
		size = int64(len(s.data) - s.pos)
	}
	s.nested = append(s.nested, piece{int64(s.pos), int64(s.pos) + size})
	return size, err
}

// dtypeOf reads numpy.dtype('f8', False, True): a letter, and the size of an item.
func dtypeOf(v any) (kind byte, size int64, err error) {
	o, ok := v.(*pickle.Object)
	if !ok || len(o.Args) == 0 {
		return 0, 0, errors.New("it has no dtype")
	}
	text, _ := o.Args[0].(string)
	if text == "" {
		return 0, 0, errors.New("its dtype has no name")
	}
	size, err = strconv.ParseInt(text[1:], 10, 32)
	if err != nil || size < 0 {
		return 0, 0, fmt.Errorf("its dtype %q has no size", text)
	}
	if text[0] == 'U' {
		size *= 4 // a character is 4 bytes (UCS-4)
	}
	return text[0], size, nil
}

// firstGap is how much of the data pickle.load certainly reads as the rest does, and the
// array after it, which it takes for opcodes.
func (s *spliced) firstGap() int64 {
	first := s.gaps[0]
	return min(int64(len(s.data)), first.at+first.size)
}
