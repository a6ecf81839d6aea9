package typed

// Typed decoding of slices, arrays, maps and structs.

import (
	"reflect"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// itemsOf are the items of a value that Python would iterate over.
func itemsOf(v any) ([]any, bool) {
	switch x := v.(type) {
	case *value.List:
		return x.Items, true
	case value.Tuple:
		return x, true
	case *value.Set:
		return x.Items(), true
	case *value.FrozenSet:
		return x.Items(), true
	case *value.Object:
		return sequenceOf(x)
	}
	return nil, false
}

// sequenceOf are the items of an instance of a list, a tuple or a set class.
func sequenceOf(o *value.Object) ([]any, bool) {
	if items := o.Items(); items != nil {
		return items, true
	}
	g, _ := o.Class()
	switch g {
	case value.Global{Module: "collections", Name: "deque"}:
		if len(o.Args) > 0 {
			return itemsOf(o.Args[0])
		}
		return nil, true
	case value.Global{Module: "array", Name: "_array_reconstructor"}, value.Global{Module: "array", Name: "array"}:
		return arrayItems(o)
	}
	// A set or tuple class is made of its items, a named tuple of one
	// argument for each of them.
	if len(o.Updates) > 1 {
		return nil, false
	}
	if x, ok := onlyArg(o); ok {
		switch x.(type) {
		case *value.List, value.Tuple:
			return itemsOf(x)
		}
	}
	if IsReconstructor(o) {
		return nil, false
	}
	return o.Args, len(o.Args) > 0 || len(o.Updates) == 0
}

func makeSliceAssigner(t reflect.Type) assignFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return assignBytes
	}
	elem := assignerFor(t.Elem())
	return func(a *assigner, v any, dst reflect.Value) error {
		if v == nil {
			dst.SetZero()
			return nil
		}
		if done, err := fastSlice(v, dst); done {
			return err
		}
		if arr, ok := asNDArray(v); ok {
			return arr.assignSlice(a, dst, elem)
		}
		items, ok := itemsOf(v)
		if !ok {
			return gotype.Mismatch(v, t)
		}
		if err := a.enter(); err != nil {
			return err
		}
		defer a.leave()
		s := reflect.MakeSlice(t, len(items), len(items))
		for i, x := range items {
			if err := elem(a, x, s.Index(i)); err != nil {
				return gotype.At(i, err)
			}
		}
		dst.Set(s)
		return nil
	}
}

// fastSlice fills the slices of atoms without reflection, as long as
// every item is of the slice's type.
func fastSlice(v any, dst reflect.Value) (done bool, err error) {
	l, ok := v.(*value.List)
	if !ok || !dst.CanAddr() {
		return false, nil
	}
	switch p := dst.Addr().Interface().(type) {
	case *[]any:
		*p = append(make([]any, 0, len(l.Items)), l.Items...)
		return true, nil
	case *[]int64:
		return sliceOf(p, l.Items)
	case *[]float64:
		return sliceOf(p, l.Items)
	case *[]string:
		return sliceOf(p, l.Items)
	case *[]bool:
		return sliceOf(p, l.Items)
	case *[]int:
		s := make([]int, len(l.Items))
		for i, x := range l.Items {
			n, ok := x.(int64)
			if !ok || int64(int(n)) != n {
				return false, nil
			}
			s[i] = int(n)
		}
		*p = s
		return true, nil
	}
	return false, nil
}

func sliceOf[T any](dst *[]T, items []any) (bool, error) {
	s := make([]T, len(items))
	for i, x := range items {
		y, ok := x.(T)
		if !ok {
			return false, nil
		}
		s[i] = y
	}
	*dst = s
	return true, nil
}

func assignBytes(a *assigner, v any, dst reflect.Value) error {
	if v == nil {
		dst.SetZero()
		return nil
	}
	b, ok := bytesOf(v, a.noCopy)
	if !ok {
		if arr, isArr := asNDArray(v); isArr {
			return arr.assignSlice(a, dst, assignUint)
		}
		items, isList := itemsOf(v)
		if _, isObject := v.(*value.Object); !isList || isObject {
			return unwrapped(a, v, dst, assignBytes)
		}
		b = make([]byte, len(items))
		for i, x := range items {
			if err := assignUint(a, x, reflect.ValueOf(&b[i]).Elem()); err != nil {
				return gotype.At(i, err)
			}
		}
	}
	dst.Set(reflect.ValueOf(b).Convert(dst.Type()))
	return nil
}

func makeArrayAssigner(t reflect.Type) assignFunc {
	elem := assignerFor(t.Elem())
	octets := t.Elem().Kind() == reflect.Uint8
	return func(a *assigner, v any, dst reflect.Value) error {
		if octets {
			b, ok := bytesOf(v, true)
			if !ok {
				b, ok = uuidBytes(v)
			}
			if ok {
				if len(b) != t.Len() {
					return gotype.Mismatchf("%d bytes do not fit into Go type %s", len(b), t)
				}
				reflect.Copy(dst, reflect.ValueOf(b))
				return nil
			}
		}
		var items []any
		if arr, ok := asNDArray(v); ok {
			l, err := arr.list()
			if err != nil {
				return gotype.Mismatchf("%v", err)
			}
			items = l.Items
		} else if items, ok = itemsOf(v); !ok {
			return gotype.Mismatch(v, t)
		}
		if len(items) != t.Len() {
			return gotype.Mismatchf("%d items do not fit into Go type %s", len(items), t)
		}
		if err := a.enter(); err != nil {
			return err
		}
		defer a.leave()
		for i, x := range items {
			if err := elem(a, x, dst.Index(i)); err != nil {
				return gotype.At(i, err)
			}
		}
		return nil
	}
}

// entriesOf are the keys and values of a mapping. The entries of a Dict are not a copy.
func entriesOf(v any) ([]value.Entry, bool) {
	switch x := v.(type) {
	case *value.Dict:
		return value.EntriesIn(x), true
	case *value.Object:
		if p := x.Pairs(); p != nil {
			return p, true
		}
		if g, ok := x.Class(); ok && g.Module == "collections" {
			switch g.Name {
			case "OrderedDict", "defaultdict":
				return nil, true
			case "Counter":
				if len(x.Args) == 0 {
					return nil, true
				}
				return entriesOf(x.Args[0])
			}
		}
		if a, ok := onlyArg(x); ok {
			if d, ok := a.(*value.Dict); ok {
				return value.EntriesIn(d), true
			}
		}
		if s, ok := x.State(); ok {
			if d, ok := s.(*value.Dict); ok {
				return value.EntriesIn(d), true
			}
		}
	}
	return nil, false
}

func makeMapAssigner(t reflect.Type) assignFunc {
	key, elem := assignerFor(t.Key()), assignerFor(t.Elem())
	return func(a *assigner, v any, dst reflect.Value) error {
		if v == nil {
			dst.SetZero()
			return nil
		}
		if err := a.enter(); err != nil {
			return err
		}
		defer a.leave()
		entries, ok := entriesOf(v)
		if !ok {
			return assignSetMap(a, v, t, key, dst)
		}
		if dst.IsNil() {
			dst.Set(reflect.MakeMapWithSize(t, len(entries)))
		}
		for i := range entries {
			k := reflect.New(t.Key()).Elem()
			if err := key(a, entries[i].Key, k); err != nil {
				return gotype.At(entries[i].Key, err)
			}
			if !k.Comparable() {
				return gotype.At(entries[i].Key, gotype.Mismatchf("%s is no key of a Go map", value.TypeName(entries[i].Key)))
			}
			e := reflect.New(t.Elem()).Elem()
			if err := elem(a, entries[i].Value, e); err != nil {
				return gotype.At(entries[i].Key, err)
			}
			dst.SetMapIndex(k, e)
		}
		return nil
	}
}

// assignSetMap stores a set in a map to bool or to struct{}.
func assignSetMap(a *assigner, v any, t reflect.Type, key assignFunc, dst reflect.Value) error {
	var there reflect.Value
	switch {
	case t.Elem().Kind() == reflect.Bool:
		there = reflect.ValueOf(true).Convert(t.Elem())
	case t.Elem() == gotype.EmptyStructType:
		there = reflect.ValueOf(struct{}{})
	default:
		return gotype.Mismatch(v, t)
	}
	var items []any
	switch s := v.(type) {
	case *value.Set:
		items = s.Items()
	case *value.FrozenSet:
		items = s.Items()
	default:
		return gotype.Mismatch(v, t)
	}
	if dst.IsNil() {
		dst.Set(reflect.MakeMapWithSize(t, len(items)))
	}
	for i, x := range items {
		k := reflect.New(t.Key()).Elem()
		if err := key(a, x, k); err != nil {
			return gotype.At(i, err)
		}
		if !k.Comparable() {
			return gotype.At(i, gotype.Mismatchf("%s is no key of a Go map", value.TypeName(x)))
		}
		dst.SetMapIndex(k, there)
	}
	return nil
}

func makeStructAssigner(t reflect.Type) assignFunc {
	fields := gotype.FieldsOf(t)
	funcs := make([]assignFunc, len(fields.List))
	for i := range fields.List {
		funcs[i] = assignerFor(fields.List[i].Type)
	}
	named := func(a *assigner, entries []value.Entry, dst reflect.Value) error {
		for i := range entries {
			name, ok := entries[i].Key.(string)
			if !ok {
				continue
			}
			n, ok := fields.Lookup(name)
			if !ok {
				continue
			}
			if err := funcs[n](a, entries[i].Value, gotype.FieldByIndex(dst, fields.List[n].Index)); err != nil {
				return gotype.At(name, err)
			}
		}
		return nil
	}
	placed := func(a *assigner, v any, items []any, dst reflect.Value) error {
		if len(items) > len(fields.List) {
			return gotype.Mismatchf("%s of %d items does not fit into Go type %s of %d fields", value.TypeName(v), len(items), t, len(fields.List))
		}
		for i, x := range items {
			if err := funcs[i](a, x, gotype.FieldByIndex(dst, fields.List[i].Index)); err != nil {
				return gotype.At(i, err)
			}
		}
		return nil
	}
	return func(a *assigner, v any, dst reflect.Value) error {
		if err := a.enter(); err != nil {
			return err
		}
		defer a.leave()
		switch x := v.(type) {
		case nil:
			return nil // as encoding/json does with null
		case *value.Dict:
			return named(a, value.EntriesIn(x), dst)
		case value.Tuple:
			return placed(a, v, x, dst)
		case *value.List:
			return placed(a, v, x.Items, dst)
		case *value.Object:
			if attrs, ok := attributesOf(x); ok {
				return named(a, attrs, dst)
			}
			if p := x.Pairs(); p != nil {
				return named(a, p, dst)
			}
			if IsReconstructor(x) {
				// A named tuple before protocol 2.
				if t, ok := onlyArg(x); ok {
					if t, ok := t.(value.Tuple); ok {
						return placed(a, v, t, dst)
					}
				}
			} else if x.Op != wire.OpBuild {
				return placed(a, v, x.Args, dst)
			}
		}
		return gotype.Mismatch(v, t)
	}
}

// attributesOf are what the states of an object set.
func attributesOf(o *value.Object) ([]value.Entry, bool) {
	var all []value.Entry
	found := false
	for i := range o.Updates {
		u := &o.Updates[i]
		if u.Op != wire.OpBuild && u.Op != wire.OpReduce {
			continue
		}
		states := []any{u.Value}
		if t, ok := u.Value.(value.Tuple); ok && len(t) == 2 {
			states = t
		}
		for _, s := range states {
			if d, ok := s.(*value.Dict); ok {
				all = append(all, value.EntriesIn(d)...)
				found = true
			}
		}
	}
	if o.Kwargs != nil {
		all = append(all, value.EntriesIn(o.Kwargs)...)
		found = true
	}
	return all, found
}
