package abi

// FunctionState are the items of a function's state, a tuple.
var FunctionState = [...]Param{
	{Name: "namespace", Doc: "the function's __dict__"},
	{Name: "attributes", Doc: "a dict with the keys FunctionAttributes"},
}

// The places of the keys in FunctionAttributes.
const (
	FunctionName = iota
	FunctionQualname
	FunctionAnnotations
	FunctionKwdefaults
	FunctionDefaults
	FunctionModule
	FunctionDoc
	FunctionClosure
	FunctionSubmodules
	FunctionGlobals
	numFunctionAttributes
)

// FunctionAttributes are the keys of the second item of a function's state, in the
// order in which they are written. All but the last three are attributes to set: the
// cells of the closure are filled one by one, the submodules need only be loaded,
// and the globals are added to those that MakeFunction got.
var FunctionAttributes = [numFunctionAttributes]string{
	FunctionName:        "__name__",
	FunctionQualname:    "__qualname__",
	FunctionAnnotations: "__annotations__",
	FunctionKwdefaults:  "__kwdefaults__",
	FunctionDefaults:    "__defaults__",
	FunctionModule:      "__module__",
	FunctionDoc:         "__doc__",
	FunctionClosure:     "__closure__",
	FunctionSubmodules:  "_cloudpickle_submodules",
	FunctionGlobals:     "__globals__",
}

// BaseGlobals are the globals of a function that MakeFunction gets, where its module
// has them: relative imports need them. They are in the order in which they are
// written.
var BaseGlobals = [...]string{"__package__", "__name__", "__path__", "__file__"}

// ClassState are the items of a class's state, a tuple.
var ClassState = [...]Param{
	{Name: "attributes", Doc: "a dict of the class's own attributes, in the order of their names"},
	{Name: "slots", Doc: "an empty dict, which nothing reads"},
}

// ABCRegistry is the key, among a class's attributes, of the list of the classes
// registered with an abstract base class. It is not set, but registered anew.
const ABCRegistry = "_abc_impl"

// ClassKwargs are the keys that a skeleton class's type_kwargs can have, in order.
var ClassKwargs = [...]string{"__module__", "__dict__"}
