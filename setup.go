package gocloudpickle

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gocloudpickle/gocloudpickle/pickler"
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
	"github.com/gocloudpickle/gocloudpickle/rebuild"
)

// The Python package, for the interpreter that a Go program hosts. Its
// _rebuild.py is rebuild's.
//
//go:embed py/gocloudpickle/__init__.py
//go:embed py/gocloudpickle/__main__.py
//go:embed py/gocloudpickle/_beyond/*.py
//go:embed py/gocloudpickle/_bind.py
//go:embed py/gocloudpickle/_by_value.py
//go:embed py/gocloudpickle/_c_twin.py
//go:embed py/gocloudpickle/_command.py
//go:embed py/gocloudpickle/_executor.py
//go:embed py/gocloudpickle/_explain.py
//go:embed py/gocloudpickle/_explain_command.py
//go:embed py/gocloudpickle/_explain_steps.py
//go:embed py/gocloudpickle/_explain_text.py
//go:embed py/gocloudpickle/_failure.py
//go:embed py/gocloudpickle/_finder.py
//go:embed py/gocloudpickle/_foreign.py
//go:embed py/gocloudpickle/_getattrs.py
//go:embed py/gocloudpickle/_import_lock.py
//go:embed py/gocloudpickle/_info.py
//go:embed py/gocloudpickle/_inspect.py
//go:embed py/gocloudpickle/_install.py
//go:embed py/gocloudpickle/_limits.py
//go:embed py/gocloudpickle/_loader.py
//go:embed py/gocloudpickle/_loading.py
//go:embed py/gocloudpickle/_modules.py
//go:embed py/gocloudpickle/_patch.py
//go:embed py/gocloudpickle/_patch_loads.py
//go:embed py/gocloudpickle/_pickle_path.py
//go:embed py/gocloudpickle/_pickle_trail.py
//go:embed py/gocloudpickle/_pickle_walk.py
//go:embed py/gocloudpickle/_pickler.py
//go:embed py/gocloudpickle/_policy.py
//go:embed py/gocloudpickle/_policy_command.py
//go:embed py/gocloudpickle/_policy_watch.py
//go:embed py/gocloudpickle/_policy_yaml.py
//go:embed py/gocloudpickle/_preconditions.py
//go:embed py/gocloudpickle/_python_path.py
//go:embed py/gocloudpickle/_reducers.py
//go:embed py/gocloudpickle/_run.py
//go:embed py/gocloudpickle/_samples.py
//go:embed py/gocloudpickle/_skip.py
//go:embed py/gocloudpickle/_startup.py
//go:embed py/gocloudpickle/_strict.py
//go:embed py/gocloudpickle/_too_large.py
//go:embed py/gocloudpickle/_trace.py
//go:embed py/gocloudpickle/_tracer.py
//go:embed py/gocloudpickle/_unpickler.py
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
namespace, pickler, dispatch_table, builtin_type_names, reduce, beyond = _bind._targets[0]

def load_planned(data, plan):
    import json
    from gocloudpickle import _policy
    return _policy.run(data, json.loads(plan), "ASCII", "strict", ())

def new_file(number):
    return SimpleNamespace(
        write=partial(engine.stream_write, number),
        read=partial(engine.stream_read, number),
        readline=partial(engine.stream_readline, number),
    )
`

// What setUp made, alive as long as the interpreter.
var (
	target      *pickler.Target
	load, loads python.Object // the functions of _pickle
	loadPlanned python.Object // from the bytes of a pickle and of a policy.Plan to the object
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
	return hosting.Do(func() (err error) {
		if obj.IsNil() {
			return errors.New("gocloudpickle: the object is python.Nil")
		}
		if !ready.Load() {
			// Not with the GIL: the goroutine that sets up may need it.
			if err := hosting.Unlocked(setUpOnce); err != nil {
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
	if err := hosting.Do(setUp); err != nil {
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
	if err := hosting.OverrideModules(sources...); err != nil {
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
	load, loads, loadPlanned, newFile = get("load"), get("loads"), get("load_planned"), get("new_file")
	target, err = pickler.NewTarget(get("namespace"), get("pickler"), get("dispatch_table"), get("builtin_type_names"),
		get("reduce"), get("beyond"))
	return err
}

// packageSources are the modules of the Python package.
func packageSources() ([]hosting.Source, error) {
	const folder = "py"
	// What it keeps of classes is needed beside an installed cloudpickle, too.
	sources := []hosting.Source{{Name: "gocloudpickle._rebuild", File: "gocloudpickle/rebuild/rebuild.py", Code: rebuild.Source}}
	err := fs.WalkDir(packageFiles, folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		code, err := packageFiles.ReadFile(file)
		if err != nil {
			return err
		}
		file = strings.TrimPrefix(file, folder+"/")
		name, isPackage := strings.CutSuffix(strings.TrimSuffix(file, ".py"), "/__init__")
		sources = append(sources, hosting.Source{
			Name: strings.ReplaceAll(name, "/", "."), File: file, Code: string(code), Package: isPackage,
		})
		return nil
	})
	return sources, err
}
