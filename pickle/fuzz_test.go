package pickle

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// The fuzz targets start from the golden pickles, streams that lie about
// lengths, and the corpora in testdata/fuzz. An ordinary go test run replays all of them.

func addSeeds(f *testing.F) {
	f.Helper()
	for _, data := range seeds(f) {
		f.Add(data)
	}
	for _, data := range lies() {
		f.Add(data)
	}
}

// smallLimits keep the fuzzer from filling the memory with honest streams.
var smallLimits = WithLimits(Limits{MaxMemory: 64 << 20, MaxDepth: 500})

// FuzzLoad checks that reading from memory, from a reader byte by byte and
// without copies and with an observer agree, that strict mode accepts nothing more, and that what
// is accepted can be encoded and read again with the same meaning.
func FuzzLoad(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Load(data, smallLimits)
		if err != nil {
			var e *wire.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > int64(len(data)) || e.Path == "" {
				t.Fatalf("error without its place: %#v", err)
			}
			_ = err.Error()
		}
		d := NewDecoder(iotest.OneByteReader(bytes.NewReader(data)), smallLimits)
		rv, rerr := d.Load()
		if (err == nil) != (rerr == nil) && !errors.Is(err, wire.ErrLimit) && !errors.Is(rerr, wire.ErrLimit) && (rerr != io.EOF || len(data) > 0) {
			t.Fatalf("from memory: %v; from a reader: %v", err, rerr)
		}
		if _, serr := Load(data, smallLimits, Strict()); serr == nil && err != nil {
			t.Fatalf("strict mode accepts what is refused otherwise: %v", err)
		}
		if err != nil {
			return
		}
		want := canon(v)
		if len(want) > 1<<20 {
			return // the budget of canon may have cut it
		}
		if rerr == nil && canon(rv) != want {
			t.Fatalf("from memory %s, from a reader %s", want, canon(rv))
		}
		var x Extents
		ov, err := Load(data, smallLimits, WithExtents(&x), WithEvents(func(e Event) {
			if e.From < 0 || e.From > e.Offset || e.Offset >= int64(len(data)) || Opcode(data[e.Offset]) != e.Op || e.Value == nil {
				t.Fatalf("an event that can't be: %+v", e)
			}
		}))
		if err == nil && canon(ov) != want || err != nil && !errors.Is(err, wire.ErrLimit) {
			t.Fatalf("with an observer: %v", err)
		}
		for _, e := range x.of {
			if e.From < 0 || e.From >= e.To || e.To > int64(len(data)) {
				t.Fatalf("an extent that can't be: %+v", e)
			}
		}
		if nv, err := Load(data, smallLimits, NoCopy()); err != nil || canon(nv) != want {
			t.Fatalf("without copies: %v", err)
		}
		for proto := range wire.HighestProtocol + 1 {
			b, err := Marshal(v, WithProtocol(proto))
			if err != nil {
				continue // what a protocol cannot hold
			}
			if proto < 4 && strings.Contains(want, "g") {
				continue // names are written another way there
			}
			again, err := Load(b, smallLimits)
			if err != nil && !errors.Is(err, wire.ErrLimit) {
				t.Fatalf("protocol %d cannot be read again: %v\n%q", proto, err, b)
			}
			if strings.Contains(want, "=m") {
				continue // a view of a buffer is written as what a PickleBuffer is in band: bytes or a bytearray
			}
			if err == nil && proto >= 4 && canon(again) != want {
				t.Fatalf("protocol %d: wrote %s, read %s", proto, want, canon(again))
			}
		}
	})
}

// FuzzUnmarshal decodes into types of all kinds.
func FuzzUnmarshal(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range typedCases {
			p := newOf(c.want)
			err := Unmarshal(data, p, smallLimits)
			var e *wire.Error
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("into %T: %#v", p, err)
			}
		}
		var a Array[float64]
		_ = Unmarshal(data, &a, smallLimits)
		var n NDArray
		_ = Unmarshal(data, &n, smallLimits)
	})
}

// FuzzDisassemble checks that the disassembler ends, and reads what the
// decoder reads.
func FuzzDisassemble(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		err := wire.Disassemble(io.Discard, data)
		if err != nil {
			_ = err.Error()
		}
		for i := 0; i < len(data); {
			in, err := wire.ReadInstruction(data, i)
			if err != nil {
				break
			}
			if in.Size <= 0 || i+in.Size > len(data) {
				t.Fatalf("instruction of %d bytes at %d of %d", in.Size, i, len(data))
			}
			i += in.Size
		}
	})
}
