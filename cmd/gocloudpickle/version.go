package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/pickle/wire"
	"github.com/spf13/cobra"
)

// version is set by the linker where the source knows it: in a wheel. `go
// install` takes the module's.
var version = ""

// versionInfo is what version --json prints.
type versionInfo struct {
	Version   string   `json:"version"`
	Go        string   `json:"go"`
	Platform  string   `json:"platform"`
	Protocols []int    `json:"pickle_protocols"`
	Pythons   []string `json:"bytecode_versions"`
}

func currentVersion() versionInfo {
	info := versionInfo{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if build, ok := debug.ReadBuildInfo(); ok && info.Version == "" {
		info.Version = strings.TrimPrefix(build.Main.Version, "v")
	}
	if info.Version == "" {
		info.Version = "(devel)"
	}
	for p := range wire.HighestProtocol + 1 {
		info.Protocols = append(info.Protocols, p)
	}
	for _, v := range bytecode.Versions() {
		info.Pythons = append(info.Pythons, v.String())
	}
	return info
}

func newVersion(s streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and what it can read",
		Args:    cobra.NoArgs,
		Example: "  gocloudpickle version --json",
		RunE: func(*cobra.Command, []string) error {
			info := currentVersion()
			if asJSON {
				return json.NewEncoder(s.out).Encode(info)
			}
			last := len(info.Protocols) - 1
			_, err := fmt.Fprintf(s.out, "gocloudpickle %s (%s, %s)\nreads pickle protocols %d to %d, bytecode of CPython %s to %s\n",
				info.Version, info.Go, info.Platform, info.Protocols[0], info.Protocols[last],
				info.Pythons[0], info.Pythons[len(info.Pythons)-1])
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}
