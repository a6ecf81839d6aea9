package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/gocloudpickle/gocloudpickle/tools/internal/interp"
)

// embedded unpacks and returns the CPython that comes in a Go module.
func (o *options) embedded() (interp.Interpreter, error) {
	return interp.Embedded(runtime.GOARCH, o.build("python-"+interp.EmbeddedVersion), step)
}

// pickPython returns the Python that -python names, or the preferred one of
// this machine, or the embedded one.
func (o *options) pickPython() (interp.Interpreter, error) {
	found, _ := interp.Find()
	switch {
	case o.python == "" && len(found) > 0:
		return found[0], nil
	case o.python == "":
		step("no CPython 3.10 to 3.14 with venv and pip on this machine: using the embedded CPython %s", interp.EmbeddedVersion)
		return o.embedded()
	case slices.Contains(interp.Supported, o.python):
		for _, in := range found {
			if in.Version == o.python {
				return in, nil
			}
		}
		if o.python == interp.EmbeddedVersion {
			return o.embedded()
		}
		return interp.Interpreter{}, fmt.Errorf("no usable Python %s on this machine; `make pythons` lists what there is", o.python)
	}
	in, err := interp.Probe(o.python)
	if err != nil {
		return in, fmt.Errorf("%s can't be used: %w", o.python, err)
	}
	return in, nil
}

// allPythons returns a Python of every supported version: what this machine
// has, and the embedded one. The second result lists the versions that are
// missing.
func (o *options) allPythons() (all []interp.Interpreter, missing []string, err error) {
	found, _ := interp.Find()
	for _, version := range interp.Supported {
		i := slices.IndexFunc(found, func(in interp.Interpreter) bool { return in.Version == version })
		switch {
		case version == interp.EmbeddedVersion:
			// Always the embedded one: it is the one that Go programs host.
			in, err := o.embedded()
			if err != nil {
				return nil, nil, err
			}
			all = append(all, in)
		case i >= 0:
			all = append(all, found[i])
		default:
			missing = append(missing, version)
		}
	}
	return all, missing, nil
}

// chosenPythons is allPythons, or only the one that -python names.
func (o *options) chosenPythons() (chosen []interp.Interpreter, missing []string, err error) {
	if o.python == "" {
		return o.allPythons()
	}
	in, err := o.pickPython()
	return []interp.Interpreter{in}, nil, err
}

// venv returns the python of the environment in build/venv-X.Y with the
// packages of a requirements file of the checkout.
func (o *options) venv(in interp.Interpreter, requirements string) (string, error) {
	return in.Venv(o.build("venv-"+in.Version), requirements, step)
}

func showPythons(ctx context.Context, o *options) error {
	found, rejected := interp.Find()
	for i, in := range found {
		note := ""
		if i == 0 {
			note = "  <- make demo, make test-quick"
		}
		fmt.Printf("%v%s\n", in, note)
	}
	for _, r := range rejected {
		fmt.Printf("not used: %s: %s\n", r.Path, r.Reason)
	}
	fmt.Printf("embedded: CPython %s, unpacked when needed\n", interp.EmbeddedVersion)
	return nil
}
