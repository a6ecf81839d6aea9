package typed

// Typed decoding: from the generic value to the Go value the program asked
// for. There is one function for each Go type, made once.

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// unmarshaler is pickle.Unmarshaler.
type unmarshaler interface {
	UnmarshalPickle(v any) error
}

// assigner is one typed decode.
type assigner struct {
	maxDepth int32
	depth    int32
	noCopy   bool
	// tree says that no object is in two places of the value.
	tree bool
	// made are the pointers already made for a Python object, so that shared
	// and cyclic objects become shared and cyclic pointers.
	made map[madeKey]reflect.Value
}

type madeKey struct {
	from any // a pointer
	typ  reflect.Type
}

// assignFunc stores v in dst, which can be set.
type assignFunc func(a *assigner, v any, dst reflect.Value) error

func (a *assigner) assign(dst any, v any) error {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return &wire.Error{Kind: wire.ErrType, Offset: -1, Msg: fmt.Sprintf("the target is %T, not a pointer to a variable", dst)}
	}
	return assignerFor(p.Type().Elem())(a, v, p.Elem())
}

func (a *assigner) enter() error {
	a.depth++
	if a.depth > a.maxDepth {
		return &gotype.Error{Kind: wire.ErrLimit, Msg: fmt.Sprintf("values nest deeper than %d levels (Limits.MaxDepth), or contain themselves", a.maxDepth)}
	}
	return nil
}

func (a *assigner) leave() { a.depth-- }

var assigners sync.Map // reflect.Type to assignFunc

// assignerFor is the function for a type, from the cache. A type that
// contains itself finds a stand-in while its function is being made.
func assignerFor(t reflect.Type) assignFunc {
	if f, ok := assigners.Load(t); ok {
		return f.(assignFunc)
	}
	var (
		ready sync.WaitGroup
		made  assignFunc
	)
	ready.Add(1)
	standIn, loaded := assigners.LoadOrStore(t, assignFunc(func(a *assigner, v any, dst reflect.Value) error {
		ready.Wait()
		return made(a, v, dst)
	}))
	if loaded {
		return standIn.(assignFunc)
	}
	made = makeAssigner(t)
	ready.Done()
	assigners.Store(t, made)
	return made
}

var (
	unmarshalerType     = reflect.TypeFor[unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func makeAssigner(t reflect.Type) assignFunc {
	if t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(unmarshalerType) {
		return assignUnmarshaler
	}
	switch t {
	case gotype.BigIntType:
		return assignBigInt
	case gotype.BigRatType:
		return assignBigRat
	case gotype.BigFloatType:
		return assignBigFloat
	case gotype.TimeType:
		return assignTime
	case gotype.DurationType:
		return assignDuration
	}
	return direct(t, makeKindAssigner(t))
}

// direct stores values that have the type already, such as a *List, or what
// a constructor returned, before it tries anything else.
func direct(t reflect.Type, otherwise assignFunc) assignFunc {
	switch t.Kind() {
	case reflect.Bool, reflect.Int64, reflect.Float64, reflect.String:
		if t.PkgPath() == "" {
			return otherwise // as fast without
		}
	case reflect.Pointer:
		if t.Elem().Kind() != reflect.Struct {
			return otherwise
		}
	}
	return func(a *assigner, v any, dst reflect.Value) error {
		if v != nil && reflect.TypeOf(v) == t {
			dst.Set(reflect.ValueOf(v))
			return nil
		}
		return otherwise(a, v, dst)
	}
}

func makeKindAssigner(t reflect.Type) assignFunc {
	switch t.Kind() {
	case reflect.Interface:
		return makeInterfaceAssigner(t)
	case reflect.Pointer:
		return makePointerAssigner(t)
	}
	f := makeValueAssigner(t)
	if reflect.PointerTo(t).Implements(textUnmarshalerType) {
		return textFirst(f)
	}
	return f
}

func makeValueAssigner(t reflect.Type) assignFunc {
	switch t.Kind() {
	case reflect.Bool:
		return assignBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return assignInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return assignUint
	case reflect.Float32, reflect.Float64:
		return assignFloat
	case reflect.Complex64, reflect.Complex128:
		return assignComplex
	case reflect.String:
		return assignString
	case reflect.Slice:
		return makeSliceAssigner(t)
	case reflect.Array:
		return makeArrayAssigner(t)
	case reflect.Map:
		return makeMapAssigner(t)
	case reflect.Struct:
		return makeStructAssigner(t)
	}
	return func(_ *assigner, v any, _ reflect.Value) error {
		return gotype.Mismatchf("Go type %s cannot hold a Python value", t)
	}
}

func assignUnmarshaler(_ *assigner, v any, dst reflect.Value) error {
	err := dst.Addr().Interface().(unmarshaler).UnmarshalPickle(v)
	if err == nil {
		return nil
	}
	var pe *wire.Error
	if errors.As(err, &pe) && pe.Kind == wire.ErrType {
		return &gotype.Error{Kind: wire.ErrType, Msg: pe.Msg, Err: err}
	}
	return &gotype.Error{Kind: wire.ErrProgram, Msg: err.Error(), Err: err}
}

// textFirst gives strings, and what Python makes of one string such as a
// Decimal, to a type that reads text.
func textFirst(otherwise assignFunc) assignFunc {
	return func(a *assigner, v any, dst reflect.Value) error {
		s, ok := v.(string)
		if !ok {
			if x, one := onlyArg(v); one {
				s, ok = x.(string)
			}
		}
		if !ok {
			return otherwise(a, v, dst)
		}
		if err := dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
			return &gotype.Error{Kind: wire.ErrProgram, Msg: err.Error(), Err: err}
		}
		return nil
	}
}

func makeInterfaceAssigner(t reflect.Type) assignFunc {
	return func(a *assigner, v any, dst reflect.Value) error {
		// A pointer that is already there is followed, as encoding/json does.
		if e := dst.Elem(); e.Kind() == reflect.Pointer && !e.IsNil() && v != nil && !e.Type().AssignableTo(reflect.TypeOf(v)) && dst.NumMethod() == 0 {
			if _, generic := e.Interface().(interface{ Len() int }); !generic {
				return assignerFor(e.Type().Elem())(a, v, e.Elem())
			}
		}
		if v == nil {
			dst.SetZero()
			return nil
		}
		rv := reflect.ValueOf(v)
		if !rv.Type().AssignableTo(t) {
			return gotype.Mismatch(v, t)
		}
		dst.Set(rv)
		return nil
	}
}

func makePointerAssigner(t reflect.Type) assignFunc {
	elem := assignerFor(t.Elem())
	return func(a *assigner, v any, dst reflect.Value) error {
		if v == nil {
			dst.SetZero()
			return nil
		}
		if a.tree || !value.HasIdentity(v) {
			if dst.IsNil() {
				dst.Set(reflect.New(t.Elem()))
			}
			return elem(a, v, dst.Elem())
		}
		key := madeKey{v, t}
		if p, ok := a.made[key]; ok {
			dst.Set(p)
			return nil
		}
		if dst.IsNil() {
			dst.Set(reflect.New(t.Elem()))
		}
		if a.made == nil {
			a.made = map[madeKey]reflect.Value{}
		}
		p := reflect.New(t).Elem()
		p.Set(dst)
		a.made[key] = p
		return elem(a, v, dst.Elem())
	}
}

// onlyArg is the argument of an object that is made of one and nothing else: an
// Enum member, a Decimal, an instance of a subclass of int.
func onlyArg(v any) (any, bool) {
	o, ok := v.(*value.Object)
	if !ok || o.Op == wire.OpBuild {
		return nil, false
	}
	if g, ok := o.Func.(value.Global); ok && g.Module == "builtins" {
		return nil, false
	}
	switch {
	case len(o.Args) == 1:
		return o.Args[0], true
	case len(o.Args) == 3 && IsReconstructor(o):
		return o.Args[2], true
	}
	return nil, false
}

func IsReconstructor(o *value.Object) bool {
	return o.Func == any(value.Global{Module: "copyreg", Name: "_reconstructor"})
}
