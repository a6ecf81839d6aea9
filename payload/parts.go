package payload

import (
	"strconv"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// parts calls a function with each part of a value, in the order in which they are
// written, and the step that leads to it.
func (p *Payload) parts(v any, part func(step string, v any)) {
	switch v := v.(type) {
	case pickle.Tuple:
		itemParts(v, part)
	case *pickle.List:
		itemParts(v.Items, part)
	case *pickle.Set:
		p.setParts(v.Items(), part)
	case *pickle.FrozenSet:
		p.setParts(v.Items(), part)
	case *pickle.Dict:
		for key, value := range v.All() {
			if _, is := identity(key); is {
				part("key", key)
			}
			part("["+p.text(key)+"]", value)
		}
	case pickle.PersistentID:
		part("persistent id", v.ID)
	case *pickle.Object:
		p.objectParts(v, part)
	}
}

func itemParts(items []any, part func(step string, v any)) {
	for i, item := range items {
		part("["+strconv.Itoa(i)+"]", item)
	}
}

// setParts are items without an order: atoms go by what they are.
func (p *Payload) setParts(items []any, part func(step string, v any)) {
	for i, item := range items {
		step := "{" + p.text(item) + "}"
		if _, has := identity(item); has {
			step = "{" + strconv.Itoa(i) + "}"
		}
		part(step, item)
	}
}

// capturedParts are values by their names, or their numbers where they have none.
func capturedParts(kind string, all []Captured, part func(step string, v any)) {
	for i, c := range all {
		name := c.Name
		if name == "" {
			name = strconv.Itoa(i)
		}
		part(kind+" "+quoted(name), c.Value)
	}
}

func (p *Payload) objectParts(o *pickle.Object, part func(step string, v any)) {
	if f, ok := p.Function(o); ok {
		part("code", argument(o, abi.MakeFunction, "code"))
		capturedParts("attribute", f.Attributes, part)
		part("annotations", f.Annotations)
		capturedParts("default", f.Defaults, part)
		capturedParts("closure", f.Closure, part)
		capturedParts("global", f.Globals, part)
		return
	}
	if c, ok := p.Class(o); ok {
		part("metaclass", c.Metaclass)
		for i, base := range c.Bases {
			part("base "+strconv.Itoa(i), base)
		}
		capturedParts("member", c.Members, part)
		capturedParts("attribute", c.Attributes, part)
		return
	}
	if m, ok := p.Module(o); ok {
		capturedParts("variable", m.Vars, part)
		return
	}
	if isCodeCall(o) {
		codeParts(o, part)
		return
	}
	if _, named := o.Func.(pickle.Global); !named {
		part("callable", o.Func)
	}
	for i, a := range o.Args {
		part("argument "+strconv.Itoa(i), a)
	}
	if o.Kwargs != nil {
		capturedParts("argument", named(o.Kwargs), part)
	}
	for i := range o.Updates {
		p.updateParts(&o.Updates[i], part)
	}
}

// codeParts are the constants that take most.
func codeParts(o *pickle.Object, part func(step string, v any)) {
	for _, a := range o.Args {
		constants, ok := a.(pickle.Tuple)
		if !ok {
			continue
		}
		for i, v := range constants {
			s, isName := v.(string)
			if _, _, _, isSecret := findSecret(s); !isName || len(s) > longText || isSecret {
				part("constant "+strconv.Itoa(i), v)
			}
		}
	}
}

// updateParts are those of a change to an object.
func (p *Payload) updateParts(u *pickle.Update, part func(step string, v any)) {
	switch u.Op {
	case pickle.OpBuild, pickle.OpReduce:
		states := []any{u.Value}
		if pair, ok := u.Value.(pickle.Tuple); ok && len(pair) == 2 {
			states = pair
		}
		for _, s := range states {
			if d, ok := s.(*pickle.Dict); ok {
				for _, c := range named(d) {
					part("."+printable(c.Name), c.Value)
				}
			} else if s != nil {
				part("state", s)
			}
		}
	case pickle.OpSetItems:
		items, _ := u.Value.(pickle.Tuple)
		for i := 0; i+1 < len(items); i += 2 {
			part("["+p.text(items[i])+"]", items[i+1])
		}
	case pickle.OpAddItems:
		items, _ := u.Value.(pickle.Tuple)
		p.setParts(items, part)
	default:
		items, _ := u.Value.(pickle.Tuple)
		itemParts(items, part)
	}
}
