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

// Init binds this room to the interpreter whose thread calls it and holds the
// GIL. It resolves the C API, chooses and probes the memory layout, and gives an
// error, with no Python exception set, where the interpreter can't be served.
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
	internNames()
	chooseLayout()
	initCodeWatch()
	initialized = true
	return nil
}

func chooseLayout() {
	if os.Getenv(PathVariable) == "portable" {
		whyPortable = PathVariable + "=portable"
		return
	}
	l, err := layoutFor(minorVersion)
	if err == nil {
		err = probe(&l)
	}
	if err != nil {
		ClearError()
		whyPortable = err.Error()
		return
	}
	use(l)
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
