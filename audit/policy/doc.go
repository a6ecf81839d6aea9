// Package policy says whether a pickle may be loaded: whether everything that package
// audit has found in it is allowed.
//
// A [Policy] allows names, modules and capabilities; what it doesn't allow is denied. It
// comes from the person who loads, as one of the presets ([Preset]) or in a file, and never
// from a pickle. [Examine] reads all pickles of some data, and [Policy.Judge] gives the
// verdict: [Allowed], [Denied], or [Inconclusive] where something could not be read.
// [Learn] writes the policy that allows what is in pickles known to be good.
//
//	p, _ := policy.Preset("functions")
//	result := p.Judge(policy.Examine(data))
//	if result.Verdict != policy.Allowed {
//		fmt.Println(result.Findings[0].Why)
//	}
//
// Files are JSON here ([Parse]); the command reads YAML, of which that is a part. It has the
// schema in docs/policy.schema.json.
package policy
