package pickle

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

func TestDecodeCases(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		for _, opts := range [][]Option{nil, {Strict()}, {NoCopy()}} {
			v, err := Load(data, opts...)
			if err != nil {
				t.Fatalf("%q: %v", data, err)
			}
			if c.hasValue() {
				if got, want := canon(v), canon(c.value()); got != want {
					t.Errorf("%q:\n got %s\nwant %s", data, got, want)
				}
			}
		}
	})
}

// TestPrefixes cuts each case at every place: there must be an error that says
// so, and neither a value nor a panic.
func TestPrefixes(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		places := 5000
		if testing.Short() {
			places = 500
		}
		step := 1 + len(data)/places
		for n := 0; n < len(data); n += step {
			v, err := Load(data[:n])
			if err == nil {
				t.Fatalf("%q: got %v of the first %d bytes", data, v, n)
			}
			if !errors.Is(err, wire.ErrTruncated) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%q, first %d bytes: %v", data, n, err)
			}
		}
	})
}

// TestReaders decodes each case from readers that give few bytes at a time,
// several pickles in one stream.
func TestReaders(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		want, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		twice := append(bytes.Clone(data), data...)
		readers := map[string]io.Reader{
			"whole": bytes.NewReader(twice),
			"half":  iotest.HalfReader(bytes.NewReader(twice)),
			"err":   iotest.DataErrReader(bytes.NewReader(twice)),
		}
		if len(data) < 5000 {
			readers["byte"] = iotest.OneByteReader(bytes.NewReader(twice))
		}
		for name, r := range readers {
			d := NewDecoder(r)
			for i := range 2 {
				v, err := d.Load()
				if err != nil {
					t.Fatalf("%s reader: pickle %d: %v", name, i, err)
				}
				if got, want := canon(v), canon(want); got != want {
					t.Errorf("%s reader: got %s, want %s", name, got, want)
				}
				if got, want := d.InputOffset(), int64((i+1)*len(data)); got != want {
					t.Errorf("%s reader: offset %d after pickle %d, want %d", name, got, i, want)
				}
			}
			if _, err := d.Load(); err != io.EOF {
				t.Errorf("%s reader: got %v at the end, want io.EOF", name, err)
			}
		}
	})
}
