package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/python/hosting"
)

func TestLayoutIsProbed(t *testing.T) {
	with(t, "import sys", func(s scene) {
		fast, why := python.Fast()
		if fast == isPortable() {
			t.Errorf("layout path: %v (%s)", fast, why)
		}
		if isPortable() && why != "GOCLOUDPICKLE_PATH=portable" {
			t.Errorf("the portable path's reason is %q", why)
		}
		if got := s.repr(s.eval("'.'.join(map(str, sys.version_info[:3]))")); !strings.HasPrefix(got, "'"+python.Version()) {
			t.Errorf("Version() = %q, Python says %s", python.Version(), got)
		}
	})
}

func TestStartTwice(t *testing.T) {
	err := hosting.Start(hosting.StartOptions{Home: "/"})
	if err == nil || !strings.Contains(err.Error(), "started already") {
		t.Errorf("a second Start: %v", err)
	}
}

// modeStart starts with options from the environment and prints how that went.
func modeStart(options hosting.StartOptions) error {
	if _, err := os.Stat(options.Home); err != nil {
		return err
	}
	if err := hosting.Do(func() error { return nil }); !errors.Is(err, hosting.ErrNotStarted) {
		return fmt.Errorf("Do before Start: %v", err)
	}
	library, _ := filepath.Glob(filepath.Join(options.Home, "lib", "libpython3.*.so.1.0"))
	switch os.Getenv("GOCLOUDPICKLE_TEST_START") {
	case "library":
		options = hosting.StartOptions{Library: library[0]}
	case "path":
		options.Path = []string{"/a", "/\u00fc"}
	case "no library":
		options = hosting.StartOptions{Home: os.TempDir()}
	case "no home":
		options = hosting.StartOptions{Home: os.TempDir(), Library: library[0]}
	case "nothing":
		options = hosting.StartOptions{}
	case "not a library":
		options.Library = os.Args[0]
	case "no file":
		options.Library = filepath.Join(os.TempDir(), "no-such-libpython.so")
	case "no executable":
		options.Executable = filepath.Join(os.TempDir(), "no-such-python")
	}
	if err := hosting.Start(options); err != nil {
		fmt.Println(err)
		return nil
	}
	return hosting.Do(func() error {
		globals := python.NewDict()
		return python.Exec("import sys; print('started', sys.flags.isolated, sys.flags.utf8_mode, sys.path[-1], sys.prefix)", "<start>", globals)
	})
}

func TestStartOptions(t *testing.T) {
	for _, c := range []struct{ start, want string }{
		{"", "started 1 1 "},
		{"library", "started 0 1 "},
		{"path", "started 1 1 /\u00fc"},
		{"no library", "no interpreter was started: no lib/libpython3.*.so.1.0 in "},
		{"no home", "give the folder that has lib/python3."},
		{"nothing", "neither Home nor Library is given"},
		{"not a library", "no interpreter was started: "},
		{"no file", "no-such-libpython.so: cannot open shared object file"},
		{"no executable", "there is no executable "},
	} {
		// LC_ALL: paths and text are UTF-8 whatever the locale.
		out, err := inMode(t, "start", "GOCLOUDPICKLE_TEST_START="+c.start, "LC_ALL=C")
		if err != nil || !strings.Contains(out, c.want) {
			t.Errorf("start with %q: %v, printed %q, want %q", c.start, err, out, c.want)
		}
	}
}

// modeFinish leaves the process while other goroutines are inside Python.
func modeFinish(options hosting.StartOptions) error {
	if err := hosting.Start(options); err != nil {
		return err
	}
	inside := make(chan bool)
	for range 4 {
		go func() {
			_ = hosting.Do(func() error {
				inside <- true
				globals := python.NewDict()
				return python.Exec("while True: [str(i) for i in range(1000)]", "<loop>", globals)
			})
		}()
	}
	for range 4 {
		<-inside
	}
	fmt.Println("leaving")
	return nil
}

func TestProcessEndsWhileGoroutinesAreInside(t *testing.T) {
	if out, err := inMode(t, "finish"); err != nil || out != "leaving\n" {
		t.Errorf("%v, printed %q", err, out)
	}
}
