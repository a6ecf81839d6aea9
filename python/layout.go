package python

import "fmt"

// A layout says where CPython keeps the fields that the pickler reads straight
// from memory. Offsets are bytes from the start of the object.
//
// Layouts differ between minor versions and are no API: they are used only
// after the probes in probe.go have checked each of them on objects of known
// content, in the interpreter that is running.
type layout struct {
	intTag bool // from 3.12 an int's size and sign are one tagged word

	strASCII   uintptr // data of a compact ASCII string
	strCompact uintptr // data of a compact non-ASCII string
	strUTF8Len uintptr // cached UTF-8 of a non-ASCII string, length then pointer
	strUTF8    uintptr

	tupleItems uintptr

	dictLog2     bool    // from 3.11 the keys object stores log2 sizes and a kind
	dictInline   bool    // from 3.13 dict values start with four bytes of counts
	functionAnno uintptr // function's lazy annotate function (3.14), else 0

	functionTypeParams uintptr // function's type parameters (3.12), else 0

	typeVersionTag uintptr
	typeName       uintptr // of a heap type; the probe finds it, __qualname__ is two words on
	codeFields     codeLayout
}

// fast is true while fields are read from memory; false on the portable path.
var fast bool

// current is the layout in use. Its fields mean something only while fast.
var current layout

// Offsets that have been the same from 3.10 to 3.14. The probes check them too.
const (
	offSize = 16 // PyVarObject.ob_size

	offFloatValue     = 16
	offIntDigits      = 24
	offIntSize        = 16 // ob_size, or lv_tag from 3.12
	offStrLength      = 16
	offStrState       = 32 // bit field: interned 2 bits, kind 3, compact, ascii
	strKindBit        = 2
	offBytesData      = 32
	offByteArrayStart = 40 // char *ob_start; NULL in an empty one
	offListItems      = 24 // PyObject **ob_item
	offCellRef        = 16
	offModuleDict     = 16

	offWeakrefObject = 16
	offMethodSelf    = 24
	offMethodDef     = 16 // PyMethodDef * of a builtin function, which starts with its name

	offDictUsed   = 16
	offDictKeys   = 32
	offDictValues = 40

	offSetUsed  = 24
	offSetMask  = 32
	offSetTable = 40

	offFunctionGlobals     = 16
	offFunctionName        = 32
	offFunctionQualname    = 40
	offFunctionCode        = 48
	offFunctionDefaults    = 56
	offFunctionKwdefaults  = 64
	offFunctionClosure     = 72
	offFunctionDoc         = 80
	offFunctionDict        = 88
	offFunctionModule      = 104
	offFunctionAnnotations = 112

	offTypeNameText   = 24 // const char *tp_name
	offTypeName       = 24 // the first field after PyVarObject, in every version
	offTypeBasicsize  = 32
	offTypeItemsize   = 40
	offTypeCall       = 128
	offTypeGetattro   = 144
	offTypeFlags      = 168
	offTypeDict       = 264
	offTypeDictoffset = 288
	offTypeNew        = 312
	offTypeBases      = 336
	offTypeMRO        = 344
)

// layoutFor gives the layout of a CPython minor version, or an error for one
// that this engine was not written for.
func layoutFor(minor int) (layout, error) {
	l := layout{
		strASCII:       48,
		strCompact:     72,
		strUTF8Len:     48,
		strUTF8:        56,
		tupleItems:     24,
		typeVersionTag: 384,
	}
	switch {
	case minor < 10 || minor > 14:
		return l, fmt.Errorf("no layout is known for CPython 3.%d", minor)
	case minor >= 11:
		l.dictLog2 = true
	}
	if minor >= 12 {
		l.intTag = true
		l.strASCII = 40 // PEP 623 removed wstr
		l.strCompact = 56
		l.strUTF8Len = 40
		l.strUTF8 = 48
		l.functionTypeParams = 120
	}
	if minor >= 13 {
		l.dictInline = true
	}
	if minor >= 14 {
		l.tupleItems = 32 // ob_hash came before the items
		l.functionAnno = 120
		l.functionTypeParams = 128
	}
	l.codeFields = codeLayoutFor(minor)
	return l, nil
}
