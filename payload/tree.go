package payload

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Node is a value in a payload and what it takes along.
type Node struct {
	// Step is how one comes here from the node above: "closure 'client'", ".session", "[3]".
	Step string `json:"step,omitempty"`
	// Kind is "function", "class", "enum", "module", "instance", "name" for what goes by
	// reference, "call" for the result of any other call, or the name of one of Python's own types.
	Kind string `json:"kind"`
	// Name is what it is called, or what an atom looks like.
	Name string `json:"name,omitempty"`
	// Bytes is what of the payload is there because of this value, its parts included.
	Bytes int64 `json:"bytes"`
	// Again is set where the value was met before: its bytes are counted there.
	Again bool `json:"again,omitempty"`
	// Parts are the largest of its parts, in the order of the payload; Rest is how many
	// more there are, of RestBytes in all.
	Parts     []*Node `json:"parts,omitempty"`
	Rest      int     `json:"rest,omitempty"`
	RestBytes int64   `json:"rest_bytes,omitempty"`

	value any
}

// Value is what the node stands for, as package pickle decodes it.
func (n *Node) Value() any { return n.value }

// maxParts is how many parts of a node are kept, maxNesting how deep the tree is followed: a
// payload decides how many and how deep they are.
const (
	maxParts   = 200
	maxNesting = 1000
)

// Tree is what the payload holds: its value and what that takes along, then what it
// throws away.
func (p *Payload) Tree() *Node {
	root, _ := p.tree()
	return root
}

// Secrets are the values in a payload that look like keys, passwords or tokens: strs and
// bytes of the forms that issuers give to theirs, and those that go by a name such as
// password. What is found is worth a look; what isn't may still be one.
func (p *Payload) Secrets() []Secret {
	_, secrets := p.tree()
	return secrets
}

func (p *Payload) tree() (*Node, []Secret) {
	t := &treeMaker{p: p, seen: map[any]bool{}}
	root := t.node("", p.Value)
	t.path = []string{""}
	for i, v := range p.Discarded {
		root.Parts = append(root.Parts, t.node("discarded "+strconv.Itoa(i), v))
	}
	return root, t.secrets
}

type treeMaker struct {
	p       *Payload
	seen    map[any]bool
	depth   int
	path    []string
	secrets []Secret
}

// maxSecrets is how many secrets are told.
const maxSecrets = 100

// node makes the node of a value, and those of its parts where it is met first.
func (t *treeMaker) node(step string, v any) *Node {
	n := &Node{Step: step, value: v}
	var rule string
	n.Kind, n.Name, rule = t.p.describeAt(step, v)
	if key, has := identity(v); has {
		if t.seen[key] {
			n.Again = true
			return n
		}
		t.seen[key] = true
	}
	t.path = append(t.path, step)
	defer func() { t.path = t.path[:len(t.path)-1] }()
	t.note(rule, n.Name)
	if o, ok := v.(*pickle.Object); ok && isCodeCall(o) {
		t.codeSecrets(t.p.Code.Of(o))
	}
	var placed bool
	if n.Bytes, placed = t.p.Bytes(v); !placed {
		n.Bytes = atomBytes(v)
	}
	if t.depth >= maxNesting {
		return n
	}
	t.depth++
	t.p.parts(v, func(step string, part any) { t.add(n, step, part) })
	t.depth--
	n.cut()
	if !placed {
		n.Bytes += n.RestBytes
		for _, part := range n.Parts {
			n.Bytes += part.Bytes
		}
	}
	return n
}

// note takes down the secret at the end of the path, if a rule says that there is one.
func (t *treeMaker) note(rule, masked string) {
	if rule != "" && len(t.secrets) < maxSecrets {
		t.secrets = append(t.secrets, Secret{join(t.path[1:]), rule, masked})
	}
}

// codeSecrets looks at the constants that a function gives a name: password = "...".
func (t *treeMaker) codeSecrets(c *bytecode.Code) {
	if c == nil {
		return
	}
	r, err := bytecode.NewResolver(c)
	if err != nil {
		return
	}
	var constant any
	for in, err := range r.Table().Instructions(c.Code) {
		switch {
		case err != nil:
			constant = nil
		case in.Name == "LOAD_CONST" && int(in.Arg) < len(c.Consts):
			constant = c.Consts[in.Arg]
		case strings.HasPrefix(in.Name, "STORE_"):
			name, ok, _ := r.Name(in)
			text, isText := constant.(string)
			// One of a known form is told as a constant.
			if _, _, _, told := findSecret(text); ok && isText && !told && secretByName(name, text) {
				t.path = append(t.path, "variable "+quoted(name))
				t.note(byItsName, mask(text, 0, len(text)))
				t.path = t.path[:len(t.path)-1]
			}
			constant = nil
		case !strings.HasPrefix(in.Name, "LOAD_FAST") && in.Name != "EXTENDED_ARG" && in.Name != "CACHE": // self, for self.password
			constant = nil
		}
	}
}

// identity is what tells a value from an equal one.
func identity(v any) (key any, has bool) {
	switch v := v.(type) {
	case pickle.Tuple:
		if len(v) == 0 {
			return nil, false
		}
		return &v[0], true
	case *pickle.List, *pickle.Dict, *pickle.Set, *pickle.FrozenSet, *pickle.Object, *pickle.ByteArray:
		return v, true
	case string:
		if len(v) > longText {
			return unsafe.StringData(v), true // where it comes out of the memo again, it is the same
		}
	case pickle.Bytes:
		if len(v) > longText {
			return unsafe.StringData(string(v)), true
		}
	}
	return nil, false
}

// longText is the length from which a str or bytes is worth telling from an equal one.
const longText = 64

// add makes a part of a node. The smallest are only counted once there are many.
func (t *treeMaker) add(n *Node, step string, v any) {
	n.Parts = append(n.Parts, t.node(step, v))
	if len(n.Parts) >= 2*maxParts {
		n.cut()
	}
}

// cut keeps the largest parts.
func (n *Node) cut() {
	if len(n.Parts) <= maxParts {
		return
	}
	sizes := make([]int64, len(n.Parts))
	for i, part := range n.Parts {
		sizes[i] = part.Bytes
	}
	slices.Sort(sizes)
	limit := sizes[len(sizes)-maxParts]
	equal := 0 // how many of just that size are kept
	for _, size := range sizes[len(sizes)-maxParts:] {
		if size == limit {
			equal++
		}
	}
	kept := n.Parts[:0]
	for _, part := range n.Parts {
		if part.Bytes == limit {
			equal--
		}
		if part.Bytes > limit || part.Bytes == limit && equal >= 0 {
			kept = append(kept, part)
			continue
		}
		n.Rest++
		n.RestBytes += part.Bytes
	}
	clear(n.Parts[len(kept):])
	n.Parts = kept
}

// describeAt is describe for a value at the end of a step, which may say that it is a
// secret: rule says which, "" if it is none.
func (p *Payload) describeAt(step string, v any) (kind, name, rule string) {
	if rule, masked, ok := secret(step, v); ok {
		return pickle.TypeName(v), masked, rule
	}
	if _, isText := secretText(v); isText {
		return pickle.TypeName(v), openText(v), ""
	}
	kind, name = p.describe(v)
	return kind, name, ""
}

// describe says what kind of thing a value is, and its name.
func (p *Payload) describe(v any) (kind, name string) {
	switch v := v.(type) {
	case pickle.Global:
		return "name", printable(v.String())
	case pickle.Extension:
		return "name", fmt.Sprintf("extension %d", v.Code)
	case pickle.PersistentID:
		return "persistent id", p.text(v.ID)
	case *pickle.Object:
		return p.describeObject(v)
	case *pickle.List:
		return "list", fmt.Sprintf("%d items", v.Len())
	case pickle.Tuple:
		return "tuple", fmt.Sprintf("%d items", len(v))
	case *pickle.Dict:
		return "dict", fmt.Sprintf("%d items", v.Len())
	case *pickle.Set:
		return "set", fmt.Sprintf("%d items", v.Len())
	case *pickle.FrozenSet:
		return "frozenset", fmt.Sprintf("%d items", v.Len())
	case *pickle.ByteArray:
		return "bytearray", fmt.Sprintf("%d bytes", len(v.Data))
	case *pickle.Buffer:
		return "buffer", fmt.Sprintf("out of band, number %d", v.Index)
	}
	return pickle.TypeName(v), atomText(v)
}

func (p *Payload) describeObject(o *pickle.Object) (kind, name string) {
	if f, ok := p.Function(o); ok {
		return "function", f.String()
	}
	if c, ok := p.Class(o); ok {
		if c.Enum {
			kind = "enum"
		} else {
			kind = "class"
		}
		return kind, qualified(c.Module, c.QualName)
	}
	if m, ok := p.Module(o); ok {
		return "module", printable(m.Name)
	}
	if m, ok := ImportedModule(o); ok {
		return "name", "module " + printable(m)
	}
	if isCodeCall(o) {
		if c := p.Code.Of(o); c != nil {
			return "code", printable(c.Name)
		}
		return "code", "unreadable"
	}
	return p.describeCall(o)
}

// describeCall names an object by what makes it.
func (p *Payload) describeCall(o *pickle.Object) (kind, name string) {
	if g, ok := o.Class(); ok {
		switch {
		case o.Op == pickle.OpBuild:
			return "changed", printable(g.String())
		case o.Op != pickle.OpReduce || g != o.Func:
			return "instance", printable(g.String())
		}
		return "call", printable(g.String())
	}
	class := o.Func
	if o.Op == pickle.OpReduce && len(o.Args) > 0 && isNewobj(o.Func) {
		class = o.Args[0]
	}
	_, name = p.describe(class)
	if _, is := p.Class(class); is {
		return "instance", name
	}
	return "call", name
}

// isNewobj is for the functions of copyreg that make an instance of their first argument.
func isNewobj(v any) bool {
	switch v {
	case any(pickle.Global{Module: "copyreg", Name: "_reconstructor"}),
		any(pickle.Global{Module: "copyreg", Name: "__newobj__"}),
		any(pickle.Global{Module: "copyreg", Name: "__newobj_ex__"}):
		return true
	}
	return false
}
