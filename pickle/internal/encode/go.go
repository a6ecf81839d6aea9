package encode

// Encoding of Go's own containers: slices, arrays, maps and structs.

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// anySlice writes a []any, a list like any other slice.
func (e *encoder) anySlice(s []any) error {
	return atomItems(e, s, kindAnys, writeAnys)
}

// emptyList writes a list that no other place refers to.
func (e *encoder) emptyList() error {
	e.w.EmptyList()
	e.memo.count++
	return e.memoizeAs(e.memo.count - 1)
}

func (e *encoder) byteSlice(b []byte) error {
	if b == nil {
		e.w.Op(wire.OpNone)
		return nil
	}
	if len(b) > 0 {
		if slot, ok := e.memo.get(bytesID(unsafe.String(unsafe.SliceData(b), len(b)))); ok {
			return e.get(slot)
		}
	}
	out, err := e.outOfBand(b, e.cfg.BufferMin)
	if err != nil {
		return &gotype.Error{Kind: wire.ErrProgram, Msg: err.Error(), Err: err}
	}
	if out {
		e.w.Op2(wire.OpNextBuffer, wire.OpReadonlyBuffer)
		return nil
	}
	return e.bytes(unsafe.String(unsafe.SliceData(b), len(b)))
}

func (b *planner) slice(p *encodePlan) {
	elem := b.plan(p.typ.Elem())
	if elem.typ.Kind() == reflect.Uint8 {
		p.write = func(e *encoder, p unsafe.Pointer) error { return e.byteSlice(*(*[]byte)(p)) }
		return
	}
	switch {
	case p.typ == reflect.TypeFor[[]any]():
		p.write = atomItemsOf(kindAnys, writeAnys)
		return
	case elem.op == planString:
		p.write = atomItemsOf(sliceKind[[]string](p, kindStrings), writeStrings)
		return
	case elem.op == planFloat64:
		p.write = atomItemsOf(sliceKind[[]float64](p, kindFloats), writeFloats)
		return
	case elem.op == planInt:
		p.write = atomItemsOf(sliceKind[[]int](p, kindInts), writeInts[int])
		return
	case elem.op == planInt64:
		p.write = atomItemsOf(sliceKind[[]int64](p, kindInt64s), writeInts[int64])
		return
	}
	size := elem.typ.Size()
	p.write = func(e *encoder, q unsafe.Pointer) error {
		// The header of any slice: where it is, and how many items.
		s := *(*[]struct{})(q)
		base := unsafe.Pointer(unsafe.SliceData(s))
		if base == nil {
			e.w.Op(wire.OpNone)
			return nil
		}
		if len(s) == 0 {
			return e.emptyList()
		}
		slot, seen := e.memo.see(sliceID(base, len(s), p.kind))
		if seen {
			return e.get(slot)
		}
		e.w.EmptyList()
		if err := e.memoizeAs(slot); err != nil {
			return err
		}
		return e.array(elem, base, len(s), size)
	}
}

// sliceKind is the kind of a slice type that foreign knows without its plan.
func sliceKind[T any](p *encodePlan, kind uint32) uint32 {
	if p.typ == reflect.TypeFor[T]() {
		return kind
	}
	return p.kind
}

func atomItemsOf[T any](kind uint32, write func(e *encoder, s []T) error) encodeFunc {
	return func(e *encoder, p unsafe.Pointer) error { return atomItems(e, *(*[]T)(p), kind, write) }
}

func (b *planner) array(p *encodePlan) {
	n := p.typ.Len()
	elem := b.plan(p.typ.Elem())
	if elem.typ.Kind() == reflect.Uint8 {
		p.write = func(e *encoder, p unsafe.Pointer) error {
			s := value.Bytes(unsafe.Slice((*byte)(p), n))
			e.hold(s)
			return e.bytes(string(s))
		}
		return
	}
	size := elem.typ.Size()
	p.write = func(e *encoder, p unsafe.Pointer) error {
		if err := e.emptyList(); err != nil {
			return err
		}
		return e.array(elem, p, n, size)
	}
}

// array writes values that lie side by side into the list on the stack.
func (e *encoder) array(elem *encodePlan, base unsafe.Pointer, n int, size uintptr) error {
	return e.items(n, func(i int) error { return e.value(elem, unsafe.Add(base, uintptr(i)*size)) })
}

func (e *encoder) stringMap(m map[string]any) error {
	if m == nil {
		e.w.Op(wire.OpNone)
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
			return gotype.At(keys[i], err)
		}
		if err := e.save(m[keys[i]]); err != nil {
			return gotype.At(keys[i], err)
		}
		return nil
	})
}
