package host

import (
	"bytes"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// Neither a dump nor a load that succeeds or fails keeps a reference.
func TestDumpsKeepsReferenceCounts(t *testing.T) {
	with(t, callables, func(s scene) {
		parts := []string{
			"above", "above.__code__", "above.__globals__", "closure", "closure.__closure__[0]", "partial.args", "Agent",
			"agent", "agent.__dict__", "Agent.hello", "Point", "data", "data[10]", "big[0]", "big[2]", "lock", "refuses", "refuses[1]",
		}
		count := func() (counts []int) {
			for _, part := range parts {
				counts = append(counts, s.refs(part))
			}
			return counts
		}
		objects := map[string]python.Object{}
		for _, name := range append([]string{"lock", "refuses", "[agent, refuses]", "exits"}, picklable...) {
			objects[name] = s.eval(name)
		}
		round := func() {
			for _, o := range objects {
				for _, protocol := range []int{0, 2, 5} {
					data, err := gocloudpickle.Dumps(o, gocloudpickle.Protocol(protocol))
					_ = gocloudpickle.Dump(io.Discard, o, gocloudpickle.Protocol(protocol))
					_ = gocloudpickle.Dump(&failing{after: 10, err: io.ErrShortWrite}, o)
					if err != nil {
						continue
					}
					if loaded, err := gocloudpickle.Load(bytes.NewReader(data)); err == nil {
						loaded.DecRef()
					}
				}
			}
			p, err := gocloudpickle.NewPickler(io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range objects {
				_ = p.Dump(o)
			}
			_ = p.Close()
			s.exec("import gc; gc.collect()")
		}
		round()
		before := count()
		for range 3 {
			round()
		}
		for i, after := range count() {
			if after != before[i] {
				t.Errorf("%s: %d references, %d before", parts[i], after, before[i])
			}
		}
	})
}

// The process does not grow over many dumps. What leaks grows it in each round; a heap that finds
// its size, or the race detector's shadow of one, grows it in some.
func TestDumpsKeepsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const dumpsOfEach, rounds, allowed = 3000, 5, 1 << 20
	with(t, callables, func(s scene) {
		objects := []python.Object{s.eval("closure"), s.eval("agent"), s.eval("partial"), s.eval("data"), s.eval("refuses")}
		round := func(n int) {
			for range n {
				for _, o := range objects {
					_, _ = gocloudpickle.Dumps(o)
				}
			}
			s.exec("import gc; gc.collect()")
			debug.FreeOSMemory() // what is garbage is no leak, and with -race there is a lot of it
		}
		round(dumpsOfEach)
		var grown []int
		for range rounds {
			before := resident(t)
			round(dumpsOfEach)
			grown = append(grown, resident(t)-before)
			if grown[len(grown)-1] <= allowed {
				return
			}
		}
		t.Errorf("bytes more after %d dumps, again and again: %d", dumpsOfEach*len(objects), grown)
	})
}

// resident is the resident size of this process.
func resident(t *testing.T) int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
