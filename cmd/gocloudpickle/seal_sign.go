package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/gocloudpickle/gocloudpickle/bytecode"
	"github.com/gocloudpickle/gocloudpickle/seal"
	"github.com/gocloudpickle/gocloudpickle/seal/ageseal"
	"github.com/spf13/cobra"
)

func newSign(s streams) *cobra.Command {
	var o sealOptions
	var keyFile string
	var expires time.Duration
	var python string
	var recipients []string
	c := &cobra.Command{
		Use:   "sign --key FILE --audience NAME [file]",
		Short: "Put a pickle into a signed envelope",
		Long: `Puts a file into an envelope that is signed with the key, for an audience. verify
and gocloudpickle.sealed open it. Without a file, or for -, it reads standard
input. With --recipient it is encrypted, too, as age does it; that waits in a
temporary file until all of it can be signed.
` + exitCodesHelp,
		Args:    cobra.MaximumNArgs(1),
		Example: "  gocloudpickle sign --key signing.key --audience workers --expires-in 1h fn.pkl -o fn.sealed",
		RunE: func(c *cobra.Command, args []string) error {
			names, err := inputNames(args, s.in)
			if err != nil {
				return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
			}
			key, err := seal.LoadKey(keyFile)
			if err != nil {
				return fmt.Errorf("--key: %w", err)
			}
			signer := seal.Signer{Key: key, Audience: o.audience, Purpose: o.purpose, ExpiresIn: expires}
			if signer.Python, err = parsePython(python); err != nil {
				return err
			}
			if o.recipients, err = parseRecipients(recipients); err != nil {
				return err
			}
			if o.detached && len(o.recipients) > 0 {
				return errors.New("--detached leaves the file as it is, and --recipient encrypts it: use one of them")
			}
			return o.sign(s, &signer, names[0])
		},
	}
	c.Flags().StringVar(&keyFile, "key", "", "the key that signs")
	o.register(c, "the envelope, instead of standard output")
	c.Flags().DurationVar(&expires, "expires-in", 0, "how long it is valid, as in 90s, 10m, 24h; 0 is for ever")
	c.Flags().StringVar(&python, "python", "", "the CPython that the pickle is for, as in 3.12")
	c.Flags().StringArrayVar(&recipients, "recipient", nil, "who alone can read it, age1...; several times for several")
	c.Flags().BoolVar(&o.detached, "detached", false, "leave the file out of the envelope: it travels beside it")
	registerChoices(c, "python", versionNames()...)
	return c
}

func parsePython(text string) (v seal.Version, err error) {
	if text == "" {
		return v, nil
	}
	for _, name := range versionNames() {
		if name == text {
			_, err := fmt.Sscanf(strings.ReplaceAll(text, ".", " "), "%d %d", &v.Major, &v.Minor)
			return v, err
		}
	}
	return v, fmt.Errorf("--python is %q: use %v to %v", text, bytecode.Oldest, bytecode.Newest)
}

func (o *sealOptions) sign(s streams, signer *seal.Signer, name string) error {
	in, done, err := openWhole(name, s.in)
	if err != nil {
		return err
	}
	defer done()
	if o.out == "" || o.out == "-" {
		if o.asJSON {
			return errors.New("--json prints to standard output, and so does the envelope: name a file with --out")
		}
		if isTerminal(s.terminal) {
			return errors.New("an envelope is nothing for a terminal: name a file with --out")
		}
		if file, ok := s.terminal.(*os.File); ok { // without the buffer of s.out, which is empty
			return o.write(file, signer, in)
		}
		return o.write(s.out, signer, in)
	}
	out, err := createFile(o.out)
	if err != nil {
		return err
	}
	if err := out.finish(o.write(out.File, signer, in)); err != nil {
		return err
	}
	if !o.asJSON {
		return nil
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	return json.NewEncoder(s.out).Encode(map[string]any{
		"file": o.out, "algorithm": signer.Key.Algorithm().String(), "key_id": signer.Key.ID(),
		"purpose": signer.Purpose, "audience": signer.Audience, "size": info.Size(),
	})
}

func (o *sealOptions) write(w io.Writer, signer *seal.Signer, in io.ReadSeeker) error {
	switch {
	case o.detached:
		envelope, err := signer.SignDetachedStream(in)
		if err != nil {
			return err
		}
		_, err = w.Write(envelope)
		return err
	case len(o.recipients) > 0:
		return ageseal.SignStream(signer, o.recipients, w, in)
	}
	return signer.SignStream(w, in)
}

func parseRecipients(texts []string) (recipients []age.Recipient, err error) {
	for _, text := range texts {
		parsed, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("--recipient is %q: %w", text, err)
		}
		recipients = append(recipients, parsed...)
	}
	return recipients, nil
}
