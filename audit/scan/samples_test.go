package scan_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/audit/scan"
)

// samples are malicious pickles that others have published. Nothing of them is in this project: an
// environment variable has the path of a checkout.
var samples = []struct {
	variable, from string
	folders        []string
	endings        []string
	least          int
	// clean are those that the checkout's own tests say have nothing bad in them.
	clean []string
}{
	{
		variable: "PICKLESCAN", from: "github.com/mmaitre314/picklescan",
		folders: []string{"tests/data", "tests/data2"},
		endings: []string{".pkl", ".pickle", ".pt", ".bin", ".npy", ".npz", ".zip", ".7z"},
		least:   90,
		clean: []string{"benign0_v0.pkl", "benign0_v3.pkl", "benign0_v4.pkl", "new_pytorch_model.bin", "pytorch_model.bin",
			"int_array.npy", "int_arrays.npz", "int_arrays_compressed.npz",
			"object_array.npy", "object_arrays.npz", "object_arrays_compressed.npz"},
	},
	{
		variable: "SHADOWPICKLE", from: "github.com/ShadowPickle-Bench/ShadowPickle",
		folders: []string{"payloads", "Example Attacks"},
		endings: []string{".pkl", ".bin", ".pth"},
		least:   90,
		clean:   []string{"pytorch_model.bin"},
	},
}

// No published sample is allowed, those that can't be read least of all.
func TestPublicSamples(t *testing.T) {
	for _, s := range samples {
		t.Run(s.variable, func(t *testing.T) {
			root := os.Getenv(s.variable)
			if root == "" {
				t.Skipf("set %s to a checkout of %s", s.variable, s.from)
			}
			var files []string
			for _, folder := range s.folders {
				err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
					if err == nil && entry.Type().IsRegular() && slices.Contains(s.endings, filepath.Ext(path)) {
						files = append(files, path)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if len(files) < s.least {
				t.Fatalf("only %d samples in %s", len(files), root)
			}
			for _, preset := range []string{"data", "ml", "functions"} {
				counts := map[policy.Verdict]int{}
				for _, file := range files {
					clean := slices.Contains(s.clean, filepath.Base(file))
					r := scan.File(container.File{Path: file, Meant: true}, nil, options(t, preset))
					counts[r.Verdict]++
					if r.Verdict == policy.Allowed && !clean {
						t.Errorf("%s is allowed by %s", file, preset)
					}
				}
				t.Logf("%d samples by %s: %v", len(files), preset, counts)
			}
		})
	}
}
