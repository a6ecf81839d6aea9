package bytecode_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// unit is one two-byte unit of code, spelled by name.
type unit struct {
	name string
	arg  byte
}

// assemble writes units, each followed by its version's inline caches. The
// caches hold the opcode of LOAD_GLOBAL: reading one as code would show.
func assemble(t testing.TB, table *bytecode.Table, units ...unit) []byte {
	t.Helper()
	loadGlobal, _ := table.Opcode("LOAD_GLOBAL")
	var code []byte
	for _, u := range units {
		op, ok := table.Opcode(u.name)
		if !ok {
			t.Fatalf("CPython %v has no %s", table.Version(), u.name)
		}
		code = append(code, op, u.arg)
		for range table.Caches(op) {
			code = append(code, loadGlobal, 0xEE)
		}
	}
	return code
}

func tableFor(t testing.TB, v bytecode.Version) *bytecode.Table {
	t.Helper()
	table, err := bytecode.ForVersion(v)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// loadGlobalArg is the argument that makes LOAD_GLOBAL name an index.
func loadGlobalArg(v bytecode.Version, index int) int {
	if v.AtLeast(3, 11) {
		return index<<1 | 1 // with the flag that pushes NULL
	}
	return index
}

func TestGlobalNames(t *testing.T) {
	for _, v := range bytecode.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			table := tableFor(t, v)
			wide := loadGlobalArg(v, 0x1234)
			code := assemble(t, table,
				unit{"LOAD_GLOBAL", byte(loadGlobalArg(v, 3))},
				unit{"STORE_GLOBAL", 1},
				unit{"LOAD_FAST", 9},
				unit{"EXTENDED_ARG", byte(wide >> 8)},
				unit{"LOAD_GLOBAL", byte(wide)},
				unit{"DELETE_GLOBAL", 3},
				unit{"LOAD_ATTR", 2},
				unit{"EXTENDED_ARG", 1},
				unit{"EXTENDED_ARG", 2},
				unit{"EXTENDED_ARG", 3},
				unit{"STORE_GLOBAL", 4},
				// The prefix belongs to the next instruction alone,
				// even to one that has no argument.
				unit{"EXTENDED_ARG", 1},
				unit{"NOP", 0},
				unit{"STORE_GLOBAL", 5},
				unit{"EXTENDED_ARG", 1},
				unit{"LOAD_CONST", 0},
				unit{"DELETE_GLOBAL", 6},
				unit{"LOAD_NAME", 7},
				unit{"STORE_NAME", 7},
			)
			got, err := table.GlobalNames([]int{-1}, code)
			if err != nil {
				t.Fatal(err)
			}
			want := []int{-1, 3, 1, 0x1234, 3, 0x01020304, 5, 6}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestGlobalNamesErrors(t *testing.T) {
	for _, v := range bytecode.Versions() {
		table := tableFor(t, v)
		extended, _ := table.Opcode("EXTENDED_ARG")
		load, _ := table.Opcode("LOAD_GLOBAL")
		store, _ := table.Opcode("STORE_GLOBAL")
		unknown := byte(0)
		for table.Known(unknown) {
			unknown++
		}
		type test struct {
			name   string
			code   []byte
			offset int
			want   error
		}
		tests := []test{
			{"unknown opcode", []byte{store, 1, unknown, 0, store, 1}, 2, bytecode.ErrUnknownOpcode},
			{"odd length", []byte{store, 1, store}, 2, bytecode.ErrTruncated},
			{"prefix alone", []byte{store, 1, extended, 0}, 2, bytecode.ErrTruncated},
			{"32 bits", []byte{extended, 0x80, extended, 0, extended, 0, store, 0}, 4, bytecode.ErrArgTooBig},
			{"40 bits", []byte{extended, 1, extended, 0, extended, 0, extended, 0, store, 0}, 6, bytecode.ErrArgTooBig},
		}
		if v.AtLeast(3, 11) {
			tests = append(tests,
				test{"cut caches", []byte{store, 1, load, 1, 0, 0}, 2, bytecode.ErrTruncated},
				test{"stray cache", []byte{store, 1, 0, 0}, 2, bytecode.ErrHidden})
		}
		if v.AtLeast(3, 12) {
			line, _ := table.Opcode("INSTRUMENTED_LINE")
			tests = append(tests, test{"instrumented line", []byte{line, 1}, 0, bytecode.ErrHidden})
		}
		for _, tt := range tests {
			t.Run(v.String()+"/"+tt.name, func(t *testing.T) {
				got, err := table.GlobalNames([]int{7}, tt.code)
				if !errors.Is(err, tt.want) {
					t.Fatalf("got error %v, want %v", err, tt.want)
				}
				var at *bytecode.CodeError
				if !errors.As(err, &at) || at.Offset != tt.offset || at.Version != v {
					t.Errorf("error %v does not say offset %d of %v", err, tt.offset, v)
				}
				if !slices.Equal(got, []int{7}) {
					t.Errorf("dst changed to %v", got)
				}
			})
		}
	}
}

func TestGlobalNamesBiggestArg(t *testing.T) {
	table := tableFor(t, bytecode.Version{Major: 3, Minor: 12})
	code := assemble(t, table,
		unit{"EXTENDED_ARG", 0}, // a fourth prefix without bits is harmless
		unit{"EXTENDED_ARG", 0x7f}, unit{"EXTENDED_ARG", 0xff},
		unit{"EXTENDED_ARG", 0xff}, unit{"STORE_GLOBAL", 0xff})
	got, err := table.GlobalNames(nil, code)
	if err != nil || !slices.Equal(got, []int{1<<31 - 1}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// Instrumented instructions keep the caches of those they stand for.
func TestGlobalNamesInstrumented(t *testing.T) {
	for _, v := range bytecode.Versions() {
		if !v.AtLeast(3, 12) {
			continue
		}
		table := tableFor(t, v)
		code := assemble(t, table,
			unit{"INSTRUMENTED_RESUME", 0},
			unit{"LOAD_GLOBAL", 1},
			unit{"INSTRUMENTED_CALL", 1},
			unit{"INSTRUMENTED_LOAD_SUPER_ATTR", 1},
			unit{"INSTRUMENTED_FOR_ITER", 1},
			unit{"STORE_GLOBAL", 2},
			unit{"INSTRUMENTED_JUMP_BACKWARD", 1},
			unit{"INSTRUMENTED_RETURN_VALUE", 0})
		got, err := table.GlobalNames(nil, code)
		if err != nil || !slices.Equal(got, []int{0, 2}) {
			t.Errorf("CPython %v: got %v, %v", v, got, err)
		}
	}
}

func TestGlobalNamesDoesNotAllocate(t *testing.T) {
	for _, v := range bytecode.Versions() {
		table := tableFor(t, v)
		code := benchmarkCode(t, table)
		dst := make([]int, 0, len(code))
		if n := testing.AllocsPerRun(100, func() {
			dst, _ = table.GlobalNames(dst[:0], code)
		}); n != 0 {
			t.Errorf("CPython %v: %v allocations", v, n)
		}
	}
}

// benchmarkCode is about what a 40-instruction function looks like.
func benchmarkCode(t testing.TB, table *bytecode.Table) []byte {
	var units []unit
	for i := range byte(8) {
		units = append(units,
			unit{"LOAD_GLOBAL", i}, unit{"LOAD_FAST", 0},
			unit{"LOAD_ATTR", i}, unit{"LOAD_CONST", i}, unit{"STORE_FAST", 1})
	}
	return assemble(t, table, units...)
}

func BenchmarkGlobalNames(b *testing.B) {
	for _, v := range bytecode.Versions() {
		b.Run(v.String(), func(b *testing.B) {
			table := tableFor(b, v)
			code := benchmarkCode(b, table)
			dst := make([]int, 0, len(code))
			b.SetBytes(int64(len(code)))
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = table.GlobalNames(dst[:0], code)
			}
		})
	}
}
