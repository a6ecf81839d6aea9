package pickle

// Encoding of Go's own containers: slices, arrays, maps and structs.

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"unsafe"
)

// sliceID is the identity of a slice with items in it.
func sliceID(v reflect.Value) identity {
	return identity{p: v.UnsafePointer(), n: v.Len(), kind: typePointer(v.Type())}
}

// anySlice writes a []any, a list like any other slice.
func (e *encoder) anySlice(s []any) error {
	return plainItems(e, s, writeAnys)
}

// emptyList writes a list that no other place refers to.
func (e *encoder) emptyList() error {
	e.w.EmptyList()
	e.memo.count++
	return e.memoizeAs(e.memo.count - 1)
}

func (e *encoder) byteSlice(b []byte) error {
	if b == nil {
		e.w.Op(OpNone)
		return nil
	}
	if len(b) > 0 {
		if slot, ok := e.memo.get(bytesID(unsafe.String(unsafe.SliceData(b), len(b)))); ok {
			return e.get(slot)
		}
	}
	out, err := e.outOfBand(b, e.cfg.bufferMin)
	if err != nil {
		return &typeError{kind: ErrProgram, msg: err.Error(), err: err}
	}
	if out {
		e.w.Op2(OpNextBuffer, OpReadonlyBuffer)
		return nil
	}
	return e.bytes(unsafe.String(unsafe.SliceData(b), len(b)))
}

func makeSliceEncoder(t reflect.Type) encodeFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return func(e *encoder, v reflect.Value) error { return e.byteSlice(v.Bytes()) }
	}
	if f := plainSliceEncoder(t); f != nil {
		return f
	}
	elem := encodeFuncFor(t.Elem())
	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.w.Op(OpNone)
			return nil
		}
		if v.Len() == 0 {
			return e.emptyList()
		}
		id := sliceID(v)
		if slot, ok := e.memo.get(id); ok {
			return e.get(slot)
		}
		e.w.EmptyList()
		if err := e.memoize(id); err != nil {
			return err
		}
		return e.items(v.Len(), func(i int) error { return e.value(elem, v.Index(i)) })
	}
}

func makeArrayEncoder(t reflect.Type) encodeFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return func(e *encoder, v reflect.Value) error {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			s := Bytes(b)
			e.hold(s)
			return e.bytes(string(s))
		}
	}
	elem := encodeFuncFor(t.Elem())
	return func(e *encoder, v reflect.Value) error {
		if err := e.emptyList(); err != nil {
			return err
		}
		return e.items(v.Len(), func(i int) error { return e.value(elem, v.Index(i)) })
	}
}

func (e *encoder) stringMap(m map[string]any) error {
	if m == nil {
		e.w.Op(OpNone)
		return nil
	}
	id := pointerID(reflect.ValueOf(m).UnsafePointer(), kindObject)
	if slot, ok := e.memo.get(id); ok {
		return e.get(slot)
	}
	e.w.EmptyDict()
	if err := e.memoize(id); err != nil {
		return err
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return e.pairs(len(keys), func(i int) error {
		if err := e.save(keys[i]); err != nil {
			return at(keys[i], err)
		}
		if err := e.save(m[keys[i]]); err != nil {
			return at(keys[i], err)
		}
		return nil
	})
}

func makeMapEncoder(t reflect.Type) encodeFunc {
	key, elem := makeKeyEncoder(t.Key()), encodeFuncFor(t.Elem())
	isSet := t.Elem() == emptyStructType
	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.w.Op(OpNone)
			return nil
		}
		id := pointerID(v.UnsafePointer(), kindObject)
		if slot, ok := e.memo.get(id); ok {
			return e.get(slot)
		}
		keys := v.MapKeys()
		sortKeys(keys)
		if isSet {
			return e.mapSet(keys, key, id)
		}
		e.w.EmptyDict()
		if err := e.memoize(id); err != nil {
			return err
		}
		return e.pairs(len(keys), func(i int) error {
			if err := e.value(key, keys[i]); err != nil {
				return at(keyStep(keys[i]), err)
			}
			if err := e.value(elem, v.MapIndex(keys[i])); err != nil {
				return at(keyStep(keys[i]), err)
			}
			return nil
		})
	}
}

// mapSet writes the keys of a map as a set.
func (e *encoder) mapSet(keys []reflect.Value, key encodeFunc, id identity) error {
	if e.cfg.proto < 4 {
		items := make([]any, len(keys))
		for i, k := range keys {
			items[i] = k.Interface()
		}
		return e.setCall("set", items, id)
	}
	e.w.Op(OpEmptySet)
	if err := e.memoize(id); err != nil {
		return err
	}
	return e.setItems(len(keys), func(i int) error { return e.value(key, keys[i]) })
}

// makeKeyEncoder is the function for the keys of a map: what would be a list
// or a dict is a tuple there, because those cannot be keys in Python.
func makeKeyEncoder(t reflect.Type) encodeFunc {
	if t.Implements(marshalerType) || t.Implements(textMarshalerType) || t == timeType {
		return encodeFuncFor(t)
	}
	switch t.Kind() {
	case reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return encodeFuncFor(t)
		}
		elem := makeKeyEncoder(t.Elem())
		return func(e *encoder, v reflect.Value) error {
			return e.tupleOf(v.Len(), func(i int) error { return e.value(elem, v.Index(i)) })
		}
	case reflect.Struct:
		switch t {
		case reflect.TypeFor[Global](), reflect.TypeFor[PersistentID](), reflect.TypeFor[Extension]():
			return known
		}
		fields := fieldsOf(t)
		funcs := make([]encodeFunc, len(fields.list))
		for i := range fields.list {
			funcs[i] = makeKeyEncoder(fields.list[i].typ)
		}
		return func(e *encoder, v reflect.Value) error {
			return e.tupleOf(len(funcs), func(i int) error { return e.value(funcs[i], v.FieldByIndex(fields.list[i].index)) })
		}
	}
	return encodeFuncFor(t)
}

// tupleOf writes a tuple that no other place refers to.
func (e *encoder) tupleOf(n int, item func(i int) error) error {
	if n == 0 {
		e.w.EmptyTuple()
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	short := n <= 3 && e.cfg.proto >= 2
	if !short {
		e.w.Op(OpMark)
	}
	for i := range n {
		if err := item(i); err != nil {
			return at(i, err)
		}
	}
	if short {
		e.w.Op(OpTuple1 + Opcode(n-1))
	} else {
		e.w.Op(OpTuple)
	}
	e.memo.count++
	e.depth--
	return e.memoizeAs(e.memo.count - 1)
}

// keyStep is a key of a Go map in a path.
func keyStep(k reflect.Value) any {
	switch {
	case k.Kind() == reflect.String:
		return k.String()
	case k.CanInt():
		return k.Int()
	}
	return fmt.Sprint(k)
}

// sortKeys puts the keys of a map into an order that is the same every time.
func sortKeys(keys []reflect.Value) {
	sort.SliceStable(keys, func(i, j int) bool { return compareKeys(keys[i], keys[j]) < 0 })
}

// compareKeys orders numbers by value, strings by their bytes, structs and
// arrays by their parts, and values of different kinds by kind.
func compareKeys(a, b reflect.Value) int {
	if a.Kind() == reflect.Interface {
		a, b = a.Elem(), b.Elem()
		if !a.IsValid() || !b.IsValid() {
			return cmp.Compare(btoi(a.IsValid()), btoi(b.IsValid()))
		}
	}
	if a.Type() != b.Type() {
		return cmp.Or(cmp.Compare(a.Kind(), b.Kind()), cmp.Compare(a.Type().String(), b.Type().String()))
	}
	switch {
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.Bool:
		return cmp.Compare(btoi(a.Bool()), btoi(b.Bool()))
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			if c := compareKeys(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
		return 0
	case a.Kind() == reflect.Array:
		for i := range a.Len() {
			if c := compareKeys(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
		return 0
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func makeStructEncoder(t reflect.Type) encodeFunc {
	fields := fieldsOf(t)
	funcs := make([]encodeFunc, len(fields.list))
	for i := range fields.list {
		funcs[i] = encodeFuncFor(fields.list[i].typ)
	}
	sparse := false // whether some fields may be left out
	for i := range fields.list {
		sparse = sparse || fields.list[i].omitEmpty || len(fields.list[i].index) > 1
	}
	if fields.tuple {
		return func(e *encoder, v reflect.Value) error {
			return e.tupleOf(len(funcs), func(i int) error {
				f, ok := fieldOf(v, fields.list[i].index)
				if !ok {
					return e.save(nil)
				}
				return e.value(funcs[i], f)
			})
		}
	}
	return func(e *encoder, v reflect.Value) error {
		id, shared := structID(v)
		if shared {
			if slot, ok := e.memo.get(id); ok {
				return e.get(slot)
			}
		}
		e.w.EmptyDict()
		if shared {
			if err := e.memoize(id); err != nil {
				return err
			}
		} else {
			e.memo.count++
			if err := e.memoizeAs(e.memo.count - 1); err != nil {
				return err
			}
		}
		n := len(funcs)
		if sparse {
			n = 0
			for i := range fields.list {
				if f, ok := fieldOf(v, fields.list[i].index); ok && !(fields.list[i].omitEmpty && isEmpty(f)) {
					n++
				}
			}
		}
		if n == 0 {
			return nil
		}
		// Fields of a struct are never as many as a batch holds.
		if err := e.enter(); err != nil {
			return err
		}
		single := e.cfg.proto == 0 || n == 1
		if !single {
			e.w.Op(OpMark)
		}
		for i := range fields.list {
			f, ok := fieldOf(v, fields.list[i].index)
			if sparse && (!ok || fields.list[i].omitEmpty && isEmpty(f)) {
				continue
			}
			if err := e.fieldName(fields.list[i].name); err != nil {
				return err
			}
			if err := e.value(funcs[i], f); err != nil {
				return at(fields.list[i].name, err)
			}
			if single {
				e.w.Op(OpSetItem)
			}
		}
		if !single {
			e.w.Op(OpSetItems)
		}
		e.depth--
		return nil
	}
}

// fieldName writes the name of a field.
func (e *encoder) fieldName(name string) error {
	if e.cfg.persistentID != nil {
		return e.save(name)
	}
	if err := e.w.Boundary(); err != nil {
		return err
	}
	return e.str(name)
}

// fieldOf is a field of a struct, unless a nil embedded pointer lies on the way.
func fieldOf(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// isEmpty is encoding/json's idea of empty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Interface, reflect.Pointer:
		return v.IsZero()
	}
	return false
}
