package main

import (
	"encoding/json"

	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// auditMethod is what gocloudpickle.audit calls, and loads with a policy.
var auditMethod = python.Method{Name: "audit", In: "gocloudpickle._engine", Call: auditData, Doc: `audit(data, policy, loads)
--

Judge the pickles in bytes by a policy in JSON: policy.Judged as a JSON object.`}

func auditData(a python.Args) (python.Object, error) {
	if len(a.Values) != 3 || a.Values[0].Type() != python.BytesType || a.Values[1].Type() != python.BytesType {
		return python.Nil, python.Raise(python.TypeError, "audit() takes two bytes and a bool")
	}
	loads, err := python.IsTrue(a.Values[2])
	if err != nil {
		return python.Nil, err
	}
	encoded, err := json.Marshal(policy.JudgeData(python.Bytes(a.Values[0]), string(python.Bytes(a.Values[1])), loads))
	if err != nil {
		return python.Nil, python.Raise(python.RuntimeError, "auditing a pickle: %s", err)
	}
	text := python.NewStr(string(encoded))
	if text.IsNil() {
		return python.Nil, python.ErrPython
	}
	return text, nil
}
