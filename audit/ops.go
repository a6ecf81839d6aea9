package audit

// What each instruction does, by the names that package bytecode gives them. Those of 3.8 to 3.10
// that are no more are in ops_old.go.

import (
	"fmt"
	"strings"
)

// execute does an instruction; next is false where the way ends.
func (f *frame) execute(w *way, in *instruction) (next bool, err error) {
	x := f.x
	arg := int(in.Arg)
	op := strings.TrimPrefix(in.Name, "INSTRUMENTED_")
	switch op {
	case "NOP", "RESUME", "PRECALL", "NOT_TAKEN", "SETUP_ANNOTATIONS", "EXIT_INIT_CHECK", "GEN_START", "TO_BOOL", "RESERVED",
		"GET_AWAITABLE", "GET_YIELD_FROM_ITER", "ASYNC_GEN_WRAP":
	case "POP_TOP", "END_FOR", "POP_ITER":
		w.pop()
	case "PUSH_NULL":
		w.push(null{})
	case "COPY":
		w.push(w.top(arg))
	case "SWAP":
		w.top(arg)
		n := len(w.stack)
		w.stack[n-1], w.stack[n-arg] = w.stack[n-arg], w.stack[n-1]
	case "END_SEND":
		v := w.pop()
		w.pop()
		w.push(v)

	case "LOAD_CONST", "RETURN_CONST":
		if arg >= len(f.program.consts) {
			return false, fmt.Errorf("has constant %d of %d", arg, len(f.program.consts))
		}
		v := f.program.consts[arg]
		if op == "RETURN_CONST" {
			f.returns(v)
			return false, nil
		}
		w.push(v)
	case "LOAD_SMALL_INT":
		w.push(int64(arg))
	case "LOAD_COMMON_CONSTANT":
		names := []string{"AssertionError", "NotImplementedError", "tuple", "all", "any"}
		if arg >= len(names) {
			return false, fmt.Errorf("has constant %d", arg)
		}
		w.push(&name{"builtins", names[arg]})
	case "LOAD_ASSERTION_ERROR":
		w.push(&name{"builtins", "AssertionError"})

	case "LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW":
		v, err := f.local(w, arg)
		if err != nil {
			return false, err
		}
		w.push(v)
	case "LOAD_FAST_AND_CLEAR":
		if arg >= len(w.locals) {
			return false, errVariable
		}
		v := w.locals[arg]
		if v == nil {
			v = null{}
		}
		w.push(v)
		w.locals[arg] = nil
	case "LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW":
		for _, i := range []int{arg >> 4, arg & 15} {
			v, err := f.local(w, i)
			if err != nil {
				return false, err
			}
			w.push(v)
		}
	case "STORE_FAST":
		return true, w.setLocal(arg, w.pop())
	case "STORE_FAST_LOAD_FAST":
		if err := w.setLocal(arg>>4, w.pop()); err != nil {
			return false, err
		}
		v, err := f.local(w, arg&15)
		if err != nil {
			return false, err
		}
		w.push(v)
	case "STORE_FAST_STORE_FAST":
		if err := w.setLocal(arg>>4, w.pop()); err != nil {
			return false, err
		}
		return true, w.setLocal(arg&15, w.pop())
	case "DELETE_FAST":
		return true, w.setLocal(arg, nil)

	case "MAKE_CELL":
		if arg >= len(w.locals) {
			return false, errVariable
		}
		w.locals[arg] = &cell{v: w.locals[arg]}
	case "COPY_FREE_VARS": // done when the frame was made
	case "LOAD_CLOSURE", "LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF":
		return f.deref(w, op, arg)

	case "LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL":
		n, ok, err := f.program.resolver.Name(in.Instruction)
		if err != nil || !ok {
			return false, err
		}
		return f.variable(w, op, n, in)
	case "LOAD_LOCALS":
		w.push(f.localsDict(w))

	case "LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR", "IMPORT_NAME", "IMPORT_FROM":
		n, ok, err := f.program.resolver.Name(in.Instruction)
		if err != nil || !ok {
			return false, err
		}
		f.attribute(w, op, n, in)
	case "LOAD_SPECIAL":
		names := []string{"__enter__", "__exit__", "__aenter__", "__aexit__"}
		if arg >= len(names) {
			return false, fmt.Errorf("has method %d", arg)
		}
		v := x.attribute(w.pop(), names[arg])
		w.push(v)
		w.push(null{})

	case "BUILD_TUPLE":
		w.push(&tuple{x.contained(w.popN(arg))})
	case "BUILD_LIST":
		w.push(&list{kind: "list", items: x.contained(w.popN(arg))})
	case "BUILD_SET":
		w.push(&list{kind: "set", items: x.contained(w.popN(arg))})
	case "BUILD_MAP":
		d := newDict()
		for i, vs := 0, x.contained(w.popN(2*arg)); i < len(vs); i += 2 {
			d.set(vs[i], vs[i+1])
		}
		w.push(d)
	case "BUILD_CONST_KEY_MAP":
		keys, _ := w.pop().(*tuple)
		vs := x.contained(w.popN(arg))
		d := newDict()
		for i, v := range vs {
			if keys != nil && i < len(keys.items) {
				d.set(keys.items[i], v)
			}
		}
		w.push(d)
	case "BUILD_STRING":
		w.push(concat(w.popN(arg)))
	case "BUILD_SLICE":
		if arg != 2 && arg != 3 {
			return false, fmt.Errorf("has %d parts", arg)
		}
		vs := w.popN(arg)
		s := &slice{vs[0], vs[1], none{}}
		if arg == 3 {
			s.step = vs[2]
		}
		w.push(s)
	case "BUILD_INTERPOLATION":
		if arg&1 != 0 {
			w.pop()
		}
		w.popN(2)
		w.push(some("", given))
	case "BUILD_TEMPLATE":
		w.popN(2)
		w.push(some("", given))
	case "LIST_APPEND", "SET_ADD":
		v := w.pop()
		x.extend(w.top(arg), []value{v}, nil)
	case "LIST_EXTEND", "SET_UPDATE":
		items, rest := x.items(w.pop())
		x.extend(w.top(arg), items, rest)
	case "MAP_ADD":
		vs := x.contained(w.popN(2))
		if d, ok := w.top(arg).(*dict); ok {
			d.set(vs[0], vs[1])
		}
	case "DICT_UPDATE", "DICT_MERGE":
		v := w.pop()
		if d, ok := w.top(arg).(*dict); ok {
			x.update(d, v)
		}
	case "LIST_TO_TUPLE":
		w.push(x.toTuple(w.pop()))

	case "UNARY_POSITIVE", "UNARY_NEGATIVE", "UNARY_NOT", "UNARY_INVERT":
		w.push(unary(op, w.pop()))
	case "BINARY_OP":
		b, a := w.pop(), w.pop()
		op := binaryOps[min(arg, len(binaryOps)-1)]
		if arg > inPlace && op != "[]" {
			w.push(x.inPlace(op, a, b))
		} else {
			w.push(x.binary(op, a, b))
		}
	case "BINARY_SUBSCR":
		b, a := w.pop(), w.pop()
		w.push(x.index(a, b))
	case "BINARY_SLICE":
		vs := w.popN(3)
		w.push(x.index(vs[0], &slice{vs[1], vs[2], none{}}))
	case "STORE_SLICE":
		vs := w.popN(4)
		x.setItem(vs[1], &slice{vs[2], vs[3], none{}}, vs[0])
	case "STORE_SUBSCR":
		vs := w.popN(3) // value, container, key
		x.setItem(vs[1], vs[2], vs[0])
	case "DELETE_SUBSCR":
		vs := w.popN(2)
		x.deleteItem(vs[0], vs[1])
	case "COMPARE_OP":
		b, a := w.pop(), w.pop()
		shift := 0
		if f.program.minor >= 13 {
			shift = 5
		} else if f.program.minor == 12 {
			shift = 4
		}
		w.push(x.compare(arg>>shift, a, b))
	case "IS_OP":
		b, a := w.pop(), w.pop()
		w.push(not(isSame(a, b), arg&1 != 0))
	case "CONTAINS_OP":
		b, a := w.pop(), w.pop()
		w.push(not(x.contains(b, a), arg&1 != 0))
	case "FORMAT_SIMPLE":
		w.push(x.format(w.pop(), ""))
	case "FORMAT_WITH_SPEC":
		spec := w.pop()
		v := w.pop()
		w.push(x.formatWith(v, spec))
	case "CONVERT_VALUE":
		v := w.pop()
		w.push(x.convert(v, arg))
	case "FORMAT_VALUE":
		var spec value = ""
		if arg&4 != 0 {
			spec = w.pop()
		}
		v := w.pop()
		if arg&3 != 0 {
			v = x.convert(v, arg&3)
		}
		w.push(x.formatWith(v, spec))

	case "GET_ITER":
		w.push(x.iterate(w.pop()))
	case "FOR_ITER":
		return true, f.forIter(w, in)
	case "GET_LEN":
		if n, ok := length(w.top(1)); ok {
			w.push(n)
		} else {
			w.push(some("int", result(w.top(1))))
		}
	case "GET_AITER":
		w.push(&unknown{from: result(w.pop())})
	case "GET_ANEXT":
		w.push(&unknown{from: result(w.top(1))})
	case "UNPACK_SEQUENCE":
		w.pushUnpacked(x, w.pop(), arg, -1)
	case "UNPACK_EX":
		w.pushUnpacked(x, w.pop(), arg&0xff, arg>>8)

	case "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_ABSOLUTE":
		return true, f.jump(w, in, in.target)
	case "POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE", "POP_JUMP_FORWARD_IF_TRUE", "POP_JUMP_FORWARD_IF_FALSE",
		"POP_JUMP_BACKWARD_IF_TRUE", "POP_JUMP_BACKWARD_IF_FALSE":
		t, ok := truth(w.pop())
		return true, f.branch(w, in, t == strings.HasSuffix(op, "TRUE"), ok)
	case "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE", "POP_JUMP_FORWARD_IF_NONE", "POP_JUMP_FORWARD_IF_NOT_NONE",
		"POP_JUMP_BACKWARD_IF_NONE", "POP_JUMP_BACKWARD_IF_NOT_NONE":
		t, ok := truth(isSame(w.pop(), none{}))
		return true, f.branch(w, in, t != strings.Contains(op, "NOT_NONE"), ok)
	case "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP":
		return true, f.jumpOrPop(w, in, strings.Contains(op, "TRUE"))

	case "KW_NAMES":
		if arg >= len(f.program.consts) {
			return false, fmt.Errorf("has constant %d of %d", arg, len(f.program.consts))
		}
		w.keyword = f.program.consts[arg]
	case "CALL":
		f.call(w, arg, w.keyword)
		w.keyword = nil
	case "CALL_KW":
		names := w.pop()
		f.call(w, arg, names)
	case "CALL_FUNCTION_EX":
		f.callEx(w, arg)
	case "CALL_INTRINSIC_1":
		v := w.pop()
		switch arg {
		case 1: // print, of the interactive interpreter
			w.push(none{})
		case 2:
			x.starImport(f, v)
			w.push(none{})
		case 5:
			w.push(unary("UNARY_POSITIVE", v))
		case 6:
			w.push(x.toTuple(v))
		case 3, 4:
			w.push(v)
		default: // TypeVar and its kin
			w.push(some("", named))
		}
	case "CALL_INTRINSIC_2":
		vs := w.popN(2)
		if arg == 4 { // SET_FUNCTION_TYPE_PARAMS
			w.push(vs[0])
		} else {
			w.push(some("", named))
		}
	case "MAKE_FUNCTION":
		f.makeFunction(w, arg)
	case "SET_FUNCTION_ATTRIBUTE":
		fn := w.pop()
		v := w.pop()
		if g, ok := fn.(*function); ok {
			g.set(arg, v)
			x.share(v, true, maxShared)
		}
		w.push(fn)
	case "LOAD_BUILD_CLASS":
		w.push(&name{"builtins", "__build_class__"})

	case "RETURN_VALUE":
		f.returns(w.pop())
		return false, nil
	case "RETURN_GENERATOR":
		w.push(none{}) // what is sent first, and popped
	case "YIELD_VALUE":
		v := w.pop()
		if f.yielded != nil {
			x.escapes(v, "is yielded")
			f.yielded.add(v)
		}
		w.push(someGiven())
	case "SEND":
		return true, f.send(w, in)
	case "CLEANUP_THROW":
		vs := w.popN(3)
		if f.program.minor >= 12 {
			w.push(none{})
		}
		w.push(vs[2])
	case "RAISE_VARARGS":
		for _, v := range w.popN(min(arg, 2)) {
			if c, ok := v.(*class); ok {
				x.call(c, nil, nil)
			}
			x.mayChange(v, 3) // by whoever handles it
		}
		f.mayRaise(w, in)
		return false, nil
	case "RERAISE":
		return false, nil

	case "BEFORE_WITH", "BEFORE_ASYNC_WITH":
		v := w.pop()
		enter, exit := "__enter__", "__exit__"
		if op == "BEFORE_ASYNC_WITH" {
			enter, exit = "__aenter__", "__aexit__"
		}
		w.push(x.attribute(v, exit))
		w.push(x.call(x.attribute(v, enter), nil, nil))
	case "WITH_EXCEPT_START":
		f.exits(w)
		w.push(some("bool", given))
	case "PUSH_EXC_INFO":
		v := w.pop()
		w.push(some("exception", given))
		w.push(v)
	case "POP_EXCEPT":
		if f.program.minor < 11 {
			w.popN(3)
			w.popBlock()
			return true, nil
		}
		w.pop()
	case "CHECK_EXC_MATCH":
		w.pop()
		w.push(some("bool", given))
	case "CHECK_EG_MATCH":
		w.popN(2)
		w.push(someGiven())
		w.push(someGiven())
	case "PREP_RERAISE_STAR":
		w.popN(2)
		w.push(someGiven())
	case "END_ASYNC_FOR":
		if f.program.minor < 11 {
			w.popN(7)
			w.popBlock()
			return true, nil
		}
		w.popN(2)

	case "MATCH_MAPPING", "MATCH_SEQUENCE":
		w.top(1)
		w.push(some("bool", given))
	case "MATCH_KEYS":
		keys, _ := w.top(1).(*tuple)
		subject := w.top(2)
		t := &tuple{}
		if keys != nil {
			for _, k := range keys.items {
				t.items = append(t.items, x.index(subject, k))
			}
		}
		w.push(t)
		if f.program.minor < 11 {
			w.push(some("bool", given))
		}
	case "MATCH_CLASS":
		f.matchClass(w, arg)
	case "COPY_DICT_WITHOUT_KEYS":
		w.pop()
		d := newDict()
		d.setAny(f.x.index(w.top(1), some("str", lost)))
		w.push(d)
	default:
		return f.executeOld(w, in, op, arg)
	}
	return true, nil
}

var errVariable = fmt.Errorf("is of a variable that there isn't")

// inPlace is the last of the operators that make a new value.
const inPlace = 12

var binaryOps = []string{"+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^",
	"+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^", "[]"}
