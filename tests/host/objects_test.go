package host

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/python"
)

const functionScene = `
from __future__ import annotations
def plain(): pass
def full(a, /, b=1, *args, c=2, **kwargs):
    "doc"
full.attribute = 1
def closed():
    x = y = 1
    return lambda: (x, y)
closure = closed()
class C:
    def method(self): return __class__
method = C.method
def anonymous(): pass
anonymous.__module__ = None
del anonymous.__doc__
functions = [plain, full, closure, method, anonymous]
`

func TestFunctions(t *testing.T) {
	with(t, functionScene, func(s scene) {
		for _, name := range []string{"plain", "full", "closure", "method", "anonymous"} {
			var ff python.FunctionFields
			if err := python.ReadFunction(s.eval(name), &ff); err != nil {
				t.Fatal(err)
			}
			for attribute, got := range map[string]python.Object{
				"__code__": ff.Code, "__globals__": ff.Globals, "__name__": ff.Name, "__qualname__": ff.Qualname,
				"__module__": ff.Module, "__doc__": ff.Doc, "__defaults__": ff.Defaults,
				"__kwdefaults__": ff.Kwdefaults, "__closure__": ff.Closure,
			} {
				if want := s.eval(name + "." + attribute); got != want {
					t.Errorf("%s.%s = %s, not %s", name, attribute, s.repr(got), s.repr(want))
				}
			}
			if want := s.repr(s.eval(name + ".__dict__")); !ff.Dict.IsNil() && s.repr(ff.Dict) != want || ff.Dict.IsNil() && want != "{}" {
				t.Errorf("%s.__dict__ = %s, not %s", name, s.repr(ff.Dict), want)
			}
			ff.Release()
		}
	})
}

// From 3.14 on annotations are made when they are asked for (PEP 649).
func TestAnnotations(t *testing.T) {
	source := "def typed(x: int, y: 'str') -> list: pass\n" +
		"def read(x: int): pass\nread.__annotations__\ndef set_by_hand(): pass\nset_by_hand.__annotations__ = {'x': 1}\ndef plain(): pass\n"
	with(t, source, func(s scene) {
		for name, want := range map[string]string{
			"typed":       "{'x': <class 'int'>, 'y': 'str', 'return': <class 'list'>}",
			"read":        "{'x': <class 'int'>}",
			"set_by_hand": "{'x': 1}",
		} {
			var ff python.FunctionFields
			if err := python.ReadFunction(s.eval(name), &ff); err != nil {
				t.Fatal(err)
			}
			if got := s.repr(ff.Annotations); got != want {
				t.Errorf("annotations of %s: %s, not %s", name, got, want)
			}
			ff.Release()
		}
		if python.Minor() < 14 {
			return
		}
		s.exec("def later(x: Later): pass\nclass Later: pass\ndef fails(x: Never): pass")
		var ff python.FunctionFields
		if err := python.ReadFunction(s.eval("later"), &ff); err != nil {
			t.Fatal(err)
		}
		if got := s.repr(ff.Annotations); got != s.repr(s.eval("{'x': Later}")) {
			t.Errorf("annotations of later: %s", got)
		}
		ff.Release()

		f := s.eval("fails")
		before := s.refs("fails")
		err := python.ReadFunction(f, &ff)
		if !errors.Is(err, python.ErrPython) || !python.Occurred() {
			t.Errorf("annotations that fail: %v", err)
		}
		python.ClearError()
		if !ff.Code.IsNil() || s.refs("fails") != before {
			t.Error("annotations that fail leave references")
		}
	})
}

const codeScene = `
def plain(): pass
def arguments(a, b, /, c, *d, e, f=1, **g): h = a
def cells(x, y):
    z = 1
    return lambda: (x, z)
def generator(): yield
async def coroutine(): pass
def raises():
    try: 1/0
    except ZeroDivisionError as e: return e
class C:
    def method(self): return __class__, super()
codes = [f.__code__ for f in (plain, arguments, cells, cells(1, 2), generator, coroutine, raises, C.method)]
codes.append(compile('x = 1', 'file', 'exec'))
`

func TestCode(t *testing.T) {
	with(t, codeScene, func(s scene) {
		for i := range python.ListSize(s.eval("codes")) {
			name := fmt.Sprintf("codes[%d]", i)
			var cf python.CodeFields
			if err := python.ReadCode(s.eval(name), &cf); err != nil {
				t.Fatal(err)
			}
			for attribute, got := range map[string]int{
				"co_argcount": cf.Argcount, "co_posonlyargcount": cf.Posonlyargcount,
				"co_kwonlyargcount": cf.Kwonlyargcount, "co_nlocals": cf.Nlocals,
				"co_stacksize": cf.Stacksize, "co_flags": cf.Flags, "co_firstlineno": cf.Firstlineno,
			} {
				if want := s.repr(s.eval(name + "." + attribute)); want != fmt.Sprint(got) {
					t.Errorf("%s.%s = %d, not %s", name, attribute, got, want)
				}
			}
			objects := map[string]python.Object{
				"co_code": cf.Code, "co_consts": cf.Consts, "co_names": cf.Names, "co_filename": cf.Filename,
				"co_name": cf.Name, "co_linetable": cf.Linetable,
			}
			if python.Minor() >= 11 {
				objects["co_qualname"], objects["co_exceptiontable"] = cf.Qualname, cf.ExceptionTable
			}
			for attribute, got := range objects {
				if want := s.repr(s.eval(name + "." + attribute)); s.repr(got) != want {
					t.Errorf("%s.%s = %s, not %s", name, attribute, s.repr(got), want)
				}
			}
			for attribute, kind := range map[string]byte{
				"co_varnames": python.LocalVar, "co_cellvars": python.LocalCell, "co_freevars": python.LocalFree,
			} {
				got := s.reprOfLocals(&cf, kind)
				if want := s.repr(s.eval(name + "." + attribute)); got != want {
					t.Errorf("%s.%s = %s, not %s", name, attribute, got, want)
				}
			}
			cf.Release()
		}
	})
}

func (s scene) reprOfLocals(cf *python.CodeFields, kind byte) string {
	if tuple := cf.LocalsTuple(kind); !tuple.IsNil() {
		return s.repr(tuple)
	}
	var names []python.Object
	for name, i := cf.NextLocal(kind, 0); !name.IsNil(); name, i = cf.NextLocal(kind, i+1) {
		names = append(names, name)
	}
	if cf.CountLocals(kind) != len(names) {
		s.t.Errorf("CountLocals(%#x) = %d, not %d", kind, cf.CountLocals(kind), len(names))
	}
	tuple := python.NewTuple(names...)
	defer tuple.DecRef()
	return s.repr(tuple)
}

func TestCells(t *testing.T) {
	with(t, "from types import CellType\nempty, full = CellType(), CellType('contents')", func(s scene) {
		if o := python.CellContents(s.eval("empty")); !o.IsNil() || python.Occurred() {
			t.Errorf("an empty cell has %s", s.repr(o))
		}
		o := python.CellContents(s.eval("full"))
		if s.repr(o) != "'contents'" {
			t.Errorf("a cell has %s", s.repr(o))
		}
		o.XDecRef()
	})
}

func TestTypes(t *testing.T) {
	source := "import sys\nclass A: pass\nclass B(A, dict): pass\nclass Meta(type):\n    def __getattribute__(cls, name): return type.__getattribute__(cls, name)\n" +
		"class Odd(metaclass=Meta): pass\nclass Slots: __slots__ = 'x'\n"
	with(t, source, func(s scene) {
		for expression, want := range map[string][4]bool{ // IsType, IsHeapType, IsDict of an instance, IsTuple
			"int": {true, false, false, false}, "A": {true, true, false, false}, "B": {true, true, true, false},
			"Odd": {true, true, false, false}, "tuple": {true, false, false, true}, "type(sys.flags)": {true, false, false, true},
		} {
			o := s.eval(expression)
			instance := s.eval("sys.flags")
			if expression != "type(sys.flags)" {
				instance = s.eval(expression + "()")
			}
			got := [4]bool{python.IsType(o), python.IsHeapType(o), python.IsDict(instance), python.IsTuple(instance)}
			if expression == "type(sys.flags)" {
				got[1] = want[1] // static up to 3.11
			}
			if got != want {
				t.Errorf("%s: %v, not %v", expression, got, want)
			}
		}
		d, err := python.TypeDict(s.eval("B"))
		if err != nil || !python.IsDict(d) {
			t.Fatalf("TypeDict: %v", err)
		}
		d.DecRef()
		if ok, err := python.IsModule(s.eval("sys")); err != nil || !ok {
			t.Errorf("IsModule(sys) = %v, %v", ok, err)
		}
		if python.ModuleDict(s.eval("sys")) != s.eval("sys.__dict__") {
			t.Error("ModuleDict(sys) is not its __dict__")
		}
		if isPortable() {
			return
		}
		if mro := s.repr(python.MRO(s.eval("B"))); mro != s.repr(s.eval("B.__mro__")) {
			t.Errorf("MRO = %s", mro)
		}
		if !python.DefaultMetaclass(s.eval("type(A)")) || python.DefaultMetaclass(s.eval("Meta")) {
			t.Error("DefaultMetaclass")
		}
		if !python.HasDict(s.eval("A")) || python.HasDict(s.eval("Slots")) || python.HasDict(python.IntType) {
			t.Error("HasDict")
		}
		before := python.VersionTag(s.eval("A"))
		s.exec("A.attribute = 1; A.attribute; A().attribute")
		if after := python.VersionTag(s.eval("A")); after != 0 && after == before {
			t.Error("VersionTag did not change with the class")
		}
	})
}

// refs is sys.getrefcount of what an expression of names gives.
func (s scene) refs(expression string) int {
	s.t.Helper()
	s.exec("import sys")
	n, _ := python.IntSmall(s.eval("sys.getrefcount(" + expression + ")"))
	return int(n)
}

// Readers that give new references give them back with Release, and leave the
// object's parts as they were.
func TestReadersKeepReferenceCounts(t *testing.T) {
	with(t, functionScene+codeScene, func(s scene) {
		parts := []string{
			"full", "full.__code__", "full.__globals__", "full.__name__", "full.__kwdefaults__", "full.__dict__",
			"closure.__closure__", "closure.__closure__[0]", "codes[1]", "codes[1].co_consts", "codes[1].co_names", "codes[2].co_name",
		}
		count := func() (counts []int) {
			for _, part := range parts {
				counts = append(counts, s.refs(part))
			}
			return counts
		}
		round := func() {
			for _, name := range []string{"full", "closure", "method"} {
				f := python.Eval(name, s.globals)
				var ff python.FunctionFields
				if err := python.ReadFunction(f, &ff); err != nil {
					t.Fatal(err)
				}
				ff.Release()
				f.DecRef()
			}
			for i := range 9 {
				var cf python.CodeFields
				o := python.ListItem(s.eval("codes"), i)
				if err := python.ReadCode(o, &cf); err != nil {
					t.Fatal(err)
				}
				cf.Release()
			}
		}
		round()
		before := count()
		for range 100 {
			round()
		}
		for i, after := range count() {
			if after != before[i] {
				t.Errorf("%s: %d references, %d before", parts[i], after, before[i])
			}
		}
	})
}
