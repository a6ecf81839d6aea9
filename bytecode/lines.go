package bytecode

// NoLine is the line of an instruction that belongs to none.
const NoLine = -1

// LineRange says that the instructions from Start up to End, in bytes of
// co_code, belong to a source line.
type LineRange struct {
	Start, End int
	Line       int // or NoLine
}

// Lines decodes the line table into ranges that follow each other. Neighbours
// may have the same line. A broken table is a [*TableError].
//
// Ranges come from the table alone and can reach past the end of Code. There
// are at most as many as the table has bytes, plus one.
func (c *Code) Lines() ([]LineRange, error) {
	switch {
	case c.Version.AtLeast(3, 11):
		positions, err := c.Positions()
		lines := make([]LineRange, len(positions))
		for i, p := range positions {
			lines[i] = LineRange{p.Start, p.End, p.Line}
		}
		return lines, err
	case c.Version.AtLeast(3, 10):
		return c.lineTable310()
	}
	return c.lnotab()
}

// lnotab decodes co_lnotab of 3.8 and 3.9: pairs of an unsigned step in bytes
// and a signed step in lines (Objects/lnotab_notes.txt in CPython 3.9).
func (c *Code) lnotab() ([]LineRange, error) {
	table := c.LineTable
	var lines []LineRange
	start, addr, line := 0, 0, c.FirstLine
	for i := 0; i+1 < len(table); i += 2 {
		if step := int(table[i]); step > 0 {
			addr += step
			if addr >= len(c.Code) {
				// The rest was optimized away, and the table
				// was not shortened with the code.
				break
			}
		}
		if delta := int(int8(table[i+1])); delta != 0 {
			if addr > start {
				lines = append(lines, LineRange{start, addr, line})
				start = addr
			}
			line += delta
		}
	}
	if len(c.Code) > start {
		lines = append(lines, LineRange{start, len(c.Code), line})
	}
	if len(table)%2 != 0 {
		return lines, &TableError{"co_lnotab", len(table) - 1, "half an entry"}
	}
	return lines, nil
}

// lineTable310 decodes co_linetable of 3.10: the same pairs, but the line
// step comes first in effect, and -128 means no line (PEP 626).
func (c *Code) lineTable310() ([]LineRange, error) {
	table := c.LineTable
	var lines []LineRange
	addr, line := 0, c.FirstLine
	for i := 0; i+1 < len(table); i += 2 {
		r := LineRange{Start: addr, Line: NoLine}
		addr += int(table[i])
		r.End = addr
		if delta := int(int8(table[i+1])); delta != -128 {
			line += delta
			r.Line = line
		}
		if r.End > r.Start {
			lines = append(lines, r)
		}
	}
	if len(table)%2 != 0 {
		return lines, &TableError{"co_linetable", len(table) - 1, "half an entry"}
	}
	return lines, nil
}
