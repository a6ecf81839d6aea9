package wire

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// TestWordSize compiles the file that refuses targets with an int of 32 bits.
func TestWordSize(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "wordsize.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for arch, bits := range map[string]int{"amd64": 64, "arm64": 64, "riscv64": 64, "wasm": 64, "386": 32, "arm": 32, "mipsle": 32} {
		config := types.Config{Sizes: types.SizesFor("gc", arch)}
		_, err := config.Check("wire", files, []*ast.File{file}, nil)
		switch {
		case bits == 64 && err != nil:
			t.Errorf("%s: %v", arch, err)
		case bits == 32 && (err == nil || !strings.Contains(err.Error(), "64Bits")):
			t.Errorf("%s: got %v, want an error that says what the package needs", arch, err)
		}
	}
}
