package interp

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Venv returns the python of a virtual environment in dir that has what the
// requirements file lists, making or completing it first when needed. A
// later call with the same interpreter and requirements returns at once.
func (in Interpreter) Venv(dir, requirements string, log func(format string, args ...any)) (python string, err error) {
	python = filepath.Join(dir, "bin", "python")
	if err := in.makeVenv(dir, log); err != nil {
		return "", err
	}
	want, err := readRequirements(requirements)
	if err != nil {
		return "", err
	}
	stamp := filepath.Join(dir, ".installed-"+filepath.Base(filepath.Dir(requirements))+"-"+filepath.Base(requirements))
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return python, nil
	}
	log("installing %s for Python %s into %s", filepath.Base(requirements), in.Version, dir)
	install := exec.Command(python, "-m", "pip", "install", "--quiet", "--no-input",
		"--disable-pip-version-check", "--only-binary", ":all:", "--requirement", requirements)
	if err := runQuietly(install); err != nil {
		return "", fmt.Errorf("installing %s for %v: %w", requirements, in, err)
	}
	return python, os.WriteFile(stamp, []byte(want), 0o644)
}

// NewVenv makes an environment with pip and nothing else in dir, in place of
// what was there, and returns its python.
func (in Interpreter) NewVenv(dir string, log func(format string, args ...any)) (python string, err error) {
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	python = filepath.Join(dir, "bin", "python")
	return python, in.makeVenv(dir, log)
}

// makeVenv makes an environment with pip in dir, unless the same interpreter
// made it earlier.
func (in Interpreter) makeVenv(dir string, log func(string, ...any)) error {
	stamp := filepath.Join(dir, ".made-by")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == in.String() {
		return nil
	}
	log("making a virtual environment of %v in %s", in, dir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	args := []string{"-m", "venv", dir}
	if in.Embedded { // it has pip, and no ensurepip to copy it
		args = append(args, "--without-pip")
	}
	if err := runQuietly(exec.Command(in.Path, args...)); err != nil {
		return fmt.Errorf("making a virtual environment of %v: %w", in, err)
	}
	if in.Embedded {
		lib := filepath.Join("lib", "python"+in.Version, "site-packages")
		home := filepath.Dir(filepath.Dir(in.Path))
		if err := os.CopyFS(filepath.Join(dir, lib), os.DirFS(filepath.Join(home, lib))); err != nil {
			return err
		}
	}
	return os.WriteFile(stamp, []byte(in.String()), 0o644)
}

// readRequirements returns the text of a requirements file and of the files
// it includes with -r.
func readRequirements(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	all := string(text)
	for line := range strings.Lines(all) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "-r "); ok {
			more, err := readRequirements(filepath.Join(filepath.Dir(path), strings.TrimSpace(name)))
			if err != nil {
				return "", err
			}
			all += more
		}
	}
	return all, nil
}

// runQuietly runs cmd and shows what it printed only when it fails.
func runQuietly(cmd *exec.Cmd) error {
	// A PYTHONPATH or PYTHONHOME of the user must not reach into the environment.
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PYTHON") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(strings.TrimSpace(string(out))))
	}
	return nil
}

// Folders installs, below dir, a folder for each requirements file, named after it: for
// versions of packages that can't stand side by side in one environment.
func Folders(python, dir string, requirements []string, log func(format string, args ...any)) error {
	for _, file := range requirements {
		want, err := readRequirements(file)
		if err != nil {
			return err
		}
		folder := filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".txt"))
		stamp := folder + ".installed"
		if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
			continue
		}
		log("installing %s into %s", filepath.Base(file), folder)
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		install := exec.Command(python, "-m", "pip", "install", "--quiet", "--no-input",
			"--disable-pip-version-check", "--only-binary", ":all:", "--target", folder, "--requirement", file)
		if err := runQuietly(install); err != nil {
			return fmt.Errorf("installing %s into %s: %w", file, folder, err)
		}
		if err := os.WriteFile(stamp, []byte(want), 0o644); err != nil {
			return err
		}
	}
	return nil
}
