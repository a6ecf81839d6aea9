package policy

import (
	"sync"

	"github.com/gocloudpickle/gocloudpickle/audit"
)

// Judged is what Python gets of [JudgeData], as JSON: an Error, or a Result, and a Plan where
// it is to be loaded and may be.
type Judged struct {
	// Error says what is wrong with the policy.
	Error string `json:"error,omitempty"`
	*Result
	*Plan
}

// JudgeData judges the pickles in some data by a policy in JSON. With loads it is the first of
// them only, and if it is allowed the answer says what loading it does.
func JudgeData(data []byte, policy string, loads bool) Judged {
	p, err := compiled(policy)
	if err != nil {
		return Judged{Error: err.Error()}
	}
	if !loads {
		return Judged{Result: p.Judge(Examine(data))}
	}
	report := audit.Examine(data, audit.Several())
	result := p.Judge(report)
	if result.Verdict != Allowed {
		return Judged{Result: result}
	}
	return Judged{Result: result, Plan: PlanOf(data, report)}
}

// policies are those that were used, by their text. A process has few; one that makes
// up ever new ones has them parsed each time.
var (
	policiesLock sync.Mutex
	policies     = map[string]*Policy{}
)

const maxPolicies = 64

func compiled(text string) (*Policy, error) {
	policiesLock.Lock()
	defer policiesLock.Unlock()
	if p := policies[text]; p != nil {
		return p, nil
	}
	p, err := Parse([]byte(text))
	if err == nil && len(policies) < maxPolicies {
		policies[text] = p
	}
	return p, err
}
