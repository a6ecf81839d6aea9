package audit

import (
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// Whatever the bytes are, the examination ends, in time and without a failure of its own.
func FuzzExamine(f *testing.F) {
	for _, s := range []string{
		"\x80\x04N.", "cos\nsystem\n(S'echo marker'\ntR.", "\x80\x04\x8c\x02os\x8c\x06system\x93.",
		"(S'x'\nios\nsystem\n.", "\x80\x04]\x94h\x00a.", "\x80\x02c__builtin__\ngetattr\n(c__builtin__\nobject\nU\x01xtR.",
		"\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00N0\x95.", "ccloudpickle.cloudpickle\nsubimport\n(Vos\ntR.",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		r := Examine(data, WithSteps(100_000))
		for _, p := range r.Unread {
			if p.Kind == "bug" {
				t.Error(p.Why)
			}
		}
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("it took %v", d)
		}
		if r.Size < 0 || r.Size > int64(len(data)) {
			t.Errorf("it says that it has read %d of %d bytes", r.Size, len(data))
		}
	})
}

// Whatever the bytecode is, the execution ends.
func FuzzExecute(f *testing.F) {
	f.Add([]byte{151, 0, 100, 0, 83, 0}, []byte{0x80, 1, 2, 0})
	f.Add([]byte{151, 0, 116, 1, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 171, 1, 0, 0, 0, 0, 0, 0, 83, 0}, []byte{})
	f.Fuzz(func(t *testing.T, code, handlers []byte) {
		for _, v := range bytecode.Versions() {
			c := &bytecode.Code{Version: v, Name: "f", ArgCount: 2, NumLocals: 3, Code: code, ExceptionTable: handlers,
				Consts: []any{nil, "os", int64(3), []any{"system", "a"}}, Names: []string{"getattr", "__import__", "x"},
				VarNames: []string{"a", "b", "c"}, FreeVars: []string{"d"}, CellVars: []string{"e"}}
			x := newExaminer(&Report{}, 50_000)
			x.when = OnCall
			x.meetFunction(&function{code: c, name: "f", globals: newDict(), closure: []*cell{{v: "os"}}})
			x.drain()
		}
	})
}
