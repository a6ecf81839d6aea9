package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// engineTests are the tests in which the engine works on the memory of the interpreter.
var engineTests = []string{"tests/beyond", "tests/differential", "tests/explain", "tests/rebuild", "tests/robust",
	"tests/oracles/test_pickler_class.py", "tests/oracles/test_pickler_hooks.py",
	"tests/oracles/test_pickler_methods.py", "tests/oracles/test_pickler_moments.py"}

// debugWay prepares a run with the checks on that find memory errors: Go's
// checkptr compiled in, its cgo checks, and CPython's debug allocator. It
// runs in build/debug, a copy of the package and its tests, since an engine
// is always found next to the package.
func (o *options) debugWay(ctx context.Context) (way, error) {
	copied := o.build("debug")
	if err := errors.Join(os.RemoveAll(copied), os.MkdirAll(copied, 0o755)); err != nil {
		return way{}, err
	}
	// A module of its own, so that the checkout's ./... does not mean the copy too.
	if err := os.WriteFile(filepath.Join(copied, "go.mod"), []byte("module debug\n"), 0o644); err != nil {
		return way{}, err
	}
	for _, name := range []string{"docs", "pyproject.toml", "py", "rebuild", "tests"} {
		if err := copySources(filepath.Join(copied, name), filepath.Join(o.root, name)); err != nil {
			return way{}, err
		}
	}
	engine := filepath.Join(copied, "py", "gocloudpickle", "_engine.so")
	step("building the engine with checks for pointers")
	if err := o.compileEngine(ctx, engine, "-gcflags=all=-d=checkptr"); err != nil {
		return way{}, err
	}
	return way{
		name: "debug",
		root: copied,
		env:  []string{"GOCLOUDPICKLE_PATH=", "PYTHONMALLOC=debug", "GODEBUG=cgocheck=1"},
		args: slices.Concat(quickTests, engineTests),
	}, nil
}

// copySources copies a file or a folder, without what was built in it;
// symbolic links become copies of what they lead to.
func copySources(target, source string) error {
	unwanted := []string{"__pycache__", "_engine.so", "_engine.h"}
	return filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if slices.Contains(unwanted, d.Name()) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		to := target + strings.TrimPrefix(path, source)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o644)
	})
}
