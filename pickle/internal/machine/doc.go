// Package machine is the generic decoder: CPython's unpickler with its stack and
// memo, which makes the values of package value and runs nothing that a pickle
// names. [Config.Load] decodes one pickle, a [Stream] reads one after another.
//
// A [Part] is a machine in the hands of another decoder, which reads what it can by
// itself and has it run the rest. That, and the one question that the machine asks
// back, is all that the two have to do with each other.
package machine
