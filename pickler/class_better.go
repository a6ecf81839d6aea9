package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// Classes whose stock pickle loads as another class, or doesn't load: what is told apart
// here is told again, and decided, in py/gocloudpickle/_beyond/classes.py. Plain classes
// go by without it. About others it is asked once, as long as they have a plan.

// isPlainMaking reports whether making a class runs no hook of its bases or metaclass.
func (c *classParts) isPlainMaking() (bool, error) {
	if meta := c.class.Type(); meta != python.TypeType && meta != stdlib.abcMeta {
		return false, nil
	}
	hook, err := python.LookupType(c.class, interned.initSubclass)
	return hook == stdlib.objectInitSubclass, err
}

// isSentAnyway reports whether an attribute that a base has too is sent all the same;
// known is false for one that Python code has to decide about.
func (a *classAttribute) isSentAnyway() (sent, known bool) {
	if madeAnew[a.text] {
		return false, true
	}
	if isDunder(a.text) {
		switch t := a.value.Type(); {
		case t == python.NoneType, t == python.BoolType:
			return false, true
		case t == python.TupleType && python.TupleSize(a.value) == 0:
			return false, true
		}
	}
	if a.text == "__doc__" {
		return false, false
	}
	switch a.value.Type() {
	case python.NoneType, python.BoolType, python.IntType, python.FloatType, python.StrType, python.BytesType:
		return true, true
	}
	return false, false
}

// madeAnew are the attributes that the interpreter or the standard library gives to each
// class: _MADE_ANEW in classes.py.
var madeAnew = map[string]bool{
	"__module__": true, "__firstlineno__": true, "__static_attributes__": true, "__orig_bases__": true,
	"__slots__": true, "__annotations__": true, "__annotations_cache__": true, "__annotate_func__": true,
	"__annotate__": true, "_abc_impl": true, "_is_protocol": true, "_is_runtime_protocol": true,
}

func isDunder(name string) bool {
	n := len(name)
	return n > 4 && name[:2] == "__" && name[n-2:] == "__"
}

// settle decides, where the class isn't to be stock's, about its inherited attributes and
// its slots. errTwin is for one that is made by other functions than stock's.
func (c *classParts) settle(p *Pickler) error {
	asks := false
	for i := range c.attributes {
		a := &c.attributes[i]
		if a.dropped {
			sent, known := a.isSentAnyway()
			a.dropped = !sent
			asks = asks || !known
		}
		asks = asks || a.value.Type() == stdlib.memberType || a.text == "__slots__"
	}
	if plain, err := c.isPlainMaking(); err != nil {
		return err
	} else if plain && !asks {
		return nil
	}
	plan := python.Call1(p.target.beyond.classPlan, c.class)
	if plan.IsNil() {
		return python.ErrPython
	}
	defer plan.DecRef()
	if plan == python.None {
		return errTwin
	}
	kept, slots := python.TupleItem(plan, 0), python.TupleItem(plan, 1)
	for i := range python.TupleSize(kept) {
		if at, ok := c.find(python.String(python.TupleItem(kept, i))); ok {
			c.attributes[at].dropped = false
		}
	}
	if slots == python.True {
		c.takeSlots()
	}
	return nil
}

// takeSlots moves __slots__ to what the class is made with, which makes the descriptors anew.
func (c *classParts) takeSlots() {
	for i := range c.attributes {
		a := &c.attributes[i]
		if a.value.Type() == stdlib.memberType {
			a.dropped = true
		} else if a.text == "__slots__" {
			a.dropped = true
			c.slots = a.value
			c.slots.IncRef()
		}
	}
}
