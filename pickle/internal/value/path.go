package value

// Paths: where in a value something is, as in $.agents[3].score.

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
)

// MaxPathSteps bounds how much of a deep place is spelled out.
const MaxPathSteps = 64

// PathBuilder spells a path.
type PathBuilder struct {
	b     strings.Builder
	steps int
}

func (p *PathBuilder) Root()          { p.b.WriteByte('$') }
func (p *PathBuilder) Len() int       { return p.steps }
func (p *PathBuilder) String() string { return p.b.String() }

func (p *PathBuilder) Index(i int) {
	p.steps++
	p.b.WriteByte('[')
	p.b.WriteString(strconv.Itoa(i))
	p.b.WriteByte(']')
}

// Key adds the step to the value under a key of a dict.
func (p *PathBuilder) Key(k any) {
	p.steps++
	switch k := k.(type) {
	case string:
		if isName(k) {
			p.b.WriteByte('.')
			p.b.WriteString(k)
			return
		}
		p.b.WriteString("[" + atom.Quote([]byte(k)) + "]")
	case Bytes:
		p.b.WriteString("[b" + atom.Quote([]byte(k)) + "]")
	case int64, bool, float64:
		fmt.Fprintf(&p.b, "[%v]", k)
	case nil:
		p.b.WriteString("[None]")
	default:
		p.b.WriteString("[<" + TypeName(k) + ">]")
	}
}

// isName reports whether a key reads well after a dot.
func isName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
