package bytecode

// Position says which piece of source the instructions from Start up to End,
// in bytes of co_code, come from. Columns count UTF-8 bytes from 0.
type Position struct {
	Start, End     int
	Line, EndLine  int // or NoLine
	Column, EndCol int // or NoColumn
}

// NoColumn is the column of an instruction without one.
const NoColumn = -1

// The forms of a location entry (Objects/locations.md in CPython 3.11,
// InternalDocs/code_objects.md later):
//
//	entry   = 1 form:4 (units-1):3, then by form:
//	0-9       one byte: column and width of a short piece on the same line
//	10-12     two bytes: columns, on the line form-10 further on
//	13        svarint: line step, no columns
//	14        svarint line step, varints end line step, column+1, end column+1
//	15        no location
const (
	formOneLine  = 10
	formNoColumn = 13
	formLong     = 14
	formNone     = 15
)

// Positions decodes the location table of 3.11 and later. Before 3.11 there is
// none. A broken table is a [*TableError].
//
// Ranges come from the table alone and can reach past the end of Code. There
// are at most as many as the table has bytes.
func (c *Code) Positions() ([]Position, error) {
	if !c.Version.AtLeast(3, 11) {
		return nil, nil
	}
	var positions []Position
	r := varintReader{data: c.LineTable}
	addr, line := 0, c.FirstLine
	for r.pos < len(r.data) {
		entry := r.pos
		p, ok := location(&r, &line)
		if !ok {
			return positions, &TableError{"co_linetable", entry, r.reason()}
		}
		p.Start = addr
		addr += p.End
		p.End = addr
		positions = append(positions, p)
	}
	return positions, nil
}

// location reads one entry; End of the result is its length in bytes of code.
func location(r *varintReader, line *int) (p Position, ok bool) {
	head := r.byte()
	if head < 0x80 {
		r.bad = true
		return p, false
	}
	p.End = 2 * int(head&7+1)
	p.Line, p.EndLine, p.Column, p.EndCol = NoLine, NoLine, NoColumn, NoColumn
	switch form := head >> 3 & 15; form {
	case formNone:
		return p, true
	case formNoColumn:
		*line += r.svarint()
		p.Line, p.EndLine = *line, *line
	case formLong:
		*line += r.svarint()
		p.Line = *line
		p.EndLine = p.Line + r.varint()
		p.Column = r.varint() - 1
		p.EndCol = r.varint() - 1
	case formOneLine, formOneLine + 1, formOneLine + 2:
		*line += int(form - formOneLine)
		p.Line, p.EndLine = *line, *line
		p.Column = int(r.byte())
		p.EndCol = int(r.byte())
	default:
		p.Line, p.EndLine = *line, *line
		b := r.byte()
		p.Column = int(form<<3 | b>>4)
		p.EndCol = p.Column + int(b&15)
	}
	return p, !r.bad && !r.short
}
