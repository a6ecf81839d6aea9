// Package interp finds, unpacks and prepares the Python interpreters that
// the project's own commands (make demo, make test, ...) run.
//
// [Find] lists the CPythons of this machine that the engine can serve.
// [Embedded] unpacks CPython 3.14 from a Go module, for machines that have
// none. [Interpreter.Venv] makes a virtual environment with pinned packages.
// Nothing is written outside the folder given by the caller.
package interp

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Supported lists the Python versions the engine serves, oldest first.
var Supported = []string{"3.10", "3.11", "3.12", "3.13", "3.14"}

// Interpreter is a CPython that the engine can serve.
type Interpreter struct {
	Path     string // the executable
	Version  string // "3.12", one of Supported
	Full     string // "3.12.1"
	Embedded bool   // unpacked by Embedded, not found on the machine
}

// String names the interpreter for people: "Python 3.12.1 (/usr/bin/python3.12)".
func (in Interpreter) String() string {
	return fmt.Sprintf("Python %s (%s)", in.Full, in.Path)
}

// probe.py prints what facts holds.
//
//go:embed probe.py
var probeSource string

// facts is what probe.py says about the interpreter that runs it.
type facts struct {
	Executable     string
	Implementation string
	Version        [3]int
	Libc           string
	Machine        string
	Bits           int
	FreeThreaded   bool `json:"free_threaded"`
	CanVenv        bool `json:"can_venv"`
}

// Probe runs path and returns it as an Interpreter, or an error that says
// why the engine or this project's commands can't use it.
func Probe(path string) (Interpreter, error) {
	// Long, since on a busy machine a slow answer must not look like no Python.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-I", "-c", probeSource).Output()
	if err != nil {
		return Interpreter{}, fmt.Errorf("does not run: %w", err)
	}
	var f facts
	if err := json.Unmarshal(out, &f); err != nil {
		return Interpreter{}, fmt.Errorf("printed no facts about itself: %w", err)
	}
	if reason := f.unfit(); reason != "" {
		return Interpreter{}, fmt.Errorf("%s", reason)
	}
	return Interpreter{
		Path:    f.Executable,
		Version: f.version(),
		Full:    fmt.Sprintf("%d.%d.%d", f.Version[0], f.Version[1], f.Version[2]),
	}, nil
}

func (f facts) version() string { return fmt.Sprintf("%d.%d", f.Version[0], f.Version[1]) }

// unfit says why the interpreter can't be used, or returns "".
func (f facts) unfit() string {
	supported := false
	for _, v := range Supported {
		supported = supported || v == f.version()
	}
	switch {
	case f.Implementation != "cpython":
		return f.Implementation + " is not CPython"
	case !supported:
		return fmt.Sprintf("version %s is not one of %s", f.version(), strings.Join(Supported, ", "))
	case f.FreeThreaded:
		return "it is a free-threaded build"
	case f.Libc != "glibc":
		return "its C library is not glibc"
	case f.Bits != 64 || f.Machine != machine(runtime.GOARCH):
		return fmt.Sprintf("it is a %d-bit %s build", f.Bits, f.Machine)
	case !f.CanVenv:
		return "it has no venv or no ensurepip"
	}
	return ""
}

// machine gives Go's name of an architecture as uname -m spells it.
func machine(goarch string) string {
	switch goarch {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	}
	return goarch
}
