package python

/*
#include <stdlib.h>
#include "shims.h"
static void *run(const char *source) {
    PyObject *ns = py.PyDict_New(), *code = NULL, *done = NULL;
    if (ns && py.PyDict_SetItem(ns, py.PyUnicode_InternFromString("__builtins__"), py.PyEval_GetBuiltins()) == 0)
        code = py.Py_CompileString(source, "<gocloudpickle probe>", 257);
    if (code)
        done = py.PyEval_EvalCode(code, ns, ns);
    if (code)
        py.Py_DecRef(code);
    if (!done) {
        if (ns)
            py.Py_DecRef(ns);
        return NULL;
    }
    py.Py_DecRef(done);
    return ns;
}
*/
import "C"

import (
	"fmt"
	"math/big"
	"strings"
	"unsafe"
)

// probeSource makes objects of known content, one list of them for each reader.
// It must be cheap: it runs once at import.
const probeSource = `
import sys
from _weakref import ref
def function(a, /, b: int = 1, *c, d=2, **e) -> None:
    "doc"
    g = lambda: (b, function)
    return g
function.attribute = 1
def plain(): pass
def generic(): pass
if sys.version_info >= (3, 12): generic.__type_params__ = sys, ref
def closure():
    x = y = 1
    return lambda: (x, y)
class Base: pass
class Class(Base):
    def __init__(self): self.a, self.b = 1, 2
class Slots:
    __slots__ = "x"
slotted = Slots()
class Meta(type):
    def __getattribute__(cls, name): return type.__getattribute__(cls, name)
class Odd(metaclass=Meta): pass
weak = ref(Class)
repr = repr
append = [].append
Class.__qualname__ = 'Outer.Class'
first, second = Class(), Class()
second.b = second.c = 3
del first.a
first.a = 4
untouched = Base()
gap = {1: 2, 3: 4, 'five': 6}
del gap[3]
gap[7] = 8
slotted.x = gap
chopped = bytearray(b'abc' * 100)
del chopped[:3]
big = {str(i): i for i in range(300)}
samples = {
    'int': [0, 1, -1, 255, 2**29, -2**30, 2**45, -2**59, 2**60, -2**61, 2**200, -2**300],
    'float': [0.0, -1.5, 1e300],
    'str': ['', 'a', 'abc', 'caf\xe9', '\u20ac\u20ac', '\U0001f40d', 'x\ud800', sys.intern('interned')],
    'bytes': [b'', b'a', b'abc' * 100],
    'bytearray': [bytearray(), bytearray(b'a'), chopped],
    'tuple': [(), (1,), (1, 'b', None)],
    'list': [[], [1], [1, 'b', None]],
    'dict': [{}, {'a': 1, 'b': 2}, {1: 2}, gap, big, dict.fromkeys(range(70000)), first.__dict__, second.__dict__],
    'set': [set(), {1, 'a'}, frozenset(range(50))],
    'function': [function, plain, closure(), Class.__init__, generic],
    'code': [function.__code__, plain.__code__, closure.__code__, closure().__code__],
    'cell': list(closure().__closure__),
    'module': [sys],
    'type': [Base, Class, Slots, int, object, type, ValueError],
}
samples['set'][0].discard(1)
plain_meta = [(Class, True), (Odd, False)]
`

// probe compares what the layout l reads from sample objects with what the C
// API says of them. It leaves the portable path on.
//
// A wrong offset shows as a difference here, before any user's object is read.
func probe(l *layout) error {
	source := C.CString(probeSource)
	defer C.free(unsafe.Pointer(source))
	ns := Object{C.run(source)}
	if ns.IsNil() {
		return fmt.Errorf("the layout probe's sample objects could not be made")
	}
	// Its functions and it refer to each other: the samples, of which one is large,
	// would live until the next garbage collection.
	defer func() {
		clear := Intern("clear")
		if done := CallMethod0(ns, clear); done.IsNil() {
			ClearError()
		} else {
			done.DecRef()
		}
		clear.DecRef()
		ns.DecRef()
	}()
	if debug := lookupProbe(Modules(), "sys"); !debug.IsNil() {
		if o, _ := LookupAttr(debug, Intern("gettotalrefcount")); !o.IsNil() {
			return fmt.Errorf("this is a debug build of CPython")
		}
	}
	samples := lookupProbe(ns, "samples")
	for _, kind := range []string{
		"int", "float", "str", "bytes", "bytearray", "tuple", "list", "dict", "set",
		"type", "code", "function", "cell", "module",
	} {
		list := lookupProbe(samples, kind)
		for i := range ListSize(list) {
			o := ListItem(list, i)
			want := describe(kind, o)
			use(*l)
			got := describe(kind, o)
			fast = false
			if got != want {
				return fmt.Errorf("the layout of CPython %s differs from the one known for 3.%d: %s number %d",
					version, minorVersion, kind, i)
			}
		}
	}
	return probeTypes(l, ns)
}

// describe says what is in o in words that both paths must agree on.
func describe(kind string, o Object) string {
	var s strings.Builder
	switch kind {
	case "int":
		describeInt(&s, o)
	case "float":
		fmt.Fprint(&s, Float(o))
	case "str":
		describeStr(&s, o)
	case "bytes":
		fmt.Fprint(&s, Bytes(o))
	case "bytearray":
		fmt.Fprint(&s, ByteArray(o))
	case "tuple":
		for i := range TupleSize(o) {
			fmt.Fprint(&s, TupleItem(o, i).Addr(), " ")
		}
	case "list":
		for i := range ListSize(o) {
			fmt.Fprint(&s, ListItem(o, i).Addr(), " ")
		}
	case "dict":
		describeDict(&s, o)
	case "set":
		it, _ := IterSet(o)
		for {
			item, _ := it.Next()
			if item.IsNil() {
				break
			}
			fmt.Fprint(&s, item.Addr(), " ")
		}
		it.Close()
		fmt.Fprint(&s, SetSize(o))
	case "cell":
		c := CellContents(o)
		fmt.Fprint(&s, c.Addr())
		c.XDecRef()
	case "module":
		fmt.Fprint(&s, ModuleDict(o).Addr())
	case "function":
		describeFunction(&s, o)
	case "code":
		describeCode(&s, o)
	case "type":
		fmt.Fprint(&s, typeFlags(o)&(flagHeapType|flagListSubclass|flagTypeSubclass))
	}
	return s.String()
}

// describeInt says the value: in the interpreter's words, or in ours.
func describeInt(s *strings.Builder, o Object) {
	digits, negative, ok := IntDigits(o)
	if !ok {
		text := Repr(o)
		fmt.Fprint(s, String(text))
		text.XDecRef()
		return
	}
	value := new(big.Int)
	for i := len(digits) - 1; i >= 0; i-- {
		value.Lsh(value, digitBits)
		value.Or(value, big.NewInt(int64(digits[i])))
	}
	if negative {
		value.Neg(value)
	}
	fmt.Fprint(s, value)
	if small, ok := IntSmall(o); ok && value.Cmp(big.NewInt(small)) != 0 {
		fmt.Fprint(s, " or ", small)
	}
}

// describeStr says what strData must answer, and on the layout path what it
// does: its readers fall back on the C API where it finds no compact string.
func describeStr(s *strings.Builder, o Object) {
	b, _ := AppendUTF8(nil, o)
	points, _ := Runes(o)
	want := 1
	ascii := true
	for _, p := range points {
		ascii = ascii && p < 1<<7
		switch {
		case p >= 1<<16:
			want = 4
		case p >= 1<<8:
			want = max(want, 2)
		}
	}
	kind, isASCII, ok := want, ascii, true
	if fast {
		kind, isASCII, _, ok = strData(o)
	}
	fmt.Fprint(s, StrLength(o), b, kind, isASCII, ok)
}

func describeDict(s *strings.Builder, d Object) {
	it := IterDict(d)
	for n := 0; ; n++ {
		k, v, ok := it.Next()
		if !ok {
			break
		}
		if n < 400 {
			fmt.Fprint(s, k.Addr(), ":", v.Addr(), " ")
		}
		if k.Type() == StrType {
			found, _ := DictGetStr(d, k)
			fmt.Fprint(s, found == v, " ")
		}
	}
	fmt.Fprint(s, DictSize(d))
}

func describeFunction(s *strings.Builder, f Object) {
	var ff FunctionFields
	if err := ReadFunction(f, &ff); err != nil {
		fmt.Fprint(s, "error")
		return
	}
	for _, o := range []Object{
		ff.Code, ff.Globals, ff.Name, ff.Qualname, ff.Module, ff.Doc, ff.Defaults, ff.Kwdefaults, ff.Closure,
	} {
		fmt.Fprint(s, o.Addr(), " ")
	}
	for _, d := range []Object{ff.Annotations, ff.Dict} {
		n := 0
		if !d.IsNil() {
			n = DictSize(d)
		}
		fmt.Fprint(s, n, " ")
	}
	ff.Release()
	params, err := FunctionTypeParams(f)
	fmt.Fprint(s, params.Addr(), err)
	params.XDecRef()
}

func describeCode(s *strings.Builder, o Object) {
	var cf CodeFields
	if err := ReadCode(o, &cf); err != nil {
		fmt.Fprint(s, "error")
		return
	}
	fmt.Fprint(s, cf.Argcount, cf.Posonlyargcount, cf.Kwonlyargcount, cf.Nlocals, cf.Stacksize, cf.Flags,
		cf.Firstlineno, Bytes(cf.Code), cf.Consts.Addr(), cf.Names.Addr(), cf.Filename.Addr(),
		cf.Name.Addr(), cf.Qualname.Addr(), Bytes(cf.Linetable))
	if !cf.ExceptionTable.IsNil() {
		fmt.Fprint(s, Bytes(cf.ExceptionTable))
	}
	for _, kind := range []byte{LocalVar, LocalCell, LocalFree} {
		if t := cf.LocalsTuple(kind); !t.IsNil() {
			for i := range TupleSize(t) {
				fmt.Fprint(s, " ", TupleItem(t, i).Addr())
			}
		} else {
			for name, i := cf.NextLocal(kind, 0); !name.IsNil(); name, i = cf.NextLocal(kind, i+1) {
				fmt.Fprint(s, " ", name.Addr())
			}
		}
		fmt.Fprint(s, "|")
	}
	cf.Release()
}

// probeTypes checks what only the layout path can tell about classes.
func probeTypes(l *layout, ns Object) error {
	use(*l)
	defer func() { *l, fast = current, false }() // with what the probe has found
	class, base := lookupProbe(ns, "Class"), lookupProbe(ns, "Base")
	mro := MRO(class)
	if mro.Type() != TupleType || TupleSize(mro) != 3 || TupleItem(mro, 1) != base {
		return fmt.Errorf("the layout probe could not read a class's __mro__")
	}
	d, err := TypeDict(class)
	if err != nil || d.Type() != DictType {
		return fmt.Errorf("the layout probe could not read a class's __dict__")
	}
	defer d.DecRef()
	init := Intern("__init__")
	defer init.DecRef()
	if f, _ := DictGetStr(d, init); f.IsNil() || f.Type() != FunctionType {
		return fmt.Errorf("the layout probe could not find a method in a class")
	}
	if !DefaultMetaclass(class.Type()) || DefaultMetaclass(lookupProbe(ns, "Odd").Type()) {
		return fmt.Errorf("the layout probe could not read tp_getattro")
	}
	if !DefaultGetattr(class) || !HasDict(class) || HasDict(lookupProbe(ns, "Slots")) {
		return fmt.Errorf("the layout probe could not read how a class stores attributes")
	}
	if err := probeNames(class, base); err != nil {
		return err
	}
	for _, o := range []Object{class, lookupProbe(ns, "plain"), lookupProbe(ns, "repr")} {
		want, _ := LookupAttr(o, names.name)
		named, decided := IsNamed(o, String(want))
		want.XDecRef()
		if !named || !decided {
			return fmt.Errorf("the layout probe could not read the name of a callable")
		}
	}
	name, self, ok := BuiltinFunction(lookupProbe(ns, "append"))
	name.XDecRef()
	if !ok || self.Type() != ListType {
		return fmt.Errorf("the layout probe could not read what a method is bound to")
	}
	if !IsCallable(class) || IsCallable(mro) || !IsSubtype(class, base) || IsSubtype(base, class) {
		return fmt.Errorf("the layout probe could not read tp_call")
	}
	if weak := lookupProbe(ns, "weak"); objectAt(weak, offWeakrefObject) != class {
		return fmt.Errorf("the layout probe could not read a weak reference")
	}
	if err := probeMadeDict(ns); err != nil {
		return err
	}
	if err := probeMembers(ns); err != nil {
		return err
	}
	return probeVersionTag(class, init)
}

// probeNames finds where a class keeps __name__ and __qualname__: behind its
// slots, whose number differs between versions.
func probeNames(class, other Object) error {
	const first, last = 400, 1200 // PyHeapTypeObject has some 900 bytes, plus members
	size := uintptr(at[int](TypeType, offTypeBasicsize))
	name, qualname := GetAttr(class, names.name), GetAttr(class, names.qualname)
	otherName, otherQualname := GetAttr(other, names.name), GetAttr(other, names.qualname)
	defer func() {
		for _, o := range []Object{name, qualname, otherName, otherQualname} {
			o.XDecRef()
		}
	}()
	for off := uintptr(first); off+offQualnameAfterName+8 <= min(size, last); off += 8 {
		if objectAt(class, off) == name && objectAt(class, off+offQualnameAfterName) == qualname &&
			objectAt(other, off) == otherName && objectAt(other, off+offQualnameAfterName) == otherQualname {
			current.typeName = off
			return nil
		}
	}
	return fmt.Errorf("the layout probe could not find a class's __name__")
}

// probeVersionTag checks that a class's version tag changes with the class.
func probeVersionTag(class, name Object) error {
	read := func() uint32 {
		GetAttr(class, name).XDecRef() // a cached lookup gives the class a tag
		return VersionTag(class)
	}
	before := read()
	if err := setAttr(class, name, None); err != nil {
		return err
	}
	if after := read(); before == 0 || after == 0 || before == after {
		current.typeVersionTag = 0
		return fmt.Errorf("the layout probe could not read tp_version_tag")
	}
	return nil
}

// lookupProbe is d[name] for a str, borrowed; Nil when absent.
func lookupProbe(d Object, name string) Object {
	key := Intern(name)
	o, _ := DictGet(d, key)
	key.DecRef()
	return o
}
