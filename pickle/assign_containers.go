package pickle

// Typed decoding of slices, arrays, maps and structs.

import (
	"reflect"
)

// itemsOf are the items of a value that Python would iterate over.
func itemsOf(v any) ([]any, bool) {
	switch x := v.(type) {
	case *List:
		return x.Items, true
	case Tuple:
		return x, true
	case *Set:
		return x.Items(), true
	case *FrozenSet:
		return x.Items(), true
	case *Object:
		return x.sequence()
	}
	return nil, false
}

// sequence are the items of an instance of a list, a tuple or a set class.
func (o *Object) sequence() ([]any, bool) {
	if items := o.Items(); items != nil {
		return items, true
	}
	g, _ := o.Class()
	switch g {
	case Global{"collections", "deque"}:
		if len(o.Args) > 0 {
			return itemsOf(o.Args[0])
		}
		return nil, true
	case Global{"array", "_array_reconstructor"}, Global{"array", "array"}:
		return arrayItems(o)
	}
	// A set or tuple class is made of its items, a named tuple of one
	// argument for each of them.
	if len(o.Updates) > 1 {
		return nil, false
	}
	if x, ok := onlyArg(o); ok {
		switch x.(type) {
		case *List, Tuple:
			return itemsOf(x)
		}
	}
	if isReconstructor(o) {
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
			return mismatch(v, t)
		}
		if err := a.enter(); err != nil {
			return err
		}
		defer a.leave()
		s := reflect.MakeSlice(t, len(items), len(items))
		for i, x := range items {
			if err := elem(a, x, s.Index(i)); err != nil {
				return at(i, err)
			}
		}
		dst.Set(s)
		return nil
	}
}

// fastSlice fills the slices of plain types without reflection, as long as
// every item is of the plain type.
func fastSlice(v any, dst reflect.Value) (done bool, err error) {
	l, ok := v.(*List)
	if !ok || !dst.CanAddr() {
		return false, nil
	}
	switch p := dst.Addr().Interface().(type) {
	case *[]any:
		*p = append(make([]any, 0, len(l.Items)), l.Items...)
		return true, nil
	case *[]int64:
		return plainSlice(p, l.Items)
	case *[]float64:
		return plainSlice(p, l.Items)
	case *[]string:
		return plainSlice(p, l.Items)
	case *[]bool:
		return plainSlice(p, l.Items)
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

func plainSlice[T any](dst *[]T, items []any) (bool, error) {
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
		if _, isObject := v.(*Object); !isList || isObject {
			return unwrapped(a, v, dst, assignBytes)
		}
		b = make([]byte, len(items))
		for i, x := range items {
			if err := assignUint(a, x, reflect.ValueOf(&b[i]).Elem()); err != nil {
				return at(i, err)
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
					return mismatchf("%d bytes do not fit into Go type %s", len(b), t)
				}
				reflect.Copy(dst, reflect.ValueOf(b))
				return nil
			}
		}
		var items []any
		if arr, ok := asNDArray(v); ok {
			l, err := arr.list()
			if err != nil {
				return mismatchf("%v", err)
			}
			items = l.Items
		} else if items, ok = itemsOf(v); !ok {
			return mismatch(v, t)
		}
		if len(items) != t.Len() {
			return mismatchf("%d items do not fit into Go type %s", len(items), t)
		}
		if err := a.enter(); err != nil {
			return err
		}
		defer a.leave()
		for i, x := range items {
			if err := elem(a, x, dst.Index(i)); err != nil {
				return at(i, err)
			}
		}
		return nil
	}
}

// entriesOf are the keys and values of a mapping. The entries of a Dict are not a copy.
func entriesOf(v any) ([]Entry, bool) {
	switch x := v.(type) {
	case *Dict:
		return x.entries, true
	case *Object:
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
			if d, ok := a.(*Dict); ok {
				return d.entries, true
			}
		}
		if s, ok := x.State(); ok {
			if d, ok := s.(*Dict); ok {
				return d.entries, true
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
				return at(entries[i].Key, err)
			}
			if !k.Comparable() {
				return at(entries[i].Key, mismatchf("%s is no key of a Go map", typeName(entries[i].Key)))
			}
			e := reflect.New(t.Elem()).Elem()
			if err := elem(a, entries[i].Value, e); err != nil {
				return at(entries[i].Key, err)
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
	case t.Elem() == emptyStructType:
		there = reflect.ValueOf(struct{}{})
	default:
		return mismatch(v, t)
	}
	var items []any
	switch s := v.(type) {
	case *Set:
		items = s.Items()
	case *FrozenSet:
		items = s.Items()
	default:
		return mismatch(v, t)
	}
	if dst.IsNil() {
		dst.Set(reflect.MakeMapWithSize(t, len(items)))
	}
	for i, x := range items {
		k := reflect.New(t.Key()).Elem()
		if err := key(a, x, k); err != nil {
			return at(i, err)
		}
		if !k.Comparable() {
			return at(i, mismatchf("%s is no key of a Go map", typeName(x)))
		}
		dst.SetMapIndex(k, there)
	}
	return nil
}

func makeStructAssigner(t reflect.Type) assignFunc {
	fields := fieldsOf(t)
	funcs := make([]assignFunc, len(fields.list))
	for i := range fields.list {
		funcs[i] = assignerFor(fields.list[i].typ)
	}
	named := func(a *assigner, entries []Entry, dst reflect.Value) error {
		for i := range entries {
			name, ok := entries[i].Key.(string)
			if !ok {
				continue
			}
			n, ok := fields.lookup(name)
			if !ok {
				continue
			}
			if err := funcs[n](a, entries[i].Value, fieldByIndex(dst, fields.list[n].index)); err != nil {
				return at(name, err)
			}
		}
		return nil
	}
	placed := func(a *assigner, v any, items []any, dst reflect.Value) error {
		if len(items) > len(fields.list) {
			return mismatchf("%s of %d items does not fit into Go type %s of %d fields", typeName(v), len(items), t, len(fields.list))
		}
		for i, x := range items {
			if err := funcs[i](a, x, fieldByIndex(dst, fields.list[i].index)); err != nil {
				return at(i, err)
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
		case *Dict:
			return named(a, x.entries, dst)
		case Tuple:
			return placed(a, v, x, dst)
		case *List:
			return placed(a, v, x.Items, dst)
		case *Object:
			if attrs, ok := x.attributes(); ok {
				return named(a, attrs, dst)
			}
			if p := x.Pairs(); p != nil {
				return named(a, p, dst)
			}
			if isReconstructor(x) {
				// A named tuple before protocol 2.
				if t, ok := onlyArg(x); ok {
					if t, ok := t.(Tuple); ok {
						return placed(a, v, t, dst)
					}
				}
			} else if x.Op != OpBuild {
				return placed(a, v, x.Args, dst)
			}
		}
		return mismatch(v, t)
	}
}

// attributes are what the states of an object set.
func (o *Object) attributes() ([]Entry, bool) {
	var all []Entry
	found := false
	for i := range o.Updates {
		u := &o.Updates[i]
		if u.Op != OpBuild && u.Op != OpReduce {
			continue
		}
		states := []any{u.Value}
		if t, ok := u.Value.(Tuple); ok && len(t) == 2 {
			states = t
		}
		for _, s := range states {
			if d, ok := s.(*Dict); ok {
				all = append(all, d.entries...)
				found = true
			}
		}
	}
	if o.Kwargs != nil {
		all = append(all, o.Kwargs.entries...)
		found = true
	}
	return all, found
}
