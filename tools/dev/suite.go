package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// runSuite runs tests of a framework's own, from a checkout of it, in the
// environment of the frameworks and with the engine switched on in every
// process that they start. Each process leaves the number of its dumps behind.
func runSuite(ctx context.Context, o *options) error {
	if len(o.args) < 2 {
		return errors.New(`name a checkout and tests in it: make test-suite SUITE=../loky ARGS="tests/test_x.py"`)
	}
	checkout, err := filepath.Abs(o.args[0])
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(checkout, "pyproject.toml")); err != nil {
		return fmt.Errorf("no checkout of a framework: %w", err)
	}
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	in, err := o.pickPython()
	if err != nil {
		return err
	}
	python, err := o.venvOf(in, "frameworks", filepath.Join(o.root, "tests", "requirements.txt"))
	if err != nil {
		return err
	}
	for _, name := range []string{"dask", "joblib"} {
		if _, err := o.venvOf(in, "frameworks", filepath.Join(o.root, "tests", "frameworks", "requirements-"+name+".txt")); err != nil {
			return err
		}
	}
	// A folder of its own on the path of each process, since the environment is
	// shared with tests that switch the engine on themselves.
	proof := o.build("suite")
	if err := errors.Join(os.RemoveAll(proof), os.MkdirAll(proof, 0o755)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(proof, "sitecustomize.py"), []byte(suiteStart), 0o644); err != nil {
		return err
	}
	path := strings.Join([]string{proof, checkout, filepath.Join(o.root, "py")}, string(filepath.ListSeparator))
	// The checkout is the user's: leave no __pycache__ in it.
	env := []string{"PYTHONPATH=" + path, "PYTHONDONTWRITEBYTECODE=1", "GOCLOUDPICKLE_INSTALL=1", "GOCLOUDPICKLE_SUITE=" + proof}
	args := append([]string{"-C", checkout, python, "-m", "pytest", "-q", "-p", "no:cacheprovider"}, o.args[1:]...)
	err = o.show(ctx, env, "env", args...)
	used, globErr := filepath.Glob(filepath.Join(proof, "*.dumps"))
	if len(used) == 0 {
		return errors.Join(err, globErr, errors.New("the engine made no dump in these tests"))
	}
	step("the engine made dumps in %d processes", len(used))
	return err
}

const suiteStart = `import atexit, os, sys
import gocloudpickle._startup


def leave():
    if "gocloudpickle._engine" in sys.modules:
        import gocloudpickle
        number = sum(gocloudpickle.engine_info()["dumps"].values())
        if number:
            folder = os.environ["GOCLOUDPICKLE_SUITE"]
            open(os.path.join(folder, f"{os.getpid()}-{number}.dumps"), "w").close()


atexit.register(leave)
`
