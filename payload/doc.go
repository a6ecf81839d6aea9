// Package payload describes what a pickle holds, from the values and the events that
// package pickle decodes: nothing is imported or called, and no Python is needed.
//
// [Read] reads the pickles of an input. [Payload.Describe] describes one: its functions
// and classes, [Payload.Tree] for who takes what along and how many bytes that is,
// [Payload.Needs] for what the process that loads it must be able to import. [View]
// shows a description to people. [Payload.Function], [Payload.Class] and [Payload.Module]
// tell what a single value is, by the names and the layouts in package abi.
//
// [FindCode] collects the code objects, which cloudpickle writes for functions
// that travel by value, and finds out which version of CPython compiled them.
//
// Payloads are hostile: sizes, depths and numbers in a description are bounded by
// constants of this package, and text from a payload is cut and has nothing in it that a
// terminal acts on.
package payload
