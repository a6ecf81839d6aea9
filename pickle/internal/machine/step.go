package machine

// The opcodes that are not in the main loop, and the checks they share.

import (
	"bytes"
	"math"

	"github.com/gocloudpickle/gocloudpickle/pickle/internal/atom"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

// step runs the opcode at m.pos. When its argument is not all there yet it
// returns needMore and has changed nothing.
func (m *machine) step() error {
	op := wire.Opcode(m.data[m.pos])
	if m.sub != nil && m.subEnds(op) {
		return errSubEnd
	}
	switch op {
	case wire.OpInt, wire.OpLong, wire.OpFloat, wire.OpLong1, wire.OpLong4:
		return m.number(op)
	case wire.OpBinUnicode, wire.OpShortBinUnicode, wire.OpBinUnicode8, wire.OpUnicode:
		return m.unicode(op)
	case wire.OpString, wire.OpBinString, wire.OpShortBinString:
		return m.string2(op)
	case wire.OpBinBytes, wire.OpShortBinBytes, wire.OpBinBytes8, wire.OpByteArray8:
		return m.bytesOp(op)
	case wire.OpNextBuffer, wire.OpReadonlyBuffer:
		return m.buffer(op)
	case wire.OpAppend, wire.OpAppends:
		return m.append(op)
	case wire.OpSetItem, wire.OpSetItems:
		return m.setItems(op)
	case wire.OpEmptyTuple, wire.OpTuple, wire.OpTuple1, wire.OpTuple2, wire.OpTuple3, wire.OpList, wire.OpDict,
		wire.OpEmptySet, wire.OpFrozenSet:
		return m.container(op)
	case wire.OpAddItems:
		return m.addItems()
	case wire.OpPop, wire.OpPopMark, wire.OpDup:
		return m.stackOp(op)
	case wire.OpGet, wire.OpBinGet, wire.OpLongBinGet:
		return m.get(op)
	case wire.OpPut, wire.OpBinPut, wire.OpLongBinPut, wire.OpMemoize:
		return m.put(op)
	case wire.OpGlobal, wire.OpStackGlobal, wire.OpExt1, wire.OpExt2, wire.OpExt4:
		return m.global(op)
	case wire.OpReduce, wire.OpNewObj, wire.OpNewObjEx, wire.OpInst, wire.OpObj:
		return m.call(op)
	case wire.OpBuild:
		return m.build()
	case wire.OpPersID, wire.OpBinPersID:
		return m.persistent(op)
	case wire.OpProto:
		return m.protocol()
	case wire.OpFrame:
		return m.frame()
	}
	return m.failf(wire.ErrSyntax, "there is no such opcode")
}

// arg is the n bytes after the opcode.
func (m *machine) arg(n int) ([]byte, error) {
	if len(m.data)-m.pos < 1+n {
		return nil, needMore(1 + n)
	}
	return m.data[m.pos+1 : m.pos+1+n], nil
}

// countedArg is the argument that has its length in front, and moves on.
func (m *machine) countedArg() ([]byte, error) {
	b, size, ok := wire.Counted(m.data[m.pos:])
	switch {
	case ok:
		m.pos += size
		return b, nil
	case size == math.MaxInt:
		return nil, m.failf(wire.ErrSyntax, "a length of %d is more than any memory holds", atom.Uint64(m.data[m.pos+1:]))
	}
	return nil, needMore(size)
}

const maxInt = int(^uint(0) >> 1)

// line is the text from the byte at m.pos+at up to a newline; end is the place after it.
func (m *machine) line(at int) (text []byte, end int, err error) {
	from := at
	if m.lineAt == at {
		from = max(at, m.lineFrom)
	}
	rest := m.data[m.pos:]
	if from < len(rest) {
		if i := bytes.IndexByte(rest[from:], '\n'); i >= 0 {
			m.lineFrom = 0
			return rest[at : from+i], from + i + 1, nil
		}
	}
	m.lineAt, m.lineFrom = at, len(rest)
	return nil, 0, needMore(len(rest) + 1)
}

// push puts a value that is no container on the stack.
func (m *machine) push(v any) error {
	m.stack = append(m.stack, v)
	return nil
}

// pushDeep puts a container on the stack.
func (m *machine) pushDeep(v any, depth int32) error {
	if depth > m.depths.limit {
		return m.tooDeep()
	}
	m.depths.push(len(m.stack), depth)
	m.stack = append(m.stack, v)
	return nil
}

// pop takes the top of the stack.
func (m *machine) pop() (any, error) {
	n := len(m.stack) - 1
	if n < m.fence {
		return nil, m.underflow()
	}
	v := m.stack[n]
	m.stack = m.stack[:n]
	return v, nil
}

// popMark takes the topmost mark and returns the height it marked.
func (m *machine) popMark() (int, error) {
	n := len(m.marks) - 1
	if n < 0 {
		return 0, m.fail(wire.ErrSyntax, "there is no mark on the stack")
	}
	at := m.marks[n]
	m.marks = m.marks[:n]
	m.fence = 0
	if n > 0 {
		m.fence = m.marks[n-1]
	}
	return at, nil
}

func (m *machine) underflow() error {
	if len(m.marks) > 0 {
		return m.fail(wire.ErrSyntax, "the opcode needs a value that lies below the mark")
	}
	return m.fail(wire.ErrSyntax, "the stack is empty")
}

func (m *machine) tooDeep() error {
	return m.failf(wire.ErrLimit, "values nest deeper than %d levels (Limits.MaxDepth)", m.depths.limit)
}

// stackOp runs the opcodes that only move values.
func (m *machine) stackOp(op wire.Opcode) error {
	switch op {
	case wire.OpPop:
		if n := len(m.marks); n > 0 && m.marks[n-1] == len(m.stack) {
			if _, err := m.popMark(); err != nil {
				return err
			}
			break
		}
		v, err := m.pop()
		if err != nil {
			return err
		}
		m.depths.pop(len(m.stack))
		m.dropped(v)
	case wire.OpPopMark:
		at, err := m.popMark()
		if err != nil {
			return err
		}
		for i, v := range m.stack[at:] {
			m.discard(at+i, v)
		}
		m.depths.pop(at)
		m.stack = m.stack[:at]
	case wire.OpDup:
		n := len(m.stack)
		if n <= m.fence {
			return m.underflow()
		}
		if d := m.depths.top(n - 1); d > 0 {
			m.shares = true
			m.depths.push(n, d)
		}
		m.stack = append(m.stack, m.stack[n-1])
	}
	m.pos++
	return nil
}

// protocol runs PROTO.
func (m *machine) protocol() error {
	b, err := m.arg(1)
	if err != nil {
		return err
	}
	if b[0] > wire.HighestProtocol {
		return m.failf(wire.ErrSyntax, "protocol %d is newer than the newest known, %d", b[0], wire.HighestProtocol)
	}
	m.proto = int(b[0])
	m.pos += 2
	return nil
}

// memoArg is the memo number that follows the opcode, and the size of both.
func (m *machine) memoArg(op wire.Opcode) (i int64, size int, err error) {
	switch op {
	case wire.OpBinGet, wire.OpBinPut:
		b, err := m.arg(1)
		if err != nil {
			return 0, 0, err
		}
		return int64(b[0]), 2, nil
	case wire.OpLongBinGet, wire.OpLongBinPut:
		b, err := m.arg(4)
		if err != nil {
			return 0, 0, err
		}
		return int64(atom.Uint32(b)), 5, nil
	}
	text, end, err := m.line(1)
	if err != nil {
		return 0, 0, err
	}
	i, err = m.memoNumber(text)
	return i, end, err
}

// get runs the opcodes that read the memo.
func (m *machine) get(op wire.Opcode) error {
	i, size, err := m.memoArg(op)
	if err != nil {
		return err
	}
	e, ok := m.memo.get(i)
	if !ok && m.sub != nil {
		if s, found := m.sub.Str(i); found {
			e, ok = memoEntry{m.boxString(s), 0}, true
			m.memo.values[i] = e
		}
	}
	if !ok {
		return m.failf(wire.ErrSyntax, "memo %d was never filled", i)
	}
	m.pos += size
	if e.depth > 0 {
		m.shares = true
		m.depths.pushShared(len(m.stack), e.depth)
	}
	m.stack = append(m.stack, e.v)
	return nil
}

// put runs the opcodes that fill the memo.
func (m *machine) put(op wire.Opcode) error {
	i, size := int64(m.memo.filled), 1
	if op != wire.OpMemoize {
		var err error
		if i, size, err = m.memoArg(op); err != nil {
			return err
		}
	}
	n := len(m.stack)
	if n <= m.fence {
		return m.underflow()
	}
	if i < 0 {
		return m.failf(wire.ErrSyntax, "memo number %d is negative", i)
	}
	if m.sub != nil && i != int64(len(m.memo.values)) {
		return errSubOdd
	}
	if !m.memo.put(i, m.stack[n-1], m.depths.top(n-1)) {
		return m.failf(wire.ErrLimit, "memo number %d is over Limits.MaxMemo", i)
	}
	m.pos += size
	return m.checkMemory()
}
