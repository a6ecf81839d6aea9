package interp

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fit is an interpreter that can be used; each case changes one thing.
func fit() facts {
	return facts{
		Implementation: "cpython",
		Version:        [3]int{3, 12, 1},
		Libc:           "glibc",
		Machine:        machine(runtime.GOARCH),
		Bits:           64,
		CanVenv:        true,
	}
}

func TestUnfit(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*facts)
		reason string
	}{
		{"fits", func(f *facts) {}, ""},
		{"pypy", func(f *facts) { f.Implementation = "pypy" }, "not CPython"},
		{"too old", func(f *facts) { f.Version = [3]int{3, 9, 18} }, "version 3.9"},
		{"too new", func(f *facts) { f.Version = [3]int{3, 15, 0} }, "version 3.15"},
		{"free-threaded", func(f *facts) { f.FreeThreaded = true }, "free-threaded"},
		{"musl", func(f *facts) { f.Libc = "" }, "not glibc"},
		{"32 bits", func(f *facts) { f.Bits = 32 }, "32-bit"},
		{"other machine", func(f *facts) { f.Machine = "ppc64le" }, "ppc64le"},
		{"no ensurepip", func(f *facts) { f.CanVenv = false }, "no ensurepip"},
	} {
		f := fit()
		c.change(&f)
		got := f.unfit()
		if (c.reason == "") != (got == "") || !strings.Contains(got, c.reason) {
			t.Errorf("%s: %q, want %q in it", c.name, got, c.reason)
		}
	}
}

// fakePython writes an executable that prints facts, as probe.py would.
func fakePython(t *testing.T, dir, name string, f facts) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f.Executable = path
	text, err := json.Marshal(map[string]any{
		"executable": path, "implementation": f.Implementation, "version": f.Version,
		"libc": f.Libc, "machine": f.Machine, "bits": f.Bits, "can_venv": f.CanVenv,
	})
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho '" + string(text) + "'\n"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("PYENV_ROOT", filepath.Join(dir, "pyenv"))
	t.Setenv("HOME", filepath.Join(dir, "home"))
	if found, _ := Find(); len(found) != 0 {
		t.Fatalf("found %v in an empty folder", found)
	}

	version := func(minor int) facts {
		f := fit()
		f.Version = [3]int{3, minor, 4}
		return f
	}
	fakePython(t, dir, "python3", version(11))
	fakePython(t, dir, "python3.12", version(12))
	fakePython(t, dir, "python3.10", version(10))
	old := fakePython(t, filepath.Join(dir, "pyenv", "versions", "3.9.4", "bin"), "python3", version(9))
	fakePython(t, filepath.Join(dir, "pyenv", "versions", "3.13.4", "bin"), "python3", version(13))
	fakePython(t, filepath.Join(dir, "home", ".pyenv", "versions", "3.12.9", "bin"), "python3", version(12))

	found, rejected := Find()
	var got []string
	for _, in := range found {
		got = append(got, in.Version)
	}
	if want := "3.11 3.13 3.12 3.10"; strings.Join(got, " ") != want {
		t.Errorf("found %v, want %s: python3 first, then newest first, each version once", got, want)
	}
	if found[2].Path != filepath.Join(dir, "python3.12") {
		t.Errorf("3.12 is %s, want the one on PATH", found[2].Path)
	}
	if len(rejected) != 1 || rejected[0].Path != old {
		t.Errorf("rejected %v, want %s", rejected, old)
	}
}

func TestFindWithoutUsablePython3(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("PYENV_ROOT", "")
	t.Setenv("HOME", dir)
	f := fit()
	f.CanVenv = false
	fakePython(t, dir, "python3", f)
	f.CanVenv, f.Version = true, [3]int{3, 10, 1}
	fakePython(t, dir, "python3.10", f)
	f.Version = [3]int{3, 13, 1}
	fakePython(t, dir, "python3.13", f)
	found, rejected := Find()
	if len(found) != 2 || found[0].Version != "3.13" || len(rejected) != 1 {
		t.Errorf("found %v, rejected %v; want 3.13 first and python3 rejected", found, rejected)
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, c := range []struct{ name, files, reason string }{
		{"outside", `{"name": "../x", "perm": 420}`, "points outside"},
		{"absolute link", `{"name": "x", "perm": 134217728, "symlink": "/etc/passwd"}`, "absolute link"},
		{"missing file", `{"name": "x", "perm": 420}`, "no such file"},
	} {
		data := t.TempDir()
		list := `{"files": [` + c.files + `]}`
		if err := os.WriteFile(filepath.Join(data, "files.json"), []byte(list), 0o644); err != nil {
			t.Fatal(err)
		}
		err := unpack(data, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.reason)
		}
	}
}

func TestUnpack(t *testing.T) {
	data, dest := t.TempDir(), filepath.Join(t.TempDir(), "new")
	list := `{"files": [
		{"name": "bin", "perm": 2147484141},
		{"name": "bin/tool", "perm": 493},
		{"name": "bin/link", "perm": 134217728, "symlink": "tool"}]}`
	if err := os.WriteFile(filepath.Join(data, "files.json"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(data, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "bin", "tool"), []byte("text"), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := unpack(data, dest); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dest, "bin", "link"))
	if err != nil || info.Mode().Perm() != fs.FileMode(0o755) || info.Size() != 4 {
		t.Errorf("bin/link leads to %v, %v; want an executable of 4 bytes", info, err)
	}
}

func TestReadRequirementsFollowsIncludes(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "a.txt"), []byte("-r b.txt\none==1\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "b.txt"), []byte("two==2\n"), 0o644)
	text, err := readRequirements(filepath.Join(dir, "a.txt"))
	if err != nil || !strings.Contains(text, "one==1") || !strings.Contains(text, "two==2") {
		t.Errorf("%q, %v", text, err)
	}
}
