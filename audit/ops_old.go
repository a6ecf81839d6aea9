package audit

// Instructions of CPython 3.8 to 3.10 that later ones don't have.

import (
	"errors"
	"fmt"
	"strings"
)

func (w *way) popBlock() {
	if n := len(w.blocks); n > 0 {
		w.blocks = w.blocks[:n-1]
	}
}

func (w *way) rotate(n int) {
	v := w.top(1)
	w.top(n)
	at := len(w.stack) - n
	copy(w.stack[at+1:], w.stack[at:])
	w.stack[at] = v
}

var oldBinary = map[string]string{"POWER": "**", "MULTIPLY": "*", "MATRIX_MULTIPLY": "@", "MODULO": "%", "ADD": "+", "SUBTRACT": "-",
	"FLOOR_DIVIDE": "//", "TRUE_DIVIDE": "/", "LSHIFT": "<<", "RSHIFT": ">>", "AND": "&", "XOR": "^", "OR": "|"}

func (f *frame) executeOld(w *way, in *instruction, op string, arg int) (next bool, err error) {
	x := f.x
	if f.program.minor >= 11 {
		return false, fmt.Errorf("is no instruction that a compiler writes")
	}
	if _, kind, ok := strings.Cut(op, "_"); ok && (strings.HasPrefix(op, "BINARY_") || strings.HasPrefix(op, "INPLACE_")) {
		if symbol, ok := oldBinary[kind]; ok {
			b, a := w.pop(), w.pop()
			if strings.HasPrefix(op, "INPLACE_") {
				w.push(x.inPlace(symbol, a, b))
			} else {
				w.push(x.binary(symbol, a, b))
			}
			return true, nil
		}
	}
	switch op {
	case "ROT_TWO":
		w.rotate(2)
	case "ROT_THREE":
		w.rotate(3)
	case "ROT_FOUR":
		w.rotate(4)
	case "ROT_N":
		w.rotate(arg)
	case "DUP_TOP":
		w.push(w.top(1))
	case "DUP_TOP_TWO":
		a, b := w.top(2), w.top(1)
		w.push(a)
		w.push(b)
	case "PRINT_EXPR":
		w.pop()
	case "IMPORT_STAR":
		x.starImport(f, w.pop())
	case "YIELD_FROM":
		w.pop()
		receiver := w.pop()
		items, rest := x.items(receiver)
		if f.yielded != nil {
			for _, v := range items {
				f.yielded.add(v)
			}
			f.yielded.rest = join(f.yielded.rest, rest)
		}
		if c, ok := receiver.(*coroutine); ok {
			w.push(c.result)
		} else {
			w.push(&unknown{from: result(receiver)})
		}
	case "SETUP_FINALLY":
		if in.target < 0 {
			return false, errTarget
		}
		return true, w.setUp(in.target)
	case "SETUP_WITH", "SETUP_ASYNC_WITH":
		if in.target < 0 {
			return false, errTarget
		}
		if op == "SETUP_ASYNC_WITH" { // BEFORE_ASYNC_WITH has pushed both
			v := w.pop()
			err := w.setUp(in.target)
			w.push(v)
			return true, err
		}
		v := w.pop()
		w.push(x.attribute(v, "__exit__"))
		if err := w.setUp(in.target); err != nil {
			return true, err
		}
		w.push(x.call(x.attribute(v, "__enter__"), nil, nil))
	case "POP_BLOCK":
		w.popBlock()
	case "JUMP_IF_NOT_EXC_MATCH":
		w.popN(2)
		return true, f.branch(w, in, false, false)
	case "CALL_FUNCTION":
		args := w.popN(arg)
		w.push(x.call(w.pop(), args, nil))
	case "CALL_FUNCTION_KW":
		names := w.pop()
		args, kwargs := splitKeywords(w.popN(arg), names)
		w.push(x.call(w.pop(), args, kwargs))
	case "CALL_METHOD":
		args := w.popN(arg)
		fn := w.pop()
		w.pop()
		w.push(x.call(fn, args, nil))
	default:
		return false, fmt.Errorf("isn't known to the audit")
	}
	return true, nil
}

// maxBlocks is CO_MAXBLOCKS of Include/cpython/code.h, which the compiler keeps to.
const maxBlocks = 20

var errBlocks = errors.New("it has more blocks in each other than there can be")

// setUp enters a block.
func (w *way) setUp(target int) error {
	if len(w.blocks) == maxBlocks {
		return errBlocks
	}
	w.blocks = append(w.blocks[:len(w.blocks):len(w.blocks)], block{target, len(w.stack)})
	return nil
}
