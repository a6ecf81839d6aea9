package pickle

// Encoding of Go values by their types. There is one function for each type,
// made once.

import (
	"encoding"
	"math/big"
	"reflect"
	"sync"
	"time"
	"unsafe"
)

// encodeFunc writes a value of one type. The frame boundary was taken care of.
type encodeFunc func(e *encoder, v reflect.Value) error

var (
	marshalerType     = reflect.TypeFor[Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

var encodeFuncs sync.Map // reflect.Type to encodeFunc

func encodeFuncFor(t reflect.Type) encodeFunc {
	if f, ok := encodeFuncs.Load(t); ok {
		return f.(encodeFunc)
	}
	var (
		ready sync.WaitGroup
		made  encodeFunc
	)
	ready.Add(1)
	standIn, loaded := encodeFuncs.LoadOrStore(t, encodeFunc(func(e *encoder, v reflect.Value) error {
		ready.Wait()
		return made(e, v)
	}))
	if loaded {
		return standIn.(encodeFunc)
	}
	made = makeEncodeFunc(t)
	ready.Done()
	encodeFuncs.Store(t, made)
	return made
}

// foreign writes a value whose type is none of the package's.
func (e *encoder) foreign(v any) error {
	switch v := v.(type) {
	case []byte:
		return e.byteSlice(v)
	case map[string]any:
		return e.stringMap(v)
	case []string:
		return plainItems(e, v, writeStrings)
	case []float64:
		return plainItems(e, v, writeFloats)
	case []int64:
		return plainItems(e, v, writeInts[int64])
	case []int:
		return plainItems(e, v, writeInts[int])
	}
	rv := reflect.ValueOf(v)
	return encodeFuncFor(rv.Type())(e, rv)
}

// value writes a part of a value.
func (e *encoder) value(f encodeFunc, v reflect.Value) error {
	if err := e.w.Boundary(); err != nil {
		return err
	}
	if e.cfg.persistentID != nil && v.CanInterface() {
		if id, ok := e.cfg.persistentID(v.Interface()); ok {
			return e.persistent(id)
		}
	}
	return f(e, v)
}

func makeEncodeFunc(t reflect.Type) encodeFunc {
	switch t {
	case reflect.TypeFor[List](), reflect.TypeFor[Dict](), reflect.TypeFor[Set](), reflect.TypeFor[FrozenSet](),
		reflect.TypeFor[ByteArray](), reflect.TypeFor[Buffer](), reflect.TypeFor[Object](), bigIntType:
		return byPointer
	case reflect.TypeFor[*List](), reflect.TypeFor[*Dict](), reflect.TypeFor[*Set](), reflect.TypeFor[*FrozenSet](),
		reflect.TypeFor[*ByteArray](), reflect.TypeFor[*Buffer](), reflect.TypeFor[*Object](), reflect.TypeFor[*big.Int](),
		reflect.TypeFor[Tuple](), bytesType, reflect.TypeFor[Global](), reflect.TypeFor[PersistentID](), reflect.TypeFor[Extension]():
		return known
	case timeType:
		return func(e *encoder, v reflect.Value) error { return e.time(v.Interface().(time.Time)) }
	case durationType:
		return func(e *encoder, v reflect.Value) error { return e.duration(time.Duration(v.Int())) }
	case bigRatType, bigFloatType:
		return encodeBig
	case reflect.PointerTo(timeType), reflect.PointerTo(bigRatType), reflect.PointerTo(bigFloatType):
		return makePointerEncoder(t) // they have methods for text, which are not meant here
	}
	switch {
	case t.Implements(marshalerType):
		return encodeMarshaler
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(marshalerType):
		return encodeAddressed
	case t.Implements(textMarshalerType):
		return encodeText
	}
	return makeKindEncodeFunc(t)
}

func makeKindEncodeFunc(t reflect.Type) encodeFunc {
	switch t.Kind() {
	case reflect.Bool:
		return func(e *encoder, v reflect.Value) error { e.w.Bool(v.Bool()); return nil }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(e *encoder, v reflect.Value) error { e.int(v.Int()); return nil }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return encodeUint
	case reflect.Float32, reflect.Float64:
		return func(e *encoder, v reflect.Value) error { e.float(v.Float()); return nil }
	case reflect.Complex64, reflect.Complex128:
		return func(e *encoder, v reflect.Value) error { return e.saveKnown(v.Complex()) }
	case reflect.String:
		return func(e *encoder, v reflect.Value) error { return e.str(v.String()) }
	case reflect.Slice:
		return makeSliceEncoder(t)
	case reflect.Array:
		return makeArrayEncoder(t)
	case reflect.Map:
		return makeMapEncoder(t)
	case reflect.Struct:
		return makeStructEncoder(t)
	case reflect.Pointer:
		return makePointerEncoder(t)
	case reflect.Interface:
		return func(e *encoder, v reflect.Value) error {
			if v.IsNil() {
				e.w.Op(OpNone)
				return nil
			}
			return e.saveKnown(v.Elem().Interface())
		}
	}
	return func(*encoder, reflect.Value) error {
		return encodeErrorf("Go type %s has no Python value", t)
	}
}

func known(e *encoder, v reflect.Value) error { return e.saveKnown(v.Interface()) }

// byPointer writes the package's own types where a program holds them by value.
func byPointer(e *encoder, v reflect.Value) error {
	if !v.CanAddr() {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		e.hold(p.Interface())
		v = p.Elem()
	}
	return e.saveKnown(v.Addr().Interface())
}

func encodeUint(e *encoder, v reflect.Value) error {
	u := v.Uint()
	if u < 1<<63 {
		e.int(int64(u))
		return nil
	}
	return e.bigInt(new(big.Int).SetUint64(u))
}

func encodeBig(e *encoder, v reflect.Value) error {
	if !v.CanAddr() {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p.Elem()
	}
	switch x := v.Addr().Interface().(type) {
	case *big.Rat:
		return e.reduceTemp(Global{"fractions", "Fraction"}, Tuple{new(big.Int).Set(x.Num()), new(big.Int).Set(x.Denom())})
	case *big.Float:
		return e.reduceTemp(Global{"decimal", "Decimal"}, Tuple{e.hold(x.Text('g', -1))})
	}
	return nil
}

// encodeMarshaler writes what a type makes of itself. Where that has an identity,
// the pointer it came from gets the same one.
func encodeMarshaler(e *encoder, v reflect.Value) error {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		e.w.Op(OpNone)
		return nil
	}
	var id identity
	if v.Kind() == reflect.Pointer {
		id = pointerID(v.UnsafePointer(), typePointer(v.Type()))
		if slot, ok := e.memo.get(id); ok {
			return e.get(slot)
		}
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer func() { e.depth-- }()
	as, err := v.Interface().(Marshaler).MarshalPickle()
	if err != nil {
		return &typeError{kind: ErrProgram, msg: err.Error(), err: err}
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

func encodeAddressed(e *encoder, v reflect.Value) error {
	if !v.CanAddr() {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p.Elem()
	}
	return encodeMarshaler(e, v.Addr())
}

func encodeText(e *encoder, v reflect.Value) error {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		e.w.Op(OpNone)
		return nil
	}
	b, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return &typeError{kind: ErrProgram, msg: err.Error(), err: err}
	}
	s := string(b)
	e.hold(s)
	return e.str(s)
}

// slotOf is the memo slot of a value that has just been written.
func (e *encoder) slotOf(v any) (int, bool) {
	switch v := v.(type) {
	case *Object:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case *List:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case *Dict:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case *Set:
		return e.memo.get(pointerID(unsafe.Pointer(v), kindObject))
	case Tuple:
		if len(v) > 0 {
			return e.memo.get(tupleID(v))
		}
	}
	return 0, false
}

// typePointer is a word that is different for each type.
func typePointer(t reflect.Type) unsafe.Pointer { return reflect.ValueOf(t).UnsafePointer() }

func makePointerEncoder(t reflect.Type) encodeFunc {
	elem := encodeFuncFor(t.Elem())
	isStruct := t.Elem().Kind() == reflect.Struct
	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.w.Op(OpNone)
			return nil
		}
		if !isStruct {
			// A pointer to a pointer may lead to itself.
			if err := e.enter(); err != nil {
				return err
			}
			defer func() { e.depth-- }()
		}
		return elem(e, v.Elem())
	}
}

// structID is the identity of a struct that a pointer leads to.
func structID(v reflect.Value) (identity, bool) {
	if !v.CanAddr() || v.Type().Size() == 0 {
		return identity{}, false
	}
	return pointerID(v.Addr().UnsafePointer(), typePointer(v.Type())), true
}
