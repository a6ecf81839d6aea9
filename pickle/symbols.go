package pickle

// Symbolic values: what a pickle names or calls, kept and never run.

import "github.com/gocloudpickle/gocloudpickle/pickle/internal/value"

// Global names a class, a function or any other attribute of a Python module, by
// its fields Module and Name. Name may be dotted ("Outer.Inner"): a qualified name
// since protocol 4. String gives module.name.
//
// It is comparable: v == pickle.Global{Module: "decimal", Name: "Decimal"}.
type Global = value.Global

// Object is a Python object that exists only as the calls that would make it:
// what to call, with which arguments, and what to do to the result. Nothing
// in it has been run.
//
// The calls are in Python's order: Func is called with Args and Kwargs, then
// each of Updates is applied. Most instances have a class as Func and one
// update, their state. Op says how the object is made:
//
//	OpReduce    Func(*Args)
//	OpNewObj    Func.__new__(Func, *Args)
//	OpNewObjEx  Func.__new__(Func, *Args, **Kwargs)
//	OpInst, OpObj  Func(*Args), how protocols 0 and 1 made instances
//	OpBuild     nothing is made: Func itself is what Updates change
//
// What is most often asked of it has methods:
//
//	func (o *Object) Class() (Global, bool)         // the class, when the stream names it
//	func (o *Object) State() (any, bool)            // the last state given to it
//	func (o *Object) Attr(name string) (any, bool)  // an attribute in its states
//	func (o *Object) Items() []any                  // what was appended or added
//	func (o *Object) Pairs() []Entry                // the items set
type Object = value.Object

// Update is one change to an [Object] after it was made. Op says which:
//
//	OpBuild     object.__setstate__(Value), or its attributes from Value
//	OpAppends   object.extend(Value), Value is a Tuple
//	OpSetItems  object[k] = v for each pair; Value is a Tuple k, v, k, v, ...
//	OpAddItems  object.add(x) for each x of Value, a Tuple
//	OpReduce    Func(object, Value): the state setter of a reduce value
type Update = value.Update
