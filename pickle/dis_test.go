package pickle

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestDisassemble compares with pickletools.dis, line for line.
func TestDisassemble(t *testing.T) {
	p := anyPython(t)
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		var b strings.Builder
		if err := Disassemble(&b, data); err != nil {
			t.Fatal(err)
		}
		a := p.must(t, request{Op: "dis", Data: data})
		if !a.OK {
			t.Fatalf("pickletools.dis: %s", a.Error)
		}
		compareLines(t, b.String(), a.Text)
	})
}

// Of the str of Python 2 pickletools shows repr up to 3.13, and ascii from 3.14 on.
var (
	oldString = regexp.MustCompile(` (STRING|BINSTRING|SHORT_BINSTRING) `)
	notASCII  = regexp.MustCompile(`[\x{a1}-\x{ff}]`)
)

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range w {
		if oldString.MatchString(w[i]) {
			w[i] = notASCII.ReplaceAllStringFunc(w[i], func(s string) string {
				return fmt.Sprintf(`\x%02x`, []rune(s)[0])
			})
		}
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("line %d:\n got %q\nwant %q", i+1, g[min(i, len(g)-1)], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("%d lines, pickletools has %d", len(g), len(w))
	}
}

func TestDisassembleBroken(t *testing.T) {
	for data, want := range map[string]string{
		"":              "",
		"N":             "ends before STOP",
		"0.":            "the stack is too short",
		"e.":            "no mark",
		"h\x00.":        "never filled",
		"NN.":           "left on the stack",
		"\xff":          "no such opcode",
		"Nq\x00q\x00.":  "filled already",
		"X\xff\x00\x00": "inside an argument",
		"I12":           "inside a line",
	} {
		var b strings.Builder
		err := Disassemble(&b, []byte(data))
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one that says %q", data, err, want)
		}
	}
}

// TestOpcodeTable checks that the table is complete and that each opcode has a handler.
func TestOpcodeTable(t *testing.T) {
	n := 0
	for info := range Opcodes() {
		n++
		if info.Name == "" || info.Doc == "" || info.Proto > HighestProtocol {
			t.Errorf("%+v lacks a field", info)
		}
		_, err := Load([]byte{byte(info.Code)})
		if err != nil && strings.Contains(err.Error(), "no such opcode") {
			t.Errorf("%s has no handler", info.Name)
		}
	}
	if n != 68 {
		t.Errorf("%d opcodes, want 68", n)
	}
	for c := range 256 {
		if _, ok := Opcode(c).Info(); ok {
			continue
		}
		if _, err := Load([]byte{byte(c)}); err == nil || !strings.Contains(err.Error(), "no such opcode") {
			t.Errorf("opcode %#x: got %v", c, err)
		}
	}
}
