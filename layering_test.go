package gocloudpickle_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gocloudpickle/gocloudpickle"

// A layer is a package, with the layers below it that it may import.
type layer struct {
	imports []string
	cgo     bool // it may use C
}

// layers are all of them, from the lowest up: each may import only those above itself
// in this list. A package that isn't here belongs to the layer whose folder it is in.
var layers = []struct {
	name string
	layer
}{
	{"abi", layer{}},
	{"pickle/internal/atom", layer{}},
	{"pickle/wire", layer{imports: []string{"pickle/internal/atom"}}},
	{"pickle/internal/value", layer{imports: []string{"pickle/internal/atom", "pickle/wire"}}},
	{"pickle/internal/mem", layer{imports: []string{"pickle/internal/value"}}},
	{"pickle/internal/gotype", layer{imports: []string{"pickle/wire", "pickle/internal/value"}}},
	{"pickle/internal/machine", layer{imports: []string{"pickle/internal/atom", "pickle/wire", "pickle/internal/value", "pickle/internal/mem"}}},
	{"pickle/internal/typed", layer{imports: []string{"pickle/internal/atom", "pickle/wire", "pickle/internal/value", "pickle/internal/mem", "pickle/internal/gotype", "pickle/internal/machine"}}},
	{"pickle/internal/encode", layer{imports: []string{"pickle/internal/atom", "pickle/wire", "pickle/internal/value", "pickle/internal/mem", "pickle/internal/gotype"}}},
	{"pickle", layer{imports: []string{"pickle/wire", "pickle/internal/value", "pickle/internal/machine", "pickle/internal/typed", "pickle/internal/gotype", "pickle/internal/encode"}}},
	{"bytecode", layer{}},
	{"python/loads", layer{cgo: true}},
	{"python", layer{imports: []string{"python/loads"}, cgo: true}},
	{"python/hosting", layer{imports: []string{"python"}, cgo: true}},
	{"pickler", layer{imports: []string{"abi", "pickle/wire", "bytecode", "python"}}},
	{"rebuild", layer{imports: []string{"python/hosting"}}},
	{"payload", layer{imports: []string{"abi", "pickle", "pickle/wire", "bytecode"}}},
	{"payload/page", layer{imports: []string{"payload"}}},
	{"audit", layer{imports: []string{"abi", "pickle", "pickle/wire", "bytecode", "payload"}}},
	{"audit/policy", layer{imports: []string{"abi", "pickle", "audit"}}},
	{".", layer{imports: []string{"python", "python/hosting", "pickler", "rebuild", "audit/policy"}}},
	{"audit/policyfile", layer{imports: []string{"audit/policy"}}},
	{"audit/container", layer{imports: []string{"pickle", "pickle/wire"}}},
	{"audit/scan", layer{imports: []string{"audit", "audit/policy", "audit/container"}}},
	{"seal/format", layer{}},
	{"seal", layer{imports: []string{"seal/format"}}},
	{"seal/internal/replaytest", layer{imports: []string{"seal"}}},
	{"seal/sqlitereplay", layer{imports: []string{"seal"}}},
	{"seal/redisreplay", layer{imports: []string{"seal"}}},
	{"seal/ageseal", layer{imports: []string{"seal"}}},
	{"worker", layer{imports: []string{"pickle", "seal"}}},
	{"cmd/engine", layer{imports: []string{"python", "pickler", "pickle", "payload", "seal/format", "audit/policy"}, cgo: true}},
	{"cmd/gocloudpickle", layer{imports: []string{"pickle", "pickle/wire", "bytecode", "payload", "payload/page", "audit", "audit/policy", "audit/policyfile", "audit/container", "audit/scan", "seal", "seal/ageseal", "worker"}}},
}

func TestLayersAreInOrder(t *testing.T) {
	var before []string
	for _, r := range layers {
		for _, other := range r.imports {
			if !slices.Contains(before, other) {
				t.Errorf("%s imports %s, which does not come before it", r.name, other)
			}
		}
		before = append(before, r.name)
	}
}

func layerOf(importPath string) (name string, r layer, ok bool) {
	folder := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
	for ; folder != "." && folder != ""; folder = path.Dir(folder) {
		for _, candidate := range layers {
			if candidate.name == folder {
				return candidate.name, candidate.layer, true
			}
		}
	}
	for _, candidate := range layers {
		if candidate.name == "." {
			return ".", candidate.layer, importPath == module
		}
	}
	return "", layer{}, false
}

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath               string
	Imports                  []string
	CgoFiles, CFiles, SFiles []string
	Standard                 bool
	Module                   struct {
		Path string
		Main bool
	}
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
		name, r, ok := layerOf(p.ImportPath)
		if !ok {
			t.Errorf("%s is in no layer: add it to layers, and to docs/architecture.md", p.ImportPath)
			continue
		}
		if cFiles := len(p.CgoFiles) + len(p.CFiles) + len(p.SFiles); cFiles > 0 && !r.cgo {
			t.Errorf("%s has C or assembly, which only python and what is in its folder may have: %v %v %v", p.ImportPath, p.CgoFiles, p.CFiles, p.SFiles)
		}
		for _, imported := range p.Imports {
			imported, _, _ = strings.Cut(imported, " ") // "x [y]" where y has a profile
			if imported == "C" && !r.cgo {
				t.Errorf("%s imports C, which only python and what is in its folder may", p.ImportPath)
			}
			if !strings.HasPrefix(imported, module) {
				continue
			}
			if other, _, _ := layerOf(imported); other != name && !slices.Contains(r.imports, other) {
				t.Errorf("%s imports %s: %s may import %v only", p.ImportPath, imported, name, r.imports)
			}
		}
	}
}

// What is not of the standard library, and the packages that may import it: the library
// and the engine need nothing else, tests included.
var dependencies = map[string][]string{
	"audit/container":  {"github.com/klauspost/compress", "github.com/pierrec/lz4/v4", "github.com/ulikunitz/xz"},
	"audit/policyfile": {"go.yaml.in/yaml/v4"},
	"audit/scan":       {"github.com/klauspost/compress", "github.com/pierrec/lz4/v4", "github.com/ulikunitz/xz"},
	"cmd/gocloudpickle": {"filippo.io/age", "filippo.io/hpke", "github.com/klauspost/compress", "github.com/pierrec/lz4/v4",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/ulikunitz/xz", "go.yaml.in/yaml/v4", "golang.org/x/crypto",
		"golang.org/x/sys"},
	"seal/ageseal":     {"filippo.io/age", "filippo.io/hpke", "golang.org/x/crypto", "golang.org/x/sys"},
	"seal/redisreplay": {"github.com/cespare/xxhash/v2", "github.com/redis/go-redis/v9", "go.uber.org/atomic", "golang.org/x/sys"},
	"seal/sqlitereplay": {"github.com/dustin/go-humanize", "github.com/google/uuid", "github.com/remyoudompheng/bigfft",
		"golang.org/x/sys", "modernc.org/libc", "modernc.org/mathutil", "modernc.org/memory", "modernc.org/sqlite"},
}

func TestDependencies(t *testing.T) {
	var packages []string
	for _, p := range list(t, "./...") {
		if _, may := dependencies[strings.TrimPrefix(p.ImportPath, module+"/")]; !may {
			packages = append(packages, p.ImportPath)
		}
	}
	foreign := func(packages ...string) (modules []string) {
		for _, p := range list(t, append([]string{"-deps", "-test"}, packages...)...) {
			if p.Standard || p.Module.Main || p.Module.Path == "" || slices.Contains(modules, p.Module.Path) {
				continue
			}
			modules = append(modules, p.Module.Path)
		}
		slices.Sort(modules)
		return modules
	}
	if modules := foreign(packages...); len(modules) > 0 {
		t.Errorf("%v are not of the standard library", modules)
	}
	for name, want := range dependencies {
		if modules := foreign(module + "/" + name); !slices.Equal(modules, want) {
			t.Errorf("%s depends on %v, want %v", name, modules, want)
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

var include = regexp.MustCompile(`(?m)^#include "(.*)"`)

// The C files of a folder are modules, a source and a header of one name each. What one
// includes doesn't include it, over however many files, and is of the same folder: the
// go command would not see a change of another one.
func TestIncludesHaveAnOrder(t *testing.T) {
	for _, folder := range []string{"python", "python/loads", "python/hosting"} {
		files, err := filepath.Glob(filepath.FromSlash(folder + "/*.[ch]"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		includes := map[string][]string{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
			for _, match := range include.FindAllStringSubmatch(string(text), -1) {
				if strings.Contains(match[1], "/") {
					t.Errorf("%s includes %s", file, match[1])
				}
				if other := strings.TrimSuffix(match[1], ".h"); other != name {
					includes[name] = append(includes[name], other)
				}
			}
		}
		done := map[string]bool{}
		var follow func(name string, way []string)
		follow = func(name string, way []string) {
			if i := slices.Index(way, name); i >= 0 {
				t.Errorf("%s: a circle: %v", folder, append(way[i:], name))
				return
			}
			if done[name] {
				return
			}
			for _, other := range includes[name] {
				follow(other, append(way[:len(way):len(way)], name))
			}
			done[name] = true
		}
		for name := range includes {
			follow(name, nil)
		}
	}
}
