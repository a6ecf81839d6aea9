package main

import (
	"context"
	"path/filepath"
)

// runBenchScanners measures the audit beside the scanners of bench/scanners.py, in an
// environment of their own.
func runBenchScanners(ctx context.Context, o *options) error {
	if err := buildEngine(ctx, o); err != nil {
		return err
	}
	command := o.build("gocloudpickle")
	if err := o.show(ctx, nil, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", command, "./cmd/gocloudpickle"); err != nil {
		return err
	}
	in, err := o.pickPython()
	if err != nil {
		return err
	}
	python, err := o.venvOf(in, "scanners", filepath.Join(o.root, "bench", "requirements-scanners.txt"))
	if err != nil {
		return err
	}
	env := []string{"PYTHONPATH=" + filepath.Join(o.root, "py")}
	return o.show(ctx, env, python, append([]string{filepath.Join("bench", "scanners.py"), "--command", command}, o.args...)...)
}
