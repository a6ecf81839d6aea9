package pickler

import "github.com/gocloudpickle/gocloudpickle/python"

// globalsRef is the dict that stands for a function's __globals__ until its
// state fills it.
type globalsRef struct {
	globals python.Object // owned, so that no other object takes its address
	slot    int           // of the dict, in the memo
	shown   bool          // the globals_ref of Python has it too
}

// fewGlobals is the number of globalsRefs up to which looking through them takes no
// longer than a map. Most dumps have one; that of many modules' functions has many.
const fewGlobals = 16

// globalsIndex finds globalsRefs by address: those before number done. An entry can
// be out of date, so the globalsRef that it leads to is compared.
type globalsIndex struct {
	at   map[uintptr]int
	done int
}

// findGlobals gives the slot of the dict that stands for a function's __globals__.
func (p *Pickler) findGlobals(globals python.Object) (slot int, ok bool) {
	refs, x := p.globalsRefs, &p.globalsIndex
	if len(refs) <= fewGlobals {
		for _, ref := range refs {
			if ref.globals == globals {
				return ref.slot, true
			}
		}
		return 0, false
	}
	if x.at == nil {
		x.at = map[uintptr]int{}
	}
	for ; x.done < len(refs); x.done++ {
		addr := refs[x.done].globals.Addr()
		if i, there := x.at[addr]; !there || i >= x.done || refs[i].globals.Addr() != addr {
			x.at[addr] = x.done
		}
	}
	i, there := x.at[globals.Addr()]
	if !there || i >= len(refs) || refs[i].globals != globals {
		return 0, false
	}
	return refs[i].slot, true
}

// forgetGlobalsAfter forgets the base_globals dicts of slots that were rolled back.
func (p *Pickler) forgetGlobalsAfter(slots int) {
	for n := len(p.globalsRefs); n > 0 && p.globalsRefs[n-1].slot >= slots; n-- {
		ref := p.globalsRefs[n-1]
		p.globalsRefs = p.globalsRefs[:n-1]
		p.globalsIndex.done = min(p.globalsIndex.done, n-1)
		ref.globals.DecRef()
	}
}
