// Package bytecode reads CPython code objects as data: it knows the opcodes of
// CPython 3.8 to 3.14 and needs no interpreter, no cgo and no other package of
// this module.
//
// # The tour
//
// [ForVersion] gives the [Table] of one CPython version. It answers everything
// that depends on the version: the name of an opcode, whether it reads an
// argument and what the argument means ([ArgKind]), how many inline cache
// entries follow it.
//
// With a table and the bytes of co_code there are two ways to walk:
//
//   - [Table.GlobalNames] is the pickler's: it collects the indices into
//     co_names that LOAD_GLOBAL, STORE_GLOBAL and DELETE_GLOBAL name, in the
//     order of the code, without allocating. Anything it doesn't fully
//     understand is an error, never a guess.
//   - [Table.Instructions] is a reader's: it yields each [Instruction], broken
//     ones too, with an error beside those.
//
// A [Code] holds the fields of a whole code object. It knows its source lines
// ([Code.Lines]: lnotab in 3.8 and 3.9, PEP 626 line table in 3.10, location
// table from 3.11 on), its columns ([Code.Positions], 3.11+) and where its
// exceptions are handled ([Code.Handlers], 3.11+). A [Resolver] says what the
// argument of an instruction stands for: a name, a constant, an operator.
// [Disassemble] puts all of that on paper, much as Python's dis does.
//
// # The input
//
// co_code here is what Python's co_code attribute gives: the code as the
// compiler wrote it, without the specialized instructions that 3.11 and later
// write over it while it runs. The bytes are not trusted: lengths, offsets and
// indices may be anything, and every walk ends after at most one step for each
// input byte.
//
// # The tables
//
// The files table_*.go are printed by gen/tables.py, run with the interpreter
// they describe. The files in testdata come from gen/oracle.py the same way;
// with interpreters at hand the tests also compare with their dis module, code
// object by code object, over their standard library.
//
// gen/layouts prints of them what the native loads needs to tell code of another version.
//
//go:generate go run ./gen/layouts
package bytecode
