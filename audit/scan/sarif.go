package scan

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
)

// SARIF 2.1.0 (OASIS), as far as it is needed: section 3.x of the standard has the
// objects by these names.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Artifacts   []sarifArtifact   `json:"artifacts"`
		Results     []sarifResult     `json:"results"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifArtifact struct {
		Location sarifURI          `json:"location"`
		Hashes   map[string]string `json:"hashes,omitempty"`
	}
	sarifURI struct {
		URI string `json:"uri"`
	}
	sarifResult struct {
		RuleID       string          `json:"ruleId"`
		RuleIndex    int             `json:"ruleIndex"`
		Level        string          `json:"level"`
		Message      sarifText       `json:"message"`
		Locations    []sarifLocation `json:"locations"`
		Fingerprints sarifPrints     `json:"partialFingerprints"`
		Properties   sarifProperties `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifURI     `json:"artifactLocation"`
		Region   *sarifRegion `json:"region,omitempty"`
	}
	sarifRegion struct {
		ByteOffset int64 `json:"byteOffset"`
		ByteLength int64 `json:"byteLength"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifPrints struct {
		Finding string `json:"gocloudpickle/v1"`
	}
	sarifProperties struct {
		Rule   string   `json:"allowedBy,omitempty"`
		Via    []string `json:"via,omitempty"`
		Line   int      `json:"sourceLine,omitempty"`
		In     string   `json:"in,omitempty"`
		Offset int64    `json:"offset"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
)

// SARIF writes results in the Static Analysis Results Interchange Format, version 2.1.0.
// Offsets are those of bytes in the file; what is inside an archive or compressed has its place in
// the properties of a result.
func SARIF(w io.Writer, version string, results []*Result) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{Name: "gocloudpickle", Version: version,
			InformationURI: "https://github.com/gocloudpickle/gocloudpickle", Rules: []sarifRule{}}},
		Artifacts: []sarifArtifact{}, Results: []sarifResult{},
		Invocations: []sarifInvocation{{Successful: true}},
		ColumnKind:  "unicodeCodePoints",
	}
	rules := map[string]int{}
	for _, r := range results {
		artifact := sarifArtifact{Location: sarifURI{uri(r.Path)}}
		if r.SHA256 != "" {
			artifact.Hashes = map[string]string{"sha-256": r.SHA256}
		}
		run.Artifacts = append(run.Artifacts, artifact)
		if r.Error != "" {
			run.Invocations[0].Successful = false
			run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{"error", sarifText{r.Error}})
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			id, text := sarifRuleOf(f)
			at, ok := rules[id]
			if !ok {
				at = len(run.Tool.Driver.Rules)
				rules[id] = at
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{id, sarifText{text}})
			}
			result := sarifFinding(r.Path, f)
			result.RuleID, result.RuleIndex = id, at
			run.Results = append(run.Results, result)
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// sarifRuleOf is the id of a kind of finding, and what it means.
func sarifRuleOf(f *policy.Finding) (id, text string) {
	if f.Subject == "" && f.Rule == "" {
		return "unread", "A part of a pickle could not be read"
	}
	moment := "when it is loaded"
	if f.When == audit.OnCall {
		moment = "when its functions are called"
	}
	return fmt.Sprintf("%s-on-%s", f.Capability, f.When), fmt.Sprintf("A pickle that can do what the policy doesn't allow %s: %s", moment, f.Capability)
}

func sarifFinding(path string, f *policy.Finding) sarifResult {
	level := "warning"
	if f.Verdict == policy.Denied {
		level = "error"
	}
	location := sarifLocation{Physical: sarifPhysical{Artifact: sarifURI{uri(path)}}}
	if f.In == "" {
		location.Physical.Region = &sarifRegion{ByteOffset: f.Offset, ByteLength: 1}
	} else {
		location.Logical = append(location.Logical, sarifLogical{f.In, "member"})
	}
	if f.Function != "" {
		location.Logical = append(location.Logical, sarifLogical{f.Function, "function"})
	}
	return sarifResult{
		Level: level, Message: sarifText{f.Why}, Locations: []sarifLocation{location},
		Fingerprints: sarifPrints{strings.Join([]string{f.In, string(f.Capability), string(f.When), f.Subject, f.Function}, "|")},
		Properties:   sarifProperties{Rule: f.Rule, Via: f.Via, Line: f.Line, In: f.In, Offset: f.Offset},
	}
}

// uri is a path as a URI reference (RFC 3986), relative ones relative to where the
// command ran.
func uri(path string) string {
	if path == "-" {
		return "stdin"
	}
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path
		}
	} else if strings.Contains(strings.SplitN(u.Path, "/", 2)[0], ":") {
		u.Path = "./" + u.Path
	}
	return u.String()
}
