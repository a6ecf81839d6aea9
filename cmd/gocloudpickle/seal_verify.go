package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"filippo.io/age"
	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/ageseal"
	"github.com/spf13/cobra"
)

func newVerify(s streams) *cobra.Command {
	var o sealOptions
	var keys, identities []string
	var skew time.Duration
	c := &cobra.Command{
		Use:   "verify --key FILE --audience NAME [file]",
		Short: "Verify a signed envelope, and take the pickle out",
		Long: `Says whether an envelope was signed with one of the keys, for this audience and
for now, and whether it is whole. With --out it writes the pickle, after all of
it has been verified. Without a file, or for -, it reads standard input. An
encrypted one is decrypted with --identity, and is refused where it isn't encrypted.
` + exitCodesHelp,
		Args:    cobra.MaximumNArgs(1),
		Example: "  gocloudpickle verify --key signing.key.pub --audience workers fn.sealed -o fn.pkl",
		RunE: func(c *cobra.Command, args []string) error {
			names, err := inputNames(args, s.in)
			if err != nil {
				return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
			}
			verifier := seal.Verifier{Audience: o.audience, Purpose: o.purpose, Skew: skew}
			if skew == 0 {
				verifier.Skew = -1
			}
			for _, name := range keys {
				key, err := seal.LoadKey(name)
				if err != nil {
					return fmt.Errorf("--key: %w", err)
				}
				verifier.Keys = append(verifier.Keys, key)
			}
			if o.identities, err = loadIdentities(identities); err != nil {
				return err
			}
			if o.content != "" && len(o.identities) > 0 {
				return errors.New("--content is for what is beside its envelope, which is never encrypted: leave out --identity")
			}
			return o.verify(s, &verifier, names[0])
		},
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "a key that may have signed; several times for several")
	o.register(c, "write the pickle to this file, - for standard output")
	c.Flags().StringArrayVar(&identities, "identity", nil, "a file of age-keygen that decrypts it; several times for several")
	c.Flags().StringVar(&o.content, "content", "", "the file that the envelope is of, where that is detached")
	c.Flags().DurationVar(&skew, "skew", seal.DefaultSkew, "by how much clocks may differ")
	return c
}

func (o *sealOptions) verify(s streams, verifier *seal.Verifier, name string) error {
	in, done, err := openWhole(name, s.in)
	if err != nil {
		return err
	}
	defer done()
	stream, err := o.open(verifier, in)
	if err != nil {
		return o.refused(s, name, err)
	}
	if o.out != "" {
		if stream.Statement.Content == seal.Encrypted {
			return fmt.Errorf("%s is good, and encrypted: name the file that decrypts it with --identity", label(name))
		}
		if err := o.extract(s, stream); err != nil {
			return err
		}
	}
	return o.report(s, describe(name, stream.Statement, stream.Manifest.Size()))
}

// open verifies an envelope, and what is beside it where that is named.
func (o *sealOptions) open(verifier *seal.Verifier, in *os.File) (*seal.Stream, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if len(o.identities) > 0 {
		return ageseal.VerifyStream(verifier, o.identities, in, info.Size())
	}
	if o.content == "" {
		return verifier.VerifyStream(in, info.Size())
	}
	if info.Size() > maxDetached {
		return nil, &seal.Error{Reason: seal.Malformed, Detail: fmt.Sprintf("%d bytes are no envelope without its content", info.Size())}
	}
	envelope, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	content, err := os.Open(o.content)
	if err != nil {
		return nil, fmt.Errorf("--content: %w", err)
	}
	// It is open until the command ends: what it has is read again.
	if info, err = content.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("--content: %s is no regular file", label(o.content))
	}
	return verifier.VerifyDetachedStream(envelope, content, info.Size())
}

// maxDetached is more than an envelope without its content has.
const maxDetached = 65 << 20

func loadIdentities(names []string) (identities []age.Identity, err error) {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--identity: %w", err)
		}
		parsed, err := age.ParseIdentities(f)
		f.Close()
		if err != nil { // whose text may hold what is in the file
			return nil, fmt.Errorf("--identity: %s is no file of age-keygen", label(name))
		}
		identities = append(identities, parsed...)
	}
	return identities, nil
}

// refused says why, and ends with exitNo; other errors than a refusal go on.
func (o *sealOptions) refused(s streams, name string, err error) error {
	var refusal *seal.Error
	if !errors.As(err, &refusal) {
		return err
	}
	if o.asJSON {
		if err := json.NewEncoder(s.out).Encode(sealedInfo{File: name, Reason: refusal.Reason.String(), Error: err.Error()}); err != nil {
			return err
		}
		return &exitError{exitNo, nil}
	}
	return &exitError{exitNo, fmt.Errorf("%s is refused: %w", label(name), err)}
}

func (o *sealOptions) extract(s streams, stream *seal.Stream) error {
	if o.out == "-" {
		_, err := io.Copy(s.out, stream.Part(0))
		return err
	}
	out, err := createFile(o.out)
	if err != nil {
		return err
	}
	_, err = io.Copy(out.File, stream.Part(0))
	return out.finish(err)
}

func (o *sealOptions) report(s streams, info sealedInfo) error {
	if o.out == "-" {
		if o.asJSON {
			return errors.New("--json prints to standard output, and so does --out -: name a file")
		}
		return nil
	}
	if o.asJSON {
		return json.NewEncoder(s.out).Encode(info)
	}
	until := "for ever"
	if info.Expires != "" {
		until = "until " + info.Expires
	}
	_, err := fmt.Fprintf(s.out, "%s is good: signed by %s key %s for %q, valid %s, %d bytes\n",
		label(info.File), info.Algorithm, info.KeyID, info.Audience, until, info.Size)
	return err
}
