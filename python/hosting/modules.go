package hosting

import (
	_ "embed" // for start_importer.py

	"github.com/gocloudpickle/gocloudpickle/python"
)

// A Source is a Python module whose source code the Go program carries.
type Source struct {
	Name    string // as it is imported, like "package.module"
	File    string // its name in tracebacks
	Code    string
	Package bool
}

//go:embed start_importer.py
var importerSource string

// ProvideModules lets the interpreter import modules that it does not find
// elsewhere: an installed one of the same name wins.
func ProvideModules(sources ...Source) error { return addFinder("append_finder", sources) }

// OverrideModules lets the interpreter import these modules in place of
// installed ones.
func OverrideModules(sources ...Source) error { return addFinder("insert_finder", sources) }

func addFinder(function string, sources []Source) error {
	globals, list := python.NewDict(), python.NewDict()
	defer globals.XDecRef()
	defer list.XDecRef()
	if globals.IsNil() || list.IsNil() {
		return python.ErrPython
	}
	for _, s := range sources {
		if err := s.addTo(list); err != nil {
			return err
		}
	}
	name := python.Intern("__name__")
	defer name.DecRef()
	module := python.NewStr("gocloudpickle.importer")
	defer module.XDecRef()
	if err := python.DictSet(globals, name, module); err != nil {
		return err
	}
	if err := python.Exec(importerSource, "gocloudpickle/start_importer.py", globals); err != nil {
		return err
	}
	f := python.Eval(function, globals)
	if f.IsNil() {
		return python.ErrPython
	}
	defer f.DecRef()
	result := python.Call1(f, list)
	if result.IsNil() {
		return python.ErrPython
	}
	result.DecRef()
	return nil
}

// addTo sets list[name] = (code, file, is_package).
func (s Source) addTo(list python.Object) error {
	name, code, file := python.NewStr(s.Name), python.NewStr(s.Code), python.NewStr(s.File)
	defer name.XDecRef()
	defer code.XDecRef()
	defer file.XDecRef()
	if name.IsNil() || code.IsNil() || file.IsNil() {
		return python.ErrPython
	}
	isPackage := python.False
	if s.Package {
		isPackage = python.True
	}
	item := python.NewTuple(code, file, isPackage)
	if item.IsNil() {
		return python.ErrPython
	}
	defer item.DecRef()
	return python.DictSet(list, name, item)
}
