// Package loads is the native loads: pickle.loads for what cloudpickle writes, and the
// functions that its pickles name, in C that the interpreter alone calls. load.h is a
// tour of it. Package python adds its functions to the extension module.
//
// There is nothing here for Go. It is a package to have a folder of its own, in which
// no header of another one is included.
package loads

// #cgo LDFLAGS: -ldl
// #include "object.h"
import "C"
