package abi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/abi"
)

func TestFunctions(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range abi.Functions() {
		if seen[f.Name] || f.Name == "" || f.Doc == "" {
			t.Errorf("%v is there twice, or lacks a field", f)
		}
		seen[f.Name] = true
		for i, p := range f.Params {
			if p.Name == "" || p.Doc == "" || f.Index(p.Name) != i {
				t.Errorf("%v: parameter %d is %+v", f, i, p)
			}
			if p.Optional != (i >= f.Required()) {
				t.Errorf("%v: an optional parameter comes before one that is not", f)
			}
		}
		if found, ok := abi.Lookup(abi.Module, f.Name); !ok || found != f {
			t.Errorf("%v is not found by its name", f)
		}
	}
	if len(seen) < 16 {
		t.Errorf("only %d functions", len(seen))
	}
}

func TestLookup(t *testing.T) {
	for module, want := range map[string]bool{
		"cloudpickle.cloudpickle": true, "cloudpickle.cloudpickle_fast": true,
		"pyspark.cloudpickle.cloudpickle": true, "joblib.externals.cloudpickle.cloudpickle_fast": true,
		"cloudpickle": false, "notcloudpickle.cloudpickle": false, "": false, "pickle": false,
	} {
		if _, ok := abi.Lookup(module, "subimport"); ok != want {
			t.Errorf("%q: got %v", module, ok)
		}
	}
	if _, ok := abi.Lookup(abi.Module, "_make_nothing"); ok {
		t.Error("a function that does not exist was found")
	}
}

func TestCodeArguments(t *testing.T) {
	for minor, want := range map[int]int{7: 0, 8: 16, 9: 16, 10: 16, 11: 18, 12: 18, 13: 18, 14: 18, 15: 0} {
		if got := abi.CodeArguments(minor); len(got) != want {
			t.Errorf("3.%d: %v", minor, got)
		}
	}
	for minor, line := range map[int]string{9: "co_lnotab", 10: "co_linetable"} {
		if got := abi.CodeArguments(minor); got[13].String() != line {
			t.Errorf("3.%d: %v", minor, got)
		}
	}
}

func ExampleLookup() {
	f, _ := abi.Lookup("cloudpickle.cloudpickle", "_make_skeleton_class")
	fmt.Println(f)
	fmt.Println(f.Params[2].Name, "is", f.Params[2].Doc)
	// Output:
	// _make_skeleton_class(type_constructor, name, bases, type_kwargs, class_tracker_id, extra)
	// bases is a tuple of its bases, as they are written
}

func ExampleCodeArguments() {
	var names []string
	for _, a := range abi.CodeArguments(12) {
		names = append(names, strings.TrimPrefix(a.String(), "co_"))
	}
	fmt.Println(names[:3], slices.Index(names, "qualname"))
	// Output: [argcount posonlyargcount kwonlyargcount] 12
}
