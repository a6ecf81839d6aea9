package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// oldFrameworks is the requirements file of releases that exclude the current
// ones: it has an environment of its own, where the tests that it names run.
const oldFrameworks = "requirements-joblib-old.txt"

var oldFrameworksTests = []string{"tests/frameworks/test_joblib.py", "tests/frameworks/test_copies.py"}

// runFrameworks runs tests/frameworks with real releases of the frameworks.
func runFrameworks(ctx context.Context, o *options) error {
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	in, err := o.pickPython()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.build("logs"), 0o755); err != nil {
		return err
	}
	runs := o.frameworksJob(in)(ctx)
	results.Print(os.Stdout, runs)
	if !slices.ContainsFunc(runs, func(r results.Run) bool { return r.Total() > 0 }) {
		return errors.New("the arguments choose no test")
	}
	if results.Failed(runs) || ctx.Err() != nil {
		return saidAlready{1}
	}
	return nil
}

// frameworksJob runs the tests of the frameworks on one Python. What can't be
// installed there is named, and its tests are skipped.
func (o *options) frameworksJob(in interp.Interpreter) job {
	return func(ctx context.Context) (runs []results.Run) {
		files, err := filepath.Glob(filepath.Join(o.root, "tests", "frameworks", "requirements-*.txt"))
		slices.Sort(files)
		var current, old []string
		for _, file := range files {
			if filepath.Base(file) == oldFrameworks {
				old = append(old, file)
			} else {
				current = append(current, file)
			}
		}
		layout := []string{"GOCLOUDPICKLE_PATH="}
		for _, w := range []struct {
			way
			files []string
		}{
			{way{name: "frameworks", root: o.root, env: layout, args: []string{"tests/frameworks"}}, current},
			{way{name: "frameworks-old", root: o.root, env: layout, args: oldFrameworksTests}, old},
		} {
			r := results.Run{Name: fmt.Sprintf("pytest %s %s", in.Version, w.name)}
			var python string
			if err == nil {
				python, err = o.venvOf(in, w.name, filepath.Join(o.root, "tests", "requirements.txt"))
			}
			if err != nil {
				r.Ended(err)
				step("%s: %v", r.Name, err)
				return append(runs, r)
			}
			for _, file := range w.files {
				if _, err := o.venvOf(in, w.name, file); err != nil {
					name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "requirements-"), ".txt")
					step("%s: %v", r.Name, err)
					runs = append(runs, results.Run{
						Name:   r.Name + " " + name,
						NotRun: fmt.Sprintf("%s can't be installed for Python %s", filepath.Base(file), in.Version),
					})
				}
			}
			o.pytest(ctx, &r, python, in.Version, w.way)
			runs = append(runs, r)
		}
		return runs
	}
}

// venvOf returns the python of the environment build/venv-NAME-X.Y with the
// packages of a requirements file added to what it has.
func (o *options) venvOf(in interp.Interpreter, name, requirements string) (string, error) {
	return in.Venv(o.build("venv-"+name+"-"+in.Version), requirements, step)
}
