package policy

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// The presets, from what allows least. TestPresets holds the files to this list.
var presets = []string{"data", "ml", "functions", "trusted-imports"}

//go:embed presets/*.json
var presetFiles embed.FS

// Presets are the names of the policies that come with this package:
//
//	data             numbers, text, containers, dates, NumPy arrays: nothing that is called later
//	ml               and the models of scikit-learn, SciPy, XGBoost and PyTorch, pandas' frames
//	functions        data, and functions and classes that compute: Python's own pure parts,
//	                 printing, time, random, NumPy and pandas
//	trusted-imports  both, and whatever modules the loading side has that nothing bad is known of
func Presets() []string { return append([]string(nil), presets...) }

// Preset is the policy of a name; ok is false if there is none.
func Preset(name string) (p *Policy, ok bool) {
	f, ok := presetFile(name)
	if !ok {
		return nil, false
	}
	p, err := New(f)
	if err != nil {
		panic(fmt.Sprintf("BUG: preset %s: %v", name, err))
	}
	return p, true
}

// PresetSource is the text of a preset.
func PresetSource(name string) ([]byte, bool) {
	text, err := presetFiles.ReadFile("presets/" + name + ".json")
	return text, err == nil
}

func presetFile(name string) (f File, ok bool) {
	text, ok := PresetSource(name)
	if !ok {
		return f, false
	}
	if err := json.Unmarshal(text, &f); err != nil {
		panic(fmt.Sprintf("BUG: preset %s: %v", name, err))
	}
	return f, true
}

func unknownPreset(name string) string {
	return fmt.Sprintf("%q is no preset: there are %s", name, strings.Join(presets, ", "))
}
