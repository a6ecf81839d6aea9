package payload_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/abi"
	"github.com/gocloudpickle/gocloudpickle/payload"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

func ExampleRead() {
	// The function greet, pickled by CPython 3.12.
	data, err := os.ReadFile("../cmd/gocloudpickle/testdata/greet.pkl")
	if err != nil {
		panic(err)
	}
	for _, p := range payload.Read(data) {
		payload.View{Depth: 1}.Print(os.Stdout, p.Describe())
	}
	// Output:
	// 499 bytes, protocol 5
	// cloudpickle: 3.0 or later
	// code of: CPython 3.12
	//
	//    487 B 100% function __main__.greet(name)
	//
	// imported when loaded: cloudpickle.cloudpickle
	// to be installed: cloudpickle
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := pickle.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sums checks that the parts of each node take no more than it does.
func sums(t *testing.T, n *payload.Node) {
	t.Helper()
	all := n.RestBytes
	for _, part := range n.Parts {
		all += part.Bytes
		sums(t, part)
	}
	if all > n.Bytes {
		t.Errorf("%s %s has %d bytes, and its parts %d", n.Step, n.Name, n.Bytes, all)
	}
}

func TestTreeOfData(t *testing.T) {
	shared := strings.Repeat("s", 1000)
	list := pickle.NewList()
	for i := range 1000 {
		list.Items = append(list.Items, pickle.NewList(int64(i), strings.Repeat("x", i)))
	}
	data := marshal(t, pickle.Tuple{list, list, shared, shared, pickle.NewList(shared)})
	tree := payload.Read(data)[0].Tree()
	sums(t, tree)
	parts := tree.Parts
	if len(parts) != 5 || parts[0].Again || !parts[1].Again || parts[1].Bytes != 0 {
		t.Fatalf("%+v", tree)
	}
	if n := parts[0]; len(n.Parts)+n.Rest != 1000 || n.Rest == 0 || n.Parts[len(n.Parts)-1].Step != "[999]" {
		t.Errorf("%d parts and %d more", len(n.Parts), n.Rest)
	}
	if parts[2].Again || !parts[3].Again || parts[4].Bytes > 100 {
		t.Errorf("a long str is counted each time: %+v", parts[4])
	}
	if whole := parts[0].Bytes + parts[2].Bytes; tree.Bytes < whole || int64(len(data)) > tree.Bytes+64 {
		t.Errorf("%d bytes of %d, and parts of %d", tree.Bytes, len(data), whole)
	}
}

// What nests deeper than it may, and what holds itself, ends.
func TestTreeEnds(t *testing.T) {
	deep := pickle.NewList()
	for l, i := deep, 0; i < 5000; i++ {
		next := pickle.NewList()
		l.Items = append(l.Items, next)
		l = next
	}
	self := pickle.NewList()
	self.Items = append(self.Items, self)
	for _, v := range []any{deep, self} {
		levels := 0
		for n := payload.Read(marshal(t, v))[0].Tree(); len(n.Parts) > 0; n = n.Parts[0] {
			levels++
		}
		if levels == 0 || levels > 1000 {
			t.Errorf("%d levels", levels)
		}
	}
}

func TestReadSeveral(t *testing.T) {
	all := payload.Read([]byte("N.K\x01.cos\nsystem\n)R\xff"))
	if len(all) != 3 || all[1].Offset != 2 || all[1].Size != 3 || all[1].Value != any(int64(1)) {
		t.Fatalf("%+v", all)
	}
	last := all[2]
	if last.Err == nil || last.Offset != 5 || len(last.Events) != 2 || last.Events[1].Kind != pickle.EventCalled {
		t.Errorf("%+v", last)
	}
	if needs := last.Needs(); len(needs) != 1 || needs[0] != (payload.Need{Module: "os", Name: "system", When: "load"}) {
		t.Errorf("%+v", needs)
	}
	if all := payload.Read(nil); len(all) != 1 || all[0].Err == nil {
		t.Errorf("%+v", all)
	}
	if d := payload.Read([]byte("\x80\x05\x97\x98."))[0].Describe(); len(d.Problems) != 0 || d.Tree.Kind != "buffer" {
		t.Errorf("a buffer that isn't there: %+v", d)
	}
}

// What a payload holds can't do anything to a terminal.
func TestTextIsHarmless(t *testing.T) {
	evil := "\x1b[31m\u202e\u009b" + strings.Repeat("long", 100)
	o := &pickle.Object{Op: pickle.OpReduce, Func: pickle.Global{Module: evil, Name: evil}, Args: pickle.Tuple{evil}}
	d := payload.Read(marshal(t, pickle.NewList(o, pickle.Bytes(evil), evil)))[0].Describe()
	var b strings.Builder
	payload.DefaultView.Print(&b, d)
	for _, r := range b.String() {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x202e) {
			t.Errorf("%q in %q", r, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if len([]rune(line)) > 81 && !strings.Contains(line, "...") {
			t.Errorf("a long line: %q", line)
		}
	}
	if fmt.Sprint(d.Requirements) == "[]" {
		t.Error("there is no requirement")
	}
}

// No input makes describing panic, or take more than its share.
func FuzzDescribe(f *testing.F) {
	greet, err := os.ReadFile("../cmd/gocloudpickle/testdata/greet.pkl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(greet)
	f.Add([]byte("\x80\x04]\x94h\x00a."))
	f.Add(marshalSeed(f, codeCall("f")))
	for _, name := range abi.Functions() { // without the arguments that it must have
		call := &pickle.Object{Op: pickle.OpReduce, Func: pickle.Global{Module: abi.Module, Name: name.Name}}
		f.Add(marshalSeed(f, pickle.NewList(call, call)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range payload.Read(data, pickle.WithLimits(pickle.Limits{MaxMemory: 64 << 20, MaxDepth: 500})) {
			var b strings.Builder
			payload.DefaultView.Print(&b, p.Describe())
			if changes, _ := payload.Diff(p, p); len(changes) > 0 {
				t.Fatalf("a payload is different from itself: %+v", changes)
			}
		}
	})
}

func marshalSeed(f *testing.F, v any) []byte {
	data, err := pickle.Marshal(v)
	if err != nil {
		f.Fatal(err)
	}
	return data
}
