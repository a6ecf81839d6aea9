package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// A run that takes longer hangs: each test has its own, shorter limit.
const pytestLimit = 40 * time.Minute

// A way is one manner of running the Python tests.
type way struct {
	name string
	root string // the checkout, or a copy of its tests and package
	env  []string
	args []string // for pytest
}

// quickTests leaves out the tests that take long.
var quickTests = []string{"-m", "not slow"}

// ways returns a way for each of the three paths, and one for the tests that take
// long, which run on one Python only. Without the engine, only the oracles have
// something to say, unless the arguments choose other tests.
func (o *options) ways() (layout, portable, python, slow way) {
	layout = way{name: "layout", root: o.root, env: []string{"GOCLOUDPICKLE_PATH="}, args: quickTests}
	portable = way{name: "portable", root: o.root, env: []string{"GOCLOUDPICKLE_PATH=portable"}, args: quickTests}
	python = way{name: "python", root: o.root, env: []string{"GOCLOUDPICKLE_PATH=python"}, args: quickTests}
	if len(o.args) == 0 {
		python.args = slices.Concat(quickTests, []string{"tests/beyond", "tests/differential", "tests/explain",
			"tests/oracles", "tests/robust/test_interpreters.py", "tests/frameworks/test_executor.py",
			"--ignore=tests/oracles/test_disassembly.py",
			"--ignore=tests/oracles/test_loading.py"}) // equal bytes load alike
	}
	slow = way{name: "slow", root: o.root, env: []string{"GOCLOUDPICKLE_PATH="}, args: []string{"-m", "slow", "--timeout=1500"}}
	return layout, portable, python, slow
}

// kindTests are the tests that have each kind of object once.
var kindTests = []string{"tests/differential/test_corpus.py", "tests/beyond"}

// pathTests are the tests of what differs between the paths: how objects are read.
var pathTests = []string{"tests/differential", "tests/beyond", "tests/explain", "tests/oracles", "tests/rebuild",
	"tests/robust/test_mutation.py"}

// waysOf returns the ways of one of the Pythons. The portable and the Python path have
// more tests with the oldest and the newest, which differ most in what they offer, and the
// portable path those of what else runs in a process with the newest.
func (o *options) waysOf(in interp.Interpreter, all []interp.Interpreter) []way {
	layout, portable, python, _ := o.ways()
	if len(o.args) > 0 {
		return []way{layout, portable, python}
	}
	switch in.Version {
	case all[len(all)-1].Version:
		portable.args = slices.Concat(quickTests, pathTests, []string{"tests/robust", "tests/frameworks"})
	case all[0].Version:
		portable.args = slices.Concat(quickTests, pathTests)
	default:
		portable.args = slices.Concat(quickTests, kindTests, []string{"tests/robust/test_mutation.py"})
		python.args = slices.Concat(quickTests, kindTests)
	}
	return []way{layout, portable, python}
}

// pythonJob runs the Python tests on one interpreter, in each of the ways.
func (o *options) pythonJob(in interp.Interpreter, ways ...way) job {
	return func(ctx context.Context) (runs []results.Run) {
		python, err := o.venv(in, filepath.Join(o.root, "tests", "requirements.txt"))
		if err == nil {
			err = o.also(python)
		}
		for _, w := range ways {
			r := results.Run{Name: fmt.Sprintf("pytest %s %s", in.Version, w.name)}
			if err != nil {
				r.Ended(err)
				step("%s: %v", r.Name, err)
			} else {
				o.pytest(ctx, &r, python, in.Version, w)
			}
			runs = append(runs, r)
		}
		return runs
	}
}

// also installs what the tests use in several versions: each file of tests/also into a
// folder of its own below the environment.
func (o *options) also(python string) error {
	files, err := filepath.Glob(filepath.Join(o.root, "tests", "also", "*.txt"))
	if err != nil {
		return err
	}
	return interp.Folders(python, filepath.Join(filepath.Dir(filepath.Dir(python)), "also"), files, step)
}

// pytest runs the tests with one python in one way.
func (o *options) pytest(ctx context.Context, r *results.Run, python, version string, w way) {
	id := version + "-" + w.name
	report := o.build("logs", "pytest-"+id+".xml")
	r.Log = o.relative(o.build("logs", "pytest-"+id+".log"))
	args := []string{"-m", "pytest", "-q", "--no-header", "--junitxml", report,
		"-o", "cache_dir=" + o.build("pytest-cache", id)}
	step("%s (%s)", r.Name, python)
	ctx, cancel := context.WithTimeout(ctx, pytestLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, slices.Concat(args, w.args, o.args)...)
	ownGroup(cmd)
	cmd.Dir = w.root
	cmd.Env = slices.Concat(os.Environ(), []string{
		"PYTHONPATH=" + filepath.Join(w.root, "py"),
		"HYPOTHESIS_STORAGE_DIRECTORY=" + o.build("hypothesis", id),
	}, w.env)
	start := time.Now()
	err := o.runPytest(cmd, r, report)
	r.Elapsed = time.Since(start)
	o.finish(r, err)
}

// pytestChoseNone is the exit status of pytest when no test was collected.
const pytestChoseNone = 5

func (o *options) runPytest(cmd *exec.Cmd, r *results.Run, report string) error {
	// What an earlier run reported must not stand for this one if it crashes.
	if err := os.Remove(report); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	log, err := os.Create(r.Log)
	if err != nil {
		return err
	}
	defer log.Close()
	var out io.Writer = log
	if o.quick {
		out = io.MultiWriter(log, os.Stdout)
	}
	cmd.Stdout, cmd.Stderr = out, out
	runErr := cmd.Run()
	xml, err := os.Open(report)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("it ended without a report: %w", cmp.Or(runErr, errors.New("exit status 0")))
	}
	if err != nil {
		return err
	}
	defer xml.Close()
	readErr := r.ReadJUnit(xml)
	if len(o.args) > 0 && cmd.ProcessState.ExitCode() == pytestChoseNone && r.Total() == 0 {
		r.NotRun, runErr = "the arguments choose none of its tests", nil
	}
	return errors.Join(runErr, readErr)
}
