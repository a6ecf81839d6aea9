package pickle

// Paths: where in a value something is, as in $.agents[3].score.

import (
	"fmt"
	"strconv"
	"strings"
)

// maxPathSteps bounds how much of a deep place is spelled out.
const maxPathSteps = 64

// pathBuilder spells a path.
type pathBuilder struct {
	b     strings.Builder
	steps int
}

func (p *pathBuilder) root()          { p.b.WriteByte('$') }
func (p *pathBuilder) len() int       { return p.steps }
func (p *pathBuilder) String() string { return p.b.String() }

func (p *pathBuilder) index(i int) {
	p.steps++
	p.b.WriteByte('[')
	p.b.WriteString(strconv.Itoa(i))
	p.b.WriteByte(']')
}

// key adds the step to the value under a key of a dict.
func (p *pathBuilder) key(k any) {
	p.steps++
	switch k := k.(type) {
	case string:
		if isName(k) {
			p.b.WriteByte('.')
			p.b.WriteString(k)
			return
		}
		p.b.WriteString("[" + quote([]byte(k)) + "]")
	case Bytes:
		p.b.WriteString("[b" + quote([]byte(k)) + "]")
	case int64, bool, float64:
		fmt.Fprintf(&p.b, "[%v]", k)
	case nil:
		p.b.WriteString("[None]")
	default:
		p.b.WriteString("[<" + typeName(k) + ">]")
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
