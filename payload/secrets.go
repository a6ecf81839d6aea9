package payload

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gocloudpickle/gocloudpickle/pickle"
)

// Secret is a value that looks like a key, a password or a token.
type Secret struct {
	// Path leads to it from the payload's value, by the steps of a [Node].
	Path string `json:"path"`
	// Rule is what it looks like.
	Rule string `json:"rule"`
	// Masked is what may be shown of it.
	Masked string `json:"masked"`
}

// secretRule is a form of secret that can be told by its text. Forms come from their
// issuers' documentation.
type secretRule struct {
	name string
	// hint is a part that each secret of the form has. Only texts with it are searched.
	hint string
	// pattern finds the secret, as its last group, or all of what it matches.
	pattern string
}

// secretRules are tried in this order. They are few and our own: the libraries that have
// large sets of them (gitleaks 8.30 is the most used) bring some fifty modules along, which
// neither the engine nor a command that answers in milliseconds can carry.
var secretRules = []secretRule{
	{"private key", "PRIVATE KEY", `-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----`},
	{"AWS access key", "A", `\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b`},
	{"GitHub token", "gh", `\bgh[pousr]_[A-Za-z0-9]{36,255}\b`},
	{"GitHub token", "github_pat_", `\bgithub_pat_[A-Za-z0-9_]{60,255}\b`},
	{"GitLab token", "glpat-", `\bglpat-[A-Za-z0-9_-]{20,}`},
	{"Slack token", "xox", `\bxox[abeoprs]-[A-Za-z0-9-]{10,}`},
	{"Slack webhook", "hooks.slack.com", `https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}`},
	{"Stripe key", "_live_", `\b[rs]k_live_[A-Za-z0-9]{16,}\b`},
	{"Google API key", "AIza", `\bAIza[A-Za-z0-9_-]{35}\b`},
	{"Google OAuth secret", "GOCSPX-", `\bGOCSPX-[A-Za-z0-9_-]{28}\b`},
	{"Anthropic API key", "sk-ant-", `\bsk-ant-[A-Za-z0-9_-]{20,}`},
	{"OpenAI API key", "sk-", `\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}`},
	{"Hugging Face token", "hf_", `\bhf_[A-Za-z]{34}\b`},
	{"PyPI token", "pypi-", `\bpypi-AgE[A-Za-z0-9_-]{50,}`},
	{"npm token", "npm_", `\bnpm_[A-Za-z0-9]{36}\b`},
	{"SendGrid key", "SG.", `\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`},
	{"Databricks token", "dapi", `\bdapi[a-f0-9]{32}\b`},
	{"Azure storage key", "AccountKey=", `AccountKey=([A-Za-z0-9+/=]{40,})`},
	{"JSON web token", "eyJ", `\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*`},
	{"password in a URL", "://", `\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@'"]{0,100}:([^\s/@'"]{3,200})@[^\s/]`},
	{"password in a connection string", "=", `(?i)\b(?:password|passwd|pwd)\s*=\s*([^\s;'"]{3,200})`},
	{"bearer token", "earer ", `\b[Bb]earer ([A-Za-z0-9._~+/-]{20,}=*)`},
}

var secretPatterns = sync.OnceValue(func() (all []*regexp.Regexp) {
	for _, r := range secretRules {
		all = append(all, regexp.MustCompile(r.pattern))
	}
	return all
})

// maxSearched is how much of a text is searched for secrets.
const maxSearched = 1 << 16

// findSecret looks for a secret in a text, and gives its rule and place.
func findSecret(text string) (rule string, from, to int, ok bool) {
	if len(text) > maxSearched {
		text = text[:maxSearched]
	}
	for i, r := range secretRules {
		if !strings.Contains(text, r.hint) {
			continue
		}
		m := secretPatterns()[i].FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		from, to = m[len(m)-2], m[len(m)-1]
		if !isPlaceholder(text[from:to]) {
			return r.name, from, to, true
		}
	}
	return "", 0, 0, false
}

// secretName is for the names that people give to secrets.
var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[_.\W])(?:\w*(?:passw(?:or)?d|passphrase|secret|credential|api_?key|access_?key|private_?key|auth_?token|access_?token|bearer)\w*|pwd|token)(?:$|[\W])`)
})

// byItsName is the rule of a secret that is told by what it is called.
const byItsName = "by its name"

// secretByName reports whether a text is a secret by what it is called: a word without
// blanks, neither short nor repeated, that is no placeholder or path.
func secretByName(name, text string) bool {
	return len(text) >= 8 && len(text) <= 4096 && secretName().MatchString(name) &&
		!strings.ContainsAny(text, " \n\t") && entropy(text) >= 2.5 && !isPlaceholder(text)
}

// isPlaceholder is for what documents and templates have in a secret's place.
func isPlaceholder(text string) bool {
	lower := strings.ToLower(text)
	for _, sign := range []string{"<", "{", "$", "xxx", "***", "...", "your", "example", "changeme", "change_me", "placeholder", "dummy"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// entropy is Shannon's, in bits per byte.
func entropy(text string) (bits float64) {
	var count [256]int
	for i := range len(text) {
		count[text[i]]++
	}
	for _, n := range count {
		if n > 0 {
			share := float64(n) / float64(len(text))
			bits -= share * math.Log2(share)
		}
	}
	return bits
}

// secretText is the text of a str or bytes, for the search.
func secretText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case pickle.Bytes:
		return string(v), utf8.ValidString(string(v[:min(len(v), 64)]))
	}
	return "", false
}

// secret tells whether a value that goes by a name is a secret, by which rule, and
// what may be shown of it.
func secret(name string, v any) (rule, masked string, ok bool) {
	text, ok := secretText(v)
	if !ok {
		return "", "", false
	}
	if rule, from, to, ok := findSecret(text); ok {
		return rule, mask(text, from, to), true
	}
	if secretByName(name, text) {
		return byItsName, mask(text, 0, len(text)), true
	}
	return "", "", false
}

// mask shows what is around a secret in a text, and only how long that is itself. Its
// issuer's prefix is no secret: it is in the name of the rule.
func mask(text string, from, to int) string {
	return fmt.Sprintf("'%s<%d characters masked>%s'", graphic(tail(text[:from], 20)), utf8.RuneCountInString(text[from:to]), graphic(head(text[to:], 20)))
}

func head(s string, n int) string { return s[:min(n, len(s))] }

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
