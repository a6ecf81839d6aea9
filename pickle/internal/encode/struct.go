package encode

// Encoding of structs: dicts of their fields, or tuples.

import (
	"math"
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
)

// fieldPlan is how a field of a struct is written.
type fieldPlan struct {
	name *fieldName
	plan *encodePlan
	op   planOp
	off  uintptr
	// via are the offsets after off, each past one more embedded pointer.
	via       []uintptr
	omitEmpty bool
}

// structPlan is how a struct is written.
type structPlan struct {
	fields []fieldPlan
	kind   uint32
	shared bool  // whether the struct has memory that a pointer can lead to
	sparse bool  // whether some fields may be left out
	names  int32 // more than the highest id of its names
}

func (b *planner) structure(p *encodePlan) {
	set := gotype.FieldsOf(p.typ)
	s := &structPlan{fields: b.fields(p.typ, set, b.plan), kind: p.kind, shared: p.typ.Size() > 0}
	for i := range s.fields {
		f := &s.fields[i]
		s.sparse = s.sparse || f.omitEmpty || f.via != nil
		s.names = max(s.names, f.name.id+1)
	}
	p.write = s.write
	if set.Tuple {
		p.write = s.tuple
	}
}

func (b *planner) fields(t reflect.Type, set *gotype.FieldSet, plan func(reflect.Type) *encodePlan) []fieldPlan {
	out := make([]fieldPlan, len(set.List))
	for i, f := range set.List {
		pl := plan(f.Type)
		out[i] = fieldPlan{name: b.name(f.Name), plan: pl, op: pl.op, omitEmpty: f.OmitEmpty}
		at, in := &out[i].off, t
		for n, x := range f.Index {
			if n > 0 && in.Kind() == reflect.Pointer {
				in = in.Elem()
				out[i].via = append(out[i].via, 0)
				at = &out[i].via[len(out[i].via)-1]
			}
			sf := in.Field(x)
			*at += sf.Offset
			in = sf.Type
		}
	}
	return out
}

// of is where the field lies in a struct, nil if a nil embedded pointer lies
// on the way.
func (f *fieldPlan) of(p unsafe.Pointer) unsafe.Pointer {
	p = unsafe.Add(p, f.off)
	for _, off := range f.via {
		p = *(*unsafe.Pointer)(p)
		if p == nil {
			return nil
		}
		p = unsafe.Add(p, off)
	}
	return p
}

func (f *fieldPlan) empty(p unsafe.Pointer) bool { return isEmpty(reflect.NewAt(f.plan.typ, p).Elem()) }

func (s *structPlan) tuple(e *encoder, p unsafe.Pointer) error {
	return e.tupleOf(len(s.fields), func(i int) error {
		f := &s.fields[i]
		if q := f.of(p); q != nil {
			return e.value(f.plan, q)
		}
		return e.save(nil)
	})
}

func (s *structPlan) write(e *encoder, p unsafe.Pointer) error {
	var slot int
	if s.shared && !e.inBox(p) {
		var seen bool
		if slot, seen = e.memo.see(pointerID(p, s.kind)); seen {
			return e.get(slot)
		}
	} else {
		slot = e.memo.count
		e.memo.count++
	}
	e.w.EmptyDict()
	if err := e.memoizeAs(slot); err != nil {
		return err
	}
	n := len(s.fields)
	if s.sparse {
		n = 0
		for i := range s.fields {
			if f := &s.fields[i]; f.of(p) != nil && !(f.omitEmpty && f.empty(f.of(p))) {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	if len(e.memo.names) < int(s.names) {
		e.memo.names = append(e.memo.names, make([]int32, int(s.names)-len(e.memo.names))...)
	}
	var err error
	switch {
	case e.plain4 && n == len(s.fields) && n > 1 && n <= wire.BatchSize:
		err = s.writeFast(e, p)
	default:
		err = s.writeFields(e, p, n)
	}
	e.depth--
	return err
}

// writeFields writes the n fields that are there, in batches as a dict's.
func (s *structPlan) writeFields(e *encoder, p unsafe.Pointer, n int) error {
	single := e.cfg.Proto == 0 || n == 1
	done := 0
	for i := range s.fields {
		f := &s.fields[i]
		q := f.of(p)
		if q == nil || f.omitEmpty && f.empty(q) {
			continue
		}
		if !single && done%wire.BatchSize == 0 {
			e.w.Op(wire.OpMark)
		}
		if err := e.fieldName(f.name); err != nil {
			return err
		}
		if err := e.value(f.plan, q); err != nil {
			return gotype.At(f.name.text, err)
		}
		done++
		if single {
			e.w.Op(wire.OpSetItem)
		} else if done%wire.BatchSize == 0 {
			e.w.Op(wire.OpSetItems)
		}
	}
	if !single {
		if done%wire.BatchSize == 0 {
			e.w.Op(wire.OpMark) // the empty batch that follows a full one
		}
		e.w.Op(wire.OpSetItems)
	}
	return nil
}

// writeFast writes 2 to BatchSize fields where nothing asks for more than the
// usual opcodes of protocol 4: see encoder.plain4. It keeps the Writer's
// buffer to itself between calls.
func (s *structPlan) writeFast(e *encoder, p unsafe.Pointer) error {
	b, limit := e.w.Take()
	b = append(b, byte(wire.OpMark))
	for i := range s.fields {
		f := &s.fields[i]
		if len(b) >= limit {
			e.w.Give(b)
			if err := e.w.Boundary(); err != nil {
				return err
			}
			b, limit = e.w.Take()
		}
		b = wire.Reserve(b)
		if slot := e.memo.names[f.name.id]; slot != 0 {
			b = wire.PutGet(b, uint32(slot-1))
		} else {
			e.w.Give(b)
			if err := e.fieldName(f.name); err != nil {
				return err
			}
			b, limit = e.w.Take()
		}
		if len(b) >= limit {
			e.w.Give(b)
			if err := e.w.Boundary(); err != nil {
				return err
			}
			b, limit = e.w.Take()
		}
		q := unsafe.Add(p, f.off)
		if f.via != nil {
			q = f.of(p)
		}
		switch f.op {
		case planInt:
			if n := *(*int)(q); int(int32(n)) == n {
				b = wire.PutInt32(wire.Reserve(b), int32(n))
				continue
			}
		case planInt64:
			if n := *(*int64)(q); int64(int32(n)) == n {
				b = wire.PutInt32(wire.Reserve(b), int32(n))
				continue
			}
		case planFloat64:
			b = wire.PutFloat(wire.Reserve(b), pythonNaN(*(*float64)(q)))
			continue
		case planBool:
			op := wire.OpNewFalse
			if *(*bool)(q) {
				op = wire.OpNewTrue
			}
			b = append(b, byte(op))
			continue
		case planString:
			if t := *(*string)(q); len(t) > 2 && len(t) < 256 {
				var ok bool
				if b, ok = e.putText(wire.Reserve(b), t, false); ok {
					continue
				}
			}
		}
		e.w.Give(b)
		if err := f.plan.write(e, q); err != nil {
			return gotype.At(f.name.text, err)
		}
		b, limit = e.w.Take()
	}
	e.w.Give(append(b, byte(wire.OpSetItems)))
	return nil
}

// fieldName writes the name of a field.
func (e *encoder) fieldName(n *fieldName) error {
	if e.cfg.PersistentID != nil {
		return e.save(n.text)
	}
	if err := e.w.Boundary(); err != nil {
		return err
	}
	if n.id == 0 {
		return e.str(n.text)
	}
	if slot := e.memo.names[n.id]; slot != 0 {
		return e.get(int(slot - 1))
	}
	if !e.cfg.Fast && e.memo.count < math.MaxInt32 {
		e.memo.names[n.id] = int32(e.memo.count + 1)
		e.memo.named = append(e.memo.named, n.id)
	}
	e.memo.count++
	if e.plain4 && n.put != nil {
		put := n.put
		if e.cfg.Fast {
			put = put[:len(put)-1]
		}
		e.w.Raw(put)
		return nil
	}
	if err := e.text(n.text); err != nil {
		return err
	}
	return e.memoizeAs(e.memo.count - 1)
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
