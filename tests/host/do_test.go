package host

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

func TestDoTurnsExceptionsIntoErrors(t *testing.T) {
	for _, c := range []struct{ source, typ, message string }{
		{"raise KeyError('x')", "KeyError", "'x'"},
		{"1/0", "ZeroDivisionError", "division by zero"},
		{"raise StopIteration", "StopIteration", ""},
		{"import _pickle; raise _pickle.PicklingError('no \u00fc')", "_pickle.PicklingError", "no \u00fc"},
		{"class Local(Exception):\n def __str__(self): 1/0\nraise Local", "<module>.Local", ""},
		{"def", "SyntaxError", "<scene>"},
		{"exit(3)", "SystemExit", "3"},
	} {
		err := hosting.Do(func() error {
			globals := python.NewDict()
			defer globals.DecRef()
			name, value := python.Intern("__name__"), python.NewStr("<module>")
			_ = python.DictSet(globals, name, value)
			return python.Exec(c.source, "<scene>", globals)
		})
		var e *hosting.Exception
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if e.Type != c.typ || !strings.Contains(e.Message, c.message) {
			t.Errorf("%s: type %q, message %q", c.source, e.Type, e.Message)
		}
		if want := e.Type; !strings.HasPrefix(e.Error(), want) {
			t.Errorf("%s: Error() = %q", c.source, e.Error())
		}
	}
}

func TestTraceback(t *testing.T) {
	err := hosting.Do(func() error {
		globals := python.NewDict()
		defer globals.DecRef()
		return python.Exec("def inner():\n    raise ValueError\ndef outer():\n    inner()\nouter()\n", "scene.py", globals)
	})
	const want = "  File \"scene.py\", line 5, in <module>\n  File \"scene.py\", line 4, in outer\n  File \"scene.py\", line 2, in inner\n"
	if got := traceback(err); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestDoNeverLosesAnException(t *testing.T) {
	// f forgets to say so.
	err := hosting.Do(func() error {
		_ = python.Raise(python.ValueError, "forgotten")
		return nil
	})
	if err == nil || err.Error() != "ValueError: forgotten" {
		t.Errorf("got %v", err)
	}
	// f has an error of its own.
	own := errors.New("own")
	err = hosting.Do(func() error { return errors.Join(own, python.Raise(python.ValueError, "with it")) })
	var e *hosting.Exception
	if !errors.Is(err, own) || !errors.As(err, &e) || e.Message != "with it" {
		t.Errorf("got %v", err)
	}
}

func TestDoNests(t *testing.T) {
	err := hosting.Do(func() error {
		inner := hosting.Do(func() error { return python.Raise(python.KeyError, "inner") })
		if inner == nil || python.Occurred() {
			t.Errorf("inner Do: %v, exception still set: %v", inner, python.Occurred())
		}
		return hosting.Unlocked(func() error {
			return hosting.Do(func() error { return python.Raise(python.ValueError, "innermost") })
		})
	})
	if err == nil || err.Error() != "ValueError: innermost" {
		t.Errorf("got %v", err)
	}
}

func TestPanicGivesTheGILBack(t *testing.T) {
	func() {
		defer func() {
			if r := recover(); r != "on purpose" {
				t.Errorf("recovered %v", r)
			}
		}()
		_ = hosting.Do(func() error {
			_ = python.Raise(python.ValueError, "dropped")
			panic("on purpose")
		})
	}()
	done := make(chan error)
	go func() { done <- hosting.Do(func() error { return nil }) }()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Other goroutines get in while one is in Unlocked: without it this hangs.
func TestUnlockedLetsOthersIn(t *testing.T) {
	err := hosting.Do(func() error {
		return hosting.Unlocked(func() error {
			done := make(chan error)
			go func() { done <- hosting.Do(func() error { return nil }) }()
			return <-done
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestManyGoroutines(t *testing.T) {
	const goroutines, rounds = 24, 50
	with(t, "from threading import local\nitems, mine = [], local()\ndef add(i):\n    mine.i = i\n    items.append(sum(range(2000)) and i)\n    return mine.i == i\n", func(s scene) {
		add := s.eval("add")
		var wg sync.WaitGroup
		var wrong atomic.Int64
		for g := range goroutines {
			wg.Go(func() {
				for i := range rounds {
					err := hosting.Do(func() error {
						number := python.NewLong(g*rounds + i)
						defer number.DecRef()
						same := python.Call1(add, number)
						if same.IsNil() {
							return python.ErrPython
						}
						defer same.DecRef()
						if same != python.True {
							return fmt.Errorf("another thread's value")
						}
						return nil
					})
					if err != nil {
						wrong.Add(1)
					}
				}
			})
		}
		_ = hosting.Unlocked(func() error {
			wg.Wait()
			return nil
		})
		if n := wrong.Load(); n > 0 {
			t.Errorf("%d calls failed", n)
		}
		if want := fmt.Sprintf("sorted(items) == list(range(%d))", goroutines*rounds); !s.isTrue(want) {
			t.Error("items were lost")
		}
	})
}
