package payload

import (
	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Captured is a value that a function or a class takes along, by its name there.
type Captured struct {
	Name  string
	Value any
}

// Function is a function that travels by value.
type Function struct {
	Name, QualName, Module, Doc string
	// Code is nil where it can't be read.
	Code *bytecode.Code
	// Defaults are the last positional parameters, and the keyword-only ones, that have one.
	Defaults []Captured
	// Closure are the variables of the functions around it, Globals those of its module that
	// it names, Attributes what else it has.
	Closure, Globals, Attributes []Captured
	Annotations                  any
}

// Function describes the function that a call makes; ok is false if it makes none.
func (p *Payload) Function(v any) (f *Function, ok bool) {
	o, is := cloudpickleCall(v, abi.MakeFunction)
	if !is {
		return nil, false
	}
	f = new(Function)
	if call, ok := argument(o, abi.MakeFunction, "code").(*pickle.Object); ok {
		f.Code = p.Code.Of(call)
	}
	if f.Code != nil {
		f.Name, f.QualName = f.Code.Name, f.Code.QualName
	}
	namespace, attributes := state(o, abi.FunctionSetstate)
	f.Attributes = named(namespace)
	for _, a := range named(attributes) {
		f.attribute(a)
	}
	if f.QualName == "" {
		f.QualName = f.Name
	}
	if f.Module == "" {
		base, _ := argument(o, abi.MakeFunction, "globals").(*pickle.Dict)
		f.Module = textOf(base, "__name__")
	}
	return f, true
}

// attribute takes one of abi.FunctionAttributes.
func (f *Function) attribute(a Captured) {
	text, _ := a.Value.(string)
	switch a.Name {
	case abi.FunctionAttributes[abi.FunctionName]:
		f.Name = text
	case abi.FunctionAttributes[abi.FunctionQualname]:
		f.QualName = text
	case abi.FunctionAttributes[abi.FunctionModule]:
		f.Module = text
	case abi.FunctionAttributes[abi.FunctionDoc]:
		f.Doc = text
	case abi.FunctionAttributes[abi.FunctionAnnotations]:
		f.Annotations = a.Value
	case abi.FunctionAttributes[abi.FunctionDefaults]:
		values, _ := a.Value.(pickle.Tuple)
		f.Defaults = append(f.Defaults, zip(f.parametersWithDefaults(len(values)), values)...)
	case abi.FunctionAttributes[abi.FunctionKwdefaults]:
		d, _ := a.Value.(*pickle.Dict)
		f.Defaults = append(f.Defaults, named(d)...)
	case abi.FunctionAttributes[abi.FunctionClosure]:
		cells, _ := a.Value.(pickle.Tuple)
		var names []string
		if f.Code != nil {
			names = f.Code.FreeVars
		}
		f.Closure = zip(names, contents(cells))
	case abi.FunctionAttributes[abi.FunctionGlobals]:
		d, _ := a.Value.(*pickle.Dict)
		f.Globals = named(d)
	}
}

// parametersWithDefaults are the names of the last n positional parameters.
func (f *Function) parametersWithDefaults(n int) []string {
	if f.Code == nil {
		return nil
	}
	last := min(max(f.Code.ArgCount, 0), len(f.Code.VarNames))
	return f.Code.VarNames[max(last-n, 0):last]
}

// contents are what the cells of a closure hold; a cell without content is left out as nil.
func contents(cells pickle.Tuple) []any {
	all := make([]any, len(cells))
	for i, c := range cells {
		if o, ok := cloudpickleCall(c, abi.MakeCell); ok && len(o.Args) > 0 {
			all[i] = o.Args[0]
		} else {
			all[i] = c
		}
	}
	return all
}

// Class is a class that travels by value.
type Class struct {
	Name, QualName, Module, Doc string
	// Bases and Metaclass are as the pickle has them: by name, or classes that travel too.
	Bases     []any
	Metaclass any
	// Members are those of an Enum.
	Enum    bool
	Members []Captured
	// Attributes are its own ones, methods included, but for those above.
	Attributes []Captured
	// TrackerID is what both sides know it by, "" without one.
	TrackerID string
}

// Class describes the class that a call makes; ok is false if it makes none.
func (p *Payload) Class(v any) (c *Class, ok bool) {
	c = new(Class)
	o, isClass := cloudpickleCall(v, abi.MakeSkeletonClass)
	if isClass {
		c.Name, _ = argument(o, abi.MakeSkeletonClass, "name").(string)
		c.Metaclass = argument(o, abi.MakeSkeletonClass, "type_constructor")
		c.Bases, _ = argument(o, abi.MakeSkeletonClass, "bases").(pickle.Tuple)
		c.TrackerID, _ = argument(o, abi.MakeSkeletonClass, "class_tracker_id").(string)
		made, _ := argument(o, abi.MakeSkeletonClass, "type_kwargs").(*pickle.Dict)
		c.Module = textOf(made, "__module__")
	} else if o, ok = cloudpickleCall(v, abi.MakeSkeletonEnum); ok {
		c.Name, _ = argument(o, abi.MakeSkeletonEnum, "name").(string)
		c.QualName, _ = argument(o, abi.MakeSkeletonEnum, "qualname").(string)
		c.Module, _ = argument(o, abi.MakeSkeletonEnum, "module").(string)
		c.Bases, _ = argument(o, abi.MakeSkeletonEnum, "bases").(pickle.Tuple)
		c.TrackerID, _ = argument(o, abi.MakeSkeletonEnum, "class_tracker_id").(string)
		members, _ := argument(o, abi.MakeSkeletonEnum, "members").(*pickle.Dict)
		c.Enum = true
		c.Members = named(members)
	} else {
		return nil, false
	}
	attributes, _ := state(o, abi.ClassSetstate)
	for _, a := range named(attributes) {
		text, isText := a.Value.(string)
		switch {
		case a.Name == "__qualname__" && isText:
			c.QualName = text
		case a.Name == "__module__" && isText:
			c.Module = text
		case a.Name == "__doc__" && (isText || a.Value == nil):
			c.Doc = text
		default:
			c.Attributes = append(c.Attributes, a)
		}
	}
	if c.QualName == "" {
		c.QualName = c.Name
	}
	return c, true
}

// Module is a module that travels by value.
type Module struct {
	Name string
	Vars []Captured
}

// Module describes the module that a call makes; ok is false if it makes none.
func (p *Payload) Module(v any) (m *Module, ok bool) {
	o, ok := cloudpickleCall(v, abi.DynamicSubimport)
	if !ok {
		return nil, false
	}
	m = new(Module)
	m.Name, _ = argument(o, abi.DynamicSubimport, "name").(string)
	vars, _ := argument(o, abi.DynamicSubimport, "vars").(*pickle.Dict)
	m.Vars = named(vars)
	return m, true
}

// ImportedModule is the name of the module that a call imports.
func ImportedModule(v any) (name string, ok bool) {
	o, ok := cloudpickleCall(v, abi.Subimport)
	if !ok {
		return "", false
	}
	name, ok = argument(o, abi.Subimport, "name").(string)
	return name, ok
}

// cloudpickleCall is a value that is a call of one of cloudpickle's functions, by REDUCE.
func cloudpickleCall(v any, f *abi.Function) (*pickle.Object, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || o.Op != pickle.OpReduce {
		return nil, false
	}
	g, ok := o.Func.(pickle.Global)
	return o, ok && g.Name == f.Name && abi.IsModule(g.Module)
}

// argument is what a call passes for a parameter, nil if nothing.
func argument(o *pickle.Object, f *abi.Function, parameter string) any {
	if i := f.Index(parameter); i >= 0 && i < len(o.Args) {
		return o.Args[i]
	}
	return nil
}

// state is the last pair of dicts that a call's result got by a state setter.
func state(o *pickle.Object, setter *abi.Function) (first, second *pickle.Dict) {
	for i := len(o.Updates) - 1; i >= 0; i-- {
		u := &o.Updates[i]
		g, ok := u.Func.(pickle.Global)
		if u.Op != pickle.OpReduce || !ok || g.Name != setter.Name || !abi.IsModule(g.Module) {
			continue
		}
		if t, ok := u.Value.(pickle.Tuple); ok && len(t) == 2 {
			first, _ = t[0].(*pickle.Dict)
			second, _ = t[1].(*pickle.Dict)
			return first, second
		}
	}
	return nil, nil
}

// named are the entries of a dict whose keys are strs.
func named(d *pickle.Dict) (all []Captured) {
	if d == nil {
		return nil
	}
	for key, v := range d.All() {
		if name, ok := key.(string); ok {
			all = append(all, Captured{name, v})
		}
	}
	return all
}

func textOf(d *pickle.Dict, key string) string {
	if d == nil {
		return ""
	}
	v, _ := d.Get(key)
	s, _ := v.(string)
	return s
}

// zip gives values their names; those without one go by their number.
func zip(names []string, values []any) []Captured {
	all := make([]Captured, len(values))
	for i, v := range values {
		all[i] = Captured{"", v}
		if i < len(names) {
			all[i].Name = names[i]
		}
	}
	return all
}
