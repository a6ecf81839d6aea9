package encode

// Encoding of types that say themselves what they are.

import (
	"encoding"
	"math/big"
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// byPointer writes the package's own types where a program holds them by value.
func byPointer(t reflect.Type) encodeFunc {
	return func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(t, p)
		if e.inBox(p) {
			v = reflect.New(t)
			v.Elem().Set(reflect.NewAt(t, p).Elem())
			e.hold(v.Interface())
		}
		return e.saveKnown(v.Interface())
	}
}

func (e *encoder) uint(u uint64) error {
	if u < 1<<63 {
		e.int(int64(u))
		return nil
	}
	return e.bigInt(new(big.Int).SetUint64(u))
}

func (e *encoder) rat(x *big.Rat) error {
	return e.reduceTemp(value.Global{Module: "fractions", Name: "Fraction"}, value.Tuple{new(big.Int).Set(x.Num()), new(big.Int).Set(x.Denom())})
}

func (e *encoder) bigFloat(x *big.Float) error {
	return e.reduceTemp(value.Global{Module: "decimal", Name: "Decimal"}, value.Tuple{e.hold(x.Text('g', -1))})
}

// marshaler writes what a type makes of itself. Where that has an identity,
// the pointer it came from gets the same one.
// marshaler is pickle.Marshaler.
type marshaler interface {
	MarshalPickle() (any, error)
}

func (e *encoder) marshaler(pl *encodePlan, v reflect.Value) error {
	var id identity
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			e.w.Op(wire.OpNone)
			return nil
		}
		id = pointerID(v.UnsafePointer(), pl.kind)
		if slot, ok := e.memo.get(id); ok {
			return e.get(slot)
		}
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer func() { e.depth-- }()
	as, err := v.Interface().(marshaler).MarshalPickle()
	if err != nil {
		return &gotype.Error{Kind: wire.ErrProgram, Msg: err.Error(), Err: err}
	}
	e.hold(as)
	if err := e.saveKnown(as); err != nil {
		return err
	}
	if id.p != nil {
		if slot, ok := e.slotOf(as); ok {
			e.memo.alias(id, slot)
		}
	}
	return nil
}

// addressed writes a value whose pointer writes itself.
func addressed(pointer *encodePlan) encodeFunc {
	t := pointer.typ.Elem()
	return func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(t, p)
		if e.inBox(p) {
			v = reflect.New(t)
			v.Elem().Set(reflect.NewAt(t, p).Elem())
		}
		return e.marshaler(pointer, v)
	}
}

func (e *encoder) textMarshaler(v reflect.Value) error {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		e.w.Op(wire.OpNone)
		return nil
	}
	b, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return &gotype.Error{Kind: wire.ErrProgram, Msg: err.Error(), Err: err}
	}
	s := string(b)
	e.hold(s)
	return e.str(s)
}

// slotOf is the memo slot of a value that has just been written.
func (e *encoder) slotOf(v any) (int, bool) {
	switch v := v.(type) {
	case *value.Object:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case *value.List:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case *value.Dict:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case *value.Set:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case value.Tuple:
		if len(v) > 0 {
			return e.memo.get(tupleID(v))
		}
	}
	return 0, false
}
