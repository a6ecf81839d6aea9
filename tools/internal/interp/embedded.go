package interp

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
	"strings"
)

// The Go module that carries CPython 3.14 for several platforms, and pip.
// Its files are only data here. It isn't in go.mod because its own go.mod
// asks for a newer Go than this project does.
const (
	embeddedModule  = "github.com/kluctl/go-embed-python@v0.0.0-3.14.6-20260610-1"
	embeddedSum     = "h1:oGUS7++Wm3LgxUfD6AmJgKbKQD2wdQFO9PzyJv6T+E4="
	embeddedVersion = "3.14.6"
)

// EmbeddedVersion is the version of the CPython that Embedded unpacks.
const EmbeddedVersion = "3.14"

// Embedded returns the CPython of the Go module for Linux on goarch,
// unpacking it into dir unless an earlier call did. The log function is told
// about steps that take a while.
func Embedded(goarch, dir string, log func(format string, args ...any)) (Interpreter, error) {
	in := Interpreter{
		Path:     filepath.Join(dir, "bin", "python"+EmbeddedVersion),
		Version:  EmbeddedVersion,
		Full:     embeddedVersion,
		Embedded: true,
	}
	stamp := filepath.Join(dir, ".unpacked")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == embeddedSum {
		return in, nil
	}

	log("getting CPython %s from the Go module %s (109 MB, unless Go has it already)", embeddedVersion, embeddedModule)
	module, err := downloadModule(embeddedModule, embeddedSum)
	if err != nil {
		return in, fmt.Errorf("CPython %s can't be had: %w", embeddedVersion, err)
	}
	log("unpacking CPython %s for linux/%s", embeddedVersion, goarch)
	// Unpack beside dir and rename, so that a cut run leaves nothing that looks whole.
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Dir(dir), 0o755)); err != nil {
		return in, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".part")
	if err != nil {
		return in, err
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return in, err
	}
	data := filepath.Join(module, "python", "internal", "data", "linux-"+goarch)
	if err := unpack(data, temp); err != nil {
		return in, fmt.Errorf("unpacking CPython %s: %w", embeddedVersion, err)
	}
	pip := filepath.Join(module, "pip", "internal", "data")
	sitePackages := filepath.Join(temp, "lib", "python"+EmbeddedVersion, "site-packages")
	if err := unpack(pip, sitePackages); err != nil {
		return in, fmt.Errorf("unpacking pip: %w", err)
	}
	if err := os.WriteFile(filepath.Join(temp, ".unpacked"), []byte(embeddedSum), 0o644); err != nil {
		return in, err
	}
	return in, os.Rename(temp, dir)
}

// downloadModule brings a module into Go's module cache, checks it against
// sum, and returns its folder there.
func downloadModule(module, sum string) (dir string, err error) {
	cmd := exec.Command("go", "mod", "download", "-json", module)
	// Outside any module, so that no go.mod takes part.
	cmd.Dir = os.TempDir()
	out, runErr := cmd.Output()
	var answer struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(out, &answer); err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, errors.Join(runErr, err))
	}
	if answer.Error != "" {
		return "", fmt.Errorf("go mod download: %s", answer.Error)
	}
	if answer.Sum != sum {
		return "", fmt.Errorf("go mod download %s: its checksum is %s, not %s", module, answer.Sum, sum)
	}
	return answer.Dir, nil
}

// packedFile is one entry of the module's files.json.
type packedFile struct {
	Name       string
	Mode       fs.FileMode `json:"perm"`
	Symlink    string
	Compressed bool // stored as Name + ".gz"
}

// unpack writes the files that data's files.json lists below dest, with
// their modes and symbolic links.
func unpack(data, dest string) error {
	text, err := os.ReadFile(filepath.Join(data, "files.json"))
	if err != nil {
		return err
	}
	var list struct{ Files []packedFile }
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("files.json: %w", err)
	}
	for _, f := range list.Files {
		if !filepath.IsLocal(f.Name) {
			return fmt.Errorf("files.json: %q points outside", f.Name)
		}
		if err := unpackFile(f, data, dest); err != nil {
			return err
		}
	}
	return nil
}

func unpackFile(f packedFile, data, dest string) error {
	target := filepath.Join(dest, f.Name)
	switch f.Mode.Type() {
	case fs.ModeDir:
		return os.MkdirAll(target, f.Mode.Perm()|0o700)
	case fs.ModeSymlink:
		if strings.HasPrefix(f.Symlink, "/") {
			return fmt.Errorf("%s: absolute link to %s", f.Name, f.Symlink)
		}
		return os.Symlink(f.Symlink, target)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	source := filepath.Join(data, f.Name)
	if f.Compressed {
		source += ".gz"
	}
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	var content io.Reader = in
	if f.Compressed {
		if content, err = gzip.NewReader(in); err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
	}
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode.Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	return nil
}
