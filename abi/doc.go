// Package abi is what cloudpickle and those who read its pickles agree on: the names
// of the functions that a pickle calls, their parameters, the layout of the state
// that some of them take, and the order of the arguments of types.CodeType.
//
// A pickle that was stored years ago spells all of that, so nothing here may ever
// change; new versions only add to it. It is that of cloudpickle 3.0 to 3.1.2.
//
// It is data. The pickler takes names and orders from here, the C files of the
// native loads and a table for the tests in Python are generated from it (go
// generate ./abi), and who describes a pickle without running it finds here what the
// arguments of a call mean:
//
//	f, ok := abi.Lookup("cloudpickle.cloudpickle", "_make_function")
//	f.Params[0].Name // "code"
package abi

//go:generate go run ./gen
