package main

import (
	"os"
	"testing"
)

// TestDoc checks that the figures of the page are those of the last stored run.
func TestDoc(t *testing.T) {
	r, err := loadReport()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != r.page() {
		t.Errorf("%s is not what %s says: run go run . -render", docFile, resultsFile)
	}
	if len(r.Rows) == 0 {
		t.Error("no case is stored")
	}
}
