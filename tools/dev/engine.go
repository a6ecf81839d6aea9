package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// buildEngine builds the engine for o.arch. This machine's own goes to
// py/gocloudpickle/, where the Python package looks for it; another
// architecture's stays below build/.
func buildEngine(ctx context.Context, o *options) error {
	built := o.build("engine-"+o.arch, "_engine.so")
	err := o.compileEngine(ctx, built)
	if err != nil {
		return err
	}
	if o.arch != runtime.GOARCH {
		return o.report(built)
	}
	installed := filepath.Join(o.root, "py", "gocloudpickle", "_engine.so")
	if err := replaceFile(installed, built); err != nil {
		return err
	}
	return o.report(installed)
}

func (o *options) report(path string) error {
	info, err := os.Stat(path)
	if err == nil {
		step("engine: %s (linux/%s, %.1f MB)", o.relative(path), o.arch, float64(info.Size())/1e6)
	}
	return err
}

// compileEngine builds the engine into a file, with more flags for go build
// if given.
func (o *options) compileEngine(ctx context.Context, path string, more ...string) error {
	env, err := compilerEnv(o.arch)
	if err != nil {
		return err
	}
	args := []string{"build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path}
	args = append(args, more...)
	return o.show(ctx, env, "go", append(args, "./cmd/engine")...)
}

// compilerEnv returns the environment that builds cgo code for arch, or an
// error that says which compiler is missing.
func compilerEnv(arch string) ([]string, error) {
	cc := os.Getenv("CC")
	hint := "install gcc"
	if cc == "" {
		cc = "gcc"
		if arch != runtime.GOARCH {
			cc = map[string]string{"amd64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc"}[arch]
			hint = "install a cross compiler (Debian: apt-get install gcc-" + strings.TrimSuffix(strings.ReplaceAll(cc, "_", "-"), "-gcc") + ")"
		}
	}
	if cc == "" {
		return nil, fmt.Errorf("the engine is built for amd64 and arm64, not for %s", arch)
	}
	// CC may hold flags too.
	if _, err := exec.LookPath(strings.Fields(cc)[0]); err != nil {
		return nil, fmt.Errorf("the C compiler %s is missing: %s, or set CC", cc, hint)
	}
	return []string{"CGO_ENABLED=1", "GOOS=linux", "GOARCH=" + arch, "CC=" + cc}, nil
}

// replaceFile puts a copy of source at target in one step: a process that
// has the old file mapped keeps it, where writing into it would end it.
func replaceFile(target, source string) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, content) {
		return nil
	}
	temp := fmt.Sprintf("%s.%d", target, os.Getpid())
	if err := os.WriteFile(temp, content, 0o755); err != nil {
		return err
	}
	return os.Rename(temp, target)
}
