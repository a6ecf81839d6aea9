package audit

import "testing"

func TestRevealed(t *testing.T) {
	for from, want := range map[name]name{
		{"json", "codecs.builtins.open"}:                {"builtins", "open"},
		{"json", "decoder.scanner.re.enum.sys.modules"}: {"sys", "modules"},
		{"statistics", "random._os.system"}:             {"os", "system"},
		{"logging", "io.open"}:                          {"io", "open"},
		{"os", "path.join"}:                             {"os", "path.join"},
		{"json", "dumps"}:                               {"json", "dumps"},
		{"json", ""}:                                    {"json", ""},
		{"collections", "OrderedDict.fromkeys"}:         {"collections", "OrderedDict.fromkeys"},
		{"somebody_s", "codecs.open"}:                   {"somebody_s", "codecs.open"},
	} {
		if got := revealed(from); got != want {
			t.Errorf("%v is %v, want %v", from, got, want)
		}
	}
}

func TestNamesThroughModulesOfAStream(t *testing.T) {
	for _, stream := range []string{
		"\x80\x04\x8c\x04json\x8c\x14codecs.builtins.open\x93\x8c\x01x\x85R.",
		"\x80\x04\x8c\x07logging\x8c\x07io.open\x93\x8c\x01x\x85R.",
	} {
		found := false
		for _, f := range Examine([]byte(stream)).Findings {
			found = found || f.Capability == Filesystem && f.When == OnLoad
		}
		if !found {
			t.Errorf("%q opens no file", stream)
		}
	}
}
