package bytecode_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

func ExampleDisassemble() {
	// def greet(name): return "hello, " + name
	code := &bytecode.Code{
		Version: bytecode.Version{Major: 3, Minor: 12},
		Name:    "greet", Filename: "greet.py", FirstLine: 1,
		Code:      []byte{151, 0, 100, 1, 124, 0, 122, 0, 0, 0, 83, 0},
		Consts:    []any{nil, "hello, "},
		VarNames:  []string{"name"},
		LineTable: []byte{0x80, 0, 0x98, 9, 0xa0, 0x44, 0xd1, 0x18, 0x28, 0xd0, 0x11, 0x28},
	}
	if err := bytecode.Disassemble(os.Stdout, code); err != nil {
		panic(err)
	}
	// Output:
	//   1           0 RESUME                   0
	//               2 LOAD_CONST               1 ('hello, ')
	//               4 LOAD_FAST                0 (name)
	//               6 BINARY_OP                0 (+)
	//              10 RETURN_VALUE
}

// brokenCode is wrong wherever it can be.
func brokenCode() *bytecode.Code {
	return &bytecode.Code{
		Version:        bytecode.Version{Major: 3, Minor: 11},
		Code:           []byte{116, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250, 1, 0, 0, 100, 9, 124, 9, 107, 99, 0, 0, 0, 0, 144},
		LineTable:      []byte{0x80},
		ExceptionTable: []byte{0x81},
	}
}

func TestDisassembleSaysWhatIsWrong(t *testing.T) {
	var b strings.Builder
	if err := bytecode.Disassemble(&b, brokenCode()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"LOAD_GLOBAL              6 (!! 6 is out of range)",
		"<250>                    1 !! unknown opcode",
		"CACHE                !! opcode hides the real instruction",
		"LOAD_CONST               9 (!! 9 is out of range)",
		"LOAD_FAST                9 (!! 9 is out of range)",
		"COMPARE_OP              99 (!! 99 is out of range)",
		"EXTENDED_ARG             0 !! code ends inside an instruction",
		"!! bytecode: co_linetable, offset 0: ends inside an entry",
		"!! bytecode: co_exceptiontable, offset 0: ends inside an entry",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

func TestDisassembleEachCodeOnce(t *testing.T) {
	v := bytecode.Version{Major: 3, Minor: 12}
	a := &bytecode.Code{Version: v, Name: "a"}
	b := &bytecode.Code{Version: v, Name: "b", Consts: []any{a}}
	a.Consts = []any{b, b, a, (*bytecode.Code)(nil)}
	var out strings.Builder
	if err := bytecode.Disassemble(&out, a); err != nil {
		t.Fatal(err)
	}
	want := "\nDisassembly of <code object b, file \"\", line 0>:\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// A constant as large as half of the input, named by the rest of it.
func TestDisassembleIsBounded(t *testing.T) {
	var b countingWriter
	c := &bytecode.Code{Version: bytecode.Version{Major: 3, Minor: 12}, Consts: []any{strings.Repeat("x", 1<<20)}}
	for range 1 << 10 {
		c.Code = append(c.Code, 100, 0) // LOAD_CONST 0
	}
	if err := bytecode.Disassemble(&b, c); err != nil {
		t.Fatal(err)
	}
	if b < 15<<20 || b > 18<<20 {
		t.Errorf("%d bytes", b)
	}
}

type countingWriter int

func (w *countingWriter) Write(b []byte) (int, error) {
	*w += countingWriter(len(b))
	return len(b), nil
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestDisassembleErrors(t *testing.T) {
	if err := bytecode.Disassemble(failingWriter{}, brokenCode()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a writer that fails: %v", err)
	}
	if err := bytecode.Disassemble(io.Discard, &bytecode.Code{}); err == nil {
		t.Error("a version without a table: no error")
	}
}

func TestCodeGlobalNamesChecksIndex(t *testing.T) {
	c := brokenCode()
	c.Code = c.Code[:12]
	var ie *bytecode.IndexError
	if _, err := c.GlobalNames(); !errors.As(err, &ie) || ie.Index != 3 {
		t.Errorf("got %v", err)
	}
	c.Names = []string{"a", "b", "c", "d"}
	if names, err := c.GlobalNames(); err != nil || len(names) != 1 || names[0] != "d" {
		t.Errorf("got %v, %v", names, err)
	}
}
