package bytecode_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

func TestLinesByHand(t *testing.T) {
	type ranges = []bytecode.LineRange
	none := bytecode.NoLine
	tests := []struct {
		name    string
		minor   int
		units   int
		table   []byte
		want    ranges
		brokeAt int // offset of the entry that is broken, or -1
	}{
		{"empty lnotab", 9, 2, nil, ranges{{0, 4, 10}}, -1},
		{"lnotab goes back", 9, 4, []byte{2, 5, 2, 0xFE}, ranges{{0, 2, 10}, {2, 4, 15}, {4, 8, 13}}, -1},
		{"lnotab has long steps", 8, 200, []byte{255, 0, 1, 127, 0, 3}, ranges{{0, 256, 10}, {256, 400, 140}}, -1},
		{"lnotab past the end", 8, 1, []byte{4, 1, 4, 1}, ranges{{0, 2, 10}}, -1},
		{"odd lnotab", 8, 1, []byte{0, 1, 2}, ranges{{0, 2, 11}}, 2},
		{"line table", 10, 4, []byte{4, 1, 2, 0x80, 2, 0xFF}, ranges{{0, 4, 11}, {4, 6, none}, {6, 8, 10}}, -1},
		{"line table with empty entries", 10, 1, []byte{0, 127, 0, 127, 2, 0}, ranges{{0, 2, 264}}, -1},
		{"odd line table", 10, 1, []byte{2, 1, 2}, ranges{{0, 2, 11}}, 2},
		{"locations", 12, 4, []byte{0xF8, 0xE9, 3, 0xD8, 0, 1}, ranges{{0, 2, none}, {2, 6, 9}, {6, 8, 10}}, -1},
		{"location cut short", 12, 4, []byte{0xF8, 0xF0, 1}, ranges{{0, 2, none}}, 1},
		{"location without its mark", 12, 4, []byte{0xF8, 0x01}, ranges{{0, 2, none}}, 1},
		{"location with an endless number", 12, 4, []byte{0xE8, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0}, ranges{}, 0},
		{"location with a number over 31 bits", 12, 4, []byte{0xE8, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x3F}, ranges{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &bytecode.Code{
				Version:   bytecode.Version{Major: 3, Minor: tt.minor},
				Code:      make([]byte, 2*tt.units),
				LineTable: tt.table, FirstLine: 10,
			}
			got, err := c.Lines()
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			var broken *bytecode.TableError
			switch {
			case tt.brokeAt < 0 && err != nil:
				t.Error(err)
			case tt.brokeAt >= 0 && (!errors.As(err, &broken) || broken.Offset != tt.brokeAt):
				t.Errorf("got error %v, want one at %d", err, tt.brokeAt)
			}
		})
	}
}

func TestHandlersByHand(t *testing.T) {
	c := &bytecode.Code{
		Version: bytecode.Version{Major: 3, Minor: 11},
		// 0x41 continues: (1<<6 | 2) units.
		ExceptionTable: []byte{0x81, 3, 0x41, 2, 5, 0xC1, 0, 4, 7},
	}
	got, err := c.Handlers()
	want := []bytecode.Handler{{Start: 2, End: 8, Target: 132, Depth: 2, Lasti: true}}
	var broken *bytecode.TableError
	if !slices.Equal(got, want) || !errors.As(err, &broken) || broken.Offset != 5 {
		t.Errorf("got %v, %v", got, err)
	}
	c.ExceptionTable = []byte{1, 3, 1, 2}
	if got, err := c.Handlers(); len(got) != 0 || !errors.As(err, &broken) {
		t.Errorf("an entry without its mark: got %v, %v", got, err)
	}
	c.Version.Minor = 10
	if got, err := c.Handlers(); got != nil || err != nil {
		t.Errorf("3.10: got %v, %v", got, err)
	}
}
