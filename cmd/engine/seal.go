package main

import (
	"github.com/gocloudpickle/gocloudpickle/python"
	"github.com/gocloudpickle/gocloudpickle/seal/format"
)

// What gocloudpickle.sealed calls for small envelopes with HMAC-SHA256. They are short
// and keep the GIL, run no Python code, and keep no key: the secret is read where Python has it.
// Large contents are hashed by hashlib, which lets other threads run meanwhile.
var sealMethods = []python.Method{
	{Name: "seal_single", In: "gocloudpickle._engine", Call: sealSingle, Doc: `seal_single(secret, prefix, terms, content)
--

Make an envelope of one part: see seal/format/single.go.`},
	{Name: "open_single", In: "gocloudpickle._engine", Call: openSingle, Doc: `open_single(secret, prefix, envelope)
--

Return the content of what seal_single has made; None for anything else.`},
}

func sealSingle(a python.Args) (python.Object, error) {
	parts, err := bytesOf(a, "seal_single", 4)
	if err != nil {
		return python.Nil, err
	}
	secret, prefix, terms, content := parts[0], parts[1], parts[2], parts[3]
	if len(terms) != format.TermsSize || len(content) > format.MaxSingle {
		return python.Nil, python.Raise(python.ValueError,
			"seal_single() takes terms of %d bytes and a content of at most %d", format.TermsSize, format.MaxSingle)
	}
	out := python.AllocBytes(format.SingleSize(len(prefix), len(content)))
	if out.IsNil() {
		return python.Nil, python.ErrPython
	}
	format.PutSingle(python.Bytes(out), secret, prefix, terms, content)
	return out, nil
}

func openSingle(a python.Args) (python.Object, error) {
	parts, err := bytesOf(a, "open_single", 3)
	if err != nil {
		return python.Nil, err
	}
	content, ok := format.OpenSingle(parts[0], parts[1], parts[2])
	if !ok {
		python.None.IncRef()
		return python.None, nil
	}
	out := python.NewBytes(content)
	if out.IsNil() {
		return python.Nil, python.ErrPython
	}
	return out, nil
}

// bytesOf views the arguments of a call, which are n bytes objects.
func bytesOf(a python.Args, name string, n int) (views [4][]byte, err error) {
	if len(a.Values) != n || !a.Keywords.IsNil() {
		return views, python.Raise(python.TypeError, "%s() takes %d arguments", name, n)
	}
	for i, value := range a.Values {
		if value.Type() != python.BytesType {
			return views, python.Raise(python.TypeError, "%s() takes bytes", name)
		}
		views[i] = python.Bytes(value)
	}
	return views, nil
}
