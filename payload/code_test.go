package payload_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// codeCall is the call of CodeType for: def f(x): return x, compiled by CPython 3.12.
func codeCall(name string, consts ...any) *pickle.Object {
	codeType := &pickle.Object{Op: pickle.OpReduce,
		Func: pickle.Global{Module: "ray.cloudpickle.cloudpickle", Name: "_builtin_type"}, Args: pickle.Tuple{"CodeType"}}
	return &pickle.Object{Op: pickle.OpReduce, Func: codeType, Args: pickle.Tuple{
		int64(1), int64(0), int64(0), int64(1), int64(1), int64(3),
		pickle.Bytes("\x97\x00|\x00S\x00"), pickle.Tuple(append([]any{nil}, consts...)), pickle.Tuple{}, pickle.Tuple{"x"},
		"f.py", name, name, int64(1), pickle.Bytes("\x80\x00\xd8\x0b\x0c\x80\x48"[:6]), pickle.Bytes(""), pickle.Tuple{}, pickle.Tuple{}}}
}

func ExampleFindCode() {
	// Written by CPython 3.12 and protocol 0, shortened to what is looked at.
	data, err := pickle.Marshal(codeCall("double"))
	if err != nil {
		panic(err)
	}
	value, err := pickle.Load(data)
	if err != nil {
		panic(err)
	}
	for _, c := range payload.FindCode(nil, value).Outermost {
		fmt.Println(c)
	}
	// Output: <code object double, file "f.py", line 1>
}

func names(found *payload.Code) string {
	var all []string
	for _, c := range found.Outermost {
		all = append(all, c.Name)
	}
	return strings.Join(all, " ")
}

// Code objects are found wherever they are, outer ones only, each once.
func TestFindCodeEverywhere(t *testing.T) {
	inner := codeCall("inner")
	outer := codeCall("outer", inner, pickle.Tuple{codeCall("in_a_tuple")})
	dict := &pickle.Dict{}
	if err := dict.Set("k", codeCall("in_a_dict")); err != nil {
		t.Fatal(err)
	}
	list := pickle.NewList(outer, outer, dict, pickle.PersistentID{ID: codeCall("in_an_id")})
	list.Items = append(list.Items, list, &pickle.Object{Op: pickle.OpReduce, Func: codeCall("called"), Kwargs: dict,
		Updates: []pickle.Update{{Op: pickle.OpBuild, Value: pickle.Tuple{nil, codeCall("state")}}}})
	found := payload.FindCode(nil, list, codeCall("discarded"))
	// One in a tuple of constants is in no listing of dis, so it is listed itself.
	if got := names(found); got != "outer in_a_tuple in_a_dict in_an_id called state discarded" {
		t.Errorf("found %q", got)
	}
	if len(found.Guesses) != 1 || len(found.Problems) != 0 || len(found.Outermost[0].Consts) != 3 {
		t.Errorf("%+v", found)
	}
	if c, ok := found.Outermost[0].Consts[1].(*bytecode.Code); !ok || c.Name != "inner" || c.Version != found.Outermost[0].Version {
		t.Errorf("the constant is %v", found.Outermost[0].Consts[1])
	}
}

func TestFindCodeOfAGivenVersion(t *testing.T) {
	v := bytecode.Version{Major: 3, Minor: 13}
	if found := payload.FindCode(&v, codeCall("f")); found.Outermost[0].Version != v || len(found.Guesses) != 0 {
		t.Errorf("%+v", found)
	}
}

// Calls that hold each other, or themselves, in their constants.
func TestFindCodeEndsInCycles(t *testing.T) {
	a, b, self := codeCall("a"), codeCall("b"), codeCall("self")
	a.Args[7] = pickle.Tuple{b}
	b.Args[7] = pickle.Tuple{a}
	loop := pickle.Tuple{nil}
	loop[0] = loop
	self.Args[7] = pickle.Tuple{self, loop}
	if got := names(payload.FindCode(nil, a, self)); got != "a self" && got != "self a" {
		t.Errorf("found %q", got)
	}
}

// What holds the same thing twice at each level has 2**64 paths.
func TestFindCodeIsLinear(t *testing.T) {
	frozen := func(v any) any {
		data, err := pickle.Marshal(pickle.Tuple{&pickle.Object{Op: pickle.OpReduce,
			Func: pickle.Global{Module: "builtins", Name: "frozenset"}, Args: pickle.Tuple{pickle.NewList(v)}}})
		if err != nil {
			t.Fatal(err)
		}
		made, err := pickle.Load(data)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	for name, twice := range map[string]func(any) any{
		"tuple": func(v any) any { return pickle.Tuple{v, v} },
		"list":  func(v any) any { return pickle.NewList(v, v) },
		"slice": func(v any) any {
			return &pickle.Object{Op: pickle.OpReduce, Func: pickle.Global{Module: "builtins", Name: "slice"}, Args: pickle.Tuple{v, v, v}}
		},
	} {
		v := frozen(int64(1))
		for range 64 {
			v = twice(v)
		}
		found := payload.FindCode(nil, v, codeCall("f", v))
		if names(found) != "f" || len(bytecode.Repr(found.Outermost[0].Consts[1])) > 1<<20 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestFindCodeSaysWhatItCannotRead(t *testing.T) {
	old := codeCall("f")
	old.Args = old.Args[:15]
	for i := range codeCall("f").Args {
		broken := codeCall("f")
		broken.Args[i] = pickle.NewList()
		found := payload.FindCode(nil, broken)
		if len(found.Outermost) != 0 || len(found.Problems) != 1 || !strings.Contains(found.Problems[0].Error(), "is no such thing") {
			t.Errorf("argument %d is a list: %+v", i, found)
		}
	}
	large := codeCall("f")
	large.Args[13] = int64(1 << 40)
	strange := codeCall("f", pickle.NewList(), old)
	for _, v := range []any{old, large, strange} {
		if found := payload.FindCode(nil, v); len(found.Problems) != 1 {
			t.Errorf("%v: %+v", v, found)
		}
	}
}

// A list that grows through a second reference nests as deep as the pickle is long, which
// no recursion survives.
func TestFindCodeOfADeepList(t *testing.T) {
	outermost := pickle.NewList()
	for l, i := outermost, 0; i < 3_000_000; i++ {
		next := pickle.NewList()
		l.Items = []any{next}
		l = next
		if i == 2_999_998 {
			l.Items = []any{codeCall("f")}
			break
		}
	}
	if got := names(payload.FindCode(nil, outermost)); got != "f" {
		t.Errorf("found %q", got)
	}
}
