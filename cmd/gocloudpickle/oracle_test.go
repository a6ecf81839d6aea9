package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// The variables list interpreters to test with, beside those on PATH: those that
// the engine runs in, and others.
const (
	pythonsVariable = "GOCLOUDPICKLE_TEST_PYTHONS"
	olderVariable   = "GOCLOUDPICKLE_TEST_OLDER_PYTHONS"
)

// pythonOf runs each candidate: a name on PATH can be a version manager's stub
// for one that isn't there.
func pythonOf(v bytecode.Version) string {
	candidates := append(filepath.SplitList(os.Getenv(pythonsVariable)), filepath.SplitList(os.Getenv(olderVariable))...)
	for _, path := range append(candidates, "python"+v.String()) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, "-I", "-c",
			"import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])").Output()
		if err == nil && strings.TrimSpace(string(out)) == "cpython "+v.String() {
			return path
		}
	}
	return ""
}

// oracleLine is what testdata/oracle.py prints for a code object.
type oracleLine struct {
	Name    string `json:"name"`
	Data    []byte `json:"data"`
	Opcodes string `json:"opcodes"`
	Code    string `json:"code"`
}

func oracle(t *testing.T, python string, args ...string) (lines []oracleLine) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-B", "testdata/oracle.py"}, args...)...)
	// Strings in a set have the same order in the pickle and in the listing.
	cmd.Env = append(os.Environ(), "PYTHONHASHSEED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", python, err, stderr.String())
	}
	s := bufio.NewScanner(bytes.NewReader(out))
	s.Buffer(nil, 256<<20)
	for s.Scan() {
		var l oracleLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

// forEachPython runs a test with each version's interpreter, in turn.
func forEachPython(t *testing.T, test func(t *testing.T, v bytecode.Version, python string)) {
	for _, v := range bytecode.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			python := pythonOf(v)
			if python == "" {
				t.Skipf("no CPython %v: neither python%v on PATH nor one in %s", v, v, pythonsVariable)
			}
			test(t, v, python)
		})
	}
}

// TestDisIsPythons compares the whole output with pickletools.dis and dis.dis,
// the version found from the code alone.
func TestDisIsPythons(t *testing.T) {
	// The listings of a large part of the library are compared in package bytecode.
	modules := []string{"whole", "samples", "argparse", "test.test_coroutines"}
	forEachPython(t, func(t *testing.T, v bytecode.Version, python string) {
		lines := oracle(t, python, modules...)
		if len(lines) < len(modules) {
			t.Fatalf("only %d code objects", len(lines))
		}
		for _, want := range lines {
			got := runDis(t, want.Data, "-")
			compareLines(t, want.Name, cut(t, &got, "\nCode object 1 of 1: "), want.Opcodes)
			_, got, _ = strings.Cut(got, "\n")
			if version := cut(t, &got, "\n\n"); v.AtLeast(3, 11) && version != "CPython "+v.String()+": no other version fits" {
				t.Errorf("%s: %s", want.Name, version)
			}
			compareLines(t, want.Name, got, want.Code)
		}
	})
}

// TestVersionIsFound asks for the version of functions one by one, which have
// less to tell it from than a module has. Where another one is found, it reads
// the same.
func TestVersionIsFound(t *testing.T) {
	forEachPython(t, func(t *testing.T, v bytecode.Version, python string) {
		lines := oracle(t, python, "each", "samples", "argparse")
		found := 0
		for _, want := range lines {
			got := runDis(t, want.Data, "--only", "code", "-")
			version := regexp.MustCompile(`(?m)^CPython (\d+\.\d+): .*`).FindStringSubmatch(got)
			if version == nil {
				t.Fatalf("%s: no version in %q", want.Name, got)
			}
			if version[1] == v.String() {
				found++
				continue
			}
			_, got, _ = strings.Cut(got, "\n\n")
			compareLines(t, want.Name+", read as "+version[0], words(got), words(want.Code))
		}
		if t.Logf("%d of %d", found, len(lines)); found < len(lines)*9/10 && v.Minor > 8 {
			t.Errorf("the version was found for %d of %d code objects only", found, len(lines))
		}
	})
}

// words has a listing's words without its columns. Jumps of 3.11 that go forward
// have another name and the same number in 3.12.
func words(listing string) string {
	listing = strings.ReplaceAll(listing, "POP_JUMP_FORWARD_IF", "POP_JUMP_IF")
	return regexp.MustCompile(` +`).ReplaceAllString(listing, " ")
}

func runDis(t *testing.T, data []byte, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"dis"}, args...), bytes.NewReader(data), &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.String()
}

// cut takes what is before a separator off a text.
func cut(t *testing.T, text *string, separator string) string {
	t.Helper()
	before, after, ok := strings.Cut(*text, separator)
	if !ok {
		t.Fatalf("no %q in %.300q", separator, *text)
	}
	*text = after
	return before
}

// compareLines forgives what is known of two versions' dis: 3.11's doesn't
// explain KW_NAMES, and pickletools of 3.14 shows a str of Python 2 otherwise.
func compareLines(t *testing.T, name, got, want string) {
	t.Helper()
	g, w := strings.Split(strings.TrimRight(got, "\n"), "\n"), strings.Split(strings.TrimRight(want, "\n"), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) {
			t.Fatalf("%s: %d lines, want %d", name, len(g), len(w))
		}
		if g[i] == w[i] || strings.Contains(w[i], " KW_NAMES ") && strings.HasPrefix(g[i], w[i]+" (") {
			continue
		}
		t.Fatalf("%s, line %d:\n got %q\nwant %q", name, i+1, g[i], w[i])
	}
}

func TestMain(m *testing.M) {
	// Colors and a terminal are no matter of the tests' environment.
	for _, name := range []string{"NO_COLOR", "TERM"} {
		if err := os.Unsetenv(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
