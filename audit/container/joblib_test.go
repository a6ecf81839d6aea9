package container_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// TestJoblib reads what joblib wrote (testdata/make_joblib.py): the parts are whole pickles,
// with the arrays of objects as ones of their own, and places are those of the file.
func TestJoblib(t *testing.T) {
	for _, name := range []string{"arrays-2.joblib", "arrays-5.joblib", "arrays-gzip.joblib"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			problems := container.Read(bytes.NewReader(data), int64(len(data)), true, container.Limits{}, func(p *container.Part) {
				if p.Role != container.Meant {
					return
				}
				d := pickle.NewDecoder(bytes.NewReader(p.Data), pickle.WithEvents(func(e pickle.Event) {
					g, ok := e.Value.(pickle.Global)
					if !ok || e.Kind != pickle.EventNamed {
						return
					}
					names = append(names, g.Name)
					if p.Path != "" {
						return
					}
					if at := data[p.At(e.Offset)]; at != p.Data[e.Offset] {
						t.Errorf("%v is at %d, where the file has %q", g, p.At(e.Offset), at)
					}
				}))
				if _, err := d.Load(); err != nil || d.InputOffset() != int64(len(p.Data)) {
					t.Errorf("a part of %d bytes: %v at %d", len(p.Data), err, d.InputOffset())
				}
			})
			if len(problems) > 0 {
				t.Errorf("%v", problems)
			}
			for _, want := range []string{"NumpyArrayWrapper", "OrderedDict", "Counter"} {
				if !slices.Contains(names, want) {
					t.Errorf("no %s among %q", want, names)
				}
			}
		})
	}
}

// TestJoblibHidden has opcodes in an array, which only pickle.load reads as such.
func TestJoblibHidden(t *testing.T) {
	data, err := os.ReadFile("testdata/hidden.joblib")
	if err != nil {
		t.Fatal(err)
	}
	found := map[container.Role]bool{}
	container.Read(bytes.NewReader(data), int64(len(data)), true, container.Limits{}, func(p *container.Part) {
		found[p.Role] = bytes.Contains(p.Data, []byte("cos\nsystem"))
	})
	if found[container.Meant] || !found[container.Another] {
		t.Errorf("the opcodes are in %v", found)
	}
}
