package value

// Symbolic values: what a pickle names or calls, kept and never run.

import (
	"fmt"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// Global names a class, a function or any other attribute of a Python module.
// It is comparable: v == pickle.Global{Module: "decimal", Name: "Decimal"}.
type Global struct {
	Module string
	// Name may be dotted ("Outer.Inner"): a qualified name since protocol 4.
	Name string
}

// String is module.name.
func (g Global) String() string { return g.Module + "." + g.Name }

// Object is a Python object that exists only as the calls that would make it:
// what to call, with which arguments, and what to do to the result. Nothing
// in it has been run.
//
// The calls are in Python's order: Func is called with Args and Kwargs, then
// each of Updates is applied. Most instances have a class as Func and one
// update, their state.
type Object struct {
	// Op says how the object is made:
	//
	//	OpReduce    Func(*Args)
	//	OpNewObj    Func.__new__(Func, *Args)
	//	OpNewObjEx  Func.__new__(Func, *Args, **Kwargs)
	//	OpInst, OpObj  Func(*Args), how protocols 0 and 1 made instances
	//	OpBuild     nothing is made: Func itself is what Updates change
	Op wire.Opcode
	// Func is what is called: a [Global], or another symbolic value.
	Func any
	// Args are the positional arguments.
	Args Tuple
	// Kwargs are the keyword arguments of OpNewObjEx, nil otherwise.
	Kwargs *Dict
	// Updates are what happens to the object after it is made, in order.
	Updates []Update
}

// Update is one change to an [Object] after it was made.
type Update struct {
	// Op says which change it is:
	//
	//	OpBuild     object.__setstate__(Value), or its attributes from Value
	//	OpAppends   object.extend(Value), Value is a Tuple
	//	OpSetItems  object[k] = v for each pair; Value is a Tuple k, v, k, v, ...
	//	OpAddItems  object.add(x) for each x of Value, a Tuple
	//	OpReduce    Func(object, Value): the state setter of a reduce value
	Op    wire.Opcode
	Func  any
	Value any
}

// Class is the class of the object when the stream names it: the callable of
// a class call, or the first argument of the functions of copyreg that
// stand for one. A result of any other function call gives that function.
func (o *Object) Class() (Global, bool) {
	g, ok := o.Func.(Global)
	if !ok {
		return Global{}, false
	}
	if o.Op == wire.OpReduce && g.Module == "copyreg" && len(o.Args) > 0 {
		switch g.Name {
		case "_reconstructor", "__newobj__", "__newobj_ex__":
			c, ok := o.Args[0].(Global)
			return c, ok
		}
	}
	return g, true
}

// State is the last state given to the object (the argument of BUILD, or of
// a state setter), and whether there is one.
func (o *Object) State() (any, bool) {
	for i := len(o.Updates) - 1; i >= 0; i-- {
		if u := &o.Updates[i]; u.Op == wire.OpBuild || u.Op == wire.OpReduce {
			return u.Value, true
		}
	}
	return nil, false
}

// Attr looks up an attribute in the states that are dicts, or pairs of an
// attribute dict and a slots dict, as Python's default __setstate__ reads them.
func (o *Object) Attr(name string) (any, bool) {
	for i := len(o.Updates) - 1; i >= 0; i-- {
		if u := &o.Updates[i]; u.Op == wire.OpBuild || u.Op == wire.OpReduce {
			if v, ok := stateAttr(u.Value, name); ok {
				return v, true
			}
		}
	}
	return nil, false
}

func stateAttr(state any, name string) (any, bool) {
	switch s := state.(type) {
	case *Dict:
		return s.Get(name)
	case Tuple:
		if len(s) != 2 {
			return nil, false
		}
		if slots, ok := s[1].(*Dict); ok {
			if v, ok := slots.Get(name); ok {
				return v, true
			}
		}
		if attrs, ok := s[0].(*Dict); ok {
			return attrs.Get(name)
		}
	}
	return nil, false
}

// Items are the values appended or added to the object, as a list or set subclass gets them.
func (o *Object) Items() []any {
	var items []any
	for i := range o.Updates {
		switch u := &o.Updates[i]; u.Op {
		case wire.OpAppends, wire.OpAddItems:
			if t, ok := u.Value.(Tuple); ok {
				items = append(items, t...)
			}
		}
	}
	return items
}

// Pairs are the items set on the object, as a dict subclass gets them.
func (o *Object) Pairs() []Entry {
	var pairs []Entry
	for i := range o.Updates {
		u := &o.Updates[i]
		t, ok := u.Value.(Tuple)
		if u.Op != wire.OpSetItems || !ok {
			continue
		}
		for j := 0; j+1 < len(t); j += 2 {
			pairs = append(pairs, Entry{t[j], t[j+1]})
		}
	}
	return pairs
}

// String names the object for people: its class, and how much is in it.
func (o *Object) String() string {
	var b strings.Builder
	b.WriteByte('<')
	if g, ok := o.Class(); ok {
		b.WriteString(g.String())
	} else {
		b.WriteString(TypeName(o.Func))
	}
	fmt.Fprintf(&b, " %s of %d arguments", o.Op, len(o.Args))
	if len(o.Updates) > 0 {
		fmt.Fprintf(&b, ", %d updates", len(o.Updates))
	}
	b.WriteByte('>')
	return b.String()
}

// IsSymbolic reports whether v stands for a Python object this package knows
// only by name or as an Object, which is therefore allowed wherever a callable is.
func IsSymbolic(v any) bool {
	switch v.(type) {
	case Global, *Object, PersistentID, Extension:
		return true
	}
	return false
}
