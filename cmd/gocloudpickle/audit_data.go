package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gocloudpickle/gocloudpickle/audit/policy"
	"github.com/spf13/cobra"
)

// newAuditData is for the Python package where it has no engine (_policy_command.py). Its
// standard input is the length of a policy in JSON and a newline, the policy, the pickle.
func newAuditData(s streams) *cobra.Command {
	loads := false
	c := &cobra.Command{
		Use:    "audit-data",
		Short:  "Judge a pickle for the Python package",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			in := bufio.NewReader(s.in)
			line, err := in.ReadString('\n')
			if err != nil {
				return errors.New("standard input is to be the length of a policy, the policy and the pickle")
			}
			size, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
			if err != nil || size < 0 || size > maxPolicyBytes {
				return fmt.Errorf("the length of the policy is %q", line)
			}
			text := make([]byte, size)
			if _, err := io.ReadFull(in, text); err != nil {
				return fmt.Errorf("the policy: %w", err)
			}
			data, err := io.ReadAll(in)
			if err != nil {
				return err
			}
			return writeJSON(s.out, policy.JudgeData(data, string(text), loads))
		},
	}
	c.Flags().BoolVar(&loads, "loads", false, "judge the first pickle, and say what loading it does")
	return c
}

const maxPolicyBytes = 64 << 20
