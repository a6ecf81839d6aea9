//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOutputs has --out name what is there already: a link, a device, and a file for others.
func TestOutputs(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	run := func(args ...string) {
		t.Helper()
		if code, _, stderr := execute("", args...); code != exitFine {
			t.Fatalf("%v: exit code %d: %s", args, code, stderr)
		}
	}
	run("keygen", "--out", in("k"))
	if err := os.Symlink("sealed", in("link")); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(in("sealed"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run("sign", "--key", in("k"), greet, "-o", in("link"))
	if info, err := os.Lstat(in("link")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", info, err)
	}
	// A copy of what --out /dev/null does to a device, which a test must not try on the real one.
	pipe := in("pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		data, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
		}
		got <- string(data)
	}()
	run("verify", "--key", in("k.pub"), in("sealed"), "-o", pipe)
	if back := <-got; back != read(t, greet) {
		t.Error("another pickle came back through a named pipe")
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is gone: %v %v", info, err)
	}
	defer syscall.Umask(syscall.Umask(0o077))
	run("verify", "--key", in("k.pub"), in("link"), "-o", in("back"))
	if info, err := os.Stat(in("back")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a umask of 077 gives mode %v (%v)", info.Mode(), err)
	}
}
