package host

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle"
	"github.com/gocloudpickle/gocloudpickle/pickler"
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

// A target of our own: a Pickler class with a reducer in its dispatch table, and a
// namespace module under another name.
const targetScene = callables + `
import sys, types, pickle, gocloudpickle, cloudpickle.cloudpickle as ours
from gocloudpickle import _by_value, _bind, _reducers
namespace = types.ModuleType('vendored.cloudpickle')
for name, value in vars(ours).items():
    if isinstance(value, types.FunctionType):
        value = types.FunctionType(value.__code__, vars(ours), name, value.__defaults__, value.__closure__)
        value.__module__ = 'vendored.cloudpickle'
    if not name.startswith('__'): setattr(namespace, name, value)
sys.modules['vendored'] = types.ModuleType('vendored')
sys.modules['vendored.cloudpickle'] = namespace
class Special: pass
table = _reducers.dispatch_table(namespace)
class Pickler(gocloudpickle.Pickler):
    _dispatch_table = table
    dispatch_table = dict(table) | {Special: lambda obj: (str, ('special',))}
names, reduce = _by_value.BUILTIN_TYPE_NAMES, _bind.reduce
special = Special()
taken = []
take = taken.append
buffer = pickle.PickleBuffer(bytearray(b'out of band' * 100))
`

func (s scene) target() *pickler.Target {
	s.t.Helper()
	d, err := pickler.NewTarget(s.eval("namespace"), s.eval("Pickler"), s.eval("table"), s.eval("names"), s.eval("reduce"), python.None)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s scene) dumpsBy(d *pickler.Target, name string, options pickler.Options) []byte {
	s.t.Helper()
	o, err := d.Dumps(s.eval(name), options)
	if err != nil {
		s.fail("Dumps", name)
	}
	defer o.DecRef()
	return bytes.Clone(python.Bytes(o))
}

func TestTarget(t *testing.T) {
	// The first dump brings the Python package, which the scene imports.
	if err := hosting.Do(func() error { _, err := gocloudpickle.Dumps(python.None); return err }); err != nil {
		t.Fatal(err)
	}
	with(t, targetScene, func(s scene) {
		d := s.target()
		for protocol := range pickleProtocols {
			options := pickler.Options{Protocol: protocol}
			data := s.dumpsBy(d, "closure", options)
			if !bytes.Contains(data, []byte("vendored.cloudpickle")) || bytes.Contains(data, []byte("cloudpickle.cloudpickle")) {
				t.Errorf("protocol %d: the payload does not name its own namespace", protocol)
			}
			loaded, err := gocloudpickle.Loads(data)
			if err != nil {
				t.Fatal(err)
			}
			s.set("loaded", loaded)
			loaded.DecRef()
			if !s.isTrue("loaded(1) and not loaded(0)") {
				t.Error("the loaded closure is another")
			}
			if data := s.dumpsBy(d, "special", options); !bytes.Contains(data, []byte("special")) || bytes.Contains(data, []byte("Special")) {
				t.Errorf("protocol %d: the dispatch table was not asked: %q", protocol, data)
			}
		}
	})
}

const pickleProtocols = gocloudpickle.DefaultProtocol + 1

func TestBuffersOutOfBand(t *testing.T) {
	with(t, targetScene, func(s scene) {
		d := s.target()
		inBand := s.dumpsBy(d, "buffer", pickler.Options{Protocol: 5})
		outOfBand := s.dumpsBy(d, "buffer", pickler.Options{Protocol: 5, BufferCallback: s.eval("take")})
		if len(inBand) < 1100 || len(outOfBand) > 20 {
			t.Errorf("%d bytes in band, %d out of band", len(inBand), len(outOfBand))
		}
		if !s.isTrue("len(taken) == 1 and taken[0].raw() == buffer.raw()") {
			t.Error("the callback did not get the buffer")
		}
	})
}

func TestCounts(t *testing.T) {
	with(t, targetScene, func(s scene) {
		d, before := s.target(), pickler.Counts
		for range 3 {
			s.dumpsBy(d, "above", pickler.Options{Protocol: 5})
		}
		got := [2]int64{pickler.Counts.Layout - before.Layout, pickler.Counts.Portable - before.Portable}
		want := [2]int64{3, 0}
		if isPortable() {
			want = [2]int64{0, 3}
		}
		if got != want {
			t.Errorf("counted %v, not %v", got, want)
		}
	})
}

// Objects nest far deeper than C's stack has room for; what is too deep says so.
func TestDeepNesting(t *testing.T) {
	with(t, "deep = []\nfor _ in range(1_000_000): deep = [deep]\nshallow = []\nfor _ in range(400): shallow = [shallow]\n", func(s scene) {
		if _, err := gocloudpickle.Dumps(s.eval("shallow")); err != nil {
			t.Errorf("400 deep: %v", err)
		}
		_, err := gocloudpickle.Dumps(s.eval("deep"))
		if err == nil || !strings.HasPrefix(err.Error(), "_pickle.PicklingError: Could not pickle object as excessively deep recursion required.") {
			t.Errorf("1,000,000 deep: %v", err)
		}
	})
}

// A forked child has no Go any more, and no library to load another from: it dumps
// without the engine.
func TestForkedChildOfAHost(t *testing.T) {
	const source = `
import gocloudpickle, os, pickle, warnings
gocloudpickle.dumps(1)
warnings.simplefilter('ignore')
pid = os.fork()
if pid == 0:
    try: os._exit(pickle.loads(gocloudpickle.dumps(lambda: 7))())
    except BaseException: os._exit(8)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
`
	if _, err := gocloudpickle.Loads([]byte("N.")); err != nil {
		t.Fatal(err)
	}
	with(t, source, func(s scene) {
		if got := s.repr(s.eval("status")); got != "7" {
			t.Errorf("the child ended with %s, not 7, what the function in its payload gives", got)
		}
	})
}

// Python code that runs while an object is pickled gets the engine's thread, and
// may start others.
func TestThreadsDuringADump(t *testing.T) {
	const source = `
import gocloudpickle, threading
class Threads:
    def __reduce__(self):
        results = []
        threads = [threading.Thread(target=lambda: results.append(gocloudpickle.dumps(lambda: 1))) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        return len, (results,)
objects = [Threads() for _ in range(5)]
`
	if _, err := gocloudpickle.Loads([]byte("N.")); err != nil {
		t.Fatal(err)
	}
	with(t, source, func(s scene) {
		loaded, err := gocloudpickle.Loads(dumps(t, s.eval("objects")))
		if err != nil {
			t.Fatal(err)
		}
		defer loaded.DecRef()
		if got := s.repr(loaded); got != "[4, 4, 4, 4, 4]" {
			t.Errorf("loaded %s", got)
		}
	})
}
