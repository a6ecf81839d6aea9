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
	"time"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
	"github.com/gocloudpickle/gocloudpickle/tools/internal/results"
)

// A run that takes longer hangs: each test has its own, shorter limit.
const pytestLimit = 40 * time.Minute

// pythonJob runs the Python tests on one interpreter, once for each of the
// engine's paths: layout or portable.
func (o *options) pythonJob(in interp.Interpreter, paths ...string) job {
	return func(ctx context.Context) (runs []results.Run) {
		python, err := o.venv(in, filepath.Join(o.root, "tests", "requirements.txt"))
		for _, path := range paths {
			r := results.Run{Name: fmt.Sprintf("pytest %s %s", in.Version, path)}
			if err != nil {
				r.Ended(err)
				step("%s: %v", r.Name, err)
			} else {
				o.pytest(ctx, &r, python, in.Version, path)
			}
			runs = append(runs, r)
		}
		return runs
	}
}

// pytest runs the tests with one python on one path.
func (o *options) pytest(ctx context.Context, r *results.Run, python, version, path string) {
	id := version + "-" + path
	report := o.build("logs", "pytest-"+id+".xml")
	r.Log = o.relative(o.build("logs", "pytest-"+id+".log"))
	args := []string{"-m", "pytest", "-q", "--no-header", "--junitxml", report,
		"-o", "cache_dir=" + o.build("pytest-cache", id)}
	if o.quick {
		args = append(args, "-m", "not slow")
	}
	step("%s (%s)", r.Name, python)
	ctx, cancel := context.WithTimeout(ctx, pytestLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append(args, o.args...)...)
	ownGroup(cmd)
	cmd.Dir = o.root
	cmd.Env = append(os.Environ(),
		"PYTHONPATH="+filepath.Join(o.root, "py"),
		"HYPOTHESIS_STORAGE_DIRECTORY="+o.build("hypothesis", id))
	if path == "portable" {
		cmd.Env = append(cmd.Env, "GOCLOUDPICKLE_PATH=portable")
	} else {
		cmd.Env = append(cmd.Env, "GOCLOUDPICKLE_PATH=")
	}
	start := time.Now()
	err := o.runPytest(cmd, r, report)
	r.Elapsed = time.Since(start)
	o.finish(r, err)
}

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
	return errors.Join(runErr, r.ReadJUnit(xml))
}
