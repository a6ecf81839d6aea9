package audit

import "testing"

// A codec whose name isn't known gives a text that isn't known, for each that takes one.
func TestCodecArgument(t *testing.T) {
	unknownName := someLost()
	for name, c := range map[string]struct {
		args   []value
		kwargs map[string]value
		codec  string
		known  bool
	}{
		"left out":    {nil, nil, "utf-8", true},
		"by position": {[]value{"hex"}, nil, "hex", true},
		"by name":     {nil, map[string]value{"encoding": "hex"}, "hex", true},
		"not known":   {nil, map[string]value{"encoding": unknownName}, "", false},
	} {
		codec, known := codecArg(c.args, c.kwargs, 0)
		if codec != c.codec || known != c.known {
			t.Errorf("%s: %q, %v", name, codec, known)
		}
	}
	x := newExaminer(&Report{}, defaultSteps)
	for _, v := range []value{
		x.textMethod("os", "encode", nil, map[string]value{"encoding": unknownName}),
		x.octetsMethod("os", "decode", nil, map[string]value{"encoding": unknownName}),
	} {
		if u, ok := v.(*unknown); !ok || u == nil {
			t.Errorf("%#v", v)
		}
	}
}
