// The engine opens no files in a user's process: the Go runtime would keep two of
// the cgroup open, to follow the limit of processors (runtime/cgroup_linux.go), and
// look at them again and again. A daemon that closes all files it doesn't know would
// let it read others under their numbers.

//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command engine is the shared library that CPython imports as
// gocloudpickle._engine. Build it with -buildmode=c-shared.
package main

import (
	"os"
	"runtime"

	"github.com/gocloudpickle/gocloudpickle/pickler"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// maxProcs is how many threads run Go code at once. Dumps hold the GIL, so that
// more would only let garbage collection take processors that a container's limit
// does not grant.
const maxProcs = 4

func init() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) > maxProcs {
		runtime.GOMAXPROCS(maxProcs)
	}
	m := pickler.Module()
	m.Methods = append(append(m.Methods, describeMethod, auditMethod), sealMethods...)
	python.Register(m)
}

func main() {}
