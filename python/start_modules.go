package python

import (
	_ "embed" // for start_importer.py
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
	globals, list := NewDict(), NewDict()
	defer globals.XDecRef()
	defer list.XDecRef()
	if globals.IsNil() || list.IsNil() {
		return ErrPython
	}
	for _, s := range sources {
		if err := s.addTo(list); err != nil {
			return err
		}
	}
	name := Intern("__name__")
	defer name.DecRef()
	module := NewStr("gocloudpickle.importer")
	defer module.XDecRef()
	if err := DictSet(globals, name, module); err != nil {
		return err
	}
	if err := Exec(importerSource, "gocloudpickle/start_importer.py", globals); err != nil {
		return err
	}
	f := Eval(function, globals)
	if f.IsNil() {
		return ErrPython
	}
	defer f.DecRef()
	result := Call1(f, list)
	if result.IsNil() {
		return ErrPython
	}
	result.DecRef()
	return nil
}

// addTo sets list[name] = (code, file, is_package).
func (s Source) addTo(list Object) error {
	name, code, file := NewStr(s.Name), NewStr(s.Code), NewStr(s.File)
	defer name.XDecRef()
	defer code.XDecRef()
	defer file.XDecRef()
	if name.IsNil() || code.IsNil() || file.IsNil() {
		return ErrPython
	}
	isPackage := False
	if s.Package {
		isPackage = True
	}
	item := NewTuple(code, file, isPackage)
	if item.IsNil() {
		return ErrPython
	}
	defer item.DecRef()
	return DictSet(list, name, item)
}
