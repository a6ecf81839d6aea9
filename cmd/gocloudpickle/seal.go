package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"filippo.io/age"
	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/spf13/cobra"
)

// keyInfo is what keygen --json prints.
type keyInfo struct {
	Algorithm string `json:"algorithm"`
	ID        string `json:"id"`
	Key       string `json:"key"`
	Public    string `json:"public,omitempty"`
}

func newKeygen(s streams) *cobra.Command {
	var algorithm, out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "keygen --out FILE",
		Short: "Make a key that signs pickles",
		Long: `Makes a key, and writes it to FILE, which its owner alone can read. With ed25519 the
half that verifies goes to FILE.pub: it is no secret. With hmac-sha256 there is
no such half: who verifies can sign. Files that are there are not overwritten.
` + exitCodesHelp,
		Args:    cobra.NoArgs,
		Example: "  gocloudpickle keygen --out signing.key",
		RunE: func(*cobra.Command, []string) error {
			a, err := seal.ParseAlgorithm(algorithm)
			if err != nil {
				return err
			}
			key, err := seal.GenerateKey(a)
			if err != nil {
				return err
			}
			info := keyInfo{Algorithm: a.String(), ID: key.ID(), Key: out}
			if a == seal.Ed25519 {
				info.Public = out + ".pub"
				if _, err := os.Lstat(info.Public); err == nil {
					return fmt.Errorf("%s is there already: it is not overwritten", label(info.Public))
				}
			}
			if err := saveKey(out, key); err != nil {
				return err
			}
			if info.Public != "" {
				if err := saveKey(info.Public, key.Public()); err != nil {
					return err
				}
			}
			if asJSON {
				return json.NewEncoder(s.out).Encode(info)
			}
			_, err = fmt.Fprintf(s.out, "%s key %s: %s\n", info.Algorithm, info.ID, label(out))
			if err == nil && info.Public != "" {
				_, err = fmt.Fprintf(s.out, "to verify with: %s\n", label(info.Public))
			}
			return err
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&algorithm, "algorithm", "ed25519", "ed25519 or hmac-sha256")
	f.StringVar(&out, "out", "", "the file of the key")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	must(c.MarkFlagRequired("out"))
	registerChoices(c, "algorithm", "ed25519", "hmac-sha256")
	return c
}

func must(err error) {
	if err != nil {
		panic("BUG: " + err.Error())
	}
}

func saveKey(path string, key *seal.Key) error {
	err := seal.SaveKey(path, key)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: it is not overwritten", label(path))
	}
	return err
}

// sealOptions are the flags that sign and verify have both.
type sealOptions struct {
	audience, purpose, out string
	asJSON                 bool

	recipients []age.Recipient // of sign
	detached   bool

	identities []age.Identity // of verify
	content    string
}

// register adds them, behind --key, which each of the two has its own way.
func (o *sealOptions) register(c *cobra.Command, out string) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.audience, "audience", "", "who may accept it")
	f.StringVar(&o.purpose, "purpose", seal.DefaultPurpose, "what it is for")
	f.StringVarP(&o.out, "out", "o", "", out)
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	must(c.MarkFlagRequired("key"))
}

// sealedInfo is what sign --json and verify --json print.
type sealedInfo struct {
	File      string `json:"file"`
	Good      bool   `json:"good"`
	Reason    string `json:"reason,omitempty"`
	Error     string `json:"error,omitempty"`
	Algorithm string `json:"algorithm,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
	Audience  string `json:"audience,omitempty"`
	Issued    string `json:"issued,omitempty"`
	NotBefore string `json:"not_before,omitempty"`
	Expires   string `json:"expires,omitempty"`
	Python    string `json:"python,omitempty"`
	Content   string `json:"content,omitempty"`
	Size      int64  `json:"size"`
}

func describe(file string, s *seal.Statement, size int64) sealedInfo {
	info := sealedInfo{
		File: file, Good: true, Algorithm: s.Algorithm.String(), KeyID: s.KeyID, Purpose: s.Purpose, Audience: s.Audience,
		Issued: s.Issued.Format(time.RFC3339), NotBefore: s.NotBefore.Format(time.RFC3339), Size: size,
		Content: s.Content.String(),
	}
	if !s.Expires.IsZero() {
		info.Expires = s.Expires.Format(time.RFC3339)
	}
	if s.Python.Major > 0 {
		info.Python = fmt.Sprintf("%d.%d", s.Python.Major, s.Python.Minor)
	}
	return info
}

// newFile is a file that becomes path when it is whole, so that nobody finds half of it.
type newFile struct {
	*os.File
	path   string
	inside bool // path is no regular file, such as a device: it is written, and not replaced
	stop   func()
}

func createFile(path string) (*newFile, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays one
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &newFile{File: f, path: path, inside: true, stop: func() {}}, nil
	}
	for {
		name := filepath.Join(filepath.Dir(path), ".gocloudpickle-"+rand.Text())
		// Not os.CreateTemp, whose files are for their owner alone: the umask decides.
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &newFile{File: f, path: path, stop: removeWhenStopped(name)}, nil
	}
}

// removeWhenStopped removes a file when a signal ends the command, until it is told to stop.
func removeWhenStopped(name string) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			_ = os.Remove(name)
			code := 128
			if number, ok := s.(syscall.Signal); ok {
				code += int(number) // as shells have it
			}
			os.Exit(code)
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

func (f *newFile) finish(err error) error {
	defer f.stop()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if f.inside {
		return err
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// openWhole opens a file, or standard input as a file that can be read twice.
func openWhole(name string, stdin io.Reader) (f *os.File, done func(), err error) {
	if name != "-" {
		f, err = os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			f.Close()
			if err == nil {
				err = fmt.Errorf("%s is no regular file; for a pipe, name -", label(name))
			}
			return nil, nil, err
		}
		return f, func() { f.Close() }, nil
	}
	f, err = os.CreateTemp("", "gocloudpickle-*")
	if err != nil {
		return nil, nil, err
	}
	stop := removeWhenStopped(f.Name())
	done = func() {
		stop()
		f.Close()
		_ = os.Remove(f.Name())
	}
	if _, err = io.Copy(f, stdin); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return f, done, nil
}
