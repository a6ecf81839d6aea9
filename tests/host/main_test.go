package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

// modes are what a process of this test program does instead of tests, by the
// value of modeVariable: an interpreter starts once, so what needs a fresh one, or
// the other path, is done in another process.
var modes = map[string]func(options hosting.StartOptions) error{
	"start":   modeStart,
	"rebuild": modeRebuild,
	"dump":    modeDump,
	"load":    modeLoad,
	"finish":  modeFinish,
}

const modeVariable = "GOCLOUDPICKLE_TEST_MODE"

// checkout is the root of the project.
var checkout = filepath.Join("..", "..")

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var err error
	if checkout, err = filepath.Abs(checkout); err != nil {
		return fail(err)
	}
	dir, err := home(checkout)
	if err != nil {
		return fail(err)
	}
	options := hosting.StartOptions{Home: dir, Isolated: true}
	if mode := os.Getenv(modeVariable); mode != "" {
		if err := modes[mode](options); err != nil {
			return fail(err)
		}
		return 0
	}
	if err := hosting.Start(options); err != nil {
		return fail(err)
	}
	return m.Run()
}

// inMode runs this test program in a mode, and returns what it printed.
func inMode(t *testing.T, mode string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), modeVariable+"="+mode), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestOnThePortablePath runs all tests once more, on the path that reads objects
// through the C API.
func TestOnThePortablePath(t *testing.T) {
	if isPortable() {
		t.Skip("this is the portable path")
	}
	if testing.Short() {
		t.Skip("takes seconds")
	}
	cmd := exec.Command(os.Args[0], "-test.count=1", "-test.skip=^TestOnThePortablePath$|^TestCorpus")
	cmd.Env = append(os.Environ(), python.PathVariable+"=portable")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func isPortable() bool { return os.Getenv(python.PathVariable) == "portable" }

// A scene is a namespace of Python objects; it is used with the GIL held.
type scene struct {
	t       *testing.T
	globals python.Object
}

// with runs Python source and then test, with the GIL held.
func with(t *testing.T, source string, test func(s scene)) {
	t.Helper()
	err := hosting.Do(func() error {
		s := scene{t, python.NewDict()}
		defer s.globals.DecRef()
		s.exec(source)
		test(s)
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, traceback(err))
	}
}

func traceback(err error) string {
	if e, ok := err.(*hosting.Exception); ok {
		return e.Traceback
	}
	return ""
}

// exec runs statements in the scene.
func (s scene) exec(source string) {
	s.t.Helper()
	if python.Exec(source, "<scene>", s.globals) != nil {
		s.fail("exec", source)
	}
}

// eval is the value of an expression, which lives until the test ends.
func (s scene) eval(expression string) python.Object {
	s.t.Helper()
	o := python.Eval(expression, s.globals)
	if o.IsNil() {
		s.fail("eval", expression)
	}
	s.t.Cleanup(func() {
		_ = hosting.Do(func() error {
			o.DecRef()
			return nil
		})
	})
	return o
}

func (s scene) fail(what, source string) {
	s.t.Helper()
	err := hosting.Do(func() error { return python.ErrPython })
	s.t.Fatalf("%s %s: %v\n%s", what, source, err, traceback(err))
}

// isTrue evaluates a condition.
func (s scene) isTrue(expression string) bool {
	s.t.Helper()
	ok, err := python.IsTrue(s.eval(expression))
	if err != nil {
		s.fail("bool", expression)
	}
	return ok
}

// repr is repr() of an object.
func (s scene) repr(o python.Object) string {
	s.t.Helper()
	if o.IsNil() {
		return "NULL"
	}
	text := python.Repr(o)
	if text.IsNil() {
		s.fail("repr", "an object")
	}
	defer text.DecRef()
	return python.String(text)
}

// set binds a name in the scene.
func (s scene) set(name string, value python.Object) {
	s.t.Helper()
	key := python.Intern(name)
	defer key.DecRef()
	if python.DictSet(s.globals, key, value) != nil {
		s.fail("set", name)
	}
}
