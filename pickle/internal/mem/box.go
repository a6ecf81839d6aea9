package mem

// Boxing: making an interface value without one allocation for each. Values
// are laid out in slabs and the interface points into the slab. This relies
// on the layout of an empty interface, a type word and a data word
// (runtime/runtime2.go, eface).

import (
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/value"
)

type eface struct {
	typ, data unsafe.Pointer
}

func typeWord(v any) unsafe.Pointer { return (*eface)(unsafe.Pointer(&v)).typ }

var (
	intWord    = typeWord(int64(0))
	floatWord  = typeWord(float64(0))
	stringWord = typeWord("")
	bytesWord  = typeWord(value.Bytes(""))
	tupleWord  = typeWord(value.Tuple(nil))
)

func IntAny(p *int64) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{intWord, unsafe.Pointer(p)}
	return v
}

func FloatAny(p *float64) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{floatWord, unsafe.Pointer(p)}
	return v
}

func StringAny(p *string) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{stringWord, unsafe.Pointer(p)}
	return v
}

func BytesAny(p *string) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{bytesWord, unsafe.Pointer(p)}
	return v
}

func tupleAny(p *value.Tuple) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{tupleWord, unsafe.Pointer(p)}
	return v
}

// SameBox reports whether two interface values are the same word for word,
// which makes them equal without a look at what they hold.
func SameBox(a, b *any) bool {
	return *(*eface)(unsafe.Pointer(a)) == *(*eface)(unsafe.Pointer(b))
}

// ViewString makes a string of bytes that nobody will change.
func ViewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// DataWord is the address of a value in an interface, or the value itself where
// that is a pointer.
func DataWord(v any) unsafe.Pointer { return (*eface)(unsafe.Pointer(&v)).data }
