package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// allocated is how many bytes a function takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// lies are streams that claim more than they hold.
func lies() map[string][]byte {
	le := binary.LittleEndian
	all := map[string][]byte{}
	for info := range wire.Opcodes() {
		for _, size := range []uint64{1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 40, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			var arg []byte
			switch fixed := info.Arg.Fixed(); {
			case fixed == 4:
				arg = le.AppendUint32(nil, uint32(size))
			case fixed == 8:
				arg = le.AppendUint64(nil, size)
			case info.Arg == wire.ArgDecimalLine:
				arg = fmt.Appendf(nil, "%d\n", size)
			default:
				continue
			}
			all[fmt.Sprintf("%s %d", info.Name, size)] = append(append([]byte{'N', byte(info.Code)}, arg...), "abc."...)
			many := bytes.Repeat(append([]byte{byte(info.Code)}, arg...), 20)
			all[fmt.Sprintf("%s %d, 20 times", info.Name, size)] = append(append([]byte{'N'}, many...), '.')
		}
	}
	return all
}

// TestLies checks that no stream makes the decoder take more than 4 times the
// input and 1 MiB, read from memory and from a reader.
func TestLies(t *testing.T) {
	for name, data := range lies() {
		for reader, load := range map[string]func() (any, error){
			"memory": func() (any, error) { return Load(data) },
			"reader": func() (any, error) { return NewDecoder(bytes.NewReader(data)).Load() },
			"strict": func() (any, error) { return Load(data, Strict()) },
		} {
			got := allocated(func() { _, _ = load() })
			if limit := uint64(4*len(data) + 1<<20); got > limit {
				t.Errorf("%s from %s: took %d bytes for %d of input", name, reader, got, len(data))
			}
		}
	}
}

// TestLongLies puts a lie behind real data, which may be read first.
func TestLongLies(t *testing.T) {
	const n = 8 << 20
	data := append([]byte{'B', 0xff, 0xff, 0xff, 0x2f}, make([]byte, n)...)
	for name, load := range map[string]func() (any, error){
		"memory": func() (any, error) { return Load(data) },
		"reader": func() (any, error) { return NewDecoder(bytes.NewReader(data)).Load() },
	} {
		var err error
		got := allocated(func() { _, err = load() })
		if !errors.Is(err, wire.ErrTruncated) {
			t.Errorf("%s: %v", name, err)
		}
		if limit := uint64(4*len(data) + 1<<20); got > limit {
			t.Errorf("%s: took %d bytes for %d of input", name, got, len(data))
		}
	}
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat("]", 20) + strings.Repeat("a", 19) + "."
	tuples := "N" + strings.Repeat("\x85", 20) + "."
	dicts := strings.Repeat("}\x94(\x8c\x01k", 20) + "N" + strings.Repeat("u", 20) + "."
	many := "](" + strings.Repeat("}(\x8c\x01kK\x01u", 1000) + "e."
	for _, c := range []struct {
		name   string
		data   string
		limits Limits
		ok     bool
	}{
		{"depth of lists", deep, Limits{MaxDepth: 19}, false},
		{"depth of lists that fits", deep, Limits{MaxDepth: 20}, true},
		{"depth of tuples", tuples, Limits{MaxDepth: 19}, false},
		{"depth of tuples that fits", tuples, Limits{MaxDepth: 20}, true},
		{"depth of dicts", dicts, Limits{MaxDepth: 19}, false},
		{"depth of dicts that fits", dicts, Limits{MaxDepth: 20}, true},
		{"memory of dicts", many, Limits{MaxMemory: 60_000}, false},
		{"memory of dicts that fits", many, Limits{MaxMemory: 1 << 18}, true},
		{"memo", "Nq\x00q\x01q\x02.", Limits{MaxMemo: 2}, false},
		{"memo that fits", "Nq\x00q\x01q\x02.", Limits{MaxMemo: 3}, true},
		{"memo number", "Nr\x00\x00\x00\x7f.", Limits{MaxMemo: 1 << 20}, false},
		{"memo number that fits", "Nr\x00\x00\x00\x7f.", Limits{}, false},
		{"memo number without limit", "Nr\x00\x00\x00\x7fj\x00\x00\x00\x7f.", Limits{MaxMemo: -1}, true},
		{"memory", "(" + strings.Repeat("N", 10000) + "l.", Limits{MaxMemory: 50_000}, false},
		{"memory that fits", "(" + strings.Repeat("N", 10000) + "l.", Limits{MaxMemory: 1 << 20}, true},
	} {
		_, err := Load([]byte(c.data), WithLimits(c.limits))
		if c.ok && err != nil || !c.ok && !errors.Is(err, wire.ErrLimit) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var at *wire.Error
	_, err := Load([]byte(dicts), WithLimits(Limits{MaxDepth: 19}))
	if want := int64(len(dicts) - 2); !errors.As(err, &at) || at.Offset != want || at.Op != wire.OpSetItems {
		t.Errorf("dicts that nest too deep: %v, which is not at byte %d", err, want)
	}
	_, err = NewDecoder(io.MultiReader(strings.NewReader("("), endless('N')), WithLimits(Limits{MaxBytes: 1 << 20})).Load()
	if !errors.Is(err, wire.ErrLimit) {
		t.Errorf("an endless stream: %v", err)
	}
}

// endless is a reader of one byte again and again.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// TestBombs are small streams that would cost much time or memory.
func TestBombs(t *testing.T) {
	// A tuple of the same tuple twice, 60 levels: hashing it takes 2^60 steps.
	var b strings.Builder
	b.WriteString("K\x01")
	for range 60 {
		b.WriteString("2\x86")
	}
	doubled := b.String()
	// One big list, made a set again and again.
	list := "](" + strings.Repeat("K\x01K\x02K\x03M\x00\x01", 1<<14) + "eq\x00"
	sets := list + strings.Repeat("c__builtin__\nset\nh\x00\x85R0", 1<<12) + "."
	for name, data := range map[string]string{
		"dict key":  "}" + doubled + "Ns.",
		"set item":  "\x8f(" + doubled + "\x90.",
		"frozenset": "(" + doubled + "\x91.",
		"sets":      sets,
		"no error":  "N.",
	} {
		_, err := Load([]byte(data))
		if name == "no error" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if !errors.Is(err, wire.ErrLimit) {
			t.Errorf("%s: got %v, want ErrLimit", name, err)
		}
	}
	if v, err := Load([]byte(doubled + ".")); err != nil {
		t.Errorf("the tuple alone: %v, %v", v, err)
	}
}

// TestDiscarded checks that calls which leave no value are not lost.
func TestDiscarded(t *testing.T) {
	for _, data := range []string{
		"cos\nsystem\n(X\x01\x00\x00\x00at\x52\x30N.", // POP
		"(cos\nsystem\n(X\x01\x00\x00\x00atR1N.",      // POP_MARK
		"cos\nsystem\n(X\x01\x00\x00\x00atRN.",        // left below the value
	} {
		d := NewDecoder(strings.NewReader(data))
		v, err := d.Load()
		if err != nil || v != nil {
			t.Fatalf("%q: %v, %v", data, v, err)
		}
		found := false
		for _, x := range d.Discarded() {
			if o, ok := x.(*Object); ok && o.Func == any(Global{Module: "os", Name: "system"}) {
				found = true
			}
		}
		if !found {
			t.Errorf("%q: the call is not among %v", data, d.Discarded())
		}
	}
}

// TestMemoStartsEmpty checks that pickles of one stream do not see each other.
func TestMemoStartsEmpty(t *testing.T) {
	d := NewDecoder(strings.NewReader("K\x05q\x00.h\x00."))
	if v, err := d.Load(); err != nil || v != int64(5) {
		t.Fatal(v, err)
	}
	if v, err := d.Load(); !errors.Is(err, wire.ErrSyntax) {
		t.Errorf("the second pickle read the memo of the first: %v, %v", v, err)
	}
}

func TestBuffers(t *testing.T) {
	data := []byte("\x80\x05\x97\x97\x98\x86.")
	first, second := []byte("one"), []byte("two")
	v, err := Load(data, WithBuffers(first, second))
	if err != nil {
		t.Fatal(err)
	}
	a, b := v.(Tuple)[0].(*Buffer), v.(Tuple)[1].(*Buffer)
	if &a.Data[0] != &first[0] || a.ReadOnly || &b.Data[0] != &second[0] || !b.ReadOnly || b.Index != 1 {
		t.Errorf("got %+v and %+v", a, b)
	}
	for _, opts := range [][]Option{nil, {WithBuffers(first)}} {
		if _, err := Load(data, opts...); !errors.Is(err, wire.ErrSyntax) {
			t.Errorf("with too few buffers: %v", err)
		}
	}
}

func TestAbsentBuffers(t *testing.T) {
	data := []byte("\x80\x05\x97\x97\x98\x86.")
	first := []byte("one")
	v, err := Load(data, WithBuffers(first), WithAbsentBuffers())
	if err != nil {
		t.Fatal(err)
	}
	a, b := v.(Tuple)[0].(*Buffer), v.(Tuple)[1].(*Buffer)
	if &a.Data[0] != &first[0] || b.Data != nil || b.Index != 1 {
		t.Errorf("got %+v and %+v", a, b)
	}
	many := append(bytes.Repeat([]byte("\x97"), 1<<20), '.')
	if _, err := Load(many, WithAbsentBuffers(), WithLimits(Limits{MaxMemory: 1 << 20})); !errors.Is(err, wire.ErrLimit) {
		t.Errorf("a million absent buffers in 1 MiB: %v", err)
	}
}

func TestBytesDecoder(t *testing.T) {
	data := []byte("\x80\x05C\x03one.\x80\x05K\x02.")
	d := NewBytesDecoder(data, NoCopy())
	first, err := d.Load()
	if err != nil || first != any(Bytes("one")) || d.InputOffset() != 8 {
		t.Errorf("got %v, %v, then byte %d", first, err, d.InputOffset())
	}
	if v, err := d.Load(); err != nil || v != any(int64(2)) {
		t.Errorf("the second is %v, %v", v, err)
	}
	if _, err := d.Load(); err != io.EOF {
		t.Errorf("behind the last: %v", err)
	}
	cut := NewBytesDecoder(data[:4])
	if _, err := cut.Load(); !errors.Is(err, wire.ErrTruncated) {
		t.Errorf("a cut pickle: %v", err)
	}
}

func TestPersistent(t *testing.T) {
	for _, data := range []string{"Pkey\n.", "X\x03\x00\x00\x00keyQ."} {
		if v, err := Load([]byte(data)); err != nil || v != any(PersistentID{ID: "key"}) {
			t.Errorf("%q: %v, %v", data, v, err)
		}
		load := WithPersistentLoad(func(id any) (any, error) { return fmt.Sprint("found ", id), nil })
		if v, err := Load([]byte(data), load); err != nil || v != any("found key") {
			t.Errorf("%q: %v, %v", data, v, err)
		}
		fail := WithPersistentLoad(func(id any) (any, error) { return nil, io.ErrClosedPipe })
		if _, err := Load([]byte(data), fail); !errors.Is(err, io.ErrClosedPipe) || !errors.Is(err, wire.ErrProgram) {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func TestStringEncoding(t *testing.T) {
	data := []byte("U\x02\xe9a.")
	for enc, want := range map[StringEncoding]any{StringLatin1: "éa", StringBytes: Bytes("\xe9a")} {
		if v, err := Load(data, WithStringEncoding(enc)); err != nil || v != want {
			t.Errorf("encoding %d: %v, %v", enc, v, err)
		}
	}
	for _, enc := range []StringEncoding{StringASCII, StringUTF8} {
		if _, err := Load(data, WithStringEncoding(enc)); !errors.Is(err, wire.ErrSyntax) {
			t.Errorf("encoding %d: %v", enc, err)
		}
	}
}
