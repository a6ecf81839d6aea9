package pickle

import (
	"bytes"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for machines without a time zone database

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

type point struct {
	X int
	Y string
}

type record struct {
	ID   int      `pickle:"id"`
	Name string   `pickle:"name"`
	Tags []string `pickle:"tags"`
}

type inner struct{ X, Depth int }

type outer struct {
	inner
	*Named
	Y any
}

// Named is exported, so that an embedded pointer to it can be filled.
type Named struct {
	Name string `pickle:"name"`
}

// point2 is filled by position, whatever its fields are called.
type point2 struct {
	Left  int
	Right string
}

// node is a Python object that refers to itself.
type node struct {
	Me *node `pickle:"me"`
}

// upper reads itself.
type upper string

func (u *upper) UnmarshalPickle(v any) error {
	s, ok := v.(string)
	if !ok {
		return errors.New("upper wants a str")
	}
	*u = upper(strings.ToUpper(s))
	return nil
}

// decimal is a type the program brings: it reads text.
type decimal struct{ text string }

func (d *decimal) UnmarshalText(b []byte) error { d.text = string(b); return nil }

func ptr[T any](v T) *T { return &v }

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

// typedCases are the Go values that golden pickles decode to, at all protocols.
var typedCases = []struct {
	name string
	want any
}{
	{"true", true},
	{"two bytes", 65535},
	{"two bytes", uint16(65535)},
	{"two bytes", float32(65535)},
	{"most negative eight bytes", int64(-1 << 63)},
	{"nine bytes", uint64(1 << 63)},
	{"nine bytes", *bigInt("0x8000000000000000")},
	{"negative nine bytes", bigInt("-0x8000000000000001")},
	{"one byte", *big.NewInt(255)},
	{"big", *big.NewRat(1, 1).SetInt(bigInt("1" + strings.Repeat("0", 100)))},
	{"float", 1.5},
	{"complex", complex(1.5, -2)},
	{"str", "hello"},
	{"str", upper("HELLO")},
	{"bytes", []byte("\x00\xff\xfe abc")},
	{"bytes", Bytes("\x00\xff\xfe abc")},
	{"bytes", [7]byte{0, 0xff, 0xfe, 0x20, 0x61, 0x62, 0x63}},
	{"bytearray", []byte("\x80abc")},
	{"list", []any{int64(1), "a", nil, 2.5}},
	{"list of one", [1]int{1}},
	{"nested list", []any{list(), list(list(int64(1))), list(int64(2), list(int64(3)))}},
	{"tuple of 4", []int{1, 2, 3, 4}},
	{"tuple of 2", point{1, "a"}},
	{"tuple of 3", struct {
		A int8
		B string
		C *int
	}{1, "a", nil}},
	{"dict of one", map[string]int{"a": 1}},
	{"dict of one", struct{ A uint }{1}},
	{"set of 3", map[int]bool{1: true, 2: true, 3: true}},
	{"set of 3", map[int]struct{}{1: {}, 2: {}, 3: {}}},
	{"set", []int{1}},
	{"frozenset", map[int8]bool{1: true, 2: true}},
	{"records", []record{{ID: 0, Name: "n0", Tags: []string{"x", "y"}}, {ID: 1, Name: "n1", Tags: []string{"x", "y"}},
		{ID: 2, Name: "n2", Tags: []string{"x", "y"}}, {ID: 3, Name: "n3", Tags: []string{"x", "y"}}, {ID: 4, Name: "n4", Tags: []string{"x", "y"}}}},
	{"records", []struct {
		NAME string
		Tags [2]upper
	}{{"n0", [2]upper{"X", "Y"}}, {"n1", [2]upper{"X", "Y"}}, {"n2", [2]upper{"X", "Y"}}, {"n3", [2]upper{"X", "Y"}}, {"n4", [2]upper{"X", "Y"}}}},
	{"global", Global{Module: "collections", Name: "OrderedDict"}},
	{"instance", point{1, "a"}},
	{"instance", map[string]any{"x": int64(1), "y": "a"}},
	{"instance", outer{inner: inner{X: 1}, Y: "a"}},
	{"instance", ptr(point{1, "a"})},
	{"dataclass", outer{Named: &Named{"n"}}},
	{"list subclass", []int{1, 2}},
	{"dict subclass", map[string]int{"a": 1}},
	{"int subclass", 5},
	{"str subclass", "x"},
	{"datetime", time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.UTC)},
	{"datetime utc", day(2024, 2, 29)},
	{"date", day(2024, 2, 29)},
	{"time", 23*time.Hour + 59*time.Minute + 58*time.Second + time.Microsecond},
	{"timedelta", -24*time.Hour + 5*time.Second + 7*time.Microsecond},
	{"decimal", decimal{"-1.50"}},
	{"decimal", ptr(decimal{"-1.50"})},
	{"decimal", "-1.50"},
	{"decimal", *big.NewRat(-3, 2)},
	{"fraction", *big.NewRat(-1, 3)},
	{"uuid", [16]byte{0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78}},
	{"path", "/usr/lib"},
	{"ordered dict", map[string]int{"a": 2, "b": 1}},
	{"ordered dict", struct{ A, B int }{2, 1}},
	{"default dict", map[string][]int{"a": {1}}},
	{"counter", map[string]int{"a": 2, "b": 1}},
	{"deque", []int{1, 2}},
	{"array", []int32{1, 2, 3}},
	{"exception", struct {
		Message string
		Code    int
	}{"bad", 3}},
	{"namedtuple", []point2{{1, "a"}, {2, "b"}}},
	{"int enum", []int{7, 1}},
	{"int enum", []uint8{7, 1}},
	{"flag", 6},
	{"exception with attributes", struct{ Code int }{7}},
	{"namespace", struct {
		Host string
		Port int
	}{"h", 80}},
	{"namespace", map[string]any{"host": "h", "port": int64(80)}},
	{"time zone", time.Date(2024, 2, 29, 12, 0, 0, 0, time.FixedZone("X", 7200))},
	{"windows path", `C:\a\b`},
	{"none", (*int)(nil)},
	{"none", []int(nil)},
	{"none", map[string]int(nil)},
}

func TestUnmarshal(t *testing.T) {
	all := golden(t)
	for _, c := range typedCases {
		row, ok := all[c.name]
		if !ok {
			t.Fatalf("no case %q", c.name)
		}
		for proto, data := range row {
			if data == nil {
				continue
			}
			p := reflect.New(reflect.TypeOf(c.want))
			if err := Unmarshal(data, p.Interface()); err != nil {
				t.Errorf("%s, protocol %d, into %T: %v", c.name, proto, c.want, err)
				continue
			}
			if got := p.Elem().Interface(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s, protocol %d: got %#v, want %#v", c.name, proto, got, c.want)
			}
		}
	}
}

// TestUnmarshalZone reads a datetime with a time zone of the database.
func TestUnmarshalZone(t *testing.T) {
	for proto, data := range golden(t)[realPrefix+"zoneinfo"] {
		if data == nil {
			continue
		}
		var got time.Time
		if err := Unmarshal(data, &got); err != nil {
			t.Errorf("protocol %d: %v", proto, err)
		} else if got.Location().String() != "Europe/Berlin" || !got.Equal(time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("protocol %d: got %v", proto, got)
		}
	}
}

func TestUnmarshalEnum(t *testing.T) {
	for proto, data := range golden(t)["enum"] {
		var values []int
		if err := Unmarshal(data, &values); err != nil {
			t.Errorf("protocol %d: %v", proto, err)
		} else if !reflect.DeepEqual(values, []int{1, 1, 2}) {
			t.Errorf("protocol %d: got %v", proto, values)
		}
	}
}

// TestUnmarshalIdentity checks that pointers are shared and cyclic as in Python.
func TestUnmarshalIdentity(t *testing.T) {
	all := golden(t)
	for _, data := range all["cyclic dict"] {
		p := new(node)
		if err := Unmarshal(data, &p); err != nil {
			t.Fatal(err)
		}
		if p.Me != p {
			t.Errorf("the dict that holds itself became %p with Me = %p", p, p.Me)
		}
	}
	var lists []*[]int
	for _, data := range all["shared list"] {
		if err := Unmarshal(data, &lists); err != nil {
			t.Fatal(err)
		}
		if len(lists) != 2 || lists[0] != lists[1] {
			t.Errorf("the shared list became %v", lists)
		}
	}
	type bottomless []bottomless
	var b bottomless
	err := Unmarshal(all["cyclic list"][4], &b)
	if !errors.Is(err, wire.ErrLimit) {
		t.Errorf("a list that holds itself, in slices: got %v, want ErrLimit", err)
	}
}

func TestUnmarshalErrors(t *testing.T) {
	type agents struct {
		Agents []struct {
			Score int `pickle:"score"`
		} `pickle:"agents"`
	}
	data := []byte("}X\x06\x00\x00\x00agents](}X\x05\x00\x00\x00scoreK\x01s}X\x05\x00\x00\x00scoreX\x01\x00\x00\x00xses.")
	for _, c := range []struct {
		data string
		into any
		kind error
		path string
		msg  string
	}{
		{string(data), new(agents), wire.ErrType, "$.agents[1].score", "str does not fit into Go type int"},
		{"K\xff.", new(int8), wire.ErrType, "$", "overflows"},
		{"J\xff\xff\xff\xff.", new(uint), wire.ErrType, "$", "overflows"},
		{"X\x01\x00\x00\x00a.", new([]byte), wire.ErrType, "$", "str does not fit"},
		{"C\x01a.", new(string), wire.ErrType, "$", "bytes does not fit"},
		{"\x88.", new(int), wire.ErrType, "$", "bool does not fit"},
		{"K\x01.", new(bool), wire.ErrType, "$", "int does not fit"},
		{"G?\xf0\x00\x00\x00\x00\x00\x00.", new(int), wire.ErrType, "$", "float does not fit"},
		{"](K\x01K\x02e.", new([1]int), wire.ErrType, "$", "2 items do not fit"},
		{"K\x01.", new(upper), wire.ErrProgram, "$", "upper wants a str"},
		{"}(K\x01NK\x02Nu.", new(map[string]any), wire.ErrType, "$[1]", "int does not fit"},
		{"K\x01.", 5, wire.ErrType, "", "not a pointer"},
		{"]", new(any), wire.ErrTruncated, "$[0]", "ends inside"},
		{"}X\x01\x00\x00\x00a](K\x01X\x01\x00\x00\x00\xffe.", new(any), wire.ErrSyntax, "$.a[1]", "not UTF-8"},
	} {
		err := Unmarshal([]byte(c.data), c.into)
		var e *wire.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v", c.data, err)
			continue
		}
		if !errors.Is(err, c.kind) || e.Path != c.path || !strings.Contains(e.Msg, c.msg) {
			t.Errorf("%q: got %v (path %q), want %v at %q with %q", c.data, err, e.Path, c.kind, c.path, c.msg)
		}
	}
}

// TestUnmarshalOffset checks that a value that does not fit is found again in the bytes.
func TestUnmarshalOffset(t *testing.T) {
	type agents struct {
		Agents []struct {
			Score int `pickle:"score"`
		} `pickle:"agents"`
	}
	for proto := range wire.HighestProtocol + 1 {
		good := map[string]any{"score": 1}
		data, err := Marshal(map[string]any{"agents": []any{good, good, map[string]any{"score": "marker"}}, "other": Tuple{1, 2}}, WithProtocol(proto))
		if err != nil {
			t.Fatal(err)
		}
		want := int64(bytes.Index(data, []byte("marker")))
		for want > 0 && data[want] != byte(wire.OpUnicode) && data[want] != byte(wire.OpBinUnicode) && data[want] != byte(wire.OpShortBinUnicode) {
			want--
		}
		check := func(err error, want int64) {
			t.Helper()
			var e *wire.Error
			if !errors.As(err, &e) || e.Offset != want || e.Path != "$.agents[2].score" || !strings.Contains(e.Op.String(), "UNICODE") {
				t.Errorf("protocol %d: got %v, want byte %d", proto, err, want)
			}
		}
		check(Unmarshal(data, new(agents)), want)
		d := NewDecoder(bytes.NewReader(append([]byte("N."), data...)))
		if _, err := d.Load(); err != nil {
			t.Fatal(err)
		}
		check(d.Decode(new(agents)), want+2)
	}
}

func TestDecoderDecode(t *testing.T) {
	d := NewDecoder(bytes.NewReader([]byte("K\x01.X\x01\x00\x00\x00a.K\x03.")))
	var n int
	if err := d.Decode(&n); err != nil || n != 1 {
		t.Fatalf("got %d, %v", n, err)
	}
	if err := d.Decode(&n); !errors.Is(err, wire.ErrType) {
		t.Fatalf("got %v", err)
	}
	if err := d.Decode(&n); err != nil || n != 3 {
		t.Fatalf("after a value that did not fit: got %d, %v", n, err)
	}
}

func TestConstructor(t *testing.T) {
	all := golden(t)
	var made int
	con := WithConstructor("cases", "Point", func(o *Object) (any, error) {
		made++
		return &setter{}, nil
	})
	for proto, data := range all["instance"] {
		var p *setter
		if err := Unmarshal(data, &p, con); err != nil {
			t.Fatalf("protocol %d: %v", proto, err)
		}
		if v, _ := p.state.(*Dict).Get("x"); v != int64(1) {
			t.Errorf("protocol %d: the state is %v", proto, canon(p.state))
		}
	}
	if made != 6 {
		t.Errorf("the constructor ran %d times", made)
	}
	fail := WithConstructor("decimal", "Decimal", func(o *Object) (any, error) { return nil, errors.New("no decimals") })
	_, err := Load(all["decimal"][4], fail)
	if !errors.Is(err, wire.ErrProgram) || !strings.Contains(err.Error(), "no decimals") {
		t.Errorf("got %v", err)
	}
}

type setter struct{ state any }

func (s *setter) SetPickleState(state any) error { s.state = state; return nil }

func newOf(v any) any { return reflect.New(reflect.TypeOf(v)).Interface() }
