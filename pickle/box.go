//go:build !pickle_safe

package pickle

// Boxing: making an interface value without one allocation for each. Values
// are laid out in slabs and the interface points into the slab. This relies
// on the layout of an empty interface, a type word and a data word; the tag
// pickle_safe selects the portable twin of this file.

import (
	"reflect"
	"unsafe"
)

type eface struct {
	typ, data unsafe.Pointer
}

func typeWord(v any) unsafe.Pointer { return (*eface)(unsafe.Pointer(&v)).typ }

var (
	intWord    = typeWord(int64(0))
	floatWord  = typeWord(float64(0))
	stringWord = typeWord("")
	bytesWord  = typeWord(Bytes(""))
	tupleWord  = typeWord(Tuple(nil))
)

func intAny(p *int64) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{intWord, unsafe.Pointer(p)}
	return v
}

func floatAny(p *float64) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{floatWord, unsafe.Pointer(p)}
	return v
}

func stringAny(p *string) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{stringWord, unsafe.Pointer(p)}
	return v
}

func bytesAny(p *string) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{bytesWord, unsafe.Pointer(p)}
	return v
}

func tupleAny(p *Tuple) (v any) {
	*(*eface)(unsafe.Pointer(&v)) = eface{tupleWord, unsafe.Pointer(p)}
	return v
}

// sameBox reports whether two interface values are the same word for word,
// which makes them equal without a look at what they hold.
func sameBox(a, b *any) bool {
	return *(*eface)(unsafe.Pointer(a)) == *(*eface)(unsafe.Pointer(b))
}

// viewString makes a string of bytes that nobody will change.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// boxOf is the address of the value in an interface. Nothing may be written there.
func boxOf(v any, rv reflect.Value) unsafe.Pointer {
	switch k := rv.Kind(); {
	case k == reflect.Map, k == reflect.Pointer, k == reflect.Func, k == reflect.Chan, k == reflect.UnsafePointer,
		rv.Type().Size() == unsafe.Sizeof(uintptr(0)) && (k == reflect.Struct || k == reflect.Array):
		return copyOf(rv) // the data word is, or may be, the value itself
	}
	return (*eface)(unsafe.Pointer(&v)).data
}
