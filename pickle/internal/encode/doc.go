// Package encode writes Go values as pickles: the opcodes and the memo of CPython's
// C pickler. How values of a Go type are written is worked out once, as a plan.
package encode
