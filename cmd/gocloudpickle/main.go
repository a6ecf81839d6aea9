// Command gocloudpickle shows what a pickle holds without loading it: nothing
// that a pickle names is imported or called.
//
//	gocloudpickle dis fn.pkl       # opcodes, and the bytecode of code objects
//	gocloudpickle version
//
// docs/command.md is its reference. This package is flags and wiring; the work
// is done in pickle, bytecode and payload. It is in the module's root because
// `go install .../cmd/gocloudpickle@latest` takes no module with a replace
// directive, and a module of its own would need tags of its own. Nobody who
// imports another package of the module downloads or links what only the
// command needs (go.mod's lazy loading); layering_test.go holds the engine and
// the library to that.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
