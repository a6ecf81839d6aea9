package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// runSuite runs tests of a framework's own, from a checkout of it, in the
// environment of the frameworks: with stock cloudpickle, and with the engine
// switched on in every process that they start. What passes with stock
// cloudpickle has to pass with the engine.
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
	python, err := o.suiteEnv()
	if err != nil {
		return err
	}
	stock, err := o.suite(ctx, python, checkout, "stock")
	if err != nil {
		return err
	}
	if stock.processes > 0 {
		return errors.New("the engine made dumps with stock cloudpickle: these tests switch it on themselves")
	}
	ours, err := o.suite(ctx, python, checkout, "engine")
	if err != nil {
		return err
	}
	fmt.Printf("\nstock cloudpickle: %s\n", stock.summary())
	fmt.Printf("with the engine:   %s\n", ours.summary())
	fmt.Printf("the engine made %d dumps and loaded %d payloads in %d processes\n", ours.dumps, ours.loads, ours.processes)
	differences := compareOutcomes(stock.outcomes, ours.outcomes)
	fmt.Printf("%d of %d tests differ\n", len(differences), len(stock.outcomes))
	for _, d := range differences {
		fmt.Printf("   %s\n", d)
	}
	switch {
	case ours.dumps == 0:
		return errors.New("the engine made no dump in these tests")
	case stock.number("passed") == 0:
		return errors.New("no test passed with stock cloudpickle")
	}
	if passedOnlyIn(stock.outcomes, ours.outcomes) > 0 {
		return saidAlready{1}
	}
	return nil
}

// passedOnlyIn counts the tests that passed in one run and not in the other.
func passedOnlyIn(one, other map[string]string) (n int) {
	for name, outcome := range one {
		if outcome == "passed" && other[name] != outcome {
			n++
		}
	}
	return n
}

// suiteEnv returns the python of the environment of the frameworks, with what
// the frameworks need whose tests are run so.
func (o *options) suiteEnv() (python string, err error) {
	in, err := o.pickPython()
	if err != nil {
		return "", err
	}
	files := []string{filepath.Join(o.root, "tests", "requirements.txt")}
	for _, name := range []string{"dask", "joblib"} {
		files = append(files, filepath.Join(o.root, "tests", "frameworks", "requirements-"+name+".txt"))
	}
	for _, file := range files {
		if python, err = o.venvOf(in, "frameworks", file); err != nil {
			return "", err
		}
	}
	return python, nil
}

// suiteRun is what came of a framework's tests, run in one way.
type suiteRun struct {
	outcomes                map[string]string
	dumps, loads, processes int // the engine's, and those that it worked in
}

func (r suiteRun) number(outcome string) (n int) {
	for _, o := range r.outcomes {
		if o == outcome {
			n++
		}
	}
	return n
}

func (r suiteRun) summary() string {
	counts := []string{}
	for _, outcome := range []string{"passed", "failed", "skipped", "not ended"} {
		counts = append(counts, fmt.Sprintf("%d %s", r.number(outcome), outcome))
	}
	return strings.Join(counts, ", ")
}

// suite runs the tests in one way, stock or engine, for the user to watch.
func (o *options) suite(ctx context.Context, python, checkout, way string) (suiteRun, error) {
	results := o.build("suite", way)
	if err := errors.Join(os.RemoveAll(results), os.MkdirAll(results, 0o755)); err != nil {
		return suiteRun{}, err
	}
	step("%s: its own tests, %s", filepath.Base(checkout), way)
	ctx, cancel := context.WithTimeout(ctx, pytestLimit)
	defer cancel()
	args := []string{"-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "gocloudpickle_outcomes"}
	cmd := exec.CommandContext(ctx, python, slices.Concat(args, o.args[1:])...)
	ownGroup(cmd)
	cmd.Dir = checkout
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	path := []string{filepath.Join(o.root, "tests", "frameworks", "suite"), checkout, filepath.Join(o.root, "py")}
	// The checkout is the user's: leave no __pycache__ in it.
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "GOCLOUDPICKLE_SUITE="+results,
		"PYTHONPATH="+strings.Join(path, string(filepath.ListSeparator)))
	if way == "stock" {
		cmd.Env = append(cmd.Env, "GOCLOUDPICKLE_INSTALL=", "LOKY_PICKLER=")
	} else {
		cmd.Env = append(cmd.Env, "GOCLOUDPICKLE_INSTALL=1")
	}
	err := cmd.Run() // failing tests are data here
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		step("%s: ended after %v", way, pytestLimit)
	} else if ctx.Err() != nil {
		return suiteRun{}, ctx.Err()
	}
	run, readErr := readSuite(results)
	if readErr != nil {
		return run, fmt.Errorf("these tests ended without a result (%v): %w", err, readErr)
	}
	return run, nil
}

// readSuite reads what tests/frameworks/suite has left in a folder.
func readSuite(folder string) (suiteRun, error) {
	run := suiteRun{outcomes: map[string]string{}}
	file, err := os.Open(filepath.Join(folder, "outcomes.jsonl"))
	if err != nil {
		return run, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var line struct{ Test, Outcome string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return run, err
		}
		run.outcomes[line.Test] = line.Outcome
	}
	if err := lines.Err(); err != nil {
		return run, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.used"))
	if err != nil {
		return run, err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return run, err
		}
		var used struct{ Dumps, Loads int }
		if err := json.Unmarshal(text, &used); err != nil {
			return run, fmt.Errorf("%s: %w", name, err)
		}
		if used.Dumps > 0 {
			run.processes++
		}
		run.dumps += used.Dumps
		run.loads += used.Loads
	}
	return run, nil
}
