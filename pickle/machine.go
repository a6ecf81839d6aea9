package pickle

// The pickle machine: state and main loop. The frequent opcodes are in the
// loop itself, the others are methods in machine_*.go.

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sync"
	"unicode/utf8"
)

var errTooLong = errors.New("the pickle is longer than Limits.MaxBytes")

// machine runs the opcodes of one pickle and holds nothing after it but
// memory to use again.
type machine struct {
	source
	store
	cfg *config

	// stack holds the values, marks the heights of the stack at which a
	// mark lies, and fence the topmost of those, or 0. No opcode may take a
	// value from below the fence (_pickle.c, Pdata.fence).
	// Invariant: 0 <= fence <= len(stack).
	stack []any
	marks []int
	fence int

	memo   memo
	depths depths

	proto int
	// frameEnd is the number of the byte after the current frame; it is used
	// in strict mode only.
	frameEnd  int64
	nextBuf   int
	discarded []any
	// shares is set when a container was used a second time. Without it no
	// object can be in two places of the value, nor in itself.
	shares bool
	// hash counts the work of hashing keys; it may grow with the input that
	// was read, of which granted says how much was counted.
	hash    hasher
	granted int64
	// high is a height that the stack has not reached yet.
	high int

	// plain is room for the first values of a list.
	plain [64]any
	// start is the place in data of the opcode being run.
	start int
	// lineFrom is how much of the unfinished line at lineAt was searched already.
	lineAt, lineFrom int
	// shape is the last small dict whose keys were found to be distinct.
	shape []Entry
	grown grownList
	// sub is the typed decoder that this machine decodes a part for.
	sub *typed
	// trace notes where values come from; it is nil but for a second run
	// after a typed decode has failed.
	trace *tracer
}

var machines = sync.Pool{New: func() any { return new(machine) }}

// firstHigh is a height of the stack that small pickles do not reach.
const firstHigh = 64

// Hashing may take so many steps, and so many more for each byte read.
const (
	hashBudget = 1 << 20
	hashGrant  = 64
)

// grant gives the hasher the steps that the input read since the last time allows.
func (m *machine) grant() *hasher {
	now := m.offset()
	m.hash.budget += hashGrant * int(now-m.granted)
	m.granted = now
	return &m.hash
}

// keepStack is the size up to which a machine keeps its buffers for the next use.
const keepStack = 1 << 16

func newMachine(cfg *config) *machine {
	m := machines.Get().(*machine)
	m.cfg = cfg
	return m
}

// release gives the machine back. The values it made belong to the caller.
func (m *machine) release() {
	m.clear()
	m.source = source{}
	m.cfg, m.trace, m.sub = nil, nil, nil
	machines.Put(m)
}

// clear forgets a pickle: stack, marks and memo start empty in each.
func (m *machine) clear() {
	if cap(m.stack) > keepStack {
		m.stack = nil
	}
	clear(m.stack[:min(m.high, cap(m.stack))])
	m.stack, m.high = m.stack[:0], firstHigh
	m.marks = m.marks[:0]
	if cap(m.marks) > keepStack {
		m.marks = nil
	}
	m.fence = 0
	m.memo.clear()
	m.depths.clear()
	m.store.reset()
	m.proto, m.frameEnd, m.nextBuf = 0, 0, 0
	m.discarded, m.shape, m.grown = nil, nil, grownList{}
	m.lineFrom, m.shares = 0, false
}

// run executes one pickle. It returns io.EOF when the input ends before the
// first byte.
func (m *machine) run() (any, error) {
	m.begin()
	return m.loop()
}

// begin makes the machine ready for a pickle at m.pos.
func (m *machine) begin() {
	m.first, m.granted = m.offset(), m.offset()
	m.hash.budget = hashBudget
	m.high = firstHigh
	m.depths.limit = m.cfg.limits.maxDepth()
	m.memo.limit = m.cfg.limits.maxMemo()
	m.views = m.cfg.noCopy && m.r == nil
}

// loop runs opcodes up to STOP.
func (m *machine) loop() (any, error) {
	var (
		data   = m.data
		pos    = m.pos
		stack  = m.stack
		strict = m.cfg.strict
		slow   = strict || m.trace != nil
		start  = m.pos
	)
	for {
		if len(stack) >= m.high {
			m.high = 2 * len(stack)
			m.taken += 8 * int64(m.high)
			if err := m.checkMemory(); err != nil {
				m.pos, m.stack, m.start = pos, stack, start
				return nil, err
			}
		}
		if slow && pos > start {
			m.start = start
			if m.trace != nil {
				m.trace.after(Opcode(data[start]), m.base+int64(start), stack)
			}
			if err := m.checkFrame(data, start, pos); err != nil {
				m.pos, m.stack = pos, stack
				return nil, err
			}
		}
		start = pos
		if pos >= len(data) {
			goto more
		}
		switch op := Opcode(data[pos]); op {
		case OpBinInt1:
			if len(data)-pos < 2 {
				goto more
			}
			stack = append(stack, smallInts[minSmallInt+int(data[pos+1])])
			pos += 2
			continue
		case OpBinInt2:
			if len(data)-pos < 3 {
				goto more
			}
			stack = append(stack, m.boxInt(int64(binary.LittleEndian.Uint16(data[pos+1:]))))
			pos += 3
			continue
		case OpBinInt:
			if len(data)-pos < 5 {
				goto more
			}
			stack = append(stack, m.boxInt(int64(int32(binary.LittleEndian.Uint32(data[pos+1:])))))
			pos += 5
			continue
		case OpBinFloat:
			if len(data)-pos < 9 {
				goto more
			}
			stack = append(stack, m.boxFloat(math.Float64frombits(binary.BigEndian.Uint64(data[pos+1:]))))
			pos += 9
			continue
		case OpNone:
			stack = append(stack, nil)
			pos++
			continue
		case OpNewTrue:
			stack = append(stack, true)
			pos++
			continue
		case OpNewFalse:
			stack = append(stack, false)
			pos++
			continue

		case OpShortBinUnicode:
			if len(data)-pos < 2 {
				goto more
			}
			n := int(data[pos+1])
			if len(data)-pos < 2+n {
				goto more
			}
			text, ok := m.shortText(data[pos+2:], n)
			if !ok {
				b := data[pos+2 : pos+2+n]
				if !utf8.Valid(b) && !validSurrogates(b) {
					break
				}
				text = m.text(b)
			}
			stack = append(stack, stringAny(m.header(text)))
			pos += 2 + n
			if pos < len(data) && data[pos] == byte(OpMemoize) && m.memo.dense() && !slow {
				m.memo.push(stack[len(stack)-1], 0)
				pos++
			}
			continue
		case OpBinUnicode:
			if len(data)-pos < 5 {
				goto more
			}
			n := int(binary.LittleEndian.Uint32(data[pos+1:]))
			if len(data)-pos-5 < n {
				goto more
			}
			b := data[pos+5 : pos+5+n]
			if !utf8.Valid(b) && !validSurrogates(b) {
				break
			}
			stack = append(stack, stringAny(m.header(m.text(b))))
			pos += 5 + n
			continue
		case OpMemoize:
			if len(stack) <= m.fence || !m.memo.dense() {
				break
			}
			m.memo.push(stack[len(stack)-1], m.depths.top(len(stack)-1))
			pos++
			continue
		case OpBinPut:
			if len(data)-pos < 2 {
				goto more
			}
			if len(stack) <= m.fence || int(data[pos+1]) != len(m.memo.values) || !m.memo.dense() {
				break
			}
			m.memo.push(stack[len(stack)-1], m.depths.top(len(stack)-1))
			pos += 2
			continue
		case OpLongBinPut:
			if len(data)-pos < 5 {
				goto more
			}
			if len(stack) <= m.fence || !m.memo.dense() ||
				int64(binary.LittleEndian.Uint32(data[pos+1:])) != int64(len(m.memo.values)) {
				break
			}
			m.memo.push(stack[len(stack)-1], m.depths.top(len(stack)-1))
			pos += 5
			continue
		case OpBinGet:
			if len(data)-pos < 2 {
				goto more
			}
			i := int(data[pos+1])
			if i >= len(m.memo.values) || m.memo.values[i].v == nil {
				break
			}
			e := &m.memo.values[i]
			if e.depth > 0 {
				m.shares = true
				m.depths.pushShared(len(stack), e.depth)
			}
			stack = append(stack, e.v)
			pos += 2
			continue
		case OpLongBinGet:
			if len(data)-pos < 5 {
				goto more
			}
			i := int64(binary.LittleEndian.Uint32(data[pos+1:]))
			if i >= int64(len(m.memo.values)) || m.memo.values[i].v == nil {
				break
			}
			e := &m.memo.values[i]
			if e.depth > 0 {
				m.shares = true
				m.depths.pushShared(len(stack), e.depth)
			}
			stack = append(stack, e.v)
			pos += 5
			continue
		case OpMark:
			if top := len(stack) - 1; !slow && top >= m.fence && pos+1 < len(data) && startsRun(data[pos+1]) {
				if l, ok := stack[top].(*List); ok && !(m.sub != nil && m.depths.isShared(top)) {
					end, rest := m.listRun(l, data, pos+1)
					if rest == nil {
						pos = end
						continue
					}
					if end > pos+1 {
						m.marks = append(m.marks, len(stack))
						m.fence = len(stack)
						stack = append(stack, rest...)
						clear(m.plain[:])
						pos = end
						continue
					}
				}
			}
			m.marks = append(m.marks, len(stack))
			m.fence = len(stack)
			pos++
			if room := min(cap(stack), m.high); !slow && room > len(stack) {
				n, end := m.plainValues(stack[len(stack):room], data, pos)
				stack, pos = stack[:len(stack)+n], end
			}
			continue
		case OpEmptyList:
			m.depths.push(len(stack), 1)
			stack = append(stack, m.newList())
			pos++
			if pos < len(data) && data[pos] == byte(OpMemoize) && m.memo.dense() && !slow {
				m.memo.push(stack[len(stack)-1], 1)
				pos++
			}
			continue
		case OpEmptyDict:
			m.depths.push(len(stack), 1)
			stack = append(stack, m.newDict())
			pos++
			if pos < len(data) && data[pos] == byte(OpMemoize) && m.memo.dense() && !slow {
				m.memo.push(stack[len(stack)-1], 1)
				pos++
			}
			continue
		case OpSetItems:
			if m.sub != nil {
				break // step sees whether the part ends here
			}
			m.pos, m.stack, m.start = pos, stack, start
			if err := m.setItems(op); err != nil {
				return nil, err
			}
			pos, stack = m.pos, m.stack
			continue
		case OpStop:
			if m.sub != nil {
				m.pos, m.stack, m.start = pos, stack, start
				return nil, errSubEnd
			}
			pos++
			if strict {
				m.start = start
				if err := m.checkFrame(data, start, pos); err != nil {
					m.pos, m.stack = pos, stack
					return nil, err
				}
			}
			m.pos, m.stack, m.start = pos, stack, start
			return m.finish()
		case OpTuple1, OpTuple2, OpTuple3:
			n := int(op-OpTuple1) + 1
			if len(stack)-m.fence < n {
				break
			}
			from := len(stack) - n
			d := m.depths.pop(from) + 1
			if d > m.depths.limit {
				m.pos, m.stack, m.start = pos, stack, start
				return nil, m.tooDeep()
			}
			stack[from] = m.boxTuple(m.newItems(stack[from:]))
			stack = stack[:from+1]
			m.depths.push(from, d)
			pos++
			continue
		}
		// Everything rare, and everything that may be an error.
		m.pos, m.stack, m.start = pos, stack, start
		if err := m.step(); err != nil {
			if need, ok := err.(needMore); ok {
				m.pos = start
				if err := m.fill(int(need)); err != nil {
					return nil, err
				}
				m.stack = stack
				data, pos, start = m.data, m.pos, m.pos
				continue
			}
			return nil, err
		}
		data, pos, stack = m.data, m.pos, m.stack
		continue

	more:
		m.pos, m.stack, m.start = pos, stack, start
		if err := m.fill(argNeed(data[pos:])); err != nil {
			return nil, err
		}
		data, pos, start = m.data, m.pos, m.pos
	}
}

// needMore is an opcode's way to say that it needs so many bytes, itself
// counted, and has done nothing yet.
type needMore int

func (needMore) Error() string { return "BUG: needMore left the machine" }

// fill brings in need bytes from pos on, or fails the way a truncated stream does.
func (m *machine) fill(need int) error {
	m.start = m.pos
	atFirst := m.pos >= len(m.data) && m.offset() == m.first
	err := m.more(need, m.cfg.limits.maxBytes())
	switch {
	case err == nil:
		m.start = m.pos
		return nil
	case err == errTooLong:
		m.start = m.pos
		return m.fail(ErrLimit, err.Error())
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		m.start = m.pos
		if atFirst && len(m.data) == m.pos && err == io.EOF {
			return io.EOF
		}
		return m.fail(ErrTruncated, "the input ends inside a pickle")
	}
	return err
}

// argNeed is how many bytes the opcode at the start of b needs, itself and
// its argument, as far as b tells.
func argNeed(b []byte) int {
	if len(b) == 0 {
		return 1
	}
	info, _ := Opcode(b[0]).Info()
	n := info.Arg.fixed()
	if len(b) < 1+n {
		return 1 + n
	}
	size, _ := info.Arg.counted(b[1 : 1+n])
	if size > math.MaxInt-64 {
		return math.MaxInt
	}
	return 1 + n + int(size)
}

// checkMemory fails when the limit is passed.
func (m *machine) checkMemory() error {
	taken := m.taken + m.memo.taken
	if taken < defaultMemoryBase && m.cfg.limits.MaxMemory == 0 {
		return nil
	}
	read := m.offset() - m.first
	if m.r == nil {
		read = int64(len(m.data)) - m.first
	}
	if taken > m.cfg.limits.maxMemory(read) {
		return m.fail(ErrLimit, "the value takes more memory than Limits.MaxMemory")
	}
	return nil
}

// finish takes the value of the pickle off the stack.
func (m *machine) finish() (any, error) {
	if len(m.stack) <= m.fence {
		return nil, m.underflow()
	}
	if err := m.checkMemory(); err != nil {
		return nil, err
	}
	v := m.stack[len(m.stack)-1]
	for _, below := range m.stack[:len(m.stack)-1] {
		m.discard(below)
	}
	return v, nil
}

// discard notes a value that the stream makes and throws away. It may be a
// call, which Python has run by then.
func (m *machine) discard(v any) {
	switch v.(type) {
	case nil, bool, int64, float64, string, Bytes:
		return
	}
	m.discarded = append(m.discarded, v)
}
