// Package audit tells what loading a pickle runs, and what the functions that travel in
// it can do when they are called. Nothing in it is imported or executed.
//
// [Examine] reads one stream and executes it symbolically, with the bytecode of the
// functions and classes that it ships: what is not known is a symbol, and what is
// known, a constant, a name, a function, is followed through the calls that hide names.
// A [Report] has the names that are reached ([Use]), those that can do something
// besides computing ([Finding]), and what could not be read ([Problem]). What a name can
// do comes from a table, see [CapabilityOf].
//
// # What counts as a capability
//
// Code can do what it can name. So it is a finding where a name with a capability is
// obtained, whether or not it is called there: a function that returns os.system has it.
// The methods of an argument are of the caller's own object, and are no finding; but
// attributes that lead from any object to the interpreter's insides, such as __globals__ or
// __subclasses__, are, and so is a name that could not be known.
package audit
