package pickle

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// The table of cases. It drives decoding, encoding, the corpora of the fuzz
// targets and the benchmarks of small values. testdata/cases.golden has the
// pickle of each case at each protocol, written by CPython (go test -run
// TestGolden -update). The pickles of NumPy, pandas and cloudpickle in
// testdata/real.golden are cases as well; their Go values are in real_test.go.

var update = flag.Bool("update", false, "write testdata/cases.golden anew, with the Python that is found")

type testCase struct {
	name string
	// expr makes the value in Python, with the names of testdata/oracle.py.
	expr string
	// want is the decoded value; a function makes one that has cycles.
	want any
}

func bigInt(s string) *big.Int {
	i, ok := new(big.Int).SetString(s, 0)
	if !ok {
		panic(s)
	}
	return i
}

func list(items ...any) *List { return NewList(items...) }

func dict(kv ...any) *Dict {
	d := &Dict{}
	for i := 0; i < len(kv); i += 2 {
		if err := d.Set(kv[i], kv[i+1]); err != nil {
			panic(err)
		}
	}
	return d
}

func set(items ...any) *Set {
	s, err := NewSet(items...)
	if err != nil {
		panic(err)
	}
	return s
}

func frozen(items ...any) *FrozenSet {
	s, err := NewFrozenSet(items...)
	if err != nil {
		panic(err)
	}
	return s
}

func numbers(n int) *List {
	l := &List{}
	for i := range n {
		l.Items = append(l.Items, int64(i))
	}
	return l
}

var cases = []testCase{
	{"none", "None", nil},
	{"true", "True", true},
	{"false", "False", false},
	{"zero", "0", int64(0)},
	{"one byte", "255", int64(255)},
	{"two bytes", "65535", int64(65535)},
	{"four bytes", "2**31-1", int64(math.MaxInt32)},
	{"negative", "-1", int64(-1)},
	{"most negative four bytes", "-2**31", int64(math.MinInt32)},
	{"five bytes", "2**31", int64(1 << 31)},
	{"eight bytes", "2**63-1", int64(math.MaxInt64)},
	{"most negative eight bytes", "-2**63", int64(math.MinInt64)},
	{"nine bytes", "2**63", bigInt("0x8000000000000000")},
	{"negative nine bytes", "-2**63-1", bigInt("-0x8000000000000001")},
	{"big", "10**100", bigInt("1" + strings.Repeat("0", 100))},
	{"negative big", "-10**100", bigInt("-1" + strings.Repeat("0", 100))},
	{"long4", "1 << 2100", new(big.Int).Lsh(big.NewInt(1), 2100)},
	{"float", "1.5", 1.5},
	{"float zero", "-0.0", math.Copysign(0, -1)},
	{"float pi", "3.141592653589793", math.Pi},
	{"float large", "1e300", 1e300},
	{"float small", "5e-324", 5e-324},
	{"inf", "float('inf')", math.Inf(1)},
	{"negative inf", "float('-inf')", math.Inf(-1)},
	{"nan", "float('nan')", math.NaN()},
	{"complex", "1.5-2j", complex(1.5, -2)},
	{"empty str", "''", ""},
	{"str", "'hello'", "hello"},
	{"str with quotes and newline", `"a'b\"c\\d\ne\rf\x00g"`, "a'b\"c\\d\ne\rf\x00g"},
	{"str unicode", "'gr\\xfc\\xdfe \\u4e16\\u754c \\U0001f600'", "grüße 世界 😀"},
	{"str control z", `"\x1a"`, "\x1a"},
	{"str surrogate", "'\\ud800x'", "\xed\xa0\x80x"},
	{"str 256", "'x' * 256", strings.Repeat("x", 256)},
	{"str long", "'ab' * 40000", strings.Repeat("ab", 40000)},
	{"empty bytes", "b''", Bytes("")},
	{"bytes", "b'\\x00\\xff\\xfe abc'", Bytes("\x00\xff\xfe abc")},
	{"bytes 256", "b'x' * 256", Bytes(strings.Repeat("x", 256))},
	{"bytes long", "b'ab' * 40000", Bytes(strings.Repeat("ab", 40000))},
	{"empty bytearray", "bytearray()", &ByteArray{}},
	{"bytearray", "bytearray(b'\\x80abc')", &ByteArray{Data: []byte("\x80abc")}},
	{"bytearray long", "bytearray(b'ab' * 40000)", &ByteArray{Data: []byte(strings.Repeat("ab", 40000))}},
	{"empty list", "[]", list()},
	{"list of one", "[1]", list(int64(1))},
	{"list", "[1, 'a', None, 2.5]", list(int64(1), "a", nil, 2.5)},
	{"nested list", "[[], [[1]], [2, [3]]]", list(list(), list(list(int64(1))), list(int64(2), list(int64(3))))},
	{"list of 1000", "list(range(1000))", numbers(1000)},
	{"list of 1001", "list(range(1001))", numbers(1001)},
	{"list of 2500", "list(range(2500))", numbers(2500)},
	{"empty tuple", "()", Tuple{}},
	{"tuple of 1", "(1,)", Tuple{int64(1)}},
	{"tuple of 2", "(1, 'a')", Tuple{int64(1), "a"}},
	{"tuple of 3", "(1, 'a', None)", Tuple{int64(1), "a", nil}},
	{"tuple of 4", "(1, 2, 3, 4)", Tuple{int64(1), int64(2), int64(3), int64(4)}},
	{"nested tuple", "((), ((1,), 2))", Tuple{Tuple{}, Tuple{Tuple{int64(1)}, int64(2)}}},
	{"empty dict", "{}", dict()},
	{"dict of one", "{'a': 1}", dict("a", int64(1))},
	{"dict", "{'b': 1, 'a': [2], 3: None}", dict("b", int64(1), "a", list(int64(2)), int64(3), nil)},
	{"dict keys of all kinds", "{None: 1, True: 2, 2: 3, 2.5: 4, 'x': 5, b'x': 6, (1, (2,)): 7, frozenset([1]): 8, 2**70: 9, 1j: 10}",
		dict(nil, int64(1), true, int64(2), int64(2), int64(3), 2.5, int64(4), "x", int64(5), Bytes("x"), int64(6),
			Tuple{int64(1), Tuple{int64(2)}}, int64(7), frozen(int64(1)), int64(8),
			new(big.Int).Lsh(big.NewInt(1), 70), int64(9), complex(0, 1), int64(10))},
	{"dict of 1200", "{str(i): i for i in range(1200)}", func() any {
		d := &Dict{}
		for i := range 1200 {
			_ = d.Set(strconv.Itoa(i), int64(i))
		}
		return d
	}},
	{"set", "{1}", set(int64(1))},
	{"set of 3", "{1, 2, 3}", set(int64(1), int64(2), int64(3))},
	{"empty set", "set()", set()},
	{"empty frozenset", "frozenset()", frozen()},
	{"frozenset", "frozenset([1, 2])", frozen(int64(1), int64(2))},
	{"set of frozensets", "{frozenset([1, 2])}", set(frozen(int64(1), int64(2)))},
	{"shared list", "shared()", func() any { x := list(int64(1)); return list(x, x) }},
	{"cyclic list", "cycle()", func() any { x := list(); x.Items = []any{x}; return x }},
	{"cyclic dict", "cycle_dict()", func() any { d := dict(); _ = d.Set("me", d); return d }},
	{"cyclic tuple", "cycle_tuple()", func() any {
		x := list()
		t := Tuple{x, int64(1)}
		x.Items = []any{t}
		return t
	}},
	{"records", "[{'id': i, 'name': 'n%d' % i, 'tags': ['x', 'y']} for i in range(5)]", func() any {
		l := list()
		for i := range 5 {
			l.Items = append(l.Items, dict("id", int64(i), "name", fmt.Sprintf("n%d", i), "tags", list("x", "y")))
		}
		return l
	}},
	{"global", "collections.OrderedDict", Global{Module: "collections", Name: "OrderedDict"}},
	{"builtin", "len", Global{Module: "builtins", Name: "len"}},
	{"ellipsis", "...", nil},
	{"instance", "Point(1, 'a')", nil},
	{"slots", "Slots(1, 2)", nil},
	{"enum", "[Color.RED, Color.RED, Color.GREEN]", nil},
	{"dataclass", "Record('n', 3)", nil},
	{"list subclass", "MyList([1, 2])", nil},
	{"dict subclass", "MyDict(a=1)", nil},
	{"int subclass", "MyInt(5)", nil},
	{"str subclass", "MyStr('x')", nil},
	{"datetime", "datetime.datetime(2024, 2, 29, 23, 59, 58, 123456)", nil},
	{"datetime utc", "datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)", nil},
	{"date", "datetime.date(2024, 2, 29)", nil},
	{"time", "datetime.time(23, 59, 58, 1)", nil},
	{"timedelta", "datetime.timedelta(days=-1, seconds=5, microseconds=7)", nil},
	{"decimal", "decimal.Decimal('-1.50')", nil},
	{"fraction", "fractions.Fraction(-1, 3)", nil},
	{"uuid", "uuid.UUID('12345678123456781234567812345678')", nil},
	{"path", "pathlib.PurePosixPath('/usr/lib')", nil},
	{"ordered dict", "collections.OrderedDict([('b', 1), ('a', 2)])", nil},
	{"default dict", "collections.defaultdict(list, {'a': [1]})", nil},
	{"counter", "collections.Counter('aab')", nil},
	{"deque", "collections.deque([1, 2], 5)", nil},
	{"range", "range(1, 10, 2)", nil},
	{"slice", "slice(1, None, 2)", nil},
	{"array", "array.array('i', [1, 2, 3])", nil},
	{"exception", "ValueError('bad', 3)", nil},
	{"partial", "functools.partial(operator.add, 1)", nil},
	{"namedtuple", "[Pair(1, 'a'), Pair(2, 'b')]", nil},
	{"int enum", "[Level.HIGH, Level.LOW]", nil},
	{"flag", "Perm.READ | Perm.WRITE", nil},
	{"exception with attributes", "shop_error()", nil},
	{"namespace", "types.SimpleNamespace(host='h', port=80)", nil},
	{"chain map", "collections.ChainMap({'a': 1}, {'a': 2, 'b': 3})", nil},
	{"time zone", "datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2), 'X'))", nil},
	{"windows path", "pathlib.PureWindowsPath('C:/a', 'b')", nil},
	{"mixed", "[(1, 2), {'k': (3, [4])}, {5, 6}, b'7', '8', 9.5, Point([1], {})]", nil},
}

func (c testCase) value() any {
	if f, ok := c.want.(func() any); ok {
		return f()
	}
	return c.want
}

// hasValue reports whether the table has the value; where it is symbolic, the
// differential tests compare with Python instead.
func (c testCase) hasValue() bool { return c.want != nil || c.name == "none" }

// golden maps the name of a case to its pickles.
func golden(t testing.TB) map[string][wire.HighestProtocol + 1][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "cases.golden"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string][wire.HighestProtocol + 1][]byte{}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		var name, quoted string
		var proto int
		if _, err := fmt.Sscanf(s.Text(), "%q %d %q", &name, &proto, &quoted); err != nil {
			t.Fatalf("cases.golden: %v", err)
		}
		row := all[name]
		row[proto] = []byte(expand(quoted))
		all[name] = row
	}
	for name, pickles := range realPickles(t) {
		var row [wire.HighestProtocol + 1][]byte
		for proto, data := range pickles {
			row[proto] = data
		}
		all[realPrefix+name] = row
	}
	return all
}

// realPrefix is before the names of the cases that are not in the Go table.
const realPrefix = "real "

// allCases are the cases of the table and the real ones.
func allCases(t testing.TB) []testCase {
	t.Helper()
	all := append([]testCase(nil), cases...)
	real := realPickles(t)
	for _, name := range slices.Sorted(maps.Keys(real)) {
		all = append(all, testCase{name: realPrefix + name})
	}
	return all
}

// Long runs of one pair of bytes are folded in the golden file.
var runs = []string{"ab"}

func fold(s string) string {
	for _, r := range runs {
		s = strings.ReplaceAll(s, strings.Repeat(r, 40000), "\x00run:"+r+"\x00")
	}
	return s
}

func expand(s string) string {
	for _, r := range runs {
		s = strings.ReplaceAll(s, "\x00run:"+r+"\x00", strings.Repeat(r, 40000))
	}
	return s
}

// goldenCases runs a test for each case and protocol.
func goldenCases(t *testing.T, test func(t *testing.T, c testCase, proto int, data []byte)) {
	t.Helper()
	all := golden(t)
	for _, c := range allCases(t) {
		row, ok := all[c.name]
		if !ok {
			t.Errorf("cases.golden has no case %q: write it anew with -update", c.name)
			continue
		}
		for proto, data := range row {
			if data == nil {
				continue // CPython does not write this value at this protocol
			}
			t.Run(fmt.Sprintf("%s/%d", c.name, proto), func(t *testing.T) { test(t, c, proto, data) })
		}
	}
}

// TestGolden compares the golden file with what each Python found writes now.
func TestGolden(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	all := golden(t)
	pythons(t, func(t *testing.T, p *python) {
		for _, c := range cases {
			got := dumpCase(t, p, c.expr)
			want := all[c.name]
			for proto := range got {
				if string(got[proto]) != string(want[proto]) && !versionDependent[c.name] {
					t.Errorf("%s, protocol %d: Python %s writes %q, the golden file has %q", c.name, proto, p.version, got[proto], want[proto])
				}
			}
		}
	})
}

// versionDependent are the cases that Python versions write differently.
var versionDependent = map[string]bool{
	"path":         true, // pathlib._local in 3.13
	"windows path": true,
	// A str of one character is always the same object, but not in 3.11 and 3.12.
	"dict keys of all kinds": true,
	"fraction":               true, // a str up to 3.10, two ints since
	"enum":                   true, // by value up to 3.11's protocol 2 or by name
}

func dumpCase(t testing.TB, p *python, expr string) (row [wire.HighestProtocol + 1][]byte) {
	t.Helper()
	a := p.must(t, request{Op: "dumps", Expr: expr, Protos: []int{0, 1, 2, 3, 4, 5}})
	if !a.OK {
		t.Fatalf("python %s cannot dump %s: %s", p.version, expr, a.Error)
	}
	var data map[string][]byte
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatal(err)
	}
	for proto := range row {
		row[proto] = data[strconv.Itoa(proto)]
	}
	return row
}

func writeGolden(t *testing.T) {
	p := anyPython(t)
	var b strings.Builder
	for _, c := range cases {
		for proto, data := range dumpCase(t, p, c.expr) {
			if data != nil {
				fmt.Fprintf(&b, "%q %d %q\n", c.name, proto, fold(string(data)))
			}
		}
	}
	if err := os.WriteFile(filepath.Join("testdata", "cases.golden"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
