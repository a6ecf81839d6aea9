package encode

// Plans: how the values of each Go type are written, worked out once a type.

import (
	"encoding"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// encodeFunc writes the value at an address, which holds one of the function's
// type. The frame boundary was taken care of.
type encodeFunc func(e *encoder, p unsafe.Pointer) error

// encodePlan is how values of a type are written.
type encodePlan struct {
	typ   reflect.Type
	write encodeFunc
	kind  uint32      // the type's number in identities
	op    planOp      // of a type that is written without a call
	elem  *encodePlan // of a pointer that stands for what it points to
	loops bool        // such a pointer may lead to itself with nothing in between
}

// planOp are the types that are written in place.
type planOp uint8

const (
	planOther planOp = iota
	planInt
	planInt64
	planFloat64
	planBool
	planString
	planPointer
)

var (
	marshalerType     = reflect.TypeFor[marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

var (
	encodePlans sync.Map // reflect.Type to *encodePlan, all of them complete

	plannerMu sync.Mutex
	planKinds = uint32(firstTypeKind)
	nameTable = map[string]*fieldName{}
)

// fieldName is the name of a struct's field, one for all structs that have it:
// in CPython, too, such names are one object.
type fieldName struct {
	text string
	id   int32  // index in encodeMemo.names, 0 for a name that chars or empty know
	put  []byte // how protocol 4 writes and memoizes it, where that is short
}

// planner makes plans. Types may be recursive, so that a plan is referred to
// before it is complete.
type planner struct{ made map[reflect.Type]*encodePlan }

func planFor(t reflect.Type) *encodePlan {
	if p, ok := encodePlans.Load(t); ok {
		return p.(*encodePlan)
	}
	plannerMu.Lock()
	defer plannerMu.Unlock()
	b := planner{map[reflect.Type]*encodePlan{}}
	p := b.plan(t)
	for t, p := range b.made {
		encodePlans.Store(t, p)
	}
	return p
}

func (b *planner) plan(t reflect.Type) *encodePlan {
	if p, ok := encodePlans.Load(t); ok {
		return p.(*encodePlan)
	}
	if p, ok := b.made[t]; ok {
		return p
	}
	p := &encodePlan{typ: t, kind: planKinds}
	planKinds++
	b.made[t] = p
	b.fill(p)
	return p
}

// name is the fieldName of a text.
func (b *planner) name(text string) *fieldName {
	if n, ok := nameTable[text]; ok {
		return n
	}
	n := &fieldName{text: strings.Clone(text)}
	if !isOnce(text) {
		n.id = int32(len(nameTable) + 1)
	}
	if len(text) < 256 && isText(text) {
		n.put = append(append([]byte{byte(wire.OpShortBinUnicode), byte(len(text))}, text...), byte(wire.OpMemoize))
	}
	nameTable[n.text] = n
	return n
}

func (b *planner) fill(p *encodePlan) {
	t := p.typ
	switch t {
	case reflect.TypeFor[value.List](), reflect.TypeFor[value.Dict](), reflect.TypeFor[value.Set](), reflect.TypeFor[value.FrozenSet](),
		reflect.TypeFor[value.ByteArray](), reflect.TypeFor[value.Buffer](), reflect.TypeFor[value.Object](), gotype.BigIntType:
		p.write = byPointer(t)
		return
	case reflect.TypeFor[*value.List](), reflect.TypeFor[*value.Dict](), reflect.TypeFor[*value.Set](), reflect.TypeFor[*value.FrozenSet](),
		reflect.TypeFor[*value.ByteArray](), reflect.TypeFor[*value.Buffer](), reflect.TypeFor[*value.Object](), reflect.TypeFor[*big.Int](),
		reflect.TypeFor[value.Tuple](), gotype.BytesType, reflect.TypeFor[value.Global](), reflect.TypeFor[value.PersistentID](), reflect.TypeFor[value.Extension]():
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.saveKnown(reflect.NewAt(t, p).Elem().Interface()) }
		return
	case gotype.TimeType:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.time(*(*time.Time)(p)) }
		return
	case gotype.DurationType:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.duration(*(*time.Duration)(p)) }
		return
	case gotype.BigRatType:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.rat((*big.Rat)(p)) }
		return
	case gotype.BigFloatType:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.bigFloat((*big.Float)(p)) }
		return
	case reflect.PointerTo(gotype.TimeType), reflect.PointerTo(gotype.BigRatType), reflect.PointerTo(gotype.BigFloatType):
		b.pointer(p) // they have methods for text, which are not meant here
		return
	}
	switch {
	case t.Kind() == reflect.Interface:
		b.iface(p)
	case t.Implements(marshalerType):
		p.write = func(e *encoder, q unsafe.Pointer) error { return e.marshaler(p, reflect.NewAt(t, q).Elem()) }
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(marshalerType):
		p.write = addressed(b.plan(reflect.PointerTo(t)))
	case t.Implements(textMarshalerType):
		p.write = func(e *encoder, q unsafe.Pointer) error { return e.textMarshaler(reflect.NewAt(t, q).Elem()) }
	default:
		b.fillKind(p)
	}
}

func (b *planner) fillKind(p *encodePlan) {
	t := p.typ
	switch t.Kind() {
	case reflect.Bool:
		p.op = planBool
		p.write = func(e *encoder, p unsafe.Pointer) error { e.w.Bool(*(*bool)(p)); return nil }
	case reflect.Int:
		p.op = planInt
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*int)(p))); return nil }
	case reflect.Int8:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*int8)(p))); return nil }
	case reflect.Int16:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*int16)(p))); return nil }
	case reflect.Int32:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*int32)(p))); return nil }
	case reflect.Int64:
		p.op = planInt64
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(*(*int64)(p)); return nil }
	case reflect.Uint8:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*uint8)(p))); return nil }
	case reflect.Uint16:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*uint16)(p))); return nil }
	case reflect.Uint32:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.int(int64(*(*uint32)(p))); return nil }
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.uint(reflect.NewAt(t, p).Elem().Uint()) }
	case reflect.Float32:
		p.write = func(e *encoder, p unsafe.Pointer) error { e.float(float64(*(*float32)(p))); return nil }
	case reflect.Float64:
		p.op = planFloat64
		p.write = func(e *encoder, p unsafe.Pointer) error { e.float(*(*float64)(p)); return nil }
	case reflect.Complex64:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.saveKnown(complex128(*(*complex64)(p))) }
	case reflect.Complex128:
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.saveKnown(*(*complex128)(p)) }
	case reflect.String:
		p.op = planString
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.str(*(*string)(p)) }
	case reflect.Slice:
		b.slice(p)
	case reflect.Array:
		b.array(p)
	case reflect.Map:
		b.mapping(p)
	case reflect.Struct:
		b.structure(p)
	case reflect.Pointer:
		b.pointer(p)
	default:
		p.write = func(*encoder, unsafe.Pointer) error {
			return encodeErrorf("Go type %s has no Python value", t)
		}
	}
}

// pointer plans a pointer that is written as what it leads to.
func (b *planner) pointer(p *encodePlan) {
	p.op = planPointer
	p.elem = b.plan(p.typ.Elem())
	k := p.elem.typ.Kind()
	p.loops = k == reflect.Pointer || k == reflect.Interface
	p.write = func(e *encoder, q unsafe.Pointer) error { return e.pointee(p, *(*unsafe.Pointer)(q)) }
}

func (e *encoder) pointee(p *encodePlan, q unsafe.Pointer) error {
	if q == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	if !p.loops {
		return p.elem.write(e, q)
	}
	if err := e.enter(); err != nil {
		return err
	}
	err := p.elem.write(e, q)
	e.depth--
	return err
}

func (b *planner) iface(p *encodePlan) {
	t := p.typ
	if t.NumMethod() == 0 {
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.saveKnown(*(*any)(p)) }
		return
	}
	p.write = func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(t, p).Elem()
		if v.IsNil() {
			e.w.Op(wire.OpNone)
			return nil
		}
		return e.saveKnown(v.Elem().Interface())
	}
}

// value writes a part of a value.
func (e *encoder) value(pl *encodePlan, p unsafe.Pointer) error {
	if err := e.w.Boundary(); err != nil {
		return err
	}
	if e.cfg.PersistentID != nil {
		if id, ok := e.cfg.PersistentID(reflect.NewAt(pl.typ, p).Elem().Interface()); ok {
			return e.persistent(id)
		}
	}
	return pl.write(e, p)
}

// box is memory that holds a copy of a value, as an interface does: its
// address is nothing that other places could refer to.
type box struct{ base, size uintptr }

func (e *encoder) inBox(p unsafe.Pointer) bool { return uintptr(p)-e.box.base < e.box.size }

// boxed writes a value from such memory.
func (e *encoder) boxed(pl *encodePlan, p unsafe.Pointer) error {
	old := e.box
	e.box = box{uintptr(p), pl.typ.Size()}
	err := pl.write(e, p)
	e.box = old
	return err
}

// foreign writes a value whose type is none of the package's.
func (e *encoder) foreign(v any) error {
	switch v := v.(type) {
	case []byte:
		return e.byteSlice(v)
	case map[string]any:
		return e.stringMap(v)
	case []string:
		return atomItems(e, v, kindStrings, writeStrings)
	case []float64:
		return atomItems(e, v, kindFloats, writeFloats)
	case []int64:
		return atomItems(e, v, kindInt64s, writeInts[int64])
	case []int:
		return atomItems(e, v, kindInts, writeInts[int])
	}
	rv := reflect.ValueOf(v)
	pl := planFor(rv.Type())
	if pl.op == planPointer {
		return e.pointee(pl, rv.UnsafePointer())
	}
	return e.boxed(pl, boxOf(v, rv))
}
