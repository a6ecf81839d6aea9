//go:build pickle_safe

package pickle

import (
	"reflect"
	"unsafe"
)

// The portable twin of box.go: the language's own interface conversions.

func intAny(p *int64) any     { return *p }
func floatAny(p *float64) any { return *p }
func stringAny(p *string) any { return *p }
func bytesAny(p *string) any  { return Bytes(*p) }
func tupleAny(p *Tuple) any   { return *p }

func sameBox(a, b *any) bool { return false }

func viewString(b []byte) string { return string(b) }

func boxOf(_ any, rv reflect.Value) unsafe.Pointer { return copyOf(rv) }
