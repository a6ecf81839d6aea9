// Package typed decodes into variables, whose types say what the values must be.
// [Direct] reads the stream along the type, and has a [machine.Part] for what is of
// another shape; [Generic] goes by way of a generic value, takes everything and makes
// the errors. Each checks the other in the tests.
package typed
