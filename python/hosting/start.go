package hosting

/*
#include <stdlib.h>
#cgo LDFLAGS: -ldl
#include "start.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/python"
)

// StartOptions say which interpreter Start starts, and how. Home or Library is
// needed, the rest may be left out.
type StartOptions struct {
	// Home is the folder that the interpreter is installed in: sys.prefix. If
	// empty it is found from Library, or from Executable if that is given.
	Home string

	// Library is the path of the libpython to load. If empty it is looked for
	// in Home/lib.
	Library string

	// Executable becomes sys.executable, which Python starts its own
	// subprocesses with: Home/bin/python3.x if empty. The python of a virtual
	// environment, with Library and without Home, gives that environment.
	Executable string

	// Path is appended to sys.path.
	Path []string

	// Isolated ignores the PYTHON... environment variables and the user's
	// site-packages, as python -I does.
	Isolated bool
}

var (
	startLock sync.Mutex
	startErr  error // why an interpreter was begun that can't be used

	// hosted is true once Start has succeeded.
	hosted atomic.Bool
)

// Start starts CPython inside this process, once: 40 ms. Afterwards any
// goroutine may enter it through Do.
//
// The interpreter is in UTF-8 mode, leaves signals to Go, and does not buffer
// sys.stdout. It is never finalized: that can't be undone, extension modules don't
// survive it, and other goroutines may be inside. So what Python registers with
// atexit does not run, and files that Python has open are not flushed.
func Start(options StartOptions) error {
	startLock.Lock()
	defer startLock.Unlock()
	switch {
	case hosted.Load():
		return errors.New("hosting: an interpreter was started already, and a process can have one")
	case startErr != nil:
		return fmt.Errorf("hosting: an earlier Start failed half-way, this process can't start an interpreter any more: %w", startErr)
	}
	if err := start(options); err != nil {
		return fmt.Errorf("hosting: no interpreter was started: %w", err)
	}
	hosted.Store(true)
	return nil
}

func start(o StartOptions) error {
	library, err := o.library()
	if err != nil {
		return err
	}
	c := C.CString(library)
	defer C.free(unsafe.Pointer(c))
	if problem := C.start_open(c); problem != nil {
		defer C.free(unsafe.Pointer(problem))
		return errors.New(C.GoString(problem))
	}
	minor, err := checkVersion(C.GoString(C.start_version()))
	if err != nil {
		return fmt.Errorf("%s: %w", library, err)
	}
	home, executable, err := o.places(library, minor)
	if err != nil {
		return err
	}

	// The thread of the interpreter's main thread state must not change until
	// the GIL is released.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	isolated := C.int(0)
	if o.Isolated {
		isolated = 1
	}
	if C.start_interpreter(wide(home), wide(executable), isolated) == 0 {
		startErr = errors.New("Py_InitializeEx failed")
		return startErr
	}
	defer C.start_release()
	if startErr = python.Init(); startErr == nil {
		startErr = extendPath(o.Path)
	}
	return startErr
}

// library finds the path of libpython.
func (o *StartOptions) library() (string, error) {
	if o.Library != "" {
		return o.Library, nil
	}
	if o.Home == "" {
		return "", errors.New("neither Home nor Library is given")
	}
	// The second pattern is Debian's, where Home is /usr.
	for _, pattern := range []string{"lib/libpython3.*.so.1.0", "lib/*-linux-gnu/libpython3.*.so.1.0"} {
		found, err := filepath.Glob(filepath.Join(o.Home, pattern))
		if err != nil {
			return "", fmt.Errorf("the path in Home: %w", err)
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return "", fmt.Errorf("several libraries are in Home, choose one as Library: %s", strings.Join(found, ", "))
		}
	}
	return "", fmt.Errorf("no lib/libpython3.*.so.1.0 in %s: give Library, or a Python built with --enable-shared", o.Home)
}

// checkVersion gives the minor version that a text of Py_GetVersion tells, such
// as "3.14.6 (main, ...)", or an error for one that Init would refuse.
func checkVersion(text string) (minor int, err error) {
	version, _, _ := strings.Cut(text, " ")
	parts := strings.Split(version, ".")
	if len(parts) > 1 && parts[0] == "3" {
		minor, _ = strconv.Atoi(parts[1])
	}
	if minor < 10 || minor > 14 {
		return 0, fmt.Errorf("this is CPython %s, and 3.10 to 3.14 is needed", version)
	}
	if strings.Contains(text, "free-threading") {
		return 0, fmt.Errorf("this is a free-threaded CPython %s, and one with a GIL is needed", version)
	}
	return minor, nil
}

// places chooses sys.prefix and sys.executable; empty ones are left to the
// interpreter. It looks for the standard library first: without it
// Py_InitializeEx ends the process.
func (o *StartOptions) places(library string, minor int) (home, executable string, err error) {
	home, executable = o.Home, o.Executable
	if home == "" && executable == "" {
		home = filepath.Dir(filepath.Dir(library))
	}
	version := "3." + strconv.Itoa(minor)
	if home != "" {
		if home, err = filepath.Abs(home); err != nil {
			return "", "", err
		}
		if !exists(home, "lib", "python"+version, "os.py") && !exists(home, "lib", "python3"+strconv.Itoa(minor)+".zip") {
			return "", "", fmt.Errorf("no standard library of Python %s in %s: give the folder that has lib/python%s as Home",
				version, home, version)
		}
	}
	if executable == "" {
		if path := filepath.Join(home, "bin", "python"+version); exists(path) {
			executable = path
		}
	} else if !exists(executable) {
		return "", "", fmt.Errorf("there is no executable %s", executable)
	}
	return home, executable, nil
}

func exists(names ...string) bool {
	_, err := os.Stat(filepath.Join(names...))
	return err == nil
}

// wide makes a wchar_t string of a path, with the bytes that are not UTF-8 as
// lone surrogates (PEP 383); NULL for an empty one. It is never freed: the
// interpreter keeps it.
func wide(path string) *C.wchar_t {
	if path == "" {
		return nil
	}
	text := (*C.wchar_t)(C.calloc(C.size_t(len(path)+1), C.size_t(unsafe.Sizeof(C.wchar_t(0)))))
	out := unsafe.Slice(text, len(path)+1)
	for n := 0; len(path) > 0; n++ {
		r, size := utf8.DecodeRuneInString(path)
		if r == utf8.RuneError && size == 1 {
			r = 0xdc00 + rune(path[0])
		}
		out[n] = C.wchar_t(r)
		path = path[size:]
	}
	return text
}

// extendPath appends folders to sys.path.
func extendPath(folders []string) error {
	if len(folders) == 0 {
		return nil
	}
	sys := python.Import("sys")
	if sys.IsNil() {
		return takeException()
	}
	defer sys.DecRef()
	path := getAttr(sys, "path")
	defer path.XDecRef()
	for _, folder := range folders {
		item := python.NewStr(folder)
		if item.IsNil() {
			return takeException()
		}
		result := callMethod1(path, "append", item)
		item.DecRef()
		if result.IsNil() {
			return takeException()
		}
		result.DecRef()
	}
	return nil
}
