package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write testdata/greet.txt and greet.json anew")

// greet was pickled by cloudpickle with CPython 3.12.
const greet = "testdata/greet.pkl"

// execute runs the command with text as its standard input.
func execute(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		file string
		args []string
	}{
		{"greet.txt", nil},
		{"greet.json", []string{"--json"}},
	} {
		code, out, stderr := execute("", append([]string{"dis", greet}, c.args...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		file := filepath.Join("testdata", c.file)
		if *update {
			if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if out != read(t, file) {
			t.Errorf("not what is in %s:\n%s", file, out)
		}
	}
}

// TestExitCodes goes through the ways to end, and what is said.
func TestExitCodes(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	none := file("none.pkl", "N.")
	damaged := file("damaged.pkl", "N.N0")
	odd := file("odd\x1b[31m.pkl", "N.\xff")
	whole := read(t, greet)
	for _, c := range []struct {
		stdin  string
		args   []string
		code   int
		stderr string // part of it
	}{
		{"", nil, exitFine, ""},
		{"", []string{"--help"}, exitFine, ""},
		{"", []string{"version"}, exitFine, ""},
		{"", []string{"help", "dis"}, exitFine, ""},
		{"", []string{"completion", "bash"}, exitFine, ""},
		{"", []string{"completion", "zsh"}, exitFine, ""},
		{"", []string{"completion", "fish"}, exitFine, ""},
		{"N.", []string{"dis"}, exitFine, ""},
		{"N.", []string{"dis", "-"}, exitFine, ""},
		{"", []string{"dis", none, greet, none}, exitFine, ""},
		{"", []string{"dis", "--", none}, exitFine, ""},
		{"", []string{"dis", "--python", "3.8", greet}, exitFine, ""},

		{"", []string{"dis"}, exitInconclusive, "standard input is empty: there is no pickle in it"},
		{"N", []string{"dis"}, exitInconclusive, "standard input, byte 1: the input ends before STOP; get the whole file"},
		{whole[:100], []string{"dis"}, exitInconclusive, "byte 99: BININT1: the input ends inside an argument; get the whole file"},
		{whole[:95], []string{"dis"}, exitInconclusive, "byte 95: the input ends"},
		{"", []string{"dis", damaged}, exitInconclusive, "damaged.pkl, byte 4: the input ends before STOP; get the whole file"},
		{"", []string{"dis", odd}, exitInconclusive, `odd\x1b[31m.pkl", byte 2: opcode 0xff: there is no such opcode; the first 2 bytes are fine; what follows`},
		{"hello", []string{"dis"}, exitInconclusive, "byte 0: BINGET: the memo number was never filled; it is damaged, or no pickle"},
		{"X\xff\xff\xff\xffabc", []string{"dis"}, exitInconclusive, "byte 0: BINUNICODE: the input ends inside an argument; get the whole file"},
		{strings.Repeat("(", 11_000) + strings.Repeat("t", 11_000) + ".", []string{"dis"}, exitInconclusive, "10000"},
		{"}]Ns.N.", []string{"dis"}, exitInconclusive, "; --only opcodes doesn't decode it"},
		{"}]Ns.N.", []string{"dis", "--only", "opcodes"}, exitFine, ""},
		{"\x80\x05\x97\x98.", []string{"dis"}, exitFine, ""},
		{"N.", []string{"dis", "--max-bytes", "1"}, exitInconclusive, "standard input is longer than 1 bytes: raise --max-bytes"},
		{"", []string{"dis", damaged, none}, exitInconclusive, "damaged.pkl"},

		{"", []string{"dis", filepath.Join(folder, "missing.pkl")}, exitUsage, "missing.pkl: no such file"},
		{"", []string{"dis", "\x1b[31m\xff\u009b.pkl"}, exitUsage, "open \\x1b[31m\ufffd\\u009b.pkl: no such file"},
		{"", []string{"dis", folder}, exitUsage, "is a directory"},
		{"", []string{"dis", damaged, filepath.Join(folder, "missing.pkl")}, exitUsage, "damaged.pkl"},
		{"", []string{"dis", "--nope"}, exitUsage, "unknown flag: --nope; see gocloudpickle dis --help"},
		{"", []string{"dis", "-m", "--only", "code"}, exitUsage, "--memo is for opcodes"},
		{"", []string{"dis", "--only", "x"}, exitUsage, `--only is "x": use opcodes or code; see`},
		{"", []string{"dis", "--python", "2.7"}, exitUsage, `--python is "2.7": use 3.8 to 3.14; see`},
		{"", []string{"dis", "--python", "3.10"}, exitInconclusive, "empty"},
		{"", []string{"dis", "--color", "blue"}, exitUsage, `--color is "blue": use auto, always or never`},
		{"", []string{"dis", "--indentlevel", "-1"}, exitUsage, "--indentlevel is -1: use 0 to 100"},
		{"", []string{"dis", "--max-bytes", "-1"}, exitUsage, "--max-bytes is out of range"},
		{"N.", []string{"inspect"}, exitFine, ""},
		{"", []string{"inspect", "--depth", "1", greet, none}, exitFine, ""},
		{"", []string{"inspect"}, exitInconclusive, "standard input is empty"},
		{"", []string{"inspect", "--json", damaged, none}, exitInconclusive, "damaged.pkl, byte 4: "},
		{"cos\nsystem\n)R", []string{"inspect"}, exitInconclusive, "byte 13: "},
		{"", []string{"inspect", "--parts", "-1", none}, exitUsage, "out of range; see gocloudpickle inspect --help"},
		{"", []string{"inspect", "--against", filepath.Join(folder, "no-python"), none}, exitUsage, "no-python"},
		{"", []string{"diff", greet, greet}, exitFine, ""},
		{"", []string{"diff", none, damaged}, exitFine, ""},
		{"", []string{"diff", none, odd + "x"}, exitUsage, "no such file"},
		{"", []string{"diff", none}, exitUsage, "accepts 2 arg(s), received 1"},
		{"N", []string{"diff", none, "-"}, exitInconclusive, "standard input, byte "},
		{"", []string{"version", "extra"}, exitUsage, "extra"},
		{"", []string{"nonsense"}, exitUsage, `unknown command "nonsense"`},
	} {
		code, _, stderr := execute(c.stdin, c.args...)
		if code != c.code || !strings.Contains(stderr, c.stderr) || (c.code == 0) != (stderr == "") {
			t.Errorf("%.60q %q: exit code %d, want %d; it says %q, want %q", c.stdin, c.args, code, c.code, stderr, c.stderr)
		}
	}
}

func TestHelpFitsOnNarrowTerminals(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"dis", "--help"}, {"version", "--help"}, {"version"}} {
		code, out, _ := execute("", args...)
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(line) - 1; n > 80 {
				t.Errorf("%q has a line of %d characters: %s", args, n, line)
			}
		}
		if code != 0 || args[0] != "version" && !strings.Contains(out, "Exit status:") && args[0] != "version" {
			t.Errorf("%q: exit code %d, %s", args, code, out)
		}
	}
}

func TestVersionJSON(t *testing.T) {
	_, out, _ := execute("", "version", "--json")
	var info versionInfo
	if err := json.Unmarshal([]byte(out), &info); err != nil {
		t.Fatal(err)
	}
	if info.Version == "" || !slices.Equal(info.Protocols, []int{0, 1, 2, 3, 4, 5}) || info.Pythons[0] != "3.8" {
		t.Errorf("%+v", info)
	}
}

func TestSeveralFiles(t *testing.T) {
	code, out, stderr := execute("N.K\x01.", "dis", "-", greet)
	want := `==> standard input <==
    0: N    NONE
    1: .    STOP
highest protocol among opcodes = 0
    2: K    BININT1    1
    4: .    STOP
highest protocol among opcodes = 1

==> testdata/greet.pkl <==
`
	if code != 0 || stderr != "" || out != want+read(t, "testdata/greet.txt") {
		t.Errorf("%d, %q, %s", code, stderr, out)
	}
	_, out, _ = execute("N.", "dis", "--json", "-", greet, "missing")
	var names []string
	for line := range strings.Lines(out) {
		var file fileJSON
		if err := json.Unmarshal([]byte(line), &file); err != nil {
			t.Fatal(err)
		}
		names = append(names, file.File)
	}
	if !slices.Equal(names, []string{"-", greet}) {
		t.Errorf("%q", names)
	}
}

// A pickle that has opcodes and can't be loaded doesn't hide those after it.
func TestWhatCannotBeDecoded(t *testing.T) {
	code, out, stderr := execute("}]Ns."+read(t, greet), "dis")
	if code != exitInconclusive || !strings.Contains(stderr, "standard input, byte 3: SETITEM: ") || !strings.HasSuffix(out, "RETURN_VALUE\n") {
		t.Errorf("%d, %s, %s", code, stderr, out)
	}
}

func TestErrorsAreInJSON(t *testing.T) {
	code, out, stderr := execute("N.N", "dis", "--json")
	var file fileJSON
	if err := json.Unmarshal([]byte(out), &file); err != nil {
		t.Fatal(err)
	}
	if code != exitInconclusive || len(file.Pickles) != 2 || !strings.Contains(stderr, file.Error) || file.Error == "" {
		t.Errorf("%d, %q, %+v", code, stderr, file)
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		stdin string
		args  []string
		want  string
	}{
		{"N(N1.", []string{"-l1"}, "    1: (    MARK\n    2: N     NONE\n    3: 1     POP_MARK   (MARK at 1)\n"},
		{"N.", []string{"-a"}, "    0: N    NONE" + strings.Repeat(" ", 22) + "None\n"},
		{"Np7\n.g7\n.", []string{"-m"}, "    5: g    GET        7\n"},
		{read(t, greet), []string{"--only", "code", "--python", "3.11"}, "CPython 3.11, as told\n"},
		{"c__builtin__\nset\n.", []string{"--color", "always"}, "GLOBAL\x1b[0m     '__builtin__ set'\n"},
	} {
		code, out, stderr := execute(c.stdin, append([]string{"dis"}, c.args...)...)
		if code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%q: %d, %s, %q", c.args, code, stderr, out)
		}
	}
	if _, out, _ := execute(read(t, greet), "dis", "--only", "code"); strings.Contains(out, "PROTO") {
		t.Errorf("opcodes with --only code: %s", out)
	}
	_, colored, _ := execute(read(t, greet), "dis", "--color", "always")
	for _, style := range []string{styleTitle, styleCall, styleReset} {
		if !strings.Contains(colored, style) {
			t.Errorf("no %q", style)
		}
		colored = strings.ReplaceAll(colored, style, "")
	}
	if colored != read(t, "testdata/greet.txt") {
		t.Error("colors change more than colors")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestOutputThatFails(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"dis", greet}, {"dis", "--json", greet}} {
		var stderr bytes.Buffer
		if code := run(args, strings.NewReader(""), broken{}, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%q: %d, %s", args, code, stderr.String())
		}
	}
}

// TestCompletion: choices are completed, and files where a file goes.
func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"dis --only ":       "opcodes\ncode\n",
		"dis --python ":     "3.8\n3.9\n3.10\n3.11\n3.12\n3.13\n3.14\n",
		"dis --max-bytes 1": ":0\n",
	} {
		words := strings.Split(args, " ")
		if code, out, _ := execute("", append([]string{"__complete"}, words...)...); code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: %d, %q", args, code, out)
		}
	}
}

// FuzzDis feeds the command with anything: it ends, and with an exit code that
// is documented.
func FuzzDis(f *testing.F) {
	whole := read(f, greet)
	f.Add([]byte(whole), true)
	f.Add([]byte(whole), false)
	f.Add([]byte("N.N"), true)
	for n := range 8 {
		f.Add([]byte(whole[:len(whole)*n/8]+"."), n%2 == 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, asJSON bool) {
		args := []string{"dis", "--json=false"}
		if asJSON {
			args[1] = "--json"
		}
		var errs bytes.Buffer
		code := run(args, bytes.NewReader(data), io.Discard, &errs)
		if code != exitFine && code != exitInconclusive || (code == exitFine) != (errs.Len() == 0) {
			t.Errorf("%q: exit code %d, %s", data, code, errs.String())
		}
	})
}

func TestInspectHTML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"--html", file, greet}, exitFine},
		{[]string{"--html", "-", greet, "-"}, exitInconclusive}, // standard input is damaged
		{[]string{"--html", filepath.Join(file, "none"), greet}, exitUsage},
		{[]string{"--html", file, "--json", greet}, exitUsage},
	} {
		code, out, _ := execute("(", append([]string{"inspect"}, c.args...)...)
		if code != c.code {
			t.Errorf("%v: exit code %d", c.args, code)
		}
		if c.args[1] == file {
			out = read(t, file)
		}
		if code < exitUsage && (!strings.HasPrefix(out, "<!DOCTYPE html>") || !strings.Contains(out, "greet(name)")) {
			t.Errorf("%v: %.200s", c.args, out)
		}
	}
}
