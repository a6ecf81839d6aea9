// Package value has the Go values that stand for Python's own types, and the
// symbolic values that stand for what a pickle names or calls. Package pickle has
// their names in its interface, so no method and no field may be exported here that
// is not meant for a program; what the decoders and the encoder need besides are
// functions, in internals.go.
package value
