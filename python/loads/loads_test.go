package loads

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestStructures compares the structures that object.h spells once more with those of
// package python.
func TestStructures(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	ours := read("object.h")
	for file, parts := range map[string][]string{
		"../capi.h": {`(?s)typedef intptr_t Py_ssize_t;.*?} PyObject;`, `(?s)typedef struct {\n    void \*buf;.*?} Py_buffer;`},
		"../call.h": {`typedef PyObject \*\(\*fastcall\).*`, `(?s)struct method_def {.*?};`, `enum { METH_FASTCALL.*`},
	} {
		theirs := read(file)
		for _, part := range parts {
			text := regexp.MustCompile(part).FindString(theirs)
			if text == "" || !strings.Contains(ours, text) {
				t.Errorf("object.h does not have what %s has: %q", file, text)
			}
		}
	}
}
