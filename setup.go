package gocloudpickle

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gocloudpickle/gocloudpickle/pickler"
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/rebuild"
)

// The Python package, for the interpreter that a Go program hosts. Its
// _rebuild.py is rebuild's.
//
//go:embed py/gocloudpickle/__init__.py
//go:embed py/gocloudpickle/__main__.py
//go:embed py/gocloudpickle/_bind.py
//go:embed py/gocloudpickle/_by_value.py
//go:embed py/gocloudpickle/_executor.py
//go:embed py/gocloudpickle/_finder.py
//go:embed py/gocloudpickle/_install.py
//go:embed py/gocloudpickle/_loader.py
//go:embed py/gocloudpickle/_loading.py
//go:embed py/gocloudpickle/_modules.py
//go:embed py/gocloudpickle/_patch.py
//go:embed py/gocloudpickle/_patch_loads.py
//go:embed py/gocloudpickle/_pickler.py
//go:embed py/gocloudpickle/_reducers.py
//go:embed py/gocloudpickle/_run.py
//go:embed py/gocloudpickle/_samples.py
//go:embed py/gocloudpickle/_startup.py
//go:embed py/gocloudpickle/_version.py
//go:embed py/gocloudpickle/_workers.py
//go:embed py/gocloudpickle/dask.py
//go:embed py/gocloudpickle/ray.py
//go:embed py/gocloudpickle/spark_daemon.py
//go:embed py/gocloudpickle/spark_worker.py
var packageFiles embed.FS

// setupSource binds the package to the engine in this process, and gives what the
// variables below hold. engine is in its namespace.
const setupSource = `
from functools import partial
from types import SimpleNamespace
from _pickle import load, loads
from gocloudpickle import _bind, _loader

if _loader._engine is not None:
    raise ImportError("gocloudpickle was imported with an engine of its own, from " + repr(_loader._engine))
_loader.adopt(engine)
namespace, pickler, dispatch_table, builtin_type_names, reduce = _bind._doors[0]

def new_file(number):
    return SimpleNamespace(
        write=partial(engine.stream_write, number),
        read=partial(engine.stream_read, number),
        readline=partial(engine.stream_readline, number),
    )
`

// What setUp made, alive as long as the interpreter.
var (
	door        *pickler.Door
	load, loads python.Object // the functions of _pickle
	newFile     python.Object // from a stream's number to its file object

	ready atomic.Bool
)

func init() {
	m := pickler.Module()
	m.Methods = append(m.Methods, streamMethods...)
	python.Register(m)
}

// enter runs f with the GIL held and the package set up. obj is what f will use.
func enter(obj python.Object, f func() error) error {
	return python.Do(func() (err error) {
		if obj.IsNil() {
			return errors.New("gocloudpickle: the object is python.Nil")
		}
		if !ready.Load() {
			// Not with the GIL: the goroutine that sets up may need it.
			if err := python.Unlocked(setUpOnce); err != nil {
				return err
			}
		}
		defer func() {
			if r := recover(); r != nil {
				python.ClearError()
				err = fmt.Errorf("gocloudpickle: this is a bug in the engine, please report it with the object that caused it: %v", r)
			}
		}()
		return f()
	})
}

// setUpOnce is called without the GIL. What has failed once is not tried again:
// half of it is there already.
var setUpOnce = sync.OnceValue(func() error {
	if err := python.Do(setUp); err != nil {
		return fmt.Errorf("gocloudpickle: its Python half can't be set up: %w", err)
	}
	ready.Store(true)
	return nil
})

func setUp() error {
	if err := rebuild.Install(); err != nil {
		return err
	}
	sources, err := packageSources()
	if err != nil {
		return err
	}
	if err := python.OverrideModules(sources...); err != nil {
		return err
	}
	globals, engine, name := python.NewDict(), python.NewModule(), python.Intern("engine")
	defer name.DecRef()
	defer globals.XDecRef()
	defer engine.XDecRef()
	if globals.IsNil() || engine.IsNil() {
		return python.ErrPython
	}
	if err := python.DictSet(globals, name, engine); err != nil {
		return err
	}
	if err := python.Exec(setupSource, "gocloudpickle/setup.go", globals); err != nil {
		return err
	}
	get := func(name string) python.Object { return python.Eval(name, globals) } // kept for ever
	load, loads, newFile = get("load"), get("loads"), get("new_file")
	door, err = pickler.NewDoor(get("namespace"), get("pickler"), get("dispatch_table"), get("builtin_type_names"), get("reduce"))
	return err
}

// packageSources are the modules of the Python package.
func packageSources() ([]python.Source, error) {
	const folder = "py/gocloudpickle"
	files, err := packageFiles.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var sources []python.Source
	for _, file := range files {
		code, err := packageFiles.ReadFile(path.Join(folder, file.Name()))
		if err != nil {
			return nil, err
		}
		s := python.Source{Name: "gocloudpickle", File: path.Join("gocloudpickle", file.Name()), Code: string(code)}
		if module := strings.TrimSuffix(file.Name(), ".py"); module == "__init__" {
			s.Package = true
		} else {
			s.Name += "." + module
		}
		sources = append(sources, s)
	}
	return sources, nil
}
