package pickle

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"sort"
	"strings"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// canon is a text that is equal exactly when two values mean the same to
// Python, identity included. testdata/oracle.py has its twin.
func canon(v any) string {
	c := canonizer{seen: map[any]int{}, budget: 1 << 22}
	c.walk(v)
	return c.b.String()
}

type canonizer struct {
	b      strings.Builder
	seen   map[any]int
	budget int
	// unnumbered is how many sets the walk is in.
	unnumbered int
	// touched is set when an update of something outside the stream was met,
	// which Python and Go keep in different places.
	touched bool
}

func (c *canonizer) number(v any) {
	c.seen[v] = len(c.seen)
	fmt.Fprintf(&c.b, "#%d=", len(c.seen)-1)
}

func (c *canonizer) again(v any) bool {
	n, ok := c.seen[v]
	if ok {
		fmt.Fprintf(&c.b, "#%d", n)
		return true
	}
	c.number(v)
	return false
}

func (c *canonizer) group(opening string, items []any, closing string) {
	c.b.WriteString(opening)
	for _, x := range items {
		c.walk(x)
		c.b.WriteByte(',')
	}
	c.b.WriteString(closing)
}

func (c *canonizer) unordered(opening string, items []any) {
	whole := c.b
	parts := make([]string, 0, len(items))
	c.unnumbered++ // the order of a set must not decide about numbers
	for _, x := range items {
		c.b = strings.Builder{}
		c.walk(x)
		parts = append(parts, c.b.String())
	}
	c.unnumbered--
	c.b = strings.Builder{}
	c.b.WriteString(whole.String())
	sort.Strings(parts)
	c.b.WriteString(opening + strings.Join(parts, ",") + "}")
}

func (c *canonizer) walk(v any) {
	c.budget--
	if c.budget < 0 {
		return
	}
	switch v := v.(type) {
	case nil:
		c.b.WriteString("None")
	case bool:
		if v {
			c.b.WriteString("True")
		} else {
			c.b.WriteString("False")
		}
	case int64:
		fmt.Fprintf(&c.b, "i%x", v)
	case *big.Int:
		fmt.Fprintf(&c.b, "i%s", v.Text(16))
	case float64:
		if v != v {
			c.b.WriteString("fnan")
		} else {
			fmt.Fprintf(&c.b, "f%016x", math.Float64bits(v))
		}
	case complex128:
		c.b.WriteByte('c')
		c.walk(real(v))
		c.walk(imag(v))
	case string:
		c.b.WriteString("s" + hex.EncodeToString([]byte(v)))
	case Bytes:
		c.b.WriteString("b" + hex.EncodeToString([]byte(v)))
	case Tuple:
		if len(v) == 0 || c.unnumbered > 0 {
			c.group("(", v, ")")
		} else if !c.again(unsafe.SliceData(v)) {
			c.group("(", v, ")")
		}
	case *FrozenSet:
		c.unordered("fs{", v.Items())
	case *List:
		if !c.again(v) {
			c.group("[", v.Items, "]")
		}
	case *ByteArray:
		if !c.again(v) {
			c.b.WriteString("a" + hex.EncodeToString(v.Data))
		}
	case *Buffer:
		if !c.again(v) {
			kind := "a"
			if v.ReadOnly {
				kind = "mr"
			}
			c.b.WriteString(kind + hex.EncodeToString(v.Data))
		}
	case *Set:
		if !c.again(v) {
			c.unordered("{", v.Items())
		}
	case *Dict:
		if !c.again(v) {
			c.b.WriteByte('{')
			for k, x := range v.All() {
				c.walk(k)
				c.b.WriteByte(',')
				c.walk(x)
				c.b.WriteByte(',')
			}
			c.b.WriteByte('}')
		}
	case Global:
		c.b.WriteString("g" + v.Module + "." + v.Name)
	case PersistentID:
		c.b.WriteByte('p')
		c.walk(v.ID)
	case Extension:
		fmt.Fprintf(&c.b, "x%d", v.Code)
	case *Object:
		c.object(v)
	default:
		fmt.Fprintf(&c.b, "?%T", v)
	}
}

func (c *canonizer) object(o *Object) {
	if c.again(o) {
		return
	}
	switch {
	case o.Op == wire.OpBuild:
		c.touched = true
		return
	case o.Op == wire.OpNewObj || o.Op == wire.OpNewObjEx,
		(o.Op == wire.OpInst || o.Op == wire.OpObj) && len(o.Args) == 0:
		c.b.WriteString("new ")
	default:
		c.b.WriteString("call ")
	}
	c.walk(o.Func)
	c.group("(", o.Args, ")")
	if o.Kwargs.Len() > 0 {
		c.walk(o.Kwargs)
	}
	kinds := map[wire.Opcode]string{wire.OpBuild: "build", wire.OpAppends: "append", wire.OpSetItems: "set", wire.OpAddItems: "add"}
	for i := 0; i < len(o.Updates); {
		u := o.Updates[i]
		i++
		if u.Op == wire.OpReduce {
			continue
		}
		items := []any{u.Value}
		if u.Op != wire.OpBuild {
			items = append([]any(nil), u.Value.(Tuple)...)
			for i < len(o.Updates) && (o.Updates[i].Op == u.Op || o.Updates[i].Op == wire.OpReduce) {
				if o.Updates[i].Op == u.Op {
					items = append(items, o.Updates[i].Value.(Tuple)...)
				}
				i++
			}
		}
		c.group("."+kinds[u.Op]+"(", items, ")")
	}
}
