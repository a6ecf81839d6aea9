// Package atom decodes the arguments of opcodes that stand for themselves:
// numbers in binary and as text, and strings with their escapes, each as
// CPython reads it. It has Python's repr of them, too.
//
// All that read a stream use it: both decoders and the disassembler.
package atom
