package python

/*
#include "shims.h"
static const char *version(void) { return py.Py_GetVersion(); }
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// PathVariable is the environment variable that, set to "portable", keeps the
// engine from reading objects' memory: it then goes through the C API alone.
const PathVariable = "GOCLOUDPICKLE_PATH"

var (
	initialized  bool
	version      string
	minorVersion int
	whyPortable  string
)

// Init binds this package to the interpreter whose thread calls it and holds the
// GIL. It resolves the C API, chooses and probes the memory layout, and gives an
// error where the interpreter can't be served: ErrPython for an interrupt and the
// like, else one without a Python exception. After an error it can be called again.
func Init() error {
	if initialized {
		return nil
	}
	if err := loadAPI(); err != nil {
		return err
	}
	version, _, _ = strings.Cut(C.GoString(C.version()), " ")
	parts := strings.Split(version, ".")
	if len(parts) < 2 || parts[0] != "3" {
		return fmt.Errorf("gocloudpickle: CPython 3.10 to 3.14 is needed, this is %s", version)
	}
	minorVersion, _ = strconv.Atoi(parts[1])
	if minorVersion < 10 || minorVersion > 14 {
		return fmt.Errorf("gocloudpickle: CPython 3.10 to 3.14 is needed, this is %s", version)
	}
	bindTypes()
	bindModules()
	if err := internNames(); err != nil {
		return err
	}
	if err := chooseLayout(); err != nil {
		return err
	}
	initCodeWatch()
	initialized = true
	return nil
}

// chooseLayout gives an error only for what says nothing about layouts.
func chooseLayout() error {
	if os.Getenv(PathVariable) == "portable" {
		whyPortable = PathVariable + "=portable"
		return nil
	}
	l, err := layoutFor(minorVersion)
	if err == nil {
		err = probe(&l)
	}
	if err != nil {
		return usePortable(err)
	}
	use(l)
	return nil
}

// usePortable turns the layout path off for what a probe has found. It gives an error
// only for what says nothing about layouts: an interrupt, or no memory.
func usePortable(found error) error {
	if Occurred() && Matches(MemoryError) {
		return ErrPython
	}
	fast, whyPortable = false, found.Error()
	return Forgive()
}

// use turns the layout path on.
func use(l layout) {
	current, fast = l, true
}

// Version is the interpreter's version, like "3.12.1".
func Version() string { return version }

// Minor is the interpreter's minor version: 12 for 3.12.1.
func Minor() int { return minorVersion }

// Fast reports whether objects are read from memory; why says what kept it off.
func Fast() (fastPath bool, why string) { return fast, whyPortable }
