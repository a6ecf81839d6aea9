package payload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// made is a function, with the closure and the globals given.
func made(t *testing.T, code *pickle.Object, globals ...any) *pickle.Object {
	t.Helper()
	dict := func(kv ...any) *pickle.Dict {
		d := &pickle.Dict{}
		for i := 0; i < len(kv); i += 2 {
			if err := d.Set(kv[i], kv[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	name := func(f *abi.Function) pickle.Global { return pickle.Global{Module: abi.Module, Name: f.Name} }
	return &pickle.Object{Op: pickle.OpReduce, Func: name(abi.MakeFunction),
		Args: pickle.Tuple{code, dict("__name__", "__main__"), nil, nil, nil},
		Updates: []pickle.Update{{Op: pickle.OpReduce, Func: name(abi.FunctionSetstate),
			Value: pickle.Tuple{dict(), dict("__name__", "f", "__module__", "__main__", "__globals__", dict(globals...))}}}}
}

func diff(t *testing.T, a, b any) string {
	t.Helper()
	changes, _ := payload.Diff(payload.Read(marshal(t, a))[0], payload.Read(marshal(t, b))[0])
	var lines []string
	for _, c := range changes {
		line := fmt.Sprintf("%s %s: %s|%s", c.What, c.Path, c.Old, c.New)
		lines = append(lines, strings.Join(append([]string{line}, c.Details...), "; "))
	}
	return strings.Join(lines, "\n")
}

func set(t *testing.T, items ...any) *pickle.Set {
	t.Helper()
	s, err := pickle.NewSet(items...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDiff(t *testing.T) {
	list := func(items ...any) any { return pickle.NewList(items...) }
	code := func(consts ...any) *pickle.Object { return codeCall("f", consts...) }
	for _, c := range []struct {
		name       string
		a, b       any
		want, back string
	}{
		{"nothing", list("x", 1.5), list("x", 1.5), "", ""},
		{"an atom", int64(1), int64(2), "changed : int 1|int 2", "changed : int 2|int 1"},
		{"a type", true, int64(1), "changed : bool True|int 1", "changed : int 1|bool True"},
		{"an item", list("x"), list("x", "y"), "added [1]: |str 'y'", "removed [1]: str 'y'|"},
		{"an item in a tuple", pickle.Tuple{list("x")}, pickle.Tuple{list("y")}, "changed [0] -> [0]: str 'x'|str 'y'", "changed [0] -> [0]: str 'y'|str 'x'"},
		{"the order of a set", set(t, "x", "y"), set(t, "y", "x"), "", ""},
		{"an item of a set", set(t, "x"), set(t, "x", "y"), "added {'y'}: |str 'y'", "removed {'y'}: str 'y'|"},
		{"a long str whose ends are the same", strings.Repeat("x", 200), strings.Repeat("x", 100) + "y" + strings.Repeat("x", 99),
			"changed : str '" + strings.Repeat("x", 39) + "..." + strings.Repeat("x", 16) + "'|str '" + strings.Repeat("x", 39) + "..." + strings.Repeat("x", 16) + "'", ""},
		{"a global", made(t, code(), "g", int64(1)), made(t, code(), "g", int64(2)), "changed global 'g': int 1|int 2", ""},
		{"a global more", made(t, code()), made(t, code(), "g", int64(2)), "added global 'g': |int 2", "removed global 'g': int 2|"},
		{"a constant", made(t, code("a")), made(t, code("b")),
			"changed code: code f|code f; constants added: 'b'; constants removed: 'a'", ""},
		{"a name", pickle.Global{Module: "a", Name: "x"}, pickle.Global{Module: "a", Name: "y"},
			"changed : a.x|a.y\nadded imports: |a.y when loaded\nremoved imports: a.x when loaded|", ""},
	} {
		if got := diff(t, c.a, c.b); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		if got := diff(t, c.b, c.a); c.back != "" && got != c.back {
			t.Errorf("%s, back:\n%s\nwant\n%s", c.name, got, c.back)
		}
		if got := diff(t, c.a, c.a); got != "" {
			t.Errorf("%s: different from itself:\n%s", c.name, got)
		}
	}
}

// Differences without end, and values that hold themselves, are cut.
func TestDiffEnds(t *testing.T) {
	self, other := pickle.NewList(int64(1)), pickle.NewList(int64(2))
	self.Items = append(self.Items, self)
	other.Items = append(other.Items, other)
	if got := diff(t, self, other); got != "changed [0]: int 1|int 2" {
		t.Error(got)
	}
	many := func(n int64) any {
		l := pickle.NewList()
		for i := range int64(5000) {
			l.Items = append(l.Items, n*10000+i)
		}
		return l
	}
	changes, cut := payload.Diff(payload.Read(marshal(t, many(1)))[0], payload.Read(marshal(t, many(2)))[0])
	if len(changes) != 1000 || !cut {
		t.Errorf("%d changes, cut %v", len(changes), cut)
	}
}
