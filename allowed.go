package gocloudpickle

import (
	"encoding/json"
	"fmt"

	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// LoadsAllowed is Loads for data that a policy allows, all of it. Nothing of it is imported or called
// otherwise: the error is a [*policy.Refusal] then, with the verdict and why. What the unpickler does
// is compared with what was read, too, and a difference is an error before it is done.
//
//	p, _ := policy.Preset("functions")
//	obj, err := gocloudpickle.LoadsAllowed(data, p)
func LoadsAllowed(data []byte, p *policy.Policy) (python.Object, error) {
	plan, err := p.Plan(data)
	if err != nil {
		return python.Nil, err
	}
	encoded, err := json.Marshal(plan)
	if err != nil {
		return python.Nil, fmt.Errorf("gocloudpickle: %w", err)
	}
	obj := python.Nil
	err = enter(python.None, func() error {
		text := python.NewBytes(data)
		defer text.XDecRef()
		planned := python.NewBytes(encoded)
		defer planned.XDecRef()
		if text.IsNil() || planned.IsNil() {
			return python.ErrPython
		}
		obj = python.Call2(loadPlanned, text, planned)
		return orError(obj)
	})
	return obj, err
}
