package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
)

// testARM64 builds the arm64 wheel and tries it with the arm64 CPython of
// the Go module, under qemu's user-mode emulation.
func testARM64(ctx context.Context, o *options) error {
	if runtime.GOARCH == "arm64" {
		return fmt.Errorf("this machine is arm64 itself: use make wheel")
	}
	o.arch = "arm64"
	emulator, err := arm64Emulator()
	if err != nil {
		return err
	}
	made, err := o.makeWheel(ctx)
	if err != nil {
		return err
	}
	wheel := made.wheel
	bin, err := o.toolsEnv()
	if err != nil {
		return err
	}
	in, err := interp.Embedded("arm64", o.build("python-"+interp.EmbeddedVersion+"-arm64"), step)
	if err != nil {
		return err
	}

	site := o.build("site-arm64")
	if err := os.RemoveAll(site); err != nil {
		return err
	}
	err = o.show(ctx, nil, filepath.Join(bin, "python"), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
		"--disable-pip-version-check", "--target", site, "--only-binary", ":all:",
		"--platform", platformTag(wheel), wheel)
	if err != nil {
		return err
	}
	python := append(emulator, in.Path)
	for _, path := range []string{"", "portable"} {
		env := []string{"PYTHONPATH=" + site, "GOCLOUDPICKLE_PATH=" + path, "SMOKE_PYTHON='" + strings.Join(python, "' '") + "'",
			"SMOKE_COMMAND='" + emulator[0] + "' '" + filepath.Join(site, "bin", "gocloudpickle") + "'"}
		if err := o.show(ctx, env, python[0], append(python[1:], o.smokeTest())...); err != nil {
			return fmt.Errorf("the arm64 wheel does not work: %w", err)
		}
	}
	return nil
}

// arm64Emulator returns the command that runs an arm64 program here, with
// the C library of the cross compiler.
func arm64Emulator() ([]string, error) {
	var qemu string
	for _, name := range []string{"qemu-aarch64", "qemu-aarch64-static"} {
		if path, err := exec.LookPath(name); err == nil {
			qemu = path
			break
		}
	}
	if qemu == "" {
		return nil, fmt.Errorf("qemu-aarch64 is missing: install qemu's user-mode emulation (Debian: apt-get install qemu-user)")
	}
	env, err := compilerEnv("arm64")
	if err != nil {
		return nil, err
	}
	cc := strings.TrimPrefix(env[len(env)-1], "CC=")
	const loader = "ld-linux-aarch64.so.1"
	out, err := exec.Command(cc, "-print-file-name="+loader).Output()
	path := strings.TrimSpace(string(out))
	if err != nil || path == loader {
		return nil, fmt.Errorf("%s has no %s: install the arm64 C library (Debian: apt-get install libc6-dev-arm64-cross)", cc, loader)
	}
	return []string{qemu, "-L", filepath.Dir(filepath.Dir(path))}, nil
}

// platformTag returns the last part of a wheel's name: manylinux_2_34_aarch64.
func platformTag(wheel string) string {
	parts := strings.Split(strings.TrimSuffix(filepath.Base(wheel), ".whl"), "-")
	return parts[len(parts)-1]
}
