package interp

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Rejected is an interpreter that was seen and can't be used.
type Rejected struct {
	Path   string
	Reason string
}

// Find returns one interpreter for each supported version on this machine,
// the preferred one first: what the user's python3 is, then newest to oldest.
// It looks at every python3 and python3.X on PATH and at pyenv's versions.
func Find() (found []Interpreter, rejected []Rejected) {
	paths := candidates()
	type answer struct {
		in  Interpreter
		err error
	}
	answers := make([]answer, len(paths))
	var wg sync.WaitGroup
	for i, path := range paths {
		wg.Go(func() {
			in, err := Probe(path)
			answers[i] = answer{in, err}
		})
	}
	wg.Wait()

	seen := map[string]bool{}
	for i, a := range answers {
		switch {
		case a.err != nil && isShim(paths[i]):
			// pyenv's shim of a version that isn't switched on here.
		case a.err != nil:
			rejected = append(rejected, Rejected{paths[i], a.err.Error()})
		case !seen[a.in.Version]:
			seen[a.in.Version] = true
			found = append(found, a.in)
		}
	}
	if len(found) > 1 {
		rest := found
		if isPython3(paths, answers[0].err) {
			rest = found[1:]
		}
		slices.SortStableFunc(rest, func(a, b Interpreter) int {
			return slices.Index(Supported, b.Version) - slices.Index(Supported, a.Version)
		})
	}
	return found, rejected
}

// isPython3 reports whether the first candidate is a usable python3 of PATH.
func isPython3(paths []string, err error) bool {
	return err == nil && filepath.Base(paths[0]) == "python3"
}

func isShim(path string) bool {
	return filepath.Base(filepath.Dir(path)) == "shims"
}

// candidates lists existing executables that may be a Python, python3 of
// PATH first, without repeating a file that two names lead to.
func candidates() []string {
	names := []string{"python3"}
	for i := len(Supported) - 1; i >= 0; i-- {
		names = append(names, "python"+Supported[i])
	}
	var paths []string
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, name := range names {
		for _, dir := range dirs {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	for _, root := range pyenvRoots() {
		found, _ := filepath.Glob(filepath.Join(root, "versions", "*", "bin", "python3"))
		slices.Sort(found)
		slices.Reverse(found)
		paths = append(paths, found...)
	}

	var out []string
	seen := map[string]bool{}
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(path)
		if isShim(path) {
			real = path // every shim is a copy or link of one script
		}
		if info, statErr := os.Stat(path); err != nil || statErr != nil || info.IsDir() || info.Mode()&0o111 == 0 || seen[real] {
			continue
		}
		seen[real] = true
		out = append(out, path)
	}
	return out
}

func pyenvRoots() []string {
	var roots []string
	if root := os.Getenv("PYENV_ROOT"); root != "" {
		roots = append(roots, root)
	}
	if out, err := exec.Command("pyenv", "root").Output(); err == nil {
		roots = append(roots, strings.TrimSpace(string(out)))
	}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".pyenv"))
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}
