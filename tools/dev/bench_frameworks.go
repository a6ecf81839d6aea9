package main

import (
	"context"
	"path/filepath"
)

// runBenchFrameworks measures the frameworks of bench/frameworks.py, in the
// environment of runFrameworks. What can't be installed there is not measured.
func runBenchFrameworks(ctx context.Context, o *options) error {
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	in, err := o.pickPython()
	if err != nil {
		return err
	}
	python, err := o.venvOf(in, "frameworks", filepath.Join(o.root, "bench", "requirements.txt"))
	if err != nil {
		return err
	}
	files, err := frameworksRequirements(o.root)
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := o.venvOf(in, "frameworks", file); err != nil {
			step("%s: %v", filepath.Base(file), err)
		}
	}
	env := []string{"PYTHONPATH=" + filepath.Join(o.root, "py")}
	return o.show(ctx, env, python, append([]string{filepath.Join("bench", "frameworks.py")}, o.args...)...)
}

// frameworksRequirements lists the requirements files of current releases.
func frameworksRequirements(root string) (files []string, err error) {
	every, err := filepath.Glob(filepath.Join(root, "tests", "frameworks", "requirements-*.txt"))
	for _, file := range every {
		if filepath.Base(file) != oldFrameworks {
			files = append(files, file)
		}
	}
	return files, err
}
