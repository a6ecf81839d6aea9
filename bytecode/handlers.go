package bytecode

// Handler is one entry of the exception table: where an exception raised from
// Start up to End, in bytes of co_code, is handled.
type Handler struct {
	Start, End int
	Target     int  // offset of the handler
	Depth      int  // values left on the stack
	Lasti      bool // whether the offset of the raising instruction is pushed
}

// The first byte of an entry carries this bit on top of its varint.
const handlerStart = 0x80

// Handlers decodes the exception table of 3.11 and later
// (Objects/exception_handling_notes.txt in CPython 3.11). Before 3.11 there is
// none. A broken table is a [*TableError].
//
// There are at most a quarter as many entries as the table has bytes; their
// offsets can lie outside Code.
func (c *Code) Handlers() ([]Handler, error) {
	if !c.Version.AtLeast(3, 11) {
		return nil, nil
	}
	var handlers []Handler
	r := varintReader{data: c.ExceptionTable}
	for r.pos < len(r.data) {
		entry := r.pos
		r.bad = r.data[entry]&handlerStart == 0
		start := 2 * r.bigEndian()
		length := 2 * r.bigEndian()
		target := 2 * r.bigEndian()
		depth := r.bigEndian()
		if r.bad || r.short {
			return handlers, &TableError{"co_exceptiontable", entry, r.reason()}
		}
		handlers = append(handlers, Handler{start, start + length, target, depth >> 1, depth&1 != 0})
	}
	return handlers, nil
}
