package typed

// Plans: what a Go type takes straight from the stream, worked out once for
// each type that Unmarshal is called with.

import (
	"reflect"
	"sync"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/gotype"
	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

// intoKind is how values of a type are read.
type intoKind uint8

const (
	// intoGeneric is everything that takes more than a look at the opcodes:
	// the value is decoded by the machine and then assigned.
	intoGeneric intoKind = iota
	intoBool
	intoInt
	intoUint
	intoFloat
	intoString
	intoBytes
	intoOctets // [N]byte
	intoSlice
	intoArray
	intoMap
	intoStruct
	intoPointer
)

// decPlan is how one Go type is read.
type decPlan struct {
	kind intoKind
	// id is the number of the plan in its program.
	id  int
	typ reflect.Type
	// size is the size of a value, count the length of an array.
	size  uintptr
	count int
	// elem is what a slice, an array, a map or a pointer has in it.
	elem, key *decPlan
	// piece is the type of slices of elem, for pointers.
	piece reflect.Type
	// fields are those of a struct, in the order of fieldSet.list.
	fields []decField
	names  *gotype.FieldSet
	// assign is the way around: from a generic value.
	assign assignFunc
}

type decField struct {
	name   string
	offset uintptr
	plan   *decPlan
}

// decProgram is a plan with all those below it.
type decProgram struct {
	root  *decPlan
	plans int
}

// maxDecFields is how many fields a struct can have: one bit of a word for each.
const maxDecFields = 64

var decPrograms sync.Map // reflect.Type to *decProgram

// ProgramFor is the program of a type, or nil where there is nothing to gain.
func ProgramFor(t reflect.Type) *decProgram {
	if p, ok := decPrograms.Load(t); ok {
		return p.(*decProgram)
	}
	b := decPlanBuilder{plans: map[reflect.Type]*decPlan{}}
	p := &decProgram{root: b.plan(t)}
	p.plans = len(b.plans)
	if p.root.kind == intoGeneric {
		p = nil
	}
	stored, _ := decPrograms.LoadOrStore(t, p)
	return stored.(*decProgram)
}

type decPlanBuilder struct {
	plans map[reflect.Type]*decPlan
}

// generics are the types that take what Load returns as it is.
var generics = map[reflect.Type]bool{
	reflect.TypeFor[value.List](): true, reflect.TypeFor[value.Tuple](): true, reflect.TypeFor[value.Bytes](): true,
	reflect.TypeFor[value.ByteArray](): true, reflect.TypeFor[value.Dict](): true, reflect.TypeFor[value.Set](): true,
	reflect.TypeFor[value.FrozenSet](): true, reflect.TypeFor[value.Global](): true, reflect.TypeFor[value.Object](): true,
	reflect.TypeFor[value.Buffer](): true, reflect.TypeFor[value.PersistentID](): true, reflect.TypeFor[value.Extension](): true,
	gotype.BigIntType: true, gotype.BigRatType: true, gotype.BigFloatType: true, gotype.TimeType: true, gotype.DurationType: true,
}

func (b *decPlanBuilder) plan(t reflect.Type) *decPlan {
	if p, ok := b.plans[t]; ok {
		return p
	}
	p := &decPlan{id: len(b.plans), typ: t, size: t.Size(), assign: assignerFor(t)}
	b.plans[t] = p
	if generics[t] {
		return p
	}
	if t.Kind() != reflect.Pointer && (reflect.PointerTo(t).Implements(unmarshalerType) || reflect.PointerTo(t).Implements(textUnmarshalerType)) {
		return p
	}
	// The kind is set last: a type that contains itself must not take its
	// own unfinished plan for one that is not generic.
	switch t.Kind() {
	case reflect.Bool:
		p.kind = intoBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.kind = intoInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.kind = intoUint
	case reflect.Float32, reflect.Float64:
		p.kind = intoFloat
	case reflect.String:
		p.kind = intoString
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			p.kind = intoBytes
			break
		}
		p.elem = b.plan(t.Elem())
		p.kind = intoSlice
	case reflect.Array:
		p.count = t.Len()
		if t.Elem().Kind() == reflect.Uint8 {
			p.kind = intoOctets
			break
		}
		p.elem = b.plan(t.Elem())
		p.kind = intoArray
	case reflect.Map:
		p.key, p.elem = b.plan(t.Key()), b.plan(t.Elem())
		switch p.key.kind {
		case intoBool, intoInt, intoUint, intoFloat, intoString:
			p.kind = intoMap
		}
	case reflect.Struct:
		b.structFields(p)
	case reflect.Pointer:
		p.elem = b.plan(t.Elem())
		p.piece = reflect.SliceOf(t.Elem())
		// A pointer to a pointer is a matter of identity at two levels.
		if t.Elem().Kind() != reflect.Pointer && !generics[t.Elem()] {
			p.kind = intoPointer
		}
	}
	return p
}

func (b *decPlanBuilder) structFields(p *decPlan) {
	set := gotype.FieldsOf(p.typ)
	if len(set.List) > maxDecFields {
		return
	}
	fields := make([]decField, len(set.List))
	for i, f := range set.List {
		offset, ok := fieldOffset(p.typ, f.Index)
		if !ok || !utf8.ValidString(f.Name) {
			return
		}
		fields[i] = decField{f.Name, offset, b.plan(f.Type)}
	}
	p.fields, p.names, p.kind = fields, set, intoStruct
}

// fieldOffset is the place of a field in a struct, unless there are embedded pointers on the way.
func fieldOffset(t reflect.Type, index []int) (uintptr, bool) {
	var offset uintptr
	for _, i := range index {
		if t.Kind() != reflect.Struct {
			return 0, false
		}
		f := t.Field(i)
		offset += f.Offset
		t = f.Type
	}
	return offset, true
}
