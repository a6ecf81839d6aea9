package main

import (
	"context"
	"path/filepath"
	"slices"
)

// runDemo runs examples/demo.py, with stock cloudpickle installed for comparison.
func runDemo(ctx context.Context, o *options) error {
	return o.runScript(ctx, filepath.Join("tests", "requirements-demo.txt"), filepath.Join("examples", "demo.py"))
}

// runSoak runs dumps and loads from everywhere at once.
func runSoak(ctx context.Context, o *options) error {
	return o.runScript(ctx, filepath.Join("tests", "requirements.txt"), "-m", "tests.soak")
}

// runBench runs the benchmarks of bench/.
func runBench(ctx context.Context, o *options) error {
	return o.runScript(ctx, filepath.Join("bench", "requirements.txt"), "bench")
}

// runScript builds the engine and runs a Python program of the checkout, in
// an environment with the packages of a requirements file.
func (o *options) runScript(ctx context.Context, requirements string, script ...string) error {
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	in, err := o.pickPython()
	if err != nil {
		return err
	}
	python, err := o.venv(in, filepath.Join(o.root, requirements))
	if err != nil {
		return err
	}
	env := []string{"PYTHONPATH=" + filepath.Join(o.root, "py")}
	return o.show(ctx, env, python, slices.Concat(script, o.args)...)
}

// runBenchScale runs the benchmark of many objects.
func runBenchScale(ctx context.Context, o *options) error {
	return o.runScript(ctx, filepath.Join("bench", "requirements.txt"), filepath.Join("bench", "scale.py"))
}
