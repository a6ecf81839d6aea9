package bytecode_test

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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

// findPythons returns the interpreters of this machine by version.
var findPythons = sync.OnceValue(func() map[bytecode.Version]string {
	candidates := append(filepath.SplitList(os.Getenv(pythonsVariable)), filepath.SplitList(os.Getenv(olderVariable))...)
	for _, v := range bytecode.Versions() {
		if path, err := exec.LookPath("python" + v.String()); err == nil {
			candidates = append(candidates, path)
		}
	}
	found := map[bytecode.Version]string{}
	for _, path := range candidates {
		if v, err := askVersion(path); err == nil && found[v] == "" {
			found[v] = path
		}
	}
	return found
})

// askVersion runs the interpreter: a name on PATH can be a version manager's
// stub for one that isn't there. Only CPython counts.
func askVersion(path string) (v bytecode.Version, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-I", "-c",
		"import sys; print(sys.implementation.name, *sys.version_info[:2])").Output()
	if err != nil {
		return v, err
	}
	_, err = fmt.Sscanf(string(out), "cpython %d %d", &v.Major, &v.Minor)
	return v, err
}

// forEachPython runs a test with each version's interpreter.
func forEachPython(t *testing.T, test func(t *testing.T, v bytecode.Version, python string)) {
	for _, v := range bytecode.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			python := findPythons()[v]
			if python == "" {
				t.Skipf("no CPython %v: neither python%v on PATH nor one in %s", v, v, pythonsVariable)
			}
			t.Parallel()
			test(t, v, python)
		})
	}
}

// runPython returns a script's output.
func runPython(t *testing.T, python string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-B"}, args...)...)
	// The order of a frozenset's items is part of the output.
	cmd.Env = append(os.Environ(), "PYTHONHASHSEED=0")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", python, strings.Join(args, " "), err, stderr.String())
	}
	return stdout.Bytes()
}

// The tables are what each interpreter's own modules say.
func TestTablesUpToDate(t *testing.T) {
	forEachPython(t, func(t *testing.T, v bytecode.Version, python string) {
		want, err := format.Source(runPython(t, python, "gen/tables.py"))
		if err != nil {
			t.Fatal(err)
		}
		file := fmt.Sprintf("table_%d%d.go", v.Major, v.Minor)
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what gen/tables.py prints: run %s gen/tables.py | gofmt > %s", file, python, file)
		}
	})
}

// Modules of the standard library, chosen for their size and their variety of
// syntax. Not every version has all of them.
const corpus = `argparse ast asyncio.base_events asyncio.tasks asyncio.streams
calendar codecs collections configparser contextlib copy csv dataclasses
_pydecimal difflib dis doctest email._header_value_parser enum fractions
functools inspect json.decoder logging logging.handlers pickle pickletools
plistlib pprint random re sre_compile shutil ssl statistics string tarfile
tempfile textwrap threading tokenize traceback turtle typing unittest.mock
urllib.request xml.dom.minidom zipfile test.test_grammar test.test_patma
test.test_fstring test.test_generators test.test_coroutines test.test_named_expressions
test.test_except_star test.test_type_params test.test_tstring test.test_typing
test.test_unpack_ex test.test_scope test.test_with test.test_listcomps`

// GlobalNames, the instructions, what arguments stand for, lines, columns,
// exception tables and listings are what each interpreter's dis says, for the
// code objects of its own samples and of its standard library.
func TestLive(t *testing.T) {
	bytecode.SetMaxRepr(t, 1<<20)
	corpora := map[string][]string{"samples": {"samples"}}
	if !testing.Short() {
		corpora["library"] = strings.Fields(corpus)
	}
	// Parallel subtests of their own, so that the bound on texts is reset
	// after them.
	t.Run("versions", func(t *testing.T) {
		forEachPython(t, func(t *testing.T, v bytecode.Version, python string) {
			for name, modules := range corpora {
				out := runPython(t, python, append([]string{"gen/oracle.py"}, modules...)...)
				n := readOracle(t, v, bytes.NewReader(out), checkCode)
				t.Log(name + ": " + strconv.Itoa(n) + " code objects")
				if n < 20 {
					t.Errorf("%s: only %d code objects", name, n)
				}
			}
		})
	})
}
