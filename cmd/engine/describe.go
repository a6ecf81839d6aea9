package main

import (
	"encoding/json"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/python"
)

// describeMethod is what gocloudpickle.inspect calls.
var describeMethod = python.Method{Name: "describe", In: "gocloudpickle._engine", Call: describe, Doc: `describe(data)
--

Describe the pickles in bytes without loading them: a JSON list, and the same for people.`}

func describe(a python.Args) (python.Object, error) {
	if len(a.Values) != 1 || a.Values[0].Type() != python.BytesType {
		return python.Nil, python.Raise(python.TypeError, "describe() takes bytes")
	}
	data := python.Bytes(a.Values[0])
	var all []*payload.Description
	var text strings.Builder
	for _, p := range payload.Read(data, pickle.WithStringEncoding(pickle.StringLatin1)) {
		d := p.Describe()
		all = append(all, d)
		if text.Len() > 0 {
			text.WriteByte('\n')
		}
		payload.DefaultView.Print(&text, d)
	}
	encoded, err := json.Marshal(all)
	if err != nil {
		return python.Nil, python.Raise(python.RuntimeError, "describing a pickle: %s", err)
	}
	json, forPeople := python.NewStr(string(encoded)), python.NewStr(strings.ToValidUTF8(text.String(), "\uFFFD"))
	if json.IsNil() || forPeople.IsNil() {
		return python.Nil, python.ErrPython
	}
	defer json.DecRef()
	defer forPeople.DecRef()
	return python.NewTuple(json, forPeople), nil
}
