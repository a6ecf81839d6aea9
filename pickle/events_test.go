package pickle_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/pickle"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
)

func ExampleWithEvents() {
	data := []byte("cos\nsystem\n(S'echo hello'\ntR0I1\n.")
	value, err := pickle.Load(data, pickle.WithEvents(func(e pickle.Event) {
		fmt.Println(e.Kind, e.Op, e.Offset, e.Value)
	}))
	fmt.Println(value, err)
	// Output:
	// named GLOBAL 0 os.system
	// called REDUCE 27 <os.system REDUCE of 1 arguments>
	// discarded POP 28 <os.system REDUCE of 1 arguments>
	// 1 <nil>
}

// eventsOf prints the events of a stream, one a line.
func eventsOf(data []byte, opts ...pickle.Option) (string, error) {
	var b strings.Builder
	_, err := pickle.Load(data, append(opts, pickle.WithEvents(func(e pickle.Event) {
		fmt.Fprintf(&b, "%v %v %d-%d %v", e.Kind, e.Op, e.From, e.Offset, e.Value)
		if e.Update != nil {
			fmt.Fprintf(&b, " by %v", e.Update.Op)
		}
		b.WriteByte('\n')
	}))...)
	return b.String(), err
}

// Every opcode that does something says so, once, with its place.
func TestEvents(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"data":      {"\x80\x04]\x94(K\x01}\x94\x8c\x01a\x94K\x02s(K\x01\x91e.", ""},
		"names":     {"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93.", "named STACK_GLOBAL 2-16 os.system\n"},
		"renamed":   {"c__builtin__\nxrange\n.", "named GLOBAL 0-0 builtins.range\n"},
		"extension": {"\x80\x02\x82\x05.", "named EXT1 2-2 {5}\n"},
		"id":        {"\x80\x02K\x05Q.", "identified BINPERSID 2-4 {5}\n"},
		"id as text": {
			"Pfive\n.", "identified PERSID 0-0 {five}\n"},
		"inst": {"(I1\nios\nsystem\n.", "named INST 1-4 os.system\ncalled INST 1-4 <os.system INST of 1 arguments>\n"},
		"obj": {"(cos\nsystem\nI1\no.",
			"named GLOBAL 1-1 os.system\ncalled OBJ 1-15 <os.system OBJ of 1 arguments>\n"},
		"newobj": {"\x80\x02ca\nb\n)\x81}X\x01\x00\x00\x00xK\x01sb.",
			"named GLOBAL 2-2 a.b\ncalled NEWOBJ 2-8 <a.b NEWOBJ of 0 arguments>\nupdated BUILD 2-19 <a.b NEWOBJ of 0 arguments, 1 updates> by BUILD\n"},
		"a set is a call": {"\x80\x02cbuiltins\nset\n]K\x01a\x85R.",
			"named GLOBAL 2-2 builtins.set\ncalled REDUCE 2-21 <builtins.set REDUCE of 1 arguments>\n"},
		"a name changed": {"\x80\x02ca\nb\n}X\x01\x00\x00\x00xK\x01sb.",
			"named GLOBAL 2-2 a.b\nupdated BUILD 2-17 <a.b BUILD of 0 arguments, 1 updates> by BUILD\n"},
		"items": {"\x80\x02ca\nb\n)\x81(K\x01K\x02e(K\x01K\x02u.",
			"named GLOBAL 2-2 a.b\ncalled NEWOBJ 2-8 <a.b NEWOBJ of 0 arguments>\n" +
				"updated APPENDS 2-14 <a.b NEWOBJ of 0 arguments, 1 updates> by APPENDS\n" +
				"updated SETITEMS 2-20 <a.b NEWOBJ of 0 arguments, 2 updates> by SETITEMS\n"},
		"setter": {"\x80\x02ca\nb\n)\x81q\x00cc\nd\nh\x00K\x01\x86R0.",
			"named GLOBAL 2-2 a.b\ncalled NEWOBJ 2-8 <a.b NEWOBJ of 0 arguments>\nnamed GLOBAL 11-11 c.d\n" +
				"called REDUCE 11-21 <c.d REDUCE of 2 arguments>\n" +
				"updated POP 2-22 <a.b NEWOBJ of 0 arguments, 1 updates> by REDUCE\n"},
		"left on the stack": {"\x80\x02ca\nb\n)RK\x01.",
			"named GLOBAL 2-2 a.b\ncalled REDUCE 2-8 <a.b REDUCE of 0 arguments>\n" +
				"discarded STOP 2-11 <a.b REDUCE of 0 arguments>\n"},
		"popped with a mark": {"\x80\x02(ca\nb\n)R1K\x01.",
			"named GLOBAL 3-3 a.b\ncalled REDUCE 3-9 <a.b REDUCE of 0 arguments>\n" +
				"discarded POP_MARK 3-10 <a.b REDUCE of 0 arguments>\n"},
	} {
		got, err := eventsOf([]byte(c.data))
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%swant\n%s", name, err, got, c.want)
		}
	}
}

// What comes before an error has happened in Python.
func TestEventsBeforeAnError(t *testing.T) {
	got, err := eventsOf([]byte("cos\nsystem\n(S'x'\ntR\xff"))
	if !errors.Is(err, pickle.ErrSyntax) || !strings.Contains(got, "called REDUCE") {
		t.Errorf("%v, %s", err, got)
	}
}

// The value with an observer is that without; offsets go on from pickle to pickle.
func TestEventsOfAStream(t *testing.T) {
	one := "\x80\x02ca\nb\n."
	var at []int64
	d := pickle.NewDecoder(iotestOneByte{strings.NewReader(one + one)}, pickle.WithEvents(func(e pickle.Event) {
		at = append(at, e.Offset)
	}))
	for {
		v, err := d.Load()
		if err == io.EOF {
			break
		}
		if err != nil || v != any(pickle.Global{Module: "a", Name: "b"}) {
			t.Fatal(v, err)
		}
	}
	if !slices.Equal(at, []int64{2, 2 + int64(len(one))}) {
		t.Error(at)
	}
}

type iotestOneByte struct{ r io.Reader }

func (o iotestOneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

// An extent is the bytes that write a value, parts met for the first time included.
func TestExtents(t *testing.T) {
	shared := pickle.NewList(int64(1), int64(2), int64(3))
	v := pickle.NewList(pickle.NewList(), pickle.Tuple{int64(1), shared}, shared, strings.Repeat("x", 100))
	data, err := pickle.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var x pickle.Extents
	loaded, err := pickle.Load(data, pickle.WithExtents(&x))
	if err != nil {
		t.Fatal(err)
	}
	items := loaded.(*pickle.List).Items
	part := func(v any) string {
		from, to, ok := x.Of(v)
		if !ok {
			return "no extent"
		}
		return string(data[from:to])
	}
	if got := part(loaded); got != string(data[slices.Index(data, byte(wire.OpEmptyList)):len(data)-1]) {
		t.Errorf("all of it: %q", got)
	}
	if got := part(items[1]); !strings.HasSuffix(got, "e\x86") {
		t.Errorf("a tuple: %q", got)
	}
	if a, b := part(items[2]), part(items[1].(pickle.Tuple)[1]); a != b || !strings.HasSuffix(a, "K\x01K\x02K\x03e") {
		t.Errorf("a shared list: %q, %q", a, b)
	}
	// A state setter writes what it sets after the object, and drops what the setter returns.
	data = []byte("\x80\x02(ca\nb\n)\x81q\x00cc\nd\nh\x00](K\x01e\x86R0N0K\x01t.")
	set, err := pickle.Load(data, pickle.WithExtents(&x))
	if err != nil {
		t.Fatal(err)
	}
	if got := part(set.(pickle.Tuple)[0]); !strings.HasSuffix(got, "e\x86R0") {
		t.Errorf("an object with a state setter: %q", got)
	}
	if got := part(items[3]); got != "no extent" {
		t.Errorf("a str: %q", got)
	}
}
