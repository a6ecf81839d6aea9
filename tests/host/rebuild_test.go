package host

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
	"github.com/gocloudpickle/gocloudpickle/rebuild"
)

const rebuildScene = `
import importlib.util, inspect, pickle, sys
assert 'cloudpickle' not in sys.modules
import cloudpickle, cloudpickle.cloudpickle as namespace, cloudpickle.cloudpickle_fast as fast
from cloudpickle import register_pickle_by_value, subimport
assert cloudpickle.__version__ == '3.1.2', cloudpickle.__version__
assert namespace.subimport is subimport is fast.subimport is cloudpickle.subimport
assert subimport.__module__ == 'cloudpickle.cloudpickle'
assert cloudpickle.cloudpickle is namespace is sys.modules['cloudpickle.cloudpickle']
assert 'def subimport' in inspect.getsource(subimport)
assert inspect.getsource(namespace).startswith('"""The loading side')
assert '_make_function' in dir(cloudpickle) and '_make_function' in dir(fast)
assert importlib.util.find_spec('gocloudpickle') is None
try: cloudpickle.nothing
except AttributeError as e: assert str(e) == "module 'cloudpickle' has no attribute 'nothing'", e
else: raise AssertionError
# cloudpickle 1 and 2 name the functions in cloudpickle_fast.
module = pickle.loads(b"ccloudpickle.cloudpickle_fast\nsubimport\n(S'json'\ntR.")
assert module.__name__ == 'json'
`

// modeRebuild is an interpreter with rebuild and nothing else.
func modeRebuild(options hosting.StartOptions) error {
	if folder := os.Getenv("GOCLOUDPICKLE_TEST_CLOUDPICKLE"); folder != "" {
		options.Path = append(options.Path, folder)
	}
	if err := hosting.Start(options); err != nil {
		return err
	}
	return hosting.Do(func() error {
		for range 2 {
			if err := rebuild.Install(); err != nil {
				return err
			}
		}
		globals := python.NewDict()
		if len(options.Path) > 0 {
			return python.Exec("import cloudpickle; print(cloudpickle.who)", "<installed>", globals)
		}
		if err := python.Exec(rebuildScene, "<rebuild>", globals); err != nil {
			return fmt.Errorf("%w\n%s", err, traceback(err))
		}
		fmt.Println("done")
		return nil
	})
}

func TestInstall(t *testing.T) {
	if out, err := inMode(t, "rebuild"); err != nil || out != "done\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

// An installed cloudpickle answers to its name itself.
func TestInstalledCloudpickleWins(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "cloudpickle.py"), []byte("who = 'the installed one'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := inMode(t, "rebuild", "GOCLOUDPICKLE_TEST_CLOUDPICKLE="+folder); err != nil || out != "the installed one\n" {
		t.Errorf("%v, printed %q", err, out)
	}
}
