// Package host holds the tests that start CPython inside a Go process: of
// python, pickler, rebuild and the root package, on both of the engine's paths.
//
// It is a module of its own, so that the library's go.mod stays as small as it is.
// The interpreter is the CPython 3.14 of another Go module, unpacked once below
// build/. GOCLOUDPICKLE_TEST_PYTHONHOME names one that is unpacked already (make
// test does that), or any other CPython 3.10 to 3.14 built with --enable-shared
// and without cloudpickle in its site-packages.
package host

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Its go.mod asks for Go 1.26, so it isn't required in ours: that would keep Go
// 1.25 from running these tests. Its files are only data here.
const (
	embeddedModule = "github.com/kluctl/go-embed-python@v0.0.0-3.14.6-20260610-1"
	embeddedSum    = "h1:oGUS7++Wm3LgxUfD6AmJgKbKQD2wdQFO9PzyJv6T+E4="
)

// home is the folder of the CPython to host. checkout is the root of the project.
func home(checkout string) (string, error) {
	if dir := os.Getenv("GOCLOUDPICKLE_TEST_PYTHONHOME"); dir != "" {
		return dir, nil
	}
	dir := filepath.Join(checkout, "build", "python-3.14")
	if _, err := os.Stat(filepath.Join(dir, ".unpacked")); err == nil { // by make test, whole
		return dir, nil
	}
	dir += "-host"
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	data, err := download()
	if err != nil {
		return "", fmt.Errorf("the embedded CPython can't be had: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "python-3.14-host.part")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	if err := unpack(data, temp); err != nil {
		return "", fmt.Errorf("unpacking the embedded CPython: %w", err)
	}
	if err := os.Rename(temp, dir); err != nil {
		if _, there := os.Stat(dir); there == nil { // another test process was faster
			return dir, nil
		}
		return "", err
	}
	return dir, nil
}

// download gives the folder of the module with the files for this platform.
func download() (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", embeddedModule)
	cmd.Dir = os.TempDir() // outside any module, so that no go.mod takes part
	out, runErr := cmd.Output()
	var answer struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(out, &answer); err != nil {
		return "", errors.Join(runErr, err)
	}
	if answer.Error != "" {
		return "", errors.New(answer.Error)
	}
	if answer.Sum != embeddedSum {
		return "", fmt.Errorf("%s has checksum %s, not %s", embeddedModule, answer.Sum, embeddedSum)
	}
	return filepath.Join(answer.Dir, "python", "internal", "data", runtime.GOOS+"-"+runtime.GOARCH), nil
}

// unpack writes what the module's files.json lists.
func unpack(data, dest string) error {
	text, err := os.ReadFile(filepath.Join(data, "files.json"))
	if err != nil {
		return err
	}
	var list struct {
		Files []struct {
			Name       string
			Mode       fs.FileMode `json:"perm"`
			Symlink    string
			Compressed bool // stored as Name + ".gz"
		}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	for _, f := range list.Files {
		if !filepath.IsLocal(f.Name) || filepath.IsAbs(f.Symlink) {
			return fmt.Errorf("%q points outside", f.Name)
		}
		from, to := filepath.Join(data, f.Name), filepath.Join(dest, f.Name)
		switch {
		case f.Mode.IsDir():
			err = os.MkdirAll(to, 0o755)
		case f.Mode.Type() == fs.ModeSymlink:
			err = os.Symlink(f.Symlink, to)
		case f.Compressed:
			err = copyFile(from+".gz", to, f.Mode.Perm(), true)
		default:
			err = copyFile(from, to, f.Mode.Perm(), false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string, mode fs.FileMode, compressed bool) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	var content io.Reader = in
	if compressed {
		if content, err = gzip.NewReader(in); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}
