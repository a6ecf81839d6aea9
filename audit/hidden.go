package audit

// Modules that other modules have as attributes, since they import them.

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed hidden.txt
var hiddenText string

// hiddenModules gives for the dotted name of an attribute the module that it is.
var hiddenModules = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(hiddenText) {
		if dotted, target, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			all[dotted] = target
		}
	}
	return all
})

// leadsTo gives for a module what the modules can do that it has as attributes.
var leadsTo = sync.OnceValue(func() map[string][]Capability {
	all := map[string][]Capability{}
	for dotted, target := range hiddenModules() {
		if caps := dangerous(name{target, ""}); len(caps) > 0 {
			i := strings.LastIndexByte(dotted, '.')
			all[dotted[:max(i, 0)]] = caps
		}
	}
	return all
})

// revealed is a name without the modules that it goes through: json.codecs.open is codecs.open.
func revealed(n name) name {
	if n.attr == "" {
		return n
	}
	for from := 0; from < len(n.attr); {
		end := len(n.attr)
		if i := strings.IndexByte(n.attr[from:], '.'); i >= 0 {
			end = from + i
		}
		target, ok := hiddenModules()[n.module+"."+n.attr[:end]]
		if !ok {
			from = end + 1
			continue
		}
		n, from = name{target, strings.TrimPrefix(n.attr[end:], ".")}, 0
	}
	return n
}
