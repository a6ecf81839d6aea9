package typed

// NumPy arrays and scalars, out of the calls that NumPy pickles them as.

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/machine"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// DType is the type of the items of a NumPy array.
type DType struct {
	// Kind is NumPy's letter: b bool, i int, u unsigned, f float, c complex,
	// S bytes, U str, M datetime64, m timedelta64, O objects, V records.
	Kind byte
	// Size is how many bytes an item takes.
	Size int
	// Order is the byte order: '<' little-endian, '>' big-endian, '|' when there is none.
	Order byte
}

// String is NumPy's short name, as in <f8.
func (d DType) String() string {
	n := d.Size
	if d.Kind == 'U' {
		n /= 4
	}
	return fmt.Sprintf("%c%c%d", d.Order, d.Kind, n)
}

// NDArray is a NumPy array with its items as bytes.
type NDArray struct {
	DType DType
	Shape []int
	// Fortran is set when the first index varies fastest in Data.
	Fortran bool
	// Data are the items, not copied out of the decoded value. It is nil for an
	// array of objects.
	Data []byte
	// Objects are the items of an array of objects.
	Objects []any
}

// UnmarshalPickle reads an array.
func (a *NDArray) UnmarshalPickle(v any) error {
	arr, ok := asNDArray(v)
	if !ok {
		return &wire.Error{Kind: wire.ErrType, Offset: -1, Msg: value.TypeName(v) + " is not a NumPy array of a known form"}
	}
	*a = *arr
	return nil
}

// Len is the number of items.
func (a *NDArray) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// Array is a NumPy array as a Go slice, with its shape and type kept. The slice
// is a view of the decoded bytes where their type, byte order and alignment
// allow it, otherwise a conversion; a conversion never loses a value.
type Array[T any] struct {
	Data  []T
	Shape []int
	// Fortran is set when the first index varies fastest in Data.
	Fortran bool
	DType   DType
}

// UnmarshalPickle reads an array.
func (a *Array[T]) UnmarshalPickle(v any) error {
	arr, ok := asNDArray(v)
	if !ok {
		return &wire.Error{Kind: wire.ErrType, Offset: -1, Msg: value.TypeName(v) + " is not a NumPy array of a known form"}
	}
	a.Shape, a.Fortran, a.DType = arr.Shape, arr.Fortran, arr.DType
	if view, ok := viewItems[T](arr); ok {
		a.Data = view
		return nil
	}
	data := make([]T, arr.Len())
	as := assigner{maxDepth: machine.DefaultMaxDepth}
	f := assignerFor(reflect.TypeFor[T]())
	for i := range data {
		if err := f(&as, arr.flat(i), reflect.ValueOf(&data[i]).Elem()); err != nil {
			return err
		}
	}
	a.Data = data
	return nil
}

// littleEndian reports the byte order of this machine.
var littleEndian = func() bool {
	x := uint16(1)
	return *(*byte)(unsafe.Pointer(&x)) == 1
}()

// sameLayout reports whether items of a dtype are what a Go type is in memory.
func sameLayout(d DType, t reflect.Type) bool {
	kinds := map[reflect.Kind]DType{
		reflect.Bool: {Kind: 'b', Size: 1},
		reflect.Int8: {Kind: 'i', Size: 1}, reflect.Int16: {Kind: 'i', Size: 2},
		reflect.Int32: {Kind: 'i', Size: 4}, reflect.Int64: {Kind: 'i', Size: 8},
		reflect.Uint8: {Kind: 'u', Size: 1}, reflect.Uint16: {Kind: 'u', Size: 2},
		reflect.Uint32: {Kind: 'u', Size: 4}, reflect.Uint64: {Kind: 'u', Size: 8},
		reflect.Int: {Kind: 'i', Size: strconv.IntSize / 8}, reflect.Uint: {Kind: 'u', Size: strconv.IntSize / 8},
		reflect.Float32: {Kind: 'f', Size: 4}, reflect.Float64: {Kind: 'f', Size: 8},
		reflect.Complex64: {Kind: 'c', Size: 8}, reflect.Complex128: {Kind: 'c', Size: 16},
	}
	want, ok := kinds[t.Kind()]
	if !ok || want.Kind != d.Kind || want.Size != d.Size {
		return false
	}
	return d.Size == 1 || littleEndian && d.Order == '<' || !littleEndian && d.Order == '>'
}

// viewItems is the items as a slice of T that shares the memory of Data.
func viewItems[T any](a *NDArray) ([]T, bool) {
	t := reflect.TypeFor[T]()
	if !sameLayout(a.DType, t) || a.Data == nil {
		return nil, false
	}
	if t.Kind() == reflect.Bool {
		for _, b := range a.Data {
			if b > 1 {
				return nil, false
			}
		}
	}
	if len(a.Data) == 0 {
		return []T{}, true
	}
	p := unsafe.Pointer(unsafe.SliceData(a.Data))
	if uintptr(p)%uintptr(t.Align()) != 0 {
		// One copy puts the items where they may be read.
		s := make([]T, a.Len())
		copy(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(a.Data)), a.Data)
		return s, true
	}
	return unsafe.Slice((*T)(p), a.Len()), true
}

// asNDArray recognizes the calls an array is pickled as.
func asNDArray(v any) (*NDArray, bool) {
	o, ok := v.(*value.Object)
	if !ok || o.Op != wire.OpReduce {
		return nil, false
	}
	g, ok := o.Func.(value.Global)
	if !ok || !strings.HasPrefix(g.Module, "numpy.") {
		return nil, false
	}
	switch {
	case g.Name == "_frombuffer" && len(o.Args) == 4 && strings.HasSuffix(g.Module, "core.numeric"):
		order, ok := o.Args[3].(string)
		if !ok {
			return nil, false
		}
		return newNDArray(o.Args[0], o.Args[1], o.Args[2], order == "F")
	case g.Name == "_reconstruct" && strings.HasSuffix(g.Module, "core.multiarray"):
		s, ok := o.State()
		state, isTuple := s.(value.Tuple)
		if !ok || !isTuple || len(state) != 5 {
			return nil, false
		}
		fortran, _ := state[3].(bool)
		return newNDArray(state[4], state[2], state[1], fortran)
	}
	return nil, false
}

// newNDArray checks that data, type and shape fit together.
func newNDArray(data, dtype, shape any, fortran bool) (*NDArray, bool) {
	a := &NDArray{Fortran: fortran}
	var ok bool
	if a.DType, ok = dtypeOf(dtype); !ok {
		return nil, false
	}
	dims, ok := shape.(value.Tuple)
	if !ok {
		return nil, false
	}
	n := int64(1)
	for _, d := range dims {
		x, ok := d.(int64)
		if !ok || x < 0 || x > math.MaxInt32 && x > math.MaxInt/2 {
			return nil, false
		}
		if x > 0 && n > math.MaxInt64/x {
			return nil, false
		}
		n *= x
		a.Shape = append(a.Shape, int(x))
	}
	if a.DType.Kind == 'O' {
		l, ok := data.(*value.List)
		if !ok || int64(len(l.Items)) != n {
			return nil, false
		}
		a.Objects = l.Items
		return a, true
	}
	b, ok := octets(data)
	if !ok || a.DType.Size > 0 && (n > math.MaxInt64/int64(a.DType.Size) || int64(len(b)) != n*int64(a.DType.Size)) {
		return nil, false
	}
	if a.DType.Size == 0 && n > 1<<20 {
		return nil, false
	}
	a.Data = b
	return a, true
}

// dtypeOf reads numpy.dtype('f8', False, True) with the state (3, '<', ...).
func dtypeOf(v any) (DType, bool) {
	o, ok := v.(*value.Object)
	if !ok || len(o.Args) == 0 {
		return DType{}, false
	}
	if g, _ := o.Func.(value.Global); g.Name != "dtype" && !strings.HasPrefix(g.Module, "numpy.dtypes") {
		return DType{}, false
	}
	name, ok := o.Args[0].(string)
	if !ok || len(name) < 2 {
		return DType{}, false
	}
	d := DType{Kind: name[0], Order: '|'}
	if d.Size, ok = atoi(name[1:]); !ok {
		return DType{}, false
	}
	if d.Kind == 'U' {
		d.Size *= 4
	}
	if s, ok := o.State(); ok {
		if t, ok := s.(value.Tuple); ok && len(t) > 1 {
			if order, ok := t[1].(string); ok && len(order) == 1 {
				d.Order = order[0]
			}
			if len(t) > 3 && t[3] != nil {
				return DType{}, false // a record: its fields are in the symbolic value
			}
		}
	}
	if d.Order == '=' {
		d.Order = '<'
	}
	return d, d.exists()
}

// exists reports whether NumPy has items of this kind in this size: 'b0' and 'i3'
// are names a payload can hold and no array has.
func (d DType) exists() bool {
	switch d.Kind {
	case 'b':
		return d.Size == 1
	case 'i', 'u':
		return d.Size == 1 || d.Size == 2 || d.Size == 4 || d.Size == 8
	case 'f': // 12 and 16: long double
		return d.Size == 2 || d.Size == 4 || d.Size == 8 || d.Size == 12 || d.Size == 16
	case 'c':
		return d.Size == 8 || d.Size == 16 || d.Size == 24 || d.Size == 32
	case 'M', 'm':
		return d.Size == 8
	case 'S', 'U', 'V', 'O':
		return true
	}
	return false
}

func atoi(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= math.MaxInt32
}

// item is one item as a generic value.
func (d DType) item(b []byte) any {
	big := d.Order == '>'
	switch d.Kind {
	case 'b':
		return b[0] != 0
	case 'i', 'M', 'm':
		shift := 64 - 8*d.Size
		return int64(uintOf(b, d.Size, big)<<shift) >> shift
	case 'u':
		return value.NormalUint(uintOf(b, d.Size, big))
	case 'f':
		switch d.Size {
		case 2:
			return halfFloat(uint16(uintOf(b, 2, big)))
		case 4:
			return float64(math.Float32frombits(uint32(uintOf(b, 4, big))))
		case 8:
			return math.Float64frombits(uintOf(b, 8, big))
		}
	case 'c':
		half := DType{Kind: 'f', Size: d.Size / 2, Order: d.Order}
		re, ok1 := half.item(b).(float64)
		im, ok2 := half.item(b[d.Size/2:]).(float64)
		if ok1 && ok2 {
			return complex(re, im)
		}
	case 'S':
		return value.Bytes(strings.TrimRight(string(b[:d.Size]), "\x00"))
	case 'U':
		var out []byte
		for i := 0; i+4 <= d.Size; i += 4 {
			out = atom.AppendRune(out, uint32(uintOf(b[i:], 4, big)))
		}
		return strings.TrimRight(string(out), "\x00")
	}
	return value.Bytes(string(b[:d.Size]))
}

func halfFloat(h uint16) float64 {
	sign, exp, frac := uint64(h>>15), int(h>>10&31), uint64(h&1023)
	f := 0.0
	switch exp {
	case 0:
		f = math.Ldexp(float64(frac), -24)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		f = math.Inf(1)
	default:
		f = math.Ldexp(float64(frac|1024), exp-25)
	}
	if sign != 0 {
		return -f
	}
	return f
}

// flat is item i of Data, in the order of the memory.
func (a *NDArray) flat(i int) any {
	if a.DType.Kind == 'O' {
		return a.Objects[i]
	}
	return a.DType.item(a.Data[i*a.DType.Size:])
}

// at is the item at an index of every dimension.
func (a *NDArray) index(at []int) int {
	n := 0
	if a.Fortran {
		for i := len(at) - 1; i >= 0; i-- {
			n = n*a.Shape[i] + at[i]
		}
		return n
	}
	for i := range at {
		n = n*a.Shape[i] + at[i]
	}
	return n
}

// list is the array as nested lists, what NumPy calls tolist.
func (a *NDArray) list() (*value.List, error) {
	if len(a.Shape) == 0 {
		return nil, fmt.Errorf("an array without dimensions is no list")
	}
	if a.Len() == 0 && len(a.Shape) > 1 {
		return nil, fmt.Errorf("an array of no items and %d dimensions is no list", len(a.Shape))
	}
	v := a.nested(make([]int, 0, len(a.Shape)))
	return v.(*value.List), nil
}

func (a *NDArray) nested(at []int) any {
	if len(at) == len(a.Shape) {
		return a.flat(a.index(at))
	}
	l := &value.List{Items: make([]any, a.Shape[len(at)])}
	for i := range l.Items {
		l.Items[i] = a.nested(append(at, i))
	}
	return l
}

// assignSlice stores an array of one dimension in a slice, one of more in slices of slices.
func (a *NDArray) assignSlice(as *assigner, dst reflect.Value, elem assignFunc) error {
	t := dst.Type()
	if len(a.Shape) == 1 && sameLayout(a.DType, t.Elem()) {
		s := reflect.MakeSlice(t, a.Len(), a.Len())
		if len(a.Data) > 0 {
			copy(unsafe.Slice((*byte)(s.UnsafePointer()), len(a.Data)), a.Data)
			if t.Elem().Kind() == reflect.Bool {
				for i, b := range a.Data {
					s.Index(i).SetBool(b != 0)
				}
			}
		}
		dst.Set(s)
		return nil
	}
	l, err := a.list()
	if err != nil {
		return gotype.Mismatchf("%v", err)
	}
	if err := as.enter(); err != nil {
		return err
	}
	defer as.leave()
	s := reflect.MakeSlice(t, len(l.Items), len(l.Items))
	for i, x := range l.Items {
		if err := elem(as, x, s.Index(i)); err != nil {
			return gotype.At(i, err)
		}
	}
	dst.Set(s)
	return nil
}

// numpyScalar is the value of a NumPy scalar, which is pickled as its dtype and bytes.
func numpyScalar(v any) (any, bool) {
	o, ok := v.(*value.Object)
	if !ok || len(o.Args) != 2 {
		return nil, false
	}
	g, ok := o.Func.(value.Global)
	if !ok || g.Name != "scalar" || !strings.HasPrefix(g.Module, "numpy.") || !strings.HasSuffix(g.Module, "core.multiarray") {
		return nil, false
	}
	d, ok := dtypeOf(o.Args[0])
	if !ok {
		return nil, false
	}
	b, ok := octets(o.Args[1])
	if !ok || len(b) != d.Size || d.Size == 0 {
		return nil, false
	}
	return d.item(b), true
}
