package page

import "github.com/gocloudpickle/gocloudpickle/payload"

// What page.js gets.
type (
	shownPickle struct {
		Title string     `json:"title"`
		Tree  *shownNode `json:"tree"`
	}
	shownNode struct {
		Label string `json:"label"`
		Kind  string `json:"kind"`
		Bytes int64  `json:"bytes"` // its parts included
		// Own are the bytes that none of the parts below has.
		Own   int64        `json:"own"`
		Parts []*shownNode `json:"parts,omitempty"`
	}
)

// smallest is the part of the whole below which a value has no area to be seen: a ten thousandth
// of a large screen is some hundred pixels.
const smallest = 10_000

func shown(pickles []Pickle) (all []shownPickle) {
	for _, p := range pickles {
		one := shownPickle{Title: p.Title}
		if t := p.Description.Tree; t != nil {
			one.Tree = node(t, t.Bytes/smallest)
		}
		all = append(all, one)
	}
	return all
}

func node(n *payload.Node, least int64) *shownNode {
	s := &shownNode{Label: n.String(), Kind: n.Kind, Bytes: n.Bytes, Own: n.Bytes}
	for _, part := range n.Parts {
		if part.Again || part.Bytes <= least {
			continue
		}
		below := node(part, least)
		s.Parts = append(s.Parts, below)
		s.Own -= below.Bytes
	}
	s.Own = max(s.Own, 0) // what is shared can be counted in several
	return s
}
