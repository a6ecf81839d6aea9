package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// TestSealed makes a key, signs a pickle, and verifies it in all the ways to end.
func TestSealed(t *testing.T) {
	for _, algorithm := range []string{"ed25519", "hmac-sha256"} {
		folder := t.TempDir()
		in := func(name string) string { return filepath.Join(folder, name) }
		must := func(stdin string, args ...string) string {
			t.Helper()
			code, out, stderr := execute(stdin, args...)
			if code != exitFine || stderr != "" {
				t.Fatalf("%v: exit code %d: %s", args, code, stderr)
			}
			return out
		}
		var key keyInfo
		if err := json.Unmarshal([]byte(must("", "keygen", "--algorithm", algorithm, "--out", in("k"), "--json")), &key); err != nil {
			t.Fatal(err)
		}
		public := key.Public
		if algorithm == "hmac-sha256" {
			public = in("k")
		}
		if info, err := os.Stat(in("k")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key has mode %v (%v)", info.Mode(), err)
		}
		must("", "keygen", "--out", in("other"))
		must("", "sign", "--key", in("k"), "--audience", "workers", "--expires-in", "1h", "--python", "3.12", greet, "-o", in("sealed"))
		must("", "verify", "--key", in("other.pub"), "--key", public, "--audience", "workers", in("sealed"), "-o", in("back"))
		if read(t, in("back")) != read(t, greet) {
			t.Error("another pickle came back")
		}
		piped := must(read(t, greet), "sign", "--key", in("k"), "-")
		if got := must(piped, "verify", "--key", public, "-o", "-"); got != read(t, greet) {
			t.Error("another pickle came back through a pipe")
		}
		var info sealedInfo
		out := must("", "verify", "--key", public, "--audience", "workers", "--json", in("sealed"))
		if err := json.Unmarshal([]byte(out), &info); err != nil || !info.Good || info.Python != "3.12" || info.KeyID != key.ID || info.Expires == "" {
			t.Errorf("%s (%v)", out, err)
		}

		changed := []byte(read(t, in("sealed")))
		changed[len(changed)-1] ^= 1
		if err := os.WriteFile(in("changed"), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			args   []string
			code   int
			reason string
		}{
			{[]string{"verify", "--key", public, "--audience", "others", in("sealed")}, exitNo, "wrong audience"},
			{[]string{"verify", "--key", public, "--audience", "workers", "--purpose", "x", in("sealed")}, exitNo, "wrong audience"},
			{[]string{"verify", "--key", in("other.pub"), "--audience", "workers", in("sealed")}, exitNo, "unknown key"},
			{[]string{"verify", "--key", public, "--audience", "workers", in("changed"), "-o", in("never")}, exitNo, "bad signature"},
			{[]string{"verify", "--key", public, greet}, exitNo, "unsigned"},
			{[]string{"verify", "--key", public, in("none")}, exitUsage, ""},
			{[]string{"verify", "--key", in("none"), in("sealed")}, exitUsage, ""},
			{[]string{"verify", "--key", greet, in("sealed")}, exitUsage, ""},
			{[]string{"verify", in("sealed")}, exitUsage, ""},
			{[]string{"sign", "--key", in("other.pub"), greet, "-o", in("never")}, exitUsage, ""},
			{[]string{"sign", "--key", in("k"), "--python", "2.7", greet, "-o", in("never")}, exitUsage, ""},
			{[]string{"sign", "--key", in("k"), "--json", greet}, exitUsage, ""},
			{[]string{"keygen", "--out", in("k")}, exitUsage, ""},
			{[]string{"keygen", "--out", in("new"), "--algorithm", "rot13"}, exitUsage, ""},
		} {
			code, _, stderr := execute("", c.args...)
			if code != c.code || !strings.Contains(stderr, c.reason) {
				t.Errorf("%v: exit code %d, not %d: %s", c.args, code, c.code, stderr)
			}
			if c.reason != "" {
				code, out, stderr := execute("", append(c.args, "--json")...)
				var info sealedInfo
				if err := json.Unmarshal([]byte(out), &info); err != nil || code != c.code || info.Reason != c.reason || info.Good || stderr != "" {
					t.Errorf("%v: exit code %d: %s%s (%v)", c.args, code, out, stderr, err)
				}
			}
		}
		files, err := filepath.Glob(in("*never*"))
		if hidden, _ := filepath.Glob(in(".*")); err != nil || len(files)+len(hidden) > 0 {
			t.Errorf("left behind: %v %v (%v)", files, hidden, err)
		}
	}
}

// TestEncrypted signs for a recipient, and beside the file.
func TestEncrypted(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"mine": "# a comment\n" + identity.String() + "\n", "other": other.String(), "none": "AGE-SECRET-KEY-1NOT"} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	public := in("k.pub")
	for _, c := range []struct {
		args  []string
		code  int
		words string
	}{
		{[]string{"keygen", "--out", in("k")}, exitFine, ""},
		{[]string{"sign", "--key", in("k"), "--recipient", identity.Recipient().String(), greet, "-o", in("sealed")}, exitFine, ""},
		{[]string{"sign", "--key", in("k"), "--detached", greet, "-o", in("detached")}, exitFine, ""},
		{[]string{"sign", "--key", in("k"), greet, "-o", in("plain")}, exitFine, ""},
		{[]string{"verify", "--key", public, "--identity", in("mine"), in("sealed"), "-o", in("back")}, exitFine, ""},
		{[]string{"verify", "--key", public, in("sealed")}, exitFine, ""},
		{[]string{"verify", "--key", public, in("sealed"), "-o", in("never")}, exitUsage, "--identity"},
		{[]string{"verify", "--key", public, "--identity", in("other"), in("sealed"), "-o", in("never")}, exitNo, "no identity here opens it"},
		{[]string{"verify", "--key", public, "--identity", in("mine"), in("plain"), "-o", in("never")}, exitNo, "not encrypted"},
		{[]string{"verify", "--key", public, "--identity", in("none"), in("sealed")}, exitUsage, "no file of age-keygen"},
		{[]string{"verify", "--key", public, "--identity", in("missing"), in("sealed")}, exitUsage, "missing"},
		{[]string{"verify", "--key", public, "--content", greet, in("detached")}, exitFine, ""},
		{[]string{"verify", "--key", public, "--content", public, in("detached")}, exitNo, "malformed"},
		{[]string{"verify", "--key", public, "--content", folder, in("detached")}, exitUsage, "no regular file"},
		{[]string{"verify", "--key", public, "--content", in("missing"), in("detached")}, exitUsage, "missing"},
		{[]string{"verify", "--key", public, "--content", greet, in("plain")}, exitNo, "content in it"},
		{[]string{"verify", "--key", public, in("detached")}, exitNo, "detached"},
		{[]string{"sign", "--key", in("k"), "--detached", "--recipient", identity.Recipient().String(), greet, "-o", in("never")}, exitUsage, "one of them"},
		{[]string{"sign", "--key", in("k"), "--recipient", "me", greet, "-o", in("never")}, exitUsage, "--recipient"},
	} {
		code, _, stderr := execute("", c.args...)
		if code != c.code || !strings.Contains(stderr, c.words) || strings.Contains(stderr, "1NOT") {
			t.Errorf("%v: exit code %d, not %d: %s", c.args, code, c.code, stderr)
		}
	}
	if read(t, in("back")) != read(t, greet) {
		t.Error("another pickle came back")
	}
	if strings.Contains(read(t, in("sealed")), "hello") {
		t.Error("it can be read")
	}
	if files, err := filepath.Glob(in("*never*")); err != nil || len(files) > 0 {
		t.Errorf("left behind: %v (%v)", files, err)
	}
}
