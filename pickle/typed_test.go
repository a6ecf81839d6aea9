package pickle

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"sort"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/typed"
)

// The typed decoder against its slow twin, which decodes to a generic value
// first and assigns that.

var typedCount = flag.Int("typed", 6000, "how many damaged streams TestTypedTwin compares")

type tree struct {
	Name string  `pickle:"name"`
	Kids []*tree `pickle:"kids"`
	Up   *tree   `pickle:"up,omitempty"`
}

type wide struct {
	B       bool
	I8      int8
	I16     int16
	I32     int32
	I       int
	U8      uint8
	U16     uint16
	U32     uint32
	U       uint64
	F32     float32
	F       float64
	S       string
	Raw     []byte
	Four    [4]byte
	Ints    []int
	Small   []int16
	Floats  []float64
	Texts   []string
	Words   [][]string
	Pair    [2]float64
	ByName  map[string]int
	ByID    map[int]string
	Nested  map[string]map[string][]int
	Inner   inner
	Ptr     *inner
	Ptrs    []*inner
	Num     *int
	Structs []inner
}

// mixed has what the typed decoder cannot fill itself.
type mixed struct {
	ID   int
	When time.Time
	Any  any
	Tags []string
	Rest map[string]any
	Last string
}

// twinTypes are types to decode into, with values to start streams from.
func twinTypes() []any {
	r := rand.New(rand.NewPCG(3, 4))
	leaf := &tree{Name: "leaf"}
	root := &tree{Name: "root", Kids: []*tree{leaf, {Name: "b", Kids: []*tree{leaf}}, nil}}
	leaf.Up = root
	one := 1
	w := wide{B: true, I8: -1, I16: 300, I32: -70000, I: 1 << 40, U8: 7, U16: 65535, U32: 1 << 31, U: 1 << 62, F32: 0.5, F: 1e100,
		S: "text", Raw: []byte("raw"), Four: [4]byte{1, 2, 3, 4}, Ints: []int{1, -2, 1 << 33}, Small: []int16{5}, Floats: []float64{1, 2.5},
		Texts: []string{"a", "b", "a"}, Words: [][]string{{}, {"x"}, {"y", "z"}}, Pair: [2]float64{3, 4}, ByName: map[string]int{"k": 1, "l": 2},
		ByID: map[int]string{3: "three"}, Nested: map[string]map[string][]int{"a": {}, "b": {"c": {1, 2}}, "d": {"e": nil}},
		Inner: inner{1, 2}, Ptr: &inner{3, 4}, Ptrs: []*inner{{5, 6}, nil, {7, 8}}, Num: &one, Structs: []inner{{1, 2}, {3, 4}}}
	long := make([]int64, 2500)
	texts := make([]string, 1100)
	records := make([]record, 1003)
	for i := range long {
		long[i] = int64(r.Uint64()) >> r.IntN(64)
	}
	for i := range texts {
		texts[i] = strings.Repeat("ä", i%5) + fmt.Sprint(i)
	}
	for i := range records {
		records[i] = record{i, fmt.Sprint("n", i), texts[i%7 : i%7+i%3]} // some share a list
	}
	day := day(2024, 5, 6)
	m := mixed{1, day, Tuple{"x", 1}, []string{"t"}, map[string]any{"k": list(1)}, "end"}
	return []any{
		true, int8(5), 70000, uint32(9), 1.5, float32(2.5), "s", []byte("abc"), [3]byte{1, 2, 3},
		[]int64{1, 2, 3}, long, []float64{1.5}, []string{"a", "b"}, texts, []bool{true}, []int8{1, 2}, [][]int{{}, {1}, {2, 3}, {}},
		[][][]int{{}, {{}}, {{1}, {}}, {{}, {2, 3}}}, [2]int{1, 2}, [][2]string{{"a", "b"}}, map[string]int{"a": 1}, map[int][]string{1: {"x"}},
		map[string]map[string]int{"a": {}, "b": {"c": 1}}, []map[string]int{{}, {"a": 1}, {}}, point{1, "a"}, []point{{1, "a"}, {2, "b"}},
		records[:3], records, root, *root, []*tree{root, leaf, root}, w, []wide{w, {}}, m, []mixed{m, {Last: "z"}, m}, []any{1, "x", nil},
		map[string]any{"a": 1}, []time.Time{day, day}, map[string]time.Time{"a": day}, outer{inner: inner{X: 1}}, []*int{&one, nil}, &one,
		struct {
			A []struct{ B *[]string }
		}{[]struct{ B *[]string }{{&[]string{"q"}}, {nil}}},
		[]struct{ X float64 }{{1}, {2}}, []Tuple{{1, 2}}, map[bool]int{true: 1}, map[float64]string{1.5: "x"}, []upper{"A"}, []decimal{{"1"}},
	}
}

// twin decodes both ways, and says what differs.
func twin(data []byte, typ reflect.Type, opts ...Option) (took bool, difference string) {
	cfg := newConfig(opts)
	fast, slow := reflect.New(typ), reflect.New(typ)
	n := typed.Direct(&cfg, data, fast.Interface())
	if took = n > 0; !took {
		if !fast.Elem().IsZero() {
			return false, fmt.Sprintf("left %#v behind", fast.Elem())
		}
		return false, ""
	}
	err := typed.Generic(&cfg, data, slow.Interface())
	switch {
	case errors.Is(err, wire.ErrLimit) && strings.Contains(err.Error(), "MaxMemory"):
		return true, "" // the generic value is larger than the typed one
	case err != nil:
		return true, fmt.Sprintf("accepted as %#v, the slow twin says %v", fast.Elem(), err)
	case !sameValue(fast.Elem(), slow.Elem()):
		return true, fmt.Sprintf("got %#v, the slow twin has %#v", fast.Elem(), slow.Elem())
	}
	return true, ""
}

// twinGeneric are types whose values have something that only the general way
// decodes, everywhere in the value.
var twinGeneric = map[reflect.Type]bool{
	// One slice in two structs is one list, of which each struct gets its own.
	reflect.TypeFor[tree](): true,
}

// sameValue compares two values with what is shared in them.
func sameValue(a, b reflect.Value) bool {
	s := twinWalk{there: map[twinPointer]unsafe.Pointer{}, back: map[twinPointer]unsafe.Pointer{}}
	return s.same(a, b)
}

type twinPointer struct {
	typ reflect.Type
	p   unsafe.Pointer
}

type twinWalk struct {
	there, back map[twinPointer]unsafe.Pointer
}

func (s twinWalk) same(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || !a.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		ka, kb := twinPointer{a.Type(), a.UnsafePointer()}, twinPointer{b.Type(), b.UnsafePointer()}
		if p, ok := s.there[ka]; ok || s.back[kb] != nil {
			return p == kb.p && s.back[kb] == ka.p
		}
		s.there[ka], s.back[kb] = kb.p, ka.p
		return s.same(a.Elem(), b.Elem())
	case reflect.Slice, reflect.Array:
		if a.Kind() == reflect.Slice && a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !s.same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for _, k := range a.MapKeys() {
			if k.Equal(k) && !s.same(a.MapIndex(k), b.MapIndex(k)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == gotype.TimeType {
			return a.Interface().(time.Time).Equal(b.Interface().(time.Time))
		}
		for i := range a.NumField() {
			if !s.same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Interface:
		if a.CanInterface() {
			return canon(a.Interface()) == canon(b.Interface())
		}
		return a.IsNil() == b.IsNil()
	case reflect.Float32, reflect.Float64:
		return a.Float() == b.Float() || a.Float() != a.Float() && b.Float() != b.Float()
	}
	return a.Equal(b)
}

// TestTypedTwin compares the two on the pickles of each type, on those of the
// table of cases and real ones, on the same damaged, and on random ones.
func TestTypedTwin(t *testing.T) {
	var seeds [][]byte
	var types []reflect.Type
	own := map[reflect.Type][][]byte{}
	took := map[reflect.Type]int{}
	check := func(data []byte, typ reflect.Type, opts ...Option) bool {
		ok, difference := twin(data, typ, opts...)
		if difference != "" {
			t.Errorf("%q into %v: %s", data, typ, difference)
		}
		if ok {
			took[typ]++
		}
		return ok
	}
	for _, v := range twinTypes() {
		typ := reflect.TypeOf(v)
		types = append(types, typ)
		for proto := range wire.HighestProtocol + 1 {
			for _, opts := range [][]EncodeOption{nil, {WithoutMemo()}} {
				data, err := Marshal(v, append(opts, WithProtocol(proto))...)
				if err != nil && opts != nil {
					continue // what contains itself needs the memo
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(data) < 4000 {
					seeds = append(seeds, data)
					own[typ] = append(own[typ], data)
				}
				ok := check(data, typ)
				if check(data, typ, NoCopy()) != ok {
					t.Errorf("%v without copies: not as with copies", typ)
				}
				bytesCall := proto < 3 && strings.Contains(string(data), "_codecs")
				if _, err := Load(data); err != nil {
					continue // the slow twin cannot read it either
				}
				if proto >= 2 && !ok && !bytesCall && typed.ProgramFor(typ) != nil && !twinGeneric[typ] {
					t.Errorf("%v at protocol %d was left to the general way: %.200q", typ, proto, data)
				}
			}
		}
	}
	all := golden(t)
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, data := range all[name] {
			if data == nil {
				continue
			}
			for _, typ := range types {
				check(data, typ)
			}
			if data != nil && len(data) < 4000 {
				seeds = append(seeds, data)
			}
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	damaged := 0
	for i := range *typedCount {
		typ := types[r.IntN(len(types))]
		switch data := random(r); {
		case i%8 == 0:
			check(data, typ)
		case i%8 == 1:
			check(mutate(r, seeds), typ)
		case own[typ] != nil && check(mutate(r, own[typ]), typ):
			damaged++
		}
	}
	if damaged < *typedCount/50 {
		t.Errorf("only %d damaged streams were accepted", damaged)
	}
	for _, typ := range types {
		if took[typ] == 0 && typed.ProgramFor(typ) != nil && !twinGeneric[typ] {
			t.Errorf("%v was never decoded from the stream", typ)
		}
	}
}

// TestTypedStream decodes pickles one after another, which arrive whole, in
// halves, or byte by byte.
func TestTypedStream(t *testing.T) {
	for _, v := range twinTypes() {
		data, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want := reflect.New(reflect.TypeOf(v))
		if err := Unmarshal(data, want.Interface()); err != nil {
			t.Fatal(err)
		}
		thrice := bytes.Repeat(data, 3)
		for name, r := range map[string]io.Reader{
			"whole": bytes.NewReader(thrice),
			"half":  iotest.HalfReader(bytes.NewReader(thrice)),
			"byte":  iotest.OneByteReader(bytes.NewReader(thrice)),
		} {
			d := NewDecoder(r)
			for i := range 3 {
				got := reflect.New(reflect.TypeOf(v))
				if err := d.Decode(got.Interface()); err != nil || !sameValue(got.Elem(), want.Elem()) {
					t.Errorf("%T, %s reader, pickle %d: got %#v, %v", v, name, i, got.Elem(), err)
				}
				if at := d.InputOffset(); at != int64((i+1)*len(data)) {
					t.Errorf("%T, %s reader: offset %d after pickle %d", v, name, at, i)
				}
			}
			if err := d.Decode(new(any)); err != io.EOF {
				t.Errorf("%T, %s reader: got %v at the end", v, name, err)
			}
		}
	}
}

// TestTypedLimits checks that the typed decoder accepts nothing that its slow
// twin refuses because of a limit.
func TestTypedLimits(t *testing.T) {
	refused := 0
	for _, v := range twinTypes() {
		data, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []Limits{{MaxDepth: 1}, {MaxDepth: 2}, {MaxDepth: 3}, {MaxMemo: 1}, {MaxMemo: 4}, {MaxMemo: 20}} {
			if took, difference := twin(data, reflect.TypeOf(v), WithLimits(l)); difference != "" {
				t.Errorf("%T with %+v: %s", v, l, difference)
			} else if !took {
				refused++
			}
		}
	}
	if refused < 50 {
		t.Errorf("only %d values went over a limit", refused)
	}
	var numbers []int64
	long, err := Marshal(make([]int64, 1<<16))
	if err != nil {
		t.Fatal(err)
	}
	if err := Unmarshal(long, &numbers, WithLimits(Limits{MaxMemory: 1 << 16})); !errors.Is(err, wire.ErrLimit) {
		t.Errorf("512 KiB of numbers in 64 KiB: %v", err)
	}
}

// TestTypedLies is TestLies for the typed decoder.
func TestTypedLies(t *testing.T) {
	targets := []any{new([]int64), new([]string), new([]byte), new(string), new([]inner), new(map[string]int), new(wide), new([4]float64)}
	for name, data := range lies() {
		for _, target := range targets {
			typ := reflect.TypeOf(target).Elem()
			for prefix, data := range map[string][]byte{"": data, "in a list": append([]byte("]("), data...)} {
				got := allocated(func() { _ = Unmarshal(data, reflect.New(typ).Interface()) })
				if limit := uint64(4*len(data) + 1<<20); got > limit {
					t.Errorf("%s %s into %v: took %d bytes for %d of input", name, prefix, typ, got, len(data))
				}
			}
		}
	}
}

// FuzzTyped compares the typed decoder with its slow twin.
func FuzzTyped(f *testing.F) {
	var types []reflect.Type
	for _, v := range twinTypes() {
		types = append(types, reflect.TypeOf(v))
		data, err := Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 600 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, typ := range types {
			if _, difference := twin(data, typ, WithLimits(Limits{MaxDepth: 500})); difference != "" {
				t.Fatalf("into %v: %s", typ, difference)
			}
		}
	})
}
