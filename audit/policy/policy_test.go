package policy_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/audit"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
)

func TestPresets(t *testing.T) {
	files, _ := filepath.Glob("presets/*.json")
	if len(files) != len(policy.Presets()) {
		t.Errorf("%v, and %v", files, policy.Presets())
	}
	for _, name := range policy.Presets() {
		text, ok := policy.PresetSource(name)
		if !ok {
			t.Errorf("no preset %s", name)
			continue
		}
		if _, err := policy.Parse(text); err != nil { // it refuses keys that aren't known
			t.Errorf("%s: %v", name, err)
		}
		if _, ok := policy.Preset(name); !ok {
			t.Errorf("no preset %s", name)
		}
	}
	if _, ok := policy.Preset("../presets/data"); ok {
		t.Error("a path is a preset")
	}
}

// TestNamesOfPresetsAreHarmless: what a preset trusts by name has no capability that lets it
// run what a pickle says.
func TestNamesOfPresetsAreHarmless(t *testing.T) {
	for _, name := range policy.Presets() {
		text, _ := policy.PresetSource(name)
		for _, bad := range []string{"getattr", "eval", "exec", "import_module", "attrgetter", "methodcaller", "partial\"", "_load_from_bytes", "compile"} {
			if strings.Contains(string(text), bad) {
				t.Errorf("%s allows %s", name, bad)
			}
		}
	}
}

func use(module, name string, when audit.When) *audit.Report {
	return &audit.Report{Uses: []audit.Use{{Module: module, Name: name, When: when, Offset: 3}}}
}

func finding(c audit.Capability, when audit.When, module, name string) *audit.Report {
	r := use(module, name, when)
	r.Findings = []audit.Finding{{Capability: c, When: when, Subject: module + "." + name, Offset: 3, Why: "it is so"}}
	return r
}

func judge(t *testing.T, p *policy.Policy, r *audit.Report) (verdict policy.Verdict, rule string) {
	t.Helper()
	result := p.Judge(r)
	if (result.Verdict == policy.Allowed) != (len(result.Findings) == 0) {
		t.Errorf("%s with %d findings", result.Verdict, len(result.Findings))
	}
	if len(result.Findings) > 0 {
		rule = result.Findings[0].Rule
	}
	return result.Verdict, rule
}

func parse(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRules: what each kind of rule allows, and that nothing else does.
func TestRules(t *testing.T) {
	unknown := finding(audit.Unknown, audit.OnLoad, "mine.models", "Net")
	system := finding(audit.Process, audit.OnLoad, "os", "system")
	later := finding(audit.Filesystem, audit.OnCall, "mine.models", "save")
	for _, c := range []struct {
		name, allow string
		report      *audit.Report
		want        policy.Verdict
	}{
		{"nothing", ``, unknown, policy.Denied},
		{"module", `"modules": ["mine"]`, unknown, policy.Allowed},
		{"submodule", `"modules": ["mine.models"]`, unknown, policy.Allowed},
		{"all modules", `"modules": ["*"]`, unknown, policy.Allowed},
		{"another module", `"modules": ["min", "mine.model"]`, unknown, policy.Denied},
		{"name", `"names": ["mine.models.Net"]`, unknown, policy.Allowed},
		{"another name", `"names": ["mine.models"]`, unknown, policy.Denied},
		{"unknown capability", `"capabilities": {"load": ["unknown"]}`, unknown, policy.Allowed},
		{"at another time", `"capabilities": {"call": ["unknown"]}`, unknown, policy.Denied},

		// A module that is trusted doesn't make what a name can do harmless.
		{"capability in a module", `"modules": ["*", "os"]`, system, policy.Denied},
		{"capability by name", `"names": ["os.system"]`, system, policy.Allowed},
		{"capability", `"capabilities": {"load": ["process"]}`, system, policy.Allowed},
		{"capability when called", `"capabilities": {"call": ["filesystem"]}`, later, policy.Allowed},
		{"capability when loaded", `"capabilities": {"load": ["filesystem"]}`, later, policy.Denied},

		// Out of a trusted module again: numpy.__builtins__ and numpy.os.system.
		{"dunder", `"modules": ["*"]`, use("numpy", "__builtins__.eval", audit.OnLoad), policy.Denied},
		{"module in a module", `"modules": ["numpy"]`, use("numpy.f2py", "os.system", audit.OnLoad), policy.Denied},
		{"both", `"modules": ["numpy"]`, finding(audit.Unknown, audit.OnLoad, "numpy.f2py", "os.system"), policy.Denied},

		// What is done to a name isn't what it does: a state set on a class that is there already.
		{"state of a name", `"names": ["collections.OrderedDict"], "modules": ["*"]`, finding(audit.Interpreter, audit.OnLoad, "collections", "OrderedDict"), policy.Denied},

		{"program", `"modules": ["*"], "capabilities": {"load": ["pure"]}`, use("unittest.__main__", "main", audit.OnLoad), policy.Denied},
		{"antigravity", `"modules": ["*"]`, use("antigravity", "", audit.OnLoad), policy.Denied},

		// A module is what is taken of it.
		{"module itself", `"modules": ["os"]`, use("os", "", audit.OnLoad), policy.Allowed},
		{"another module itself", `"modules": ["sys"]`, use("os", "", audit.OnLoad), policy.Denied},

		// Nobody named what is called: no policy that allows names can say anything.
		{"no name", `"modules": ["*"]`, &audit.Report{Findings: []audit.Finding{{Capability: audit.Unknown, When: audit.OnCall, Subject: "", Why: "x"}}}, policy.Inconclusive},
		{"unread", `"capabilities": {"load": ["unknown"], "call": ["unknown"]}`, &audit.Report{Unread: []audit.Problem{{Kind: "stream", When: audit.OnLoad, Why: "x"}}}, policy.Inconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parse(t, `{"version": 1, "allow": {`+c.allow+`}}`)
			verdict, rule := judge(t, p, c.report)
			if verdict != c.want {
				t.Errorf("%s (%s), want %s", verdict, rule, c.want)
			}
			// The rule that would allow it does.
			key, value, ok := strings.Cut(rule, ": ")
			if verdict != policy.Denied || !ok || strings.HasPrefix(key, "capabilities.") {
				return
			}
			if verdict, rule := judge(t, parse(t, fmt.Sprintf(`{"version": 1, "allow": {%q: [%q]}}`, key, value)), c.report); verdict != policy.Allowed {
				t.Errorf("with %s: %q it is %s (%s)", key, value, verdict, rule)
			}
		})
	}
}

// TestCopies: cloudpickle's own functions are the same in the copies of it.
func TestCopies(t *testing.T) {
	p, _ := policy.Preset("functions")
	for _, module := range []string{"cloudpickle.cloudpickle", "joblib.externals.cloudpickle.cloudpickle", "pyspark.cloudpickle.cloudpickle"} {
		if verdict, rule := judge(t, p, finding(audit.Unknown, audit.OnLoad, module, "_make_function")); verdict != policy.Allowed {
			t.Errorf("%s: %s (%s)", module, verdict, rule)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{"version": 1, "allow": {"moduls": []}}`: "moduls",
		`{"version": 2}`:                      "version is 2",
		`{"allow": {}}`:                       "version is 0",
		`{"version": 1, "extends": ["date"]}`: `extends[0] "date" is no preset`,
		`{"version": 1, "allow": {"names": ["os.getcwd", "len"]}}`:           `allow.names[1] "len" is no name`,
		`{"version": 1, "allow": {"modules": ["a.*"]}}`:                      `allow.modules[0] "a.*" is no module`,
		`{"version": 1, "allow": {"capabilities": {"load": ["filesytem"]}}}`: `allow.capabilities.load[0] "filesytem" is no capability`,
		`{"version": 1, "allow": {"capabilities": {"never": ["process"]}}}`:  "never",
		`{"version": 1} x`: "something follows",
		`cos`:              "byte",
	} {
		if _, err := policy.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	var e *policy.Error
	if _, err := policy.New(policy.File{Version: 3}); !errors.As(err, &e) || e.Where != "version" {
		t.Errorf("%v", err)
	}
}

// TestInARow: places are those in the data, and the last pickle counts as the first does.
func TestInARow(t *testing.T) {
	data := []byte("N.K\x01.cos\nsystem\n.")
	p, _ := policy.Preset("data")
	result := p.Judge(policy.Examine(data))
	if result.Verdict != policy.Denied || result.Findings[0].Offset != 5 {
		t.Errorf("%+v", result)
	}
	if result := p.Judge(policy.Examine([]byte("N.N.x"))); result.Verdict != policy.Inconclusive {
		t.Errorf("%+v", result)
	}
	if result := p.Judge(policy.Examine(nil)); result.Verdict != policy.Inconclusive {
		t.Errorf("%+v", result)
	}
}

func TestLearn(t *testing.T) {
	l, err := policy.NewLearner("data")
	if err != nil {
		t.Fatal(err)
	}
	reports := []*audit.Report{
		finding(audit.Process, audit.OnCall, "os", "system"),
		finding(audit.Interpreter, audit.OnLoad, "collections", "OrderedDict"),
		use("mine", "", audit.OnCall),
		use("builtins", "print", audit.OnCall),
		finding(audit.Unknown, audit.OnLoad, "mine.models", "Net"),
	}
	for _, r := range reports {
		if left := l.Learn(r); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	f := l.File()
	if want := []string{"mine.models.Net", "os.system"}; !slices.Equal(f.Allow.Names, want) {
		t.Errorf("%v", f.Allow)
	}
	p, err := policy.New(f)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range reports {
		if verdict, rule := judge(t, p, r); verdict != policy.Allowed {
			t.Errorf("%d: %s (%s)", i, verdict, rule)
		}
	}
	broken := &audit.Report{Unread: []audit.Problem{{Why: "x"}}}
	if left := l.Learn(broken); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// TestSchema: the schema has what File has.
func TestSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(audit.Capabilities(), audit.Pure) {
		if !strings.Contains(string(text), fmt.Sprintf("%q", c)) {
			t.Errorf("no %s in the schema", c)
		}
	}
	for _, name := range policy.Presets() {
		if !strings.Contains(string(text), fmt.Sprintf("%q", name)) {
			t.Errorf("no %s in the schema", name)
		}
	}
}
