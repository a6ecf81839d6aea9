package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit/container"
	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/gocloudpickle/gocloudpickle/audit/policyfile"
	"github.com/gocloudpickle/gocloudpickle/audit/scan"
	"github.com/spf13/cobra"
)

// auditOptions are the flags of audit.
type auditOptions struct {
	preset   string
	policy   string
	baseline string
	learn    bool
	asJSON   bool
	asSARIF  bool
	color    string
	limits   container.Limits

	painted bool // color, decided
}

// defaultPreset is for those who name no policy.
const defaultPreset = "functions"

func newAudit(s streams) *cobra.Command {
	o := auditOptions{}
	c := &cobra.Command{
		Use:   "audit [file or folder...]",
		Short: "Say whether pickles may be loaded, under a policy",
		Long: `Says for each file whether what is in it may be loaded: allowed, denied or
inconclusive. It tells what loading runs, and what the functions in it can do
when they are called, and compares that with a policy: a preset or a file. What
the policy doesn't allow is denied, and what could not be read is inconclusive.
Nothing is imported or called. A verdict is advice: docs/security.md has what it
promises.

Files can be pickles, archives (zip, as PyTorch writes, tar), compressed
(gzip, bzip2, xz, zstd, lz4), NumPy's or joblib's. In folders, files without a
pickle are left out.

The presets, from what allows least:
  data             numbers, text, containers, dates, NumPy arrays
  ml               and models of scikit-learn, SciPy and PyTorch, and pandas
  functions        data, and functions and classes that compute
  trusted-imports  both, and what comes from modules nothing bad is known of

Exit status:
  0  allowed
  1  denied
  2  inconclusive: something could not be read, or can't be known
  3  wrong usage, or a file that can't be read
`,
		Example: `  gocloudpickle audit fn.pkl
  gocloudpickle audit --preset ml models/
  gocloudpickle audit --learn good/*.pkl > policy.yaml
  gocloudpickle audit --policy policy.yaml --json fn.pkl | jq .files[0].verdict`,
		RunE: func(c *cobra.Command, args []string) error {
			names, err := checkedNames(c, s, args, o.check)
			if err != nil {
				return err
			}
			if o.learn {
				return o.learnPolicy(s, names, c.Flags().Changed("preset"))
			}
			return o.run(s, names)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.preset, "preset", defaultPreset, strings.Join(policy.Presets(), ", "))
	f.StringVar(&o.policy, "policy", "", "the policy in this file, in YAML")
	f.StringVar(&o.baseline, "baseline", "", "accept what this output of an earlier --json has")
	f.BoolVar(&o.learn, "learn", false, "write a policy that allows what is in these files, to be reviewed")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	f.BoolVar(&o.asSARIF, "sarif", false, "print SARIF 2.1.0")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
	f.Int64Var(&o.limits.Bytes, "max-bytes", defaultMaxBytes, "read and unpack no more of a file")
	f.Int64Var(&o.limits.Ratio, "max-ratio", 1100, "unpack no more than so many times a compressed size")
	f.IntVar(&o.limits.Depth, "max-depth", 8, "how many archives may be inside one another")
	registerChoices(c, "preset", policy.Presets()...)
	registerChoices(c, "color", "auto", "always", "never")
	c.MarkFlagsMutuallyExclusive("preset", "policy")
	c.MarkFlagsMutuallyExclusive("json", "sarif", "learn")
	c.MarkFlagsMutuallyExclusive("policy", "learn")
	return c
}

// load is the policy to judge by, and what people call it.
func (o *auditOptions) load() (p *policy.Policy, name string, err error) {
	if o.policy != "" {
		p, err = policyfile.Load(o.policy)
		if err != nil {
			err = fmt.Errorf("--policy: %w", err)
		}
		return p, label(o.policy), err
	}
	p, ok := policy.Preset(o.preset)
	if !ok {
		return nil, "", fmt.Errorf("--preset: %q is no preset: there are %s", o.preset, strings.Join(policy.Presets(), ", "))
	}
	return p, "preset " + o.preset, nil
}

func (o *auditOptions) run(s streams, names []string) error {
	p, policyName, err := o.load()
	if err != nil {
		return err
	}
	how := &scan.Options{Policy: p, Limits: o.limits, Digest: o.asJSON || o.asSARIF}
	if o.baseline != "" {
		if how.Baseline, err = scan.LoadBaseline(o.baseline); err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
	}
	all := &audited{s: s, text: auditText{out: s.out, painted: o.painted, policy: policyName}, keep: o.asJSON || o.asSARIF, named: len(names)}
	all.files(names, how)
	switch {
	case o.asJSON:
		err = writeJSON(s.out, scan.Report{Version: scan.ReportVersion, Files: all.results})
	case o.asSARIF:
		err = scan.SARIF(s.out, currentVersion().Version, all.results)
	default:
		all.text.summary()
	}
	if err != nil {
		return err
	}
	if all.worst != exitFine {
		return &exitError{code: all.worst}
	}
	return nil
}

// learnPolicy writes the policy that allows what the files have.
func (o *auditOptions) learnPolicy(s streams, names []string, extends bool) error {
	var base []string
	if extends {
		base = []string{o.preset}
	}
	learner, err := policy.NewLearner(base...)
	if err != nil {
		return fmt.Errorf("--preset: %w", err)
	}
	p, err := policy.New(learner.File())
	if err != nil {
		return err
	}
	all := &audited{s: s, learner: learner, named: len(names)}
	all.files(names, &scan.Options{Policy: p, Limits: o.limits, Keep: true})
	err = policyfile.Write(s.out, learner.File(),
		"Learned by gocloudpickle audit --learn: allows what the given files have.",
		"Review it: a name is trusted whatever it does. docs/security.md has the rules.")
	if err == nil && all.worst != exitFine {
		return &exitError{code: all.worst}
	}
	return err
}

// check reads the flags that are more than text.
func (o *auditOptions) check(s streams) (err error) {
	if o.painted, err = useColor(o.color, s.terminal); err != nil {
		return err
	}
	if o.limits.Bytes <= 0 || o.limits.Bytes == 1<<63-1 || o.limits.Ratio <= 0 || o.limits.Depth <= 0 {
		return errors.New("--max-bytes, --max-ratio or --max-depth is out of range")
	}
	return nil
}
