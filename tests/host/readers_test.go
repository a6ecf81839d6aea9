package host

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/python"
)

func TestInts(t *testing.T) {
	with(t, "", func(s scene) {
		numbers := []string{"0", "1", "-1", "True", "255", "256", "-5", "-6"}
		for _, bits := range []int{29, 30, 31, 45, 59, 60, 61, 62, 63, 64, 89, 90, 91, 300} {
			for _, delta := range []string{"-1", "", "+1"} {
				numbers = append(numbers, fmt.Sprintf("2**%d%s", bits, delta), fmt.Sprintf("-(2**%d)%s", bits, delta))
			}
		}
		for _, expression := range numbers {
			o := s.eval(expression)
			want, _ := new(big.Int).SetString(s.repr(s.eval("int("+expression+")")), 10)
			if v, ok := python.IntSmall(o); ok && (!want.IsInt64() || want.Int64() != v) {
				t.Errorf("IntSmall(%s) = %d", expression, v)
			} else if !ok && want.BitLen() <= 59 {
				t.Errorf("IntSmall(%s) gives up", expression)
			}
			if v, ok := python.Int32(o); ok && want.Int64() != v {
				t.Errorf("Int32(%s) = %d", expression, v)
			}
			digits, negative, ok := python.IntDigits(o)
			if ok == isPortable() {
				t.Errorf("IntDigits(%s): ok is %v", expression, ok)
			}
			if ok && fromDigits(digits, negative).Cmp(want) != 0 {
				t.Errorf("IntDigits(%s) = %v, negative %v", expression, digits, negative)
			}
		}
	})
}

func fromDigits(digits []uint32, negative bool) *big.Int {
	n := new(big.Int)
	for _, d := range slices.Backward(digits) {
		n.Or(n.Lsh(n, 30), big.NewInt(int64(d)))
	}
	if negative {
		n.Neg(n)
	}
	return n
}

func TestFloats(t *testing.T) {
	with(t, "", func(s scene) {
		for expression, want := range map[string]float64{
			"0.0": 0, "-0.0": math.Copysign(0, -1), "1.5": 1.5, "-1e300": -1e300,
			"float('inf')": math.Inf(1), "float('nan')": math.NaN(), "5e-324": 5e-324,
		} {
			got := python.Float(s.eval(expression))
			if math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Errorf("Float(%s) = %v", expression, got)
			}
		}
	})
}

func TestStrings(t *testing.T) {
	with(t, "import sys\nclass Sub(str): pass", func(s scene) {
		for _, c := range []struct {
			expression, want string
			length           int
			ascii            bool
		}{
			{"''", "", 0, true},
			{"'a'", "a", 1, true},
			{"''.join(['ab', 'cd'])", "abcd", 4, true},
			{"sys.intern('a_long_name_that_is_interned')", "a_long_name_that_is_interned", 28, true},
			{"'caf\\xe9'", "caf\u00e9", 4, false},
			{"'\\xff' * 300", strings.Repeat("\u00ff", 300), 300, false},
			{"'\\u20ac' + 'a'", "\u20aca", 2, false},
			{"'\\U0001f40d\\u20ac\\xe9a'", "\U0001f40d\u20ac\u00e9a", 4, false},
			{"'x\\ud800'", "x\xed\xa0\x80", 2, false},
			{"'\\x00\\n'", "\x00\n", 2, true},
			{"Sub('sub')", "sub", 3, true},
			{"Sub('s\\xfcb')", "s\u00fcb", 3, false},
		} {
			// Twice: the second time CPython may have cached its UTF-8.
			for range 2 {
				o := s.eval(c.expression)
				if got, err := python.AppendUTF8(nil, o); err != nil || string(got) != c.want {
					t.Errorf("AppendUTF8(%s) = %q, %v", c.expression, got, err)
				}
				if got := python.String(o); got != c.want {
					t.Errorf("String(%s) = %q", c.expression, got)
				}
				if got := python.StrLength(o); got != c.length {
					t.Errorf("StrLength(%s) = %d", c.expression, got)
				}
				view, ascii := python.ASCII(o)
				if exact := o.Type() == python.StrType; exact && ascii != (c.ascii && !isPortable()) {
					t.Errorf("ASCII(%s) is %v", c.expression, ascii)
				}
				if ascii && string(view) != c.want {
					t.Errorf("ASCII(%s) = %q", c.expression, view)
				}
				s.exec("_ = (" + c.expression + ").encode('utf-8', 'surrogatepass')")
			}
		}
		for _, pair := range []struct {
			a, b string
			same bool
		}{
			{"'ab'", "''.join('ab')", true}, {"'ab'", "'ac'", false}, {"'a'", "'aa'", false},
			{"'\\xe9\\xe9'", "'\\xe9' * 2", true}, {"'\\u20ac'", "chr(0x20ac)", true}, {"'\\xe9'", "'\\u20ac'", false},
		} {
			if got := python.SameStr(s.eval(pair.a), s.eval(pair.b)); got != pair.same {
				t.Errorf("SameStr(%s, %s) = %v", pair.a, pair.b, got)
			}
		}
	})
}

func TestBytes(t *testing.T) {
	with(t, "", func(s scene) {
		for expression, want := range map[string][]byte{
			"b''": {}, "b'a'": []byte("a"), "bytes(range(256)) * 10": bytes.Repeat(everyByte(), 10),
		} {
			if got := python.Bytes(s.eval(expression)); !bytes.Equal(got, want) {
				t.Errorf("Bytes(%s) = %q", expression, got)
			}
			if got := python.ByteArray(s.eval("bytearray(" + expression + ")")); !bytes.Equal(got, want) {
				t.Errorf("ByteArray(%s) = %q", expression, got)
			}
			made := python.NewBytes(want)
			if got := s.repr(made); got != s.repr(s.eval(expression)) {
				t.Errorf("NewBytes gives %s, not %s", got, expression)
			}
			made.DecRef()
		}
	})
}

func everyByte() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

func TestTuplesAndLists(t *testing.T) {
	with(t, "class T(tuple): pass\nclass L(list): pass\nitems = [object() for i in range(40)]", func(s scene) {
		items := s.eval("items")
		for n := range 40 {
			for _, kind := range []string{"tuple", "T"} {
				o := s.eval(fmt.Sprintf("%s(items[:%d])", kind, n))
				if python.TupleSize(o) != n {
					t.Fatalf("TupleSize = %d, not %d", python.TupleSize(o), n)
				}
				for i := range n {
					if python.TupleItem(o, i) != python.ListItem(items, i) {
						t.Errorf("item %d of %s of %d", i, kind, n)
					}
				}
			}
			o := s.eval(fmt.Sprintf("L(items[:%d])", n))
			if python.ListSize(o) != n || n > 0 && python.ListItem(o, n-1) != python.ListItem(items, n-1) {
				t.Errorf("a list of %d", n)
			}
		}
		// From 3.14 on a tuple caches its hash before its items.
		hashed := s.eval("(lambda t: hash(t) and t)((1, 'x'))")
		if got := s.repr(python.TupleItem(hashed, 1)); got != "'x'" {
			t.Errorf("an item of a hashed tuple is %s", got)
		}
	})
}

const dictScene = `
class D(dict): pass
class Point:
    def __init__(self): self.x, self.y = 1, 2
class Key:
    def __hash__(self): return hash('a')
    def __eq__(self, other): return other == 'a'
def thinned():
    d = {i: str(i) for i in range(1000)}
    for i in range(0, 1000, 3): del d[i]
    return d
def reordered():
    d = {'a': 1, 'b': 2}
    del d['a']
    d['a'] = 3
    return d
def instance(*names):
    p = Point()
    for i, name in enumerate(names): setattr(p, name, i)
    return p.__dict__
def shrunk():
    p = Point()
    del p.x
    return p.__dict__
def instance_grown():
    p = Point()
    for i in range(100): setattr(p, f'a{i}', i)
    return p.__dict__
dicts = [{}, {'a': 1}, {'a': 1, 'b': 2}, {1: 'one', None: 0, 'x': ()}, thinned(), reordered(), D(a=1),
    {str(i): i for i in range(70000)}, instance(), instance('z'), instance('y', 'x'), instance_grown(), shrunk(),
    dict.fromkeys('abc'), {'\xe9': 1, '\u20ac': 2}, {Key(): 'key'}, {True: 1, 2.5: 2}]
`

func TestDicts(t *testing.T) {
	with(t, dictScene, func(s scene) {
		dicts := s.eval("dicts")
		for i := range python.ListSize(dicts) {
			d := python.ListItem(dicts, i)
			items := s.eval(fmt.Sprintf("list(dicts[%d].items())", i))
			if python.DictSize(d) != python.ListSize(items) {
				t.Errorf("DictSize of dict %d is %d", i, python.DictSize(d))
			}
			it := python.IterDict(d)
			for n := range python.ListSize(items) {
				want := python.ListItem(items, n)
				k, v, ok := it.Next()
				if !ok || k != python.TupleItem(want, 0) || v != python.TupleItem(want, 1) {
					t.Fatalf("item %d of dict %d is %s: %s, not %s", n, i, s.repr(k), s.repr(v), s.repr(want))
				}
				if k.Type() == python.StrType {
					if found, err := python.DictGetStr(d, k); err != nil || found != v {
						t.Errorf("DictGetStr(dict %d, %s) = %s", i, s.repr(k), s.repr(found))
					}
				}
				if found, err := python.DictGet(d, k); err != nil || found != v {
					t.Errorf("DictGet(dict %d, %s) = %s", i, s.repr(k), s.repr(found))
				}
			}
			if _, _, ok := it.Next(); ok {
				t.Errorf("dict %d has no end", i)
			}
		}
		for _, c := range []struct{ dict, key, want string }{
			{"{'ab': 1}", "''.join('ab')", "1"},
			{"{'ab': 1}", "'abc'", "NULL"},
			{"{'\\xe9x': 1}", "'\\xe9' + 'x'", "1"},
			{"{Key(): 'key'}", "'a'", "'key'"}, // a key that only __eq__ finds
			{"{}", "'a'", "NULL"},
			{"Point().__dict__", "'y'", "2"},
			{"Point().__dict__", "'none'", "NULL"},
			{"{i: i for i in range(100)}", "'a'", "NULL"},
		} {
			found, err := python.DictGetStr(s.eval(c.dict), s.eval(c.key))
			if got := s.repr(found); err != nil || got != c.want {
				t.Errorf("%s[%s] = %s, %v", c.dict, c.key, got, err)
			}
		}
		types := s.eval("{int: 1, str: 2, Point: 3, type: 4}")
		for key, want := range map[string]string{"int": "1", "Point": "3", "type": "4", "list": "NULL", "D": "NULL"} {
			if found, err := python.DictGetType(types, s.eval(key)); err != nil || s.repr(found) != want {
				t.Errorf("DictGetType of %s is %s, %v", key, s.repr(found), err)
			}
		}
	})
}

func TestSets(t *testing.T) {
	with(t, "def thinned():\n    s = set(range(300))\n    s -= set(range(0, 300, 2))\n    return s\nsets = [set(), {1}, {'a', 1, None}, frozenset(range(50)), thinned()]", func(s scene) {
		sets := s.eval("sets")
		for i := range python.ListSize(sets) {
			o := python.ListItem(sets, i)
			want := s.eval(fmt.Sprintf("list(sets[%d])", i))
			if python.SetSize(o) != python.ListSize(want) {
				t.Errorf("SetSize of set %d is %d", i, python.SetSize(o))
			}
			it, err := python.IterSet(o)
			if err != nil {
				t.Fatal(err)
			}
			for n := range python.ListSize(want) {
				if item, err := it.Next(); err != nil || item != python.ListItem(want, n) {
					t.Errorf("item %d of set %d", n, i)
				}
			}
			if item, _ := it.Next(); !item.IsNil() {
				t.Errorf("set %d has no end", i)
			}
			it.Close()
		}
	})
}
