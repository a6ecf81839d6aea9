package bytecode_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
)

// The golden files hold what each version's dis says about the sources in
// gen/samples.py.
func TestGolden(t *testing.T) {
	bytecode.SetMaxRepr(t, 1<<20)
	for _, v := range bytecode.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			f, err := os.Open(fmt.Sprintf("testdata/golden_%d%d.jsonl", v.Major, v.Minor))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if n := readOracle(t, v, f, checkCode); n < 20 {
				t.Errorf("only %d code objects", n)
			}
		})
	}
}
