package gocloudpickle_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gocloudpickle/gocloudpickle"

// A room is a package, with the other rooms that it may import.
type room struct {
	knows []string
	cgo   bool // it may use C
}

// rooms are all of them, from the lowest up: each knows only rooms above itself
// in this list. A package that isn't here belongs to the room around it.
var rooms = []struct {
	name string
	room
}{
	{"pickle", room{}},
	{"bytecode", room{}},
	{"python", room{cgo: true}},
	{"pickler", room{knows: []string{"pickle", "bytecode", "python"}}},
	{"rebuild", room{knows: []string{"python"}}},
	{".", room{knows: []string{"python", "pickler", "rebuild"}}},
	{"payload", room{knows: []string{"pickle", "bytecode"}}},
	{"audit", room{knows: []string{"payload"}}},
	{"seal", room{knows: []string{"payload"}}},
	{"worker", room{knows: []string{"pickle", "seal"}}},
	{"cmd/engine", room{knows: []string{"python", "pickler"}, cgo: true}},
	{"cmd/gocloudpickle", room{knows: []string{"pickle", "bytecode", "payload", "audit", "seal", "worker"}}},
}

func TestRoomsAreInOrder(t *testing.T) {
	var before []string
	for _, r := range rooms {
		for _, other := range r.knows {
			if !slices.Contains(before, other) {
				t.Errorf("%s knows %s, which does not come before it", r.name, other)
			}
		}
		before = append(before, r.name)
	}
}

func roomOf(importPath string) (name string, r room, ok bool) {
	folder := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
	for ; folder != "." && folder != ""; folder = path.Dir(folder) {
		for _, candidate := range rooms {
			if candidate.name == folder {
				return candidate.name, candidate.room, true
			}
		}
	}
	for _, candidate := range rooms {
		if candidate.name == "." {
			return ".", candidate.room, importPath == module
		}
	}
	return "", room{}, false
}

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath               string
	Imports                  []string
	CgoFiles, CFiles, SFiles []string
	Standard                 bool
}

func list(t *testing.T, arguments ...string) (packages []pkg) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json"}, arguments...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestLayers(t *testing.T) {
	packages := list(t, "./...")
	if len(packages) < 6 {
		t.Fatalf("only %d packages", len(packages))
	}
	for _, p := range packages {
		name, r, ok := roomOf(p.ImportPath)
		if !ok {
			t.Errorf("%s is no room: add it to rooms, and to the design", p.ImportPath)
			continue
		}
		if cFiles := len(p.CgoFiles) + len(p.CFiles) + len(p.SFiles); cFiles > 0 && !r.cgo {
			t.Errorf("%s has C or assembly, which only python may have: %v %v %v", p.ImportPath, p.CgoFiles, p.CFiles, p.SFiles)
		}
		for _, imported := range p.Imports {
			imported, _, _ = strings.Cut(imported, " ") // "x [y]" where y has a profile
			if imported == "C" && !r.cgo {
				t.Errorf("%s imports C, which only python may", p.ImportPath)
			}
			if !strings.HasPrefix(imported, module) {
				continue
			}
			if other, _, _ := roomOf(imported); other != name && !slices.Contains(r.knows, other) {
				t.Errorf("%s imports %s: %s may know %v only", p.ImportPath, imported, name, r.knows)
			}
		}
	}
}

// The library needs the standard library and nothing else, tests included.
func TestDependencies(t *testing.T) {
	for _, p := range list(t, "-deps", "-test", "./...") {
		path, _, _ := strings.Cut(p.ImportPath, " ") // "x [y.test]" where it is built for a test
		if !p.Standard && !strings.HasPrefix(path, module) {
			t.Errorf("%s is not of the standard library", p.ImportPath)
		}
	}
}

// The Python sources that the package embeds are those of the Python package.
func TestPythonSourcesAreEmbedded(t *testing.T) {
	text, err := os.ReadFile("setup.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("py/gocloudpickle/*.py")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		// A link can't be embedded: _rebuild.py is the file that rebuild embeds.
		info, err := os.Lstat(file)
		if err != nil {
			t.Fatal(err)
		}
		embedded := strings.Contains(string(text), "//go:embed "+filepath.ToSlash(file)+"\n")
		if regular := info.Mode().IsRegular() && filepath.Base(file) != "_rebuild.py"; embedded != regular {
			t.Errorf("%s: embedded is %v", file, embedded)
		}
	}
}
