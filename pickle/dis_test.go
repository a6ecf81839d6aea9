package pickle

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// TestDisassemble compares with pickletools.dis, line for line.
func TestDisassemble(t *testing.T) {
	p := anyPython(t)
	goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
		var b strings.Builder
		if err := wire.Disassemble(&b, data); err != nil {
			t.Fatal(err)
		}
		a := p.must(t, request{Op: "dis", Data: data})
		if !a.OK {
			t.Fatalf("pickletools.dis: %s", a.Error)
		}
		compareLines(t, b.String(), a.Text)
	})
}

// TestDisassembler compares what the arguments of pickletools.dis change.
func TestDisassembler(t *testing.T) {
	p := anyPython(t)
	docs := map[string]string{}
	for info := range wire.Opcodes() {
		docs[info.Name] = info.Doc
	}
	for _, q := range []request{{Op: "dis", Indent: 1}, {Op: "dis", Annotate: 30, Docs: docs}, {Op: "dis", Indent: 9, Annotate: 1, Docs: docs}} {
		d := wire.NewDisassembler()
		if d.Annotate = q.Annotate; q.Indent > 0 {
			d.Indent = q.Indent
		}
		goldenCases(t, func(t *testing.T, c testCase, proto int, data []byte) {
			var b strings.Builder
			end, err := d.Pickle(&b, data, 0)
			if err != nil || end != len(data) {
				t.Fatalf("ends at %d of %d: %v", end, len(data), err)
			}
			q.Data = data
			a := p.must(t, q)
			if !a.OK {
				t.Fatalf("pickletools.dis: %s", a.Error)
			}
			compareLines(t, b.String(), a.Text)
		})
	}
}

func TestDisassemblerMemo(t *testing.T) {
	data := []byte("Np5\n.g5\n.")
	for _, keep := range []bool{false, true} {
		d := wire.NewDisassembler()
		d.KeepMemo = keep
		end, err := d.Pickle(io.Discard, data, 0)
		if err != nil || end != 5 {
			t.Fatalf("the first pickle ends at %d: %v", end, err)
		}
		if end, err = d.Pickle(io.Discard, data, end); (err == nil) != keep || keep && end != len(data) || !keep && end != 5 {
			t.Errorf("KeepMemo %v: %d, %v", keep, end, err)
		}
	}
}

// TestDisassembleBounded takes input that would need more than linear time.
func TestDisassembleBounded(t *testing.T) {
	const n = 20_000
	var written countingWriter
	if err := Disassemble(&written, []byte(strings.Repeat("(", n))); !errors.Is(err, ErrTruncated) || written > n*5000 {
		t.Errorf("%d bytes for %d marks, %v", written, n, err)
	}
	digits := strings.Repeat("7", 1<<21)
	for data, want := range map[string]string{
		"\x8b\x00\x00\x20\x00" + digits + ".": "LONG4      <int of 16777214 bits>\n",
		"I" + digits + "\n.":                  "INT        '" + digits + "'\n",
		"L" + digits + "L\n.":                 "LONG       '" + digits + "'\n",
	} {
		var b strings.Builder
		if err := wire.Disassemble(&b, []byte(data)); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%v in %.100q", err, b.String())
		}
	}
}

type countingWriter int

func (w *countingWriter) Write(b []byte) (int, error) {
	*w += countingWriter(len(b))
	return len(b), nil
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
		"Nq\x00q\x00.":  "",
		"X\xff\x00\x00": "inside an argument",
		"I12":           "inside a line",
	} {
		var b strings.Builder
		err := wire.Disassemble(&b, []byte(data))
		if (want == "") != (err == nil) {
			t.Errorf("%q: got error %v", data, err)
			continue
		}
		if want != "" && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one that says %q", data, err, want)
		}
	}
}

// TestOpcodeTable checks that the table is complete and that each opcode has a handler.
func TestOpcodeTable(t *testing.T) {
	n := 0
	for info := range wire.Opcodes() {
		n++
		if info.Name == "" || info.Doc == "" || info.Proto > wire.HighestProtocol {
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
		if _, ok := wire.Opcode(c).Info(); ok {
			continue
		}
		if _, err := Load([]byte{byte(c)}); err == nil || !strings.Contains(err.Error(), "no such opcode") {
			t.Errorf("opcode %#x: got %v", c, err)
		}
	}
}
