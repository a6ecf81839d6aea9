package encode

// Values in interfaces, for encoders that go by address.

import (
	"reflect"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/mem"
)

// boxOf is the address of the value in an interface. Nothing may be written there.
func boxOf(v any, rv reflect.Value) unsafe.Pointer {
	switch k := rv.Kind(); {
	case k == reflect.Map, k == reflect.Pointer, k == reflect.Func, k == reflect.Chan, k == reflect.UnsafePointer,
		rv.Type().Size() == unsafe.Sizeof(uintptr(0)) && (k == reflect.Struct || k == reflect.Array):
		return copyOf(rv) // the data word is, or may be, the value itself
	}
	return mem.DataWord(v)
}

// copyOf is the address of a copy of a value.
func copyOf(rv reflect.Value) unsafe.Pointer {
	p := reflect.New(rv.Type())
	p.Elem().Set(rv)
	return p.UnsafePointer()
}
