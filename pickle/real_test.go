package pickle

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/typed"
)

// realPickles reads testdata/real.golden, which testdata/real.py writes.
func realPickles(t testing.TB) map[string]map[int][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "real.golden"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]map[int][]byte{}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var row []any
		if err := json.Unmarshal(s.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		name := row[0].(string)
		if all[name] == nil {
			all[name] = map[int][]byte{}
		}
		data, ok := atom.BytesOfLatin1(row[2].(string))
		if !ok {
			t.Fatal("real.golden is not Latin-1")
		}
		all[name][int(row[1].(float64))] = data
	}
	return all
}

// TestReal decodes real payloads into the Go types that stand for them.
func TestReal(t *testing.T) {
	all := realPickles(t)
	check := func(name string, target any, want any) {
		t.Helper()
		if len(all[name]) == 0 {
			t.Fatalf("no pickle %q", name)
		}
		for proto, data := range all[name] {
			p := reflect.New(reflect.TypeOf(target))
			if err := Unmarshal(data, p.Interface()); err != nil {
				t.Errorf("%s, protocol %d: %v", name, proto, err)
				continue
			}
			if got := p.Elem().Interface(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, protocol %d: got %#v, want %#v", name, proto, got, want)
			}
		}
	}
	check("int64", []int64{}, []int64{0, 1, 2, 3, 4})
	check("int64", []int{}, []int{0, 1, 2, 3, 4})
	check("int64", []int8{}, []int8{0, 1, 2, 3, 4})
	check("int64", []float64{}, []float64{0, 1, 2, 3, 4})
	check("int64", [5]uint16{}, [5]uint16{0, 1, 2, 3, 4})
	check("float64 2d", [][]float64{}, [][]float64{{0, 1, 2}, {3, 4, 5}})
	check("float64 fortran", [][]float64{}, [][]float64{{0, 1, 2}, {3, 4, 5}})
	check("float64 2d", [2][3]float64{}, [2][3]float64{{0, 1, 2}, {3, 4, 5}})
	check("float64 2d", Array[float64]{}, Array[float64]{
		Data: []float64{0, 1, 2, 3, 4, 5}, Shape: []int{2, 3}, DType: DType{Kind: 'f', Size: 8, Order: '<'}})
	check("float64 fortran", Array[float64]{}, Array[float64]{
		Data: []float64{0, 3, 1, 4, 2, 5}, Shape: []int{2, 3}, Fortran: true, DType: DType{Kind: 'f', Size: 8, Order: '<'}})
	check("float32 big endian", []float32{}, []float32{0, 1, 2})
	check("float32 big endian", Array[float32]{}, Array[float32]{Data: []float32{0, 1, 2}, Shape: []int{3}, DType: DType{Kind: 'f', Size: 4, Order: '>'}})
	check("float16", []float64{}, []float64{0.5, -2, 65504})
	check("uint8", []byte{}, []byte{1, 2, 255})
	check("bool", []bool{}, []bool{true, false})
	check("complex", []complex128{}, []complex128{1 + 2i})
	check("str", []string{}, []string{"ab", "c"})
	check("bytes", []Bytes{}, []Bytes{"ab", "c"})
	check("object", []any{}, []any{int64(1), "x", nil})
	check("empty", []float64{}, []float64{})
	check("datetime64", []int64{}, []int64{1704153600000000000})
	check("zero dimensional", Array[float64]{}, Array[float64]{Data: []float64{7.5}, DType: DType{Kind: 'f', Size: 8, Order: '<'}})
	check("scalar float", float64(0), 1.25)
	check("scalar int", int(0), -7)
	check("scalar bool", false, true)
	check("timestamp", time.Time{}, time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC))

	type params struct {
		Alpha  float64
		Layers []int
	}
	type model struct {
		Weights [][]float32
		Classes []string `pickle:"classes_"`
		Params  params
		Trained time.Time
	}
	check("model", model{}, model{
		Weights: [][]float32{{0, 1, 2}, {3, 4, 5}}, Classes: []string{"a", "b"},
		Params: params{0.5, []int{3, 2}}, Trained: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)})
}

// checkClass looks into a class that cloudpickle shipped: its name and bases are
// in the call that makes it, its attributes in the state.
func checkClass(t *testing.T, proto int, v any) {
	t.Helper()
	o, ok := v.(*Object)
	if !ok || o.Func != any(Global{Module: "cloudpickle.cloudpickle", Name: "_make_skeleton_class"}) {
		t.Fatalf("protocol %d: got %v", proto, v)
	}
	if len(o.Args) < 3 || o.Args[1] != "Shape" {
		t.Errorf("protocol %d: the class is made of %v", proto, o.Args)
	}
	if sides, ok := o.Attr("sides"); !ok || sides != int64(4) {
		t.Errorf("protocol %d: sides is %v", proto, sides)
	}
	area, _ := o.Attr("area")
	if f, ok := area.(*Object); !ok || f.Func != any(Global{Module: "cloudpickle.cloudpickle", Name: "_make_function"}) {
		t.Errorf("protocol %d: the method is %v", proto, area)
	}
}

// TestRealSymbolic checks that functions and frames stay inspectable.
func TestRealSymbolic(t *testing.T) {
	all := realPickles(t)
	for proto, data := range all["closure"] {
		v, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		o, ok := v.(*Object)
		if !ok || o.Func != any(Global{Module: "cloudpickle.cloudpickle", Name: "_make_function"}) {
			t.Fatalf("protocol %d: got %v", proto, v)
		}
		if _, ok := o.State(); !ok {
			t.Errorf("protocol %d: the function has no state: %v", proto, o.Updates)
		}
		code, ok := o.Args[0].(*Object)
		if !ok || len(code.Args) < 10 {
			t.Fatalf("protocol %d: the code is %v", proto, o.Args[0])
		}
		if f, ok := code.Func.(*Object); !ok || !reflect.DeepEqual(f.Args, Tuple{"CodeType"}) {
			t.Errorf("protocol %d: the code is made by %v", proto, code.Func)
		}
	}
	for proto, data := range all["class"] {
		v, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		checkClass(t, proto, v)
	}
	for proto, data := range all["instance of a class by value"] {
		v, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		o := v.(*Object)
		if width, ok := o.Attr("width"); !ok || width != int64(3) {
			t.Errorf("protocol %d: the width is %v", proto, width)
		}
		class := o.Func
		if len(o.Args) > 0 && typed.IsReconstructor(o) {
			class = o.Args[0]
		}
		checkClass(t, proto, class)
		var shape struct{ Width int }
		if err := Unmarshal(data, &shape); err != nil || shape.Width != 3 {
			t.Errorf("protocol %d: got %+v, %v", proto, shape, err)
		}
	}
	for proto, data := range all["frame"] {
		v, err := Load(data)
		if err != nil {
			t.Fatal(err)
		}
		if g, _ := v.(*Object).Class(); g.Name != "DataFrame" {
			t.Errorf("protocol %d: got %v", proto, v)
		}
	}
}
