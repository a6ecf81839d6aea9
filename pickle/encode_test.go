package pickle

import (
	"bytes"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// TestRoundTrip decodes each golden pickle and encodes the value: the bytes
// must be those that CPython wrote.
func TestRoundTrip(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		roundTrip(t, data, proto)
	})
}

// TestRoundTripPythons does the same with what each Python found writes now.
func TestRoundTripPythons(t *testing.T) {
	pythons(t, func(t *testing.T, p *python) {
		for _, c := range cases {
			if c.name == "dict keys of all kinds" {
				continue // see versionDependent
			}
			for proto, data := range dumpCase(t, p, c.expr) {
				if data != nil {
					roundTrip(t, data, proto)
				}
			}
		}
	})
}

func roundTrip(t *testing.T, data []byte, proto int) {
	t.Helper()
	v, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Marshal(v, WithProtocol(proto))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, data) {
		t.Errorf("protocol %d:\n got %.300q\nwant %.300q", proto, got, data)
	}
}

// TestRoundTripReal does the same with pickles of NumPy, pandas and cloudpickle.
func TestRoundTripReal(t *testing.T) {
	for name, row := range realPickles(t) {
		for proto, data := range row {
			t.Run(name, func(t *testing.T) { roundTrip(t, data, proto) })
		}
	}
}

// TestMarshalCases encodes the values of the table, made by Go: the bytes must
// be those of CPython.
func TestMarshalCases(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		if !c.hasValue() {
			return
		}
		got, err := Marshal(c.value(), WithProtocol(proto))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, data) {
			t.Errorf("protocol %d:\n got %.300q\nwant %.300q", proto, got, data)
		}
	})
}

// TestCrossProtocol encodes each value at every protocol, and decodes it to the same value.
func TestCrossProtocol(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		v, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		for to := range wire.HighestProtocol + 1 {
			b, err := Marshal(v, WithProtocol(to))
			if err != nil {
				t.Fatalf("to protocol %d: %v", to, err)
			}
			again, err := Load(b)
			if err != nil {
				t.Fatalf("to protocol %d: %v", to, err)
			}
			if c.hasValue() {
				if got, want := canon(again), canon(v); got != want {
					t.Errorf("to protocol %d: got %s, want %s", to, got, want)
				}
			}
		}
	})
}

// goCases are Go values, and what Python makes of their pickles.
var goCases = []struct {
	value any
	expr  string
}{
	{true, "True"},
	{int8(-5), "-5"},
	{uint64(1<<64 - 1), "2**64-1"},
	{float32(0.5), "0.5"},
	{complex64(1 + 2i), "1+2j"},
	{"text", "'text'"},
	{[]byte("\x00\xff"), "b'\\x00\\xff'"},
	{[3]byte{1, 2, 3}, "b'\\x01\\x02\\x03'"},
	{[]int{1, 2, 3}, "[1, 2, 3]"},
	{[]int(nil), "None"},
	{[]int{}, "[]"},
	{[2]string{"a", "bc"}, "['a', 'bc']"},
	{[]any{1, "x", nil, []float64{1.5}}, "[1, 'x', None, [1.5]]"},
	{map[string]int{"b": 1, "a": 2}, "{'a': 2, 'b': 1}"},
	{map[int]string{2: "b", 1: "a"}, "{1: 'a', 2: 'b'}"},
	{map[[2]int]bool{{1, 2}: true}, "{(1, 2): True}"},
	{map[struct{ A, B int }]string{{1, 2}: "x"}, "{(1, 2): 'x'}"},
	{map[string]struct{}{"a": {}}, "{'a'}"},
	{map[any]any{"a": 1, 2: "b", 1.5: nil}, "{2: 'b', 1.5: None, 'a': 1}"},
	{record{ID: 1, Name: "n", Tags: []string{"x"}}, "{'id': 1, 'name': 'n', 'tags': ['x']}"},
	{&record{ID: 1}, "{'id': 1, 'name': '', 'tags': None}"},
	{struct {
		A int `pickle:"a,omitempty"`
		B int `pickle:"-"`
		C string
		d int
	}{C: "c"}, "{'C': 'c'}"},
	{struct {
		_ struct{} `pickle:",tuple"`
		A int
		B string
	}{A: 1, B: "b"}, "(1, 'b')"},
	{outer{inner: inner{X: 1, Depth: 2}, Named: &Named{"n"}}, "{'X': 1, 'Depth': 2, 'name': 'n', 'Y': None}"},
	{(*record)(nil), "None"},
	{big.NewInt(-300), "-300"},
	{*big.NewInt(7), "7"},
	{*new(big.Int).Lsh(big.NewInt(1), 100), "1 << 100"},
	{big.NewRat(-1, 3), "fractions.Fraction(-1, 3)"},
	{big.NewFloat(1.5), "decimal.Decimal('1.5')"},
	{time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.UTC), "datetime.datetime(2024, 2, 29, 23, 59, 58, 123456, tzinfo=datetime.timezone.utc)"},
	{time.Date(2024, 2, 29, 1, 2, 3, 0, time.FixedZone("", 3600)), "datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(seconds=3600)))"},
	{-time.Second, "datetime.timedelta(seconds=-1)"},
	{50 * time.Hour, "datetime.timedelta(hours=50)"},
	{Call("decimal", "Decimal", "1.50"), "decimal.Decimal('1.50')"},
	{[]money{{150}, {5}}, "[decimal.Decimal('1.50'), decimal.Decimal('0.05')]"},
	{Instance("cases", "Record", map[string]any{"name": "n", "size": 3}), "Record('n', 3)"},
	{Tuple{list(1), dict("a", 1), set(int64(1)), frozen("x"), Bytes("b")}, "([1], {'a': 1}, {1}, frozenset(['x']), b'b')"},
}

// money writes itself as a call of a Python constructor.
type money struct{ cents int }

func (m money) MarshalPickle() (any, error) {
	return Call("decimal", "Decimal", big.NewRat(int64(m.cents), 100).FloatString(2)), nil
}

// TestMarshalPython lets Python load what Go wrote, and compare it.
func TestMarshalPython(t *testing.T) {
	pythons(t, func(t *testing.T, p *python) {
		for _, c := range goCases {
			for proto := range wire.HighestProtocol + 1 {
				data, err := Marshal(c.value, WithProtocol(proto))
				if err != nil {
					t.Errorf("%#v, protocol %d: %v", c.value, proto, err)
					continue
				}
				a := p.must(t, request{Op: "run", Data: data, Expr: c.expr})
				if !a.OK || a.Same == nil || !*a.Same {
					t.Errorf("%#v, protocol %d: Python has %s %s, want %s", c.value, proto, a.Repr, a.Error, c.expr)
				}
			}
		}
	})
}

// TestMarshalUnmarshal decodes what was encoded into the same Go type.
func TestMarshalUnmarshal(t *testing.T) {
	for _, c := range goCases {
		switch c.value.(type) {
		case nil, []any, map[any]any, *Object, Tuple, []money:
			continue
		}
		rt := reflect.TypeOf(c.value)
		if rt.Kind() == reflect.Struct && rt.NumField() > 0 && rt.Field(0).Name == "_" {
			continue // a blank field is not compared
		}
		for proto := range wire.HighestProtocol + 1 {
			data, err := Marshal(c.value, WithProtocol(proto))
			if err != nil {
				t.Fatal(err)
			}
			p := reflect.New(rt)
			if err := Unmarshal(data, p.Interface()); err != nil {
				t.Errorf("%#v, protocol %d: %v", c.value, proto, err)
				continue
			}
			got := p.Elem().Interface()
			if x, ok := got.(time.Time); ok && x.Equal(c.value.(time.Time)) {
				continue
			}
			if f, ok := got.(*big.Float); ok && f.Cmp(c.value.(*big.Float)) == 0 {
				continue
			}
			if !reflect.DeepEqual(got, c.value) {
				t.Errorf("%#v, protocol %d: came back as %#v", c.value, proto, got)
			}
		}
	}
}

type ring struct {
	Name string
	Next *ring
}

// TestMarshalCycles checks references: pointers, maps and slices that lead back.
func TestMarshalCycles(t *testing.T) {
	a := &ring{Name: "a"}
	a.Next = &ring{Name: "b", Next: a}
	data, err := Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back *ring
	if err := Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if back.Next.Next != back || back.Next.Name != "b" {
		t.Errorf("the ring came back as %+v", back)
	}
	m := map[string]any{}
	m["me"] = m
	s := []any{nil}
	s[0] = s
	for name, v := range map[string]any{"map": m, "slice": s} {
		data, err := Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if v, err := Load(data); err != nil {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	type loop *loop
	var l loop
	l = &l
	if _, err := Marshal(l); !errors.Is(err, wire.ErrLimit) {
		t.Errorf("a pointer to itself: %v", err)
	}
}

func TestMarshalErrors(t *testing.T) {
	for _, c := range []struct {
		value any
		path  string
		msg   string
	}{
		{func() {}, "$", "no Python value"},
		{map[string]any{"a": []any{1, make(chan int)}}, "$.a[1]", "no Python value"},
		{"\xff", "$", "not UTF-8"},
		{struct{ Name string }{"\xff"}, "$.Name", "not UTF-8"},
		{failing{}, "$", "will not"},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "$", "year"},
	} {
		_, err := Marshal(c.value)
		var e *wire.Error
		if !errors.As(err, &e) || e.Path != c.path || !strings.Contains(e.Msg, c.msg) {
			t.Errorf("%T: got %v, want %q at %s", c.value, err, c.msg, c.path)
		}
	}
	if _, err := Marshal(1, WithProtocol(6)); err == nil {
		t.Error("protocol 6 was accepted")
	}
}

// TestMarshalDepth checks that the limit holds through each kind of container.
func TestMarshalDepth(t *testing.T) {
	for name, wrap := range map[string]func(v any) any{
		"list":      func(v any) any { return list(v) },
		"tuple":     func(v any) any { return Tuple{v} },
		"dict":      func(v any) any { return dict("k", v) },
		"slice":     func(v any) any { return []any{v} },
		"typed":     func(v any) any { return []holder{{v}} },
		"map":       func(v any) any { return map[string]any{"k": v} },
		"typed map": func(v any) any { return map[int]any{1: v} },
		"pointer":   func(v any) any { return &v },
		"arguments": func(v any) any { return Call("m", "f", v) },
		"state": func(v any) any {
			return &Object{Op: wire.OpNewObj, Func: Global{Module: "m", Name: "c"}, Updates: []Update{{Op: wire.OpBuild, Value: v}}}
		},
		"items": func(v any) any {
			return &Object{Op: wire.OpNewObj, Func: Global{Module: "m", Name: "c"}, Updates: []Update{{Op: wire.OpAppends, Value: Tuple{1, 2, 3, v}}}}
		},
		"pairs": func(v any) any {
			return &Object{Op: wire.OpNewObj, Func: Global{Module: "m", Name: "c"}, Updates: []Update{{Op: wire.OpSetItems, Value: Tuple{1, 2, 3, v}}}}
		},
	} {
		var v any = 1
		for range 20 {
			v = wrap(v)
		}
		for proto := range wire.HighestProtocol + 1 {
			if _, err := Marshal(v, WithProtocol(proto)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := Marshal(v, WithProtocol(proto), WithEncodeDepth(19)); !errors.Is(err, wire.ErrLimit) {
				t.Errorf("%s: 20 levels with 19 allowed: %v", name, err)
			}
		}
	}
}

type holder struct{ Any any }

// TestMarshalUpdatedGlobal writes a global that was updated, and twice refers to itself.
func TestMarshalUpdatedGlobal(t *testing.T) {
	o := &Object{Op: wire.OpBuild, Func: Global{Module: "m", Name: "c"}, Updates: []Update{{Op: wire.OpBuild, Value: dict("a", 1)}}}
	o.Updates = append(o.Updates, Update{Op: wire.OpBuild, Value: list(o, o)})
	data, err := Marshal(list(o, o))
	if err != nil {
		t.Fatal(err)
	}
	v, err := Load(data)
	if err != nil || canon(v) != canon(list(o, o)) {
		t.Errorf("got %s, %v, want %s", canon(v), err, canon(list(o, o)))
	}
	o.Updates[0].Value = o
	if _, err := Marshal(o); !errors.Is(err, wire.ErrLimit) {
		t.Errorf("got %v, want ErrLimit", err)
	}
}

type failing struct{}

func (failing) MarshalPickle() (any, error) { return nil, errors.New("will not") }

// TestMarshalDeterministic encodes a map many times.
func TestMarshalDeterministic(t *testing.T) {
	m := map[string]int{}
	for i := range 100 {
		m[strings.Repeat("k", i)] = i
	}
	want, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if got, _ := Marshal(m); !bytes.Equal(got, want) {
			t.Fatal("the bytes change")
		}
	}
}

func TestEncoder(t *testing.T) {
	var b bytes.Buffer
	e := NewEncoder(&b, WithProtocol(5))
	big := bytes.Repeat([]byte("x"), 3<<20)
	for _, v := range []any{1, "two", big, map[string]any{"three": 3}} {
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	d := NewDecoder(&b)
	for i, want := range []any{int64(1), "two", Bytes(big), dict("three", int64(3))} {
		v, err := d.Load()
		if err != nil || canon(v) != canon(want) {
			t.Errorf("value %d: %.100v, %v", i, v, err)
		}
	}
}

func TestOutOfBand(t *testing.T) {
	payload := bytes.Repeat([]byte("x"), 1000)
	var taken [][]byte
	data, err := Marshal([]any{payload, []byte("small")}, WithProtocol(5),
		WithOutOfBand(100, func(b []byte) (bool, error) { taken = append(taken, b); return true, nil }))
	if err != nil {
		t.Fatal(err)
	}
	if len(taken) != 1 || &taken[0][0] != &payload[0] || len(data) > 50 {
		t.Fatalf("%d buffers, %d bytes", len(taken), len(data))
	}
	var back [][]byte
	if err := Unmarshal(data, &back, WithBuffers(taken...)); err != nil {
		t.Fatal(err)
	}
	if &back[0][0] != &payload[0] || string(back[1]) != "small" {
		t.Error("the buffer was copied")
	}
}

func TestMarshalPersistentID(t *testing.T) {
	type db struct{ name string }
	conn := &db{"main"}
	find := WithPersistentID(func(v any) (any, bool) {
		d, ok := v.(*db)
		if !ok {
			return nil, false
		}
		return d.name, true
	})
	for proto := range wire.HighestProtocol + 1 {
		data, err := Marshal([]any{1, conn}, find, WithProtocol(proto))
		if err != nil {
			t.Fatal(err)
		}
		v, err := Load(data)
		if err != nil || canon(v) != canon(list(int64(1), PersistentID{ID: "main"})) {
			t.Errorf("protocol %d: %v, %v", proto, canon(v), err)
		}
	}
}

// TestWithoutMemoAfter checks that nothing is left of an encode with a memo.
func TestWithoutMemoAfter(t *testing.T) {
	long := strings.Repeat("long ", 100)
	x := &record{Name: long}
	v := []any{long, long, []byte(long), x, x, time.Unix(0, 0).UTC(), []string{"aaa", "äää"}}
	v = append(v, v[6], v[5])
	for range 3 {
		if _, err := Marshal(v); err != nil {
			t.Fatal(err)
		}
		b, err := Marshal(v, WithoutMemo())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(b); err != nil || bytes.Contains(b, []byte{byte(wire.OpBinGet), 0}) {
			t.Fatalf("%q: %v", b, err)
		}
	}
}

// TestWithoutMemo checks the mode that writes no references.
func TestWithoutMemo(t *testing.T) {
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		v, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Marshal(v, WithProtocol(proto), WithoutMemo())
		if strings.HasPrefix(c.name, "cyclic") {
			if !errors.Is(err, wire.ErrLimit) {
				t.Errorf("got %v, want ErrLimit", err)
			}
			return
		}
		if err != nil && strings.Contains(err.Error(), "a state setter refers to its object") {
			return // cloudpickle's functions and classes are written with one
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(b); {
			in, err := wire.ReadInstruction(b, i)
			if err != nil {
				t.Fatal(err)
			}
			if in.Op == wire.OpMemoize || in.Op == wire.OpBinPut || in.Op == wire.OpPut || in.Op == wire.OpLongBinPut {
				t.Fatalf("%s at byte %d", in.Op, i)
			}
			i += in.Size
		}
		again, err := Load(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := canon(again), canon(v); c.hasValue() && got != want && c.name != "shared list" {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
