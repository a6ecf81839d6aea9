package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/gocloudpickle/gocloudpickle"
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

const callables = `
import collections, dataclasses, enum, functools, threading
limit = 5
above = lambda x: x > limit
def make(threshold):
    def run(x): return x > threshold['value']
    return run
closure = make({'value': 0.9})
def counted(n):
    for i in range(n): yield i
partial = functools.partial(lambda a, b: a - b, 10)
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
class Agent:
    "Made at run time."
    kind = 'agent'
    def __init__(self, name): self.name = name
    def hello(self): return 'hello ' + self.name
Agent.score = lambda self: len(self.name)
agent = Agent('x')
class Color(enum.Enum):
    RED = 1
@dataclasses.dataclass
class Point:
    x: int
    y: int = 2
data = [None, True, 1, 2**100, 1.5, 'text', 'caf\xe9', b'bytes', (1,), [1, [2]], {'a': {1, 2}}, frozenset('a'), range(3)]
big = [b'b' * 100_000, 't' * 100_000, '\u20ac' * 100_000, bytearray(100_000)]
lock = threading.Lock()
class Refuses:
    def __reduce__(self): raise KeyError('refused')
refuses = [above, Refuses()]
class Exits:
    def __reduce__(self): raise SystemExit(3)
exits = Exits()
`

var picklable = []string{
	"above", "closure", "counted", "partial", "even", "Agent", "agent", "Agent.hello", "agent.score", "Color",
	"Color.RED", "Point", "Point(1)", "data", "big", "above.__code__", "[agent, Agent, above, agent]",
}

func dumps(t *testing.T, o python.Object, options ...gocloudpickle.Option) []byte {
	t.Helper()
	data, err := gocloudpickle.Dumps(o, options...)
	if err != nil {
		t.Fatalf("Dumps: %v\n%s", err, traceback(err))
	}
	return data
}

// Go and Python share one engine and its targets, and get the same bytes.
func TestDumpsIsPythonsDumps(t *testing.T) {
	with(t, callables, func(s scene) {
		for _, name := range picklable {
			for protocol := range gocloudpickle.DefaultProtocol + 1 {
				if protocol < 2 && strings.HasPrefix(name, "Point") {
					continue // copyreg refuses dataclasses.Field there, which has __slots__
				}
				o := s.eval(name)
				got := dumps(t, o, gocloudpickle.Protocol(protocol))
				want := s.eval(fmt.Sprintf("__import__('gocloudpickle').dumps(%s, %d)", name, protocol))
				if !bytes.Equal(got, python.Bytes(want)) {
					t.Errorf("%s at protocol %d: %d bytes, Python got %d", name, protocol, len(got), len(python.Bytes(want)))
				}
				var file bytes.Buffer
				if err := gocloudpickle.Dump(&file, o, gocloudpickle.Protocol(protocol)); err != nil {
					t.Errorf("Dump of %s at protocol %d: %v", name, protocol, err)
				}
				if name == "big" {
					continue // large contents are framed differently in a file, as in pickle
				}
				if !bytes.Equal(file.Bytes(), got) {
					t.Errorf("%s at protocol %d: Dump and Dumps differ", name, protocol)
				}
			}
		}
	})
}

func TestLoads(t *testing.T) {
	with(t, callables, func(s scene) {
		for _, c := range []struct{ name, check string }{
			{"above", "loaded(6) and not loaded(5)"},
			{"closure", "loaded(1) and not loaded(0.5)"},
			{"counted", "list(loaded(3)) == [0, 1, 2]"},
			{"partial", "loaded(3) == 7"},
			{"even", "loaded(10) and not loaded(7)"},
			{"agent", "loaded.hello() == 'hello x' and loaded.score() == 1 and loaded is not agent and type(loaded) is Agent"},
			{"Point(7)", "loaded == Point(7)"},
			{"Color.RED", "loaded is Color.RED"},
			{"data", "loaded == data"},
			{"big", "loaded == big"},
		} {
			data := dumps(t, s.eval(c.name))
			for _, load := range []func() (python.Object, error){
				func() (python.Object, error) { return gocloudpickle.Loads(data) },
				func() (python.Object, error) { return gocloudpickle.Load(bytes.NewReader(data)) },
			} {
				loaded, err := load()
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				s.set("loaded", loaded)
				loaded.DecRef()
				if !s.isTrue(c.check) {
					t.Errorf("%s: not %s", c.name, c.check)
				}
			}
		}
	})
}

func TestErrors(t *testing.T) {
	with(t, callables, func(s scene) {
		for name, want := range map[string]string{
			"lock": "TypeError: cannot pickle '_thread.lock' object", "refuses": "KeyError: 'refused'", "exits": "SystemExit: 3",
		} {
			_, err := gocloudpickle.Dumps(s.eval(name))
			var e *hosting.Exception
			if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("Dumps(%s): %v", name, err)
			}
			if err := gocloudpickle.Dump(io.Discard, s.eval(name)); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("Dump(%s): %v", name, err)
			}
			dumps(t, s.eval("above")) // the engine is usable afterwards
		}
		for _, protocol := range []int{-1, 6} {
			if _, err := gocloudpickle.Dumps(s.eval("above"), gocloudpickle.Protocol(protocol)); err == nil {
				t.Errorf("protocol %d is accepted", protocol)
			}
		}
		for _, data := range []string{"", "x", "cno_such_module\nf\n."} {
			if _, err := gocloudpickle.Loads([]byte(data)); err == nil {
				t.Errorf("Loads(%q) gives no error", data)
			}
		}
	})
	// Without the GIL, and without an object.
	if _, err := gocloudpickle.Dumps(python.Nil); err == nil || !strings.Contains(err.Error(), "python.Nil") {
		t.Errorf("Dumps(Nil): %v", err)
	}
}

func TestLoadFromStreams(t *testing.T) {
	with(t, callables, func(s scene) {
		for protocol := range gocloudpickle.DefaultProtocol + 1 {
			one := dumps(t, s.eval("data"), gocloudpickle.Protocol(protocol))
			stream := io.MultiReader(bytes.NewReader(one), bytes.NewReader(one), strings.NewReader("rest"))
			r := iotest.OneByteReader(stream)
			for range 2 {
				o, err := gocloudpickle.Load(r)
				if err != nil {
					t.Fatalf("protocol %d: %v", protocol, err)
				}
				s.set("loaded", o)
				o.DecRef()
				if !s.isTrue("loaded == data") {
					t.Error("loaded something else")
				}
			}
			if rest, _ := io.ReadAll(r); string(rest) != "rest" {
				t.Errorf("protocol %d: %q is left in the reader", protocol, rest)
			}
			for n := range one {
				_, err := gocloudpickle.Load(bytes.NewReader(one[:n]))
				switch {
				case n == 0 && err != io.EOF:
					t.Errorf("no data: %v, not io.EOF", err)
				case n > 0 && !errors.Is(err, io.ErrUnexpectedEOF):
					t.Fatalf("protocol %d, %d bytes of %d: %v", protocol, n, len(one), err)
				}
			}
		}
	})
}

type failing struct {
	after int
	err   error
}

func (f *failing) Write(b []byte) (int, error) {
	if f.after -= len(b); f.after >= 0 {
		return len(b), nil
	}
	if f.err == nil {
		panic("writer on purpose")
	}
	return 0, f.err
}

func TestReadersAndWritersThatFail(t *testing.T) {
	own := errors.New("disk on fire")
	with(t, callables, func(s scene) {
		for _, after := range []int{0, 1000, 150_000} {
			if err := gocloudpickle.Dump(&failing{after, own}, s.eval("big")); !errors.Is(err, own) {
				t.Errorf("a writer that fails after %d bytes: %v", after, err)
			}
			if err := gocloudpickle.Dump(&failing{after, nil}, s.eval("big")); err == nil || !strings.Contains(err.Error(), "the writer panicked: writer on purpose") {
				t.Errorf("a writer that panics: %v", err)
			}
		}
		if _, err := gocloudpickle.Load(iotest.ErrReader(own)); !errors.Is(err, own) {
			t.Errorf("a reader that fails: %v", err)
		}
		p, err := gocloudpickle.NewPickler(&failing{1000, own})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.Dump(s.eval("big")); !errors.Is(err, own) {
			t.Errorf("a Pickler's writer that fails: %v", err)
		}
	})
}

// One goroutine dumps into a pipe and another loads from it: neither may hold the
// GIL while it waits for the other.
func TestPipe(t *testing.T) {
	with(t, callables, func(s scene) {
		big := s.eval("big")
		_ = hosting.Unlocked(func() error {
			r, w := io.Pipe()
			done := make(chan error)
			go func() {
				for range 5 {
					if err := gocloudpickle.Dump(w, big); err != nil {
						done <- err
						return
					}
				}
				w.Close()
				done <- nil
			}()
			n := 0
			for ; ; n++ {
				o, err := gocloudpickle.Load(r)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				_ = hosting.Do(func() error {
					o.DecRef()
					return nil
				})
			}
			if err := <-done; err != nil || n != 5 {
				t.Errorf("%d objects came through, %v", n, err)
			}
			return nil
		})
	})
}

func TestPickler(t *testing.T) {
	with(t, callables+"import io, pickle\n", func(s scene) {
		var file bytes.Buffer
		p, err := gocloudpickle.NewPickler(&file, gocloudpickle.Protocol(4))
		if err != nil {
			t.Fatal(err)
		}
		var sizes []int
		for range 2 {
			if err := p.Dump(s.eval("agent")); err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, file.Len())
		}
		if err := p.ClearMemo(); err != nil {
			t.Fatal(err)
		}
		if err := p.Dump(s.eval("agent")); err != nil {
			t.Fatal(err)
		}
		if second := sizes[1] - sizes[0]; second > 20 {
			t.Errorf("the second dump has %d bytes, the first %d", second, sizes[0])
		}
		if third := file.Len() - sizes[1]; third != sizes[0] {
			t.Errorf("after ClearMemo a dump has %d bytes, the first had %d", third, sizes[0])
		}
		data := python.NewBytes(file.Bytes()[:sizes[1]])
		s.set("data", data)
		data.DecRef()
		if !s.isTrue("(u := pickle.Unpickler(io.BytesIO(data))) and u.load() is u.load()") {
			t.Error("the two dumps are not one object")
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := p.Dump(s.eval("agent")); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("Dump after Close: %v", err)
		}
	})
}

// Python code in the hosted interpreter has the package too, and may be in the
// middle of a dump when it uses it.
func TestReentrantDumps(t *testing.T) {
	source := "import gocloudpickle, cloudpickle\nclass Nested:\n    def __reduce__(self):\n        return gocloudpickle.loads, (cloudpickle.dumps(lambda: 42),)\nnested = [Nested(), Nested()]\n"
	with(t, source, func(s scene) {
		loaded, err := gocloudpickle.Loads(dumps(t, s.eval("nested")))
		if err != nil {
			t.Fatal(err)
		}
		s.set("loaded", loaded)
		loaded.DecRef()
		if !s.isTrue("[f() for f in loaded] == [42, 42]") {
			t.Error("nested dumps went wrong")
		}
		if info := s.repr(s.eval("gocloudpickle.engine_info()")); !strings.Contains(info, python.Version()) {
			t.Errorf("engine_info() = %s", info)
		}
	})
}

func TestDumpsFromManyGoroutines(t *testing.T) {
	with(t, callables, func(s scene) {
		// No classes: loading one into the process that made it sets its attributes
		// again, and the identity of these shows in the next dump.
		names := []string{"above", "closure", "counted", "partial", "even", "data", "above.__code__"}
		var objects []python.Object
		var want [][]byte
		for _, name := range names {
			objects = append(objects, s.eval(name))
			want = append(want, dumps(t, objects[len(objects)-1]))
		}
		_ = hosting.Unlocked(func() error {
			var wg sync.WaitGroup
			for g := range 24 {
				wg.Go(func() {
					for i := range 40 {
						n := (g + i) % len(objects)
						data, err := gocloudpickle.Dumps(objects[n])
						if err != nil || !bytes.Equal(data, want[n]) {
							t.Errorf("goroutine %d: %s: %d bytes, %v", g, names[n], len(data), err)
							return
						}
						o, err := gocloudpickle.Loads(data)
						if err != nil {
							t.Error(err)
							return
						}
						_ = hosting.Do(func() error {
							o.DecRef()
							return nil
						})
					}
				})
			}
			wg.Wait()
			return nil
		})
	})
}
