package abi

// The modules that have the functions.
const (
	// Package is the package around Module; pickles name nothing in it.
	Package = "cloudpickle"
	// Module is the one that pickles name. A copy of cloudpickle inside another
	// package, such as pyspark.cloudpickle.cloudpickle, has a module like it.
	Module = "cloudpickle.cloudpickle"
	// FormerModule is the one that pickles of cloudpickle 1 and 2 name.
	FormerModule = "cloudpickle.cloudpickle_fast"
)

// Function is a function of Module that pickles call.
type Function struct {
	// Name is its name in Module.
	Name string
	// Params are its parameters in order. Pickles pass all arguments by position.
	Params []Param
	// Doc says what a call does.
	Doc string
	// Native is set for the functions that the native loads does itself.
	Native bool
}

// Param is a parameter of a function.
type Param struct {
	Name string
	// Optional is set for one with a default, which pickles may leave out.
	Optional bool
	// Doc says what the argument is.
	Doc string
}

// Arity is the number of the parameters, optional ones included.
func (f *Function) Arity() int { return len(f.Params) }

// Required is the number of the parameters that have no default.
func (f *Function) Required() int {
	n := 0
	for _, p := range f.Params {
		if !p.Optional {
			n++
		}
	}
	return n
}

// Index is the place of a parameter, -1 if there is none of that name.
func (f *Function) Index(param string) int {
	for i, p := range f.Params {
		if p.Name == param {
			return i
		}
	}
	return -1
}

// String is the function's signature, without defaults.
func (f *Function) String() string {
	s := f.Name + "("
	for i, p := range f.Params {
		if i > 0 {
			s += ", "
		}
		s += p.Name
	}
	return s + ")"
}

// Functions are all of them, in the order of their names. The slice is the caller's,
// the functions are not to be changed.
func Functions() []*Function { return append([]*Function(nil), functions[:]...) }

// Lookup finds a function by a module and a name, as a pickle has them. The module may
// be a copy of cloudpickle's inside another package.
func Lookup(module, name string) (f *Function, ok bool) {
	if !IsModule(module) {
		return nil, false
	}
	for _, f := range functions {
		if f.Name == name {
			return f, true
		}
	}
	return nil, false
}

// IsModule reports whether a module is cloudpickle's, by its name: Module,
// FormerModule, or one of these inside another package.
func IsModule(name string) bool {
	for _, own := range [...]string{Module, FormerModule} {
		if n := len(name) - len(own); n >= 0 && name[n:] == own && (n == 0 || name[n-1] == '.') {
			return true
		}
	}
	return false
}

// EmptyCellValue is the object of Module that stands for the content of a cell without
// one. Pickles name it as the argument of MakeCell.
const EmptyCellValue = "_empty_cell_value"

var functions = [...]*Function{
	BuiltinType, ClassSetstate, FileReconstructor, FunctionSetstate, DataclassSentinel, MakeCell,
	MakeDictItems, MakeDictKeys, MakeDictValues, MakeEmptyCell, MakeFunction, MakeSkeletonClass,
	MakeSkeletonEnum, MakeTypeVar, DynamicSubimport, Subimport,
}

var trackerID = Param{Name: "class_tracker_id",
	Doc: "the id under which both sides know the class; None for a class that is not tracked"}

// The functions.
var (
	MakeFunction = &Function{Name: "_make_function", Native: true,
		Doc: "makes a function without content, which FunctionSetstate fills",
		Params: []Param{
			{Name: "code", Doc: "its code object"},
			{Name: "globals", Doc: "a dict with those of BaseGlobals that its module has; functions of one module share it"},
			{Name: "name", Doc: "None: it comes with the state"},
			{Name: "argdefs", Doc: "None: they come with the state"},
			{Name: "closure", Doc: "a tuple of empty cells, or None"},
		}}
	FunctionSetstate = &Function{Name: "_function_setstate", Native: true,
		Doc: "fills a function",
		Params: []Param{
			{Name: "obj", Doc: "the function"},
			{Name: "state", Doc: "a tuple of FunctionState"},
		}}
	MakeEmptyCell = &Function{Name: "_make_empty_cell", Native: true,
		Doc: "makes a cell without content"}
	MakeCell = &Function{Name: "_make_cell", Native: true,
		Doc: "makes a cell",
		Params: []Param{
			{Name: "value", Optional: true, Doc: "its content; EmptyCellValue for none"},
		}}
	MakeSkeletonClass = &Function{Name: "_make_skeleton_class", Native: true,
		Doc: "makes a class without attributes, or finds the one that has the tracker id",
		Params: []Param{
			{Name: "type_constructor", Doc: "its metaclass"},
			{Name: "name", Doc: "its __name__"},
			{Name: "bases", Doc: "a tuple of its bases, as they are written"},
			{Name: "type_kwargs", Doc: "a dict of what it is made with: __module__ and, if that is a property, __dict__"},
			trackerID,
			{Name: "extra", Doc: "None: reserved for later versions"},
		}}
	MakeSkeletonEnum = &Function{Name: "_make_skeleton_enum", Native: true,
		Doc: "makes an Enum with its members only, or finds the one that has the tracker id",
		Params: []Param{
			{Name: "bases", Doc: "a tuple of its bases"},
			{Name: "name", Doc: "its __name__"},
			{Name: "qualname", Doc: "its __qualname__"},
			{Name: "members", Doc: "a dict of the members' names and values"},
			{Name: "module", Doc: "its __module__"},
			trackerID,
			{Name: "extra", Doc: "None: reserved for later versions"},
		}}
	ClassSetstate = &Function{Name: "_class_setstate", Native: true,
		Doc: "sets the attributes of a class, and gives the class",
		Params: []Param{
			{Name: "obj", Doc: "the class"},
			{Name: "state", Doc: "a tuple of ClassState"},
		}}
	MakeTypeVar = &Function{Name: "_make_typevar",
		Doc: "makes a typing.TypeVar, or finds the one that has the tracker id",
		Params: []Param{
			{Name: "name", Doc: "its __name__"},
			{Name: "bound", Doc: "its __bound__"},
			{Name: "constraints", Doc: "its __constraints__"},
			{Name: "covariant", Doc: "its __covariant__"},
			{Name: "contravariant", Doc: "its __contravariant__"},
			trackerID,
		}}
	DataclassSentinel = &Function{Name: "_get_dataclass_field_type_sentinel",
		Doc:    "gives the object by which dataclasses marks a kind of field",
		Params: []Param{{Name: "name", Doc: "the name of the kind, such as _FIELD"}}}
	BuiltinType = &Function{Name: "_builtin_type", Native: true,
		Doc:    "gives a type that the module types names",
		Params: []Param{{Name: "name", Doc: "its name there; ClassType, from Python 2, is type"}}}
	Subimport = &Function{Name: "subimport", Native: true,
		Doc:    "imports a module",
		Params: []Param{{Name: "name", Doc: "its dotted name"}}}
	DynamicSubimport = &Function{Name: "dynamic_subimport",
		Doc: "makes a module that can't be imported",
		Params: []Param{
			{Name: "name", Doc: "its __name__"},
			{Name: "vars", Doc: "a dict of what is in it, without __builtins__"},
		}}
	MakeDictKeys = &Function{Name: "_make_dict_keys",
		Doc: "makes the keys view of a dict",
		Params: []Param{
			{Name: "obj", Doc: "a list of the keys"},
			{Name: "is_ordered", Optional: true, Doc: "True for an OrderedDict's"},
		}}
	MakeDictValues = &Function{Name: "_make_dict_values",
		Doc: "makes the values view of a dict",
		Params: []Param{
			{Name: "obj", Doc: "a list of the values"},
			{Name: "is_ordered", Optional: true, Doc: "True for an OrderedDict's"},
		}}
	MakeDictItems = &Function{Name: "_make_dict_items",
		Doc: "makes the items view of a dict",
		Params: []Param{
			{Name: "obj", Doc: "a dict of the items"},
			{Name: "is_ordered", Optional: true, Doc: "True for an OrderedDict's"},
		}}
	FileReconstructor = &Function{Name: "_file_reconstructor",
		Doc:    "gives its argument",
		Params: []Param{{Name: "retval", Doc: "an io.StringIO with what was in the file, at its position"}}}
)
