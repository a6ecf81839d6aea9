// Package gotype is what pickles see of Go types: the fields of structs, by the
// rules of encoding/json, and errors that know their place in a value. The typed
// decoder and the encoder share it.
package gotype
