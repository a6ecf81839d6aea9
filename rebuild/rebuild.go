// Package rebuild is the loading side: the functions and objects that payloads
// name as cloudpickle.cloudpickle._make_function and so on, in Python.
//
// They are one file, rebuild.py. The Python package ships it as its own; a Go
// program that hosts an interpreter calls Install, and every payload loads there
// with nothing else installed:
//
//	err := hosting.Start(hosting.StartOptions{Home: "/opt/python3.14"})
//	...
//	err = hosting.Do(func() error {
//		if err := rebuild.Install(); err != nil {
//			return err
//		}
//		// pickle.loads(payload) works from here on.
//	})
//
// Where the interpreter has a cloudpickle of its own, that one answers to its
// name, as everywhere in this project.
package rebuild

import (
	_ "embed" // for rebuild.py

	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

// Source is rebuild.py, the module that payloads know as cloudpickle.cloudpickle.
//
//go:embed rebuild.py
var Source string

// packageSource is what surrounds it.
//
//go:embed package.py
var packageSource string

var installed bool

// Install makes the modules cloudpickle, cloudpickle.cloudpickle and
// cloudpickle.cloudpickle_fast importable, unless they are already. Call it with
// the GIL held; a second call does nothing.
func Install() error {
	if installed {
		return nil
	}
	installed = true
	err := hosting.ProvideModules(
		hosting.Source{Name: "cloudpickle", File: "gocloudpickle/rebuild/package.py", Code: packageSource, Package: true},
		hosting.Source{Name: "cloudpickle.cloudpickle", File: "gocloudpickle/rebuild/rebuild.py", Code: Source},
		hosting.Source{Name: "cloudpickle.cloudpickle_fast", File: "gocloudpickle/rebuild/package.py", Code: packageSource},
	)
	if err != nil {
		installed = false
	}
	return err
}
