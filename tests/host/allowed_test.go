package host

import (
	"errors"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
)

// TestLoadsAllowed loads what a policy allows, and nothing of what it doesn't.
func TestLoadsAllowed(t *testing.T) {
	p, _ := policy.Preset("functions")
	with(t, callables, func(s scene) {
		for _, c := range []struct{ name, check string }{{"above", "loaded(10) == above(10)"}, {"data", "loaded == data"}} {
			loaded, err := gocloudpickle.LoadsAllowed(dumps(t, s.eval(c.name)), p)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			s.set("loaded", loaded)
			loaded.DecRef()
			if !s.isTrue(c.check) {
				t.Errorf("%s: not %s", c.name, c.check)
			}
		}
		_, err := gocloudpickle.LoadsAllowed([]byte("cos\nsystem\n(S'true'\ntR."), p)
		var refusal *policy.Refusal
		if !errors.As(err, &refusal) || refusal.Verdict != policy.Denied || !strings.Contains(err.Error(), "os.system") {
			t.Errorf("%v", err)
		}
		for _, data := range []string{"", "N.N.", "cos\n"} {
			if _, err := gocloudpickle.LoadsAllowed([]byte(data), p); !errors.As(err, &refusal) {
				t.Errorf("%q: %v", data, err)
			}
		}
	})
}
