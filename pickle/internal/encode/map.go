package encode

// Encoding of Go's maps: dicts and sets, in an order that is the same every time.

import (
	"cmp"
	"fmt"
	"reflect"
	"sort"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

func (b *planner) mapping(p *encodePlan) {
	key, elem := b.key(p.typ.Key()), b.plan(p.typ.Elem())
	isSet := p.typ.Elem() == gotype.EmptyStructType
	p.write = func(e *encoder, q unsafe.Pointer) error {
		v := reflect.NewAt(p.typ, q).Elem()
		if v.IsNil() {
			e.w.Op(wire.OpNone)
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
		k, x := reflect.New(key.typ), reflect.New(elem.typ)
		return e.pairs(len(keys), func(i int) error {
			k.Elem().Set(keys[i])
			if err := e.boxedValue(key, k.UnsafePointer()); err != nil {
				return gotype.At(keyStep(keys[i]), err)
			}
			x.Elem().Set(v.MapIndex(keys[i]))
			if err := e.boxedValue(elem, x.UnsafePointer()); err != nil {
				return gotype.At(keyStep(keys[i]), err)
			}
			return nil
		})
	}
}

// boxedValue is value for memory that holds a copy.
func (e *encoder) boxedValue(pl *encodePlan, p unsafe.Pointer) error {
	old := e.box
	e.box = box{uintptr(p), pl.typ.Size()}
	err := e.value(pl, p)
	e.box = old
	return err
}

// mapSet writes the keys of a map as a set.
func (e *encoder) mapSet(keys []reflect.Value, key *encodePlan, id identity) error {
	if e.cfg.Proto < 4 {
		items := make([]any, len(keys))
		for i, k := range keys {
			items[i] = k.Interface()
		}
		return e.setCall("set", items, id)
	}
	e.w.Op(wire.OpEmptySet)
	if err := e.memoize(id); err != nil {
		return err
	}
	k := reflect.New(key.typ)
	return e.setItems(len(keys), func(i int) error {
		k.Elem().Set(keys[i])
		return e.boxedValue(key, k.UnsafePointer())
	})
}

// key plans the keys of a map: what would be a list or a dict is a tuple
// there, because those cannot be keys in Python.
func (b *planner) key(t reflect.Type) *encodePlan {
	if t.Implements(marshalerType) || t.Implements(textMarshalerType) || t == gotype.TimeType {
		return b.plan(t)
	}
	switch t.Kind() {
	case reflect.Array:
		elem := b.key(t.Elem())
		if t.Elem().Kind() == reflect.Uint8 {
			break
		}
		n, size := t.Len(), t.Elem().Size()
		return &encodePlan{typ: t, write: func(e *encoder, p unsafe.Pointer) error {
			return e.tupleOf(n, func(i int) error { return e.value(elem, unsafe.Add(p, uintptr(i)*size)) })
		}}
	case reflect.Struct:
		switch t {
		case reflect.TypeFor[value.Global](), reflect.TypeFor[value.PersistentID](), reflect.TypeFor[value.Extension]():
			return b.plan(t)
		}
		s := &structPlan{fields: b.fields(t, gotype.FieldsOf(t), b.key)}
		return &encodePlan{typ: t, write: s.tuple}
	}
	return b.plan(t)
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
	short := n <= 3 && e.cfg.Proto >= 2
	if !short {
		e.w.Op(wire.OpMark)
	}
	for i := range n {
		if err := item(i); err != nil {
			return gotype.At(i, err)
		}
	}
	if short {
		e.w.Op(wire.OpTuple1 + wire.Opcode(n-1))
	} else {
		e.w.Op(wire.OpTuple)
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
