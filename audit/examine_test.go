package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// str is a str of protocol 4, global a name, call a call of it.
func str(s string) string               { return "\x8c" + string(rune(len(s))) + s }
func global(module, name string) string { return str(module) + str(name) + "\x93" }
func call(module, name string, args ...string) string {
	return global(module, name) + "(" + strings.Join(args, "") + "tR"
}
func stream(body string) []byte { return []byte("\x80\x04" + body + ".") }

func has(r *Report, c Capability, when When, subject string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.Capability == c && f.When == when && (subject == "" || f.Subject == subject)
	})
}

func TestStreams(t *testing.T) {
	importOS := call("builtins", "__import__", str("os"))
	for _, c := range []struct {
		name, body string
		c          Capability
		when       When
		subject    string
	}{
		{"named", global("os", "system"), Process, OnCall, "os.system"},
		{"called", call("os", "system", str("x")), Process, OnLoad, "os.system"},
		{"called and dropped", call("os", "system", str("x")) + "0N", Process, OnLoad, "os.system"},
		{"getattr", call("builtins", "getattr", importOS, str("system")) + "(" + str("x") + "tR", Process, OnLoad, "os.system"},
		{"joined", call("builtins", "getattr", importOS, call("builtins", "str.join", str(""), "("+str("sys")+str("tem")+"t")), Process, OnLoad, "os.system"},
		{"through a module", call("logging", "os.system", str("x")), Process, OnLoad, ""},
		{"unknown module", call("nowhere", "f"), Unknown, OnLoad, "nowhere.f"},
		{"state of a class", global("collections", "OrderedDict") + "}" + str("x") + "K\x01sb", Interpreter, OnLoad, "collections.OrderedDict"},
		{"the end of the loader", call("sys", "exit", "K\x00"), Process, OnLoad, "sys.exit"},
		{"a handler that unpickles", call("torch.utils.data.datapipes.utils.decoder", "basichandlers", str("pickle"), "C\x00"), Unpickle, OnLoad, ""},
		{"in a partial", call("functools", "partial", global("os", "system")), Process, OnCall, "os.system"},
		{"a partial that is called", call("functools", "partial", global("os", "system")) + ")R", Process, OnLoad, "os.system"},
	} {
		r := Examine(stream(c.body))
		if !has(r, c.c, c.when, c.subject) {
			t.Errorf("%s: no %s on %s in %v", c.name, c.c, c.when, r.Findings)
		}
	}
}

// Functions of packages that compute, which do more than that: found by an audit of the functions themselves.
func TestFunctionsOfPackagesThatCompute(t *testing.T) {
	for name, c := range map[string]Capability{
		"numpy._core._methods._dump":               Filesystem,
		"numpy._core.fromnumeric._wrapfunc":        DynamicImport,
		"numpy._core._ufunc_reconstruct":           DynamicImport,
		"numpy.lib._format_impl.read_array":        Unpickle,
		"numpy.lib._utils_impl._makenamedict":      DynamicImport,
		"numpy.lib.add_newdoc":                     DynamicImport,
		"numpy.rec.fromfile":                       Filesystem,
		"pandas._config.localization.get_locales":  Process,
		"pandas.plotting._core._get_plot_backend":  DynamicImport,
		"sklearn.callback._transport.send":         Network,
		"torch.utils.show_pickle.main":             Unpickle,
		"torch.utils.data.datapipes.utils.decoder": Unpickle,
	} {
		if caps, known := CapabilityOf(name, ""); !known || !slices.Contains(caps, c) {
			t.Errorf("%s: %v", name, caps)
		}
	}
}

// A call that can only fail is one of another function that the target has under that name.
func TestCallsThatCanOnlyFail(t *testing.T) {
	for _, body := range []string{
		call("collections", "OrderedDict", str("import os")),
		call("collections", "OrderedDict", "C\x01x"),
		call("builtins", "dict", "N"),
	} {
		if r := Examine(stream(body)); len(r.Unread) == 0 || r.Unread[0].Kind != "call" {
			t.Errorf("%q: %v", body, r.Unread)
		}
	}
}

func TestHarmlessStreams(t *testing.T) {
	for _, body := range []string{
		"N", "]", "}" + str("a") + "K\x01s",
		call("collections", "OrderedDict"), call("collections", "OrderedDict", "]"), call("collections", "OrderedDict", str("")),
		global("sys", "exit"), call("collections", "Counter", str("text")),
		call("datetime", "date", "C\x04\x07\xe8\x01\x01"),
		global("decimal", "Decimal") + "(" + str("1") + "t\x81",
		call("builtins", "getattr", global("builtins", "dict"), str("get")),
		call("functools", "partial", global("operator", "mul"), "K\x02"),
	} {
		if r := Examine(stream(body)); len(r.Findings) > 0 || len(r.Unread) > 0 {
			t.Errorf("%q: %v %v", body, r.Findings, r.Unread)
		}
	}
}

func TestUnread(t *testing.T) {
	for _, data := range []string{
		"", "\x80\x04N", "\x80\x04\xff.", "\x80\x04N.N.", "\x80\x04N.rest", "\x80\x04\x95\x04\x00\x00\x00\x00\x00\x00\x00\x8c\x03abc.",
		"\x80\x04\x82\x07.",
	} {
		if r := Examine([]byte(data)); len(r.Unread) == 0 {
			t.Errorf("%q is read in full", data)
		}
	}
}

// What comes before an error has run.
func TestBrokenAfterCall(t *testing.T) {
	data := stream(call("os", "system", str("x")))
	data[len(data)-1] = 0xff
	r := Examine(data)
	if !has(r, Process, OnLoad, "os.system") || len(r.Unread) == 0 {
		t.Errorf("%v %v", r.Findings, r.Unread)
	}
}

func TestSeveral(t *testing.T) {
	one := stream("N")
	r := Examine(append(slices.Clone(one), one...), Several())
	if len(r.Unread) > 0 || r.Size != int64(len(one)) {
		t.Errorf("%d bytes, %v", r.Size, r.Unread)
	}
}

// Steps that run out are said.
func TestStepsAreBounded(t *testing.T) {
	// while True: pass, in 3.12
	c := &bytecode.Code{Version: bytecode.Version{Major: 3, Minor: 12}, Name: "f", Code: []byte{151, 0, 110, 0, 140, 2}}
	x := newExaminer(&Report{}, 50_000)
	x.meetFunction(&function{code: c, name: "f", globals: newDict()})
	x.drain()
	if x.left < 0 {
		t.Errorf("a loop without an end takes %d steps", 50_000-x.left)
	}
}

func TestCapabilityOf(t *testing.T) {
	for _, c := range []struct {
		module, name string
		want         string
		known        bool
	}{
		{"os", "system", "[process]", true},
		{"posix", "system", "[process]", true},
		{"posixpath", "join", "[pure]", true},
		{"os.path", "exists", "[filesystem]", true},
		{"os", "path.exists", "[filesystem]", true},
		{"subprocess", "Popen", "[process]", true},
		{"numpy", "linalg.norm", "[pure]", true},
		{"numpy.linalg", "norm", "[pure]", true},
		{"nowhere", "f", "[]", false},
		{"osx", "system", "[]", false},
	} {
		caps, known := CapabilityOf(c.module, c.name)
		if got := fmt.Sprint(caps); got != c.want || known != c.known {
			t.Errorf("%s.%s: %s %v", c.module, c.name, got, known)
		}
	}
}

// Every capability in the table is one of Capabilities, or pure alone.
func TestTable(t *testing.T) {
	if len(capabilityTable()) < 500 {
		t.Fatalf("only %d rows", len(capabilityTable()))
	}
	for name, caps := range capabilityTable() {
		for _, c := range caps {
			if c != Pure && !slices.Contains(Capabilities(), c) || c == Pure && len(caps) > 1 {
				t.Errorf("%s: %v", name, caps)
			}
		}
	}
}

func ExampleExamine() {
	// pickle.dumps of an object whose __reduce__ returns os.system and ("id",)
	r := Examine([]byte("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."))
	for _, f := range r.Findings {
		fmt.Println(f.Capability, f.When, f.Subject, f.Via, f.Offset)
	}
	// Output:
	// process call os.system [STACK_GLOBAL] 14
	// process load os.system [REDUCE os.system] 2
}

func ExampleCapabilityOf() {
	fmt.Println(CapabilityOf("shutil", "rmtree"))
	fmt.Println(CapabilityOf("numpy", "linalg.norm"))
	fmt.Println(CapabilityOf("mycompany", "run"))
	// Output:
	// [filesystem] true
	// [pure] true
	// [] false
}
