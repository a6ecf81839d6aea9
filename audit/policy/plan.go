package policy

import (
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/audit"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Plan is what loading a pickle does, for who watches the unpickler do it: anything else shows
// that the two read the stream differently.
type Plan struct {
	// Size is how many bytes the pickle has.
	Size int64 `json:"size"`
	// Names are those that it looks up, each once, as module and name.
	Names [][2]string `json:"names"`
	// Calls are its calls in order, by the dotted name of what is called; "" for what has
	// none, such as a class in the pickle. They are nil where it names nothing that makes
	// functions or classes: all that it can call then are names.
	Calls []string `json:"calls"`
}

// Plan judges data that are to be loaded: one pickle, with nothing behind it. The error is
// a [*Refusal] where the policy doesn't allow that.
func (p *Policy) Plan(data []byte) (*Plan, error) {
	report := audit.Examine(data)
	if result := p.Judge(report); result.Verdict != Allowed {
		return nil, &Refusal{result}
	}
	return PlanOf(data, report), nil
}

// Refusal is the error for a pickle that a policy doesn't allow.
type Refusal struct{ *Result }

func (e *Refusal) Error() string {
	f := &e.Findings[0]
	text := fmt.Sprintf("%s by the policy: byte %d: %s", e.Verdict, f.Offset, f.Why)
	if n := len(e.Findings) - 1; n > 0 {
		text += fmt.Sprintf(", and %d more findings", n)
	}
	return text
}

// PlanOf is that of the first pickle in data, of which a report was made.
func PlanOf(data []byte, r *audit.Report) *Plan {
	plan := &Plan{Size: r.Size, Names: [][2]string{}}
	calls, makesCode := []string{}, len(r.Python) > 0
	seen := map[pickle.Global]bool{}
	named := func(g pickle.Global) {
		if seen[g] {
			return
		}
		seen[g] = true
		plan.Names = append(plan.Names, [2]string{g.Module, g.Name})
		if _, ok := abi.Lookup(g.Module, g.Name); ok || g.Module == "types" {
			makesCode = true
		}
	}
	d := pickle.NewBytesDecoder(data, pickle.NoCopy(), pickle.WithStringEncoding(pickle.StringLatin1),
		pickle.WithAbsentBuffers(), pickle.WithEvents(func(e pickle.Event) {
			switch v := e.Value.(type) {
			case pickle.Global:
				if e.Kind == pickle.EventNamed {
					named(v)
				}
			case *pickle.Object:
				if e.Kind != pickle.EventCalled {
					return
				}
				name := ""
				if g, ok := v.Func.(pickle.Global); ok {
					name = spelled(g.Module, g.Name)
				}
				calls = append(calls, name)
			}
		}))
	d.Load() // it was read before, to its end
	if makesCode {
		plan.Calls = calls
	}
	return plan
}
