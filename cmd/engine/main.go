// Command engine is the shared library that CPython imports as
// gocloudpickle._engine. Build it with -buildmode=c-shared.
package main

import (
	"github.com/gocloudpickle/gocloudpickle/pickler"
	"github.com/gocloudpickle/gocloudpickle/python"
)

func init() { python.Register(pickler.Module()) }

func main() {}
