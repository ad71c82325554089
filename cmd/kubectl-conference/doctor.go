package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/voiceops/conference-operator/internal/cli/doctor"
	"github.com/voiceops/conference-operator/internal/cli/plain"
)

// errUnwell is the result of an examination that has found a failure.
var errUnwell = errors.New("something has to be mended: see the lines with FAIL")

func (t *tool) doctor() *cobra.Command {
	all, offline, operator, output := false, false, "", newFormat()
	c := &cobra.Command{
		Use: "doctor", Short: "Look for what keeps the operator or this command from working", Args: cobra.NoArgs,
		Long: `Look for what keeps the operator or this command from working: the kinds, your rights
and the operator's, each account's Secret, token, scope, base URL and reachability, and
objects that are stuck. Exit code 1 if something has to be mended.`,
		RunE: func(c *cobra.Command, _ []string) error {
			reader, namespace, err := t.scope(all)
			if err != nil {
				return err
			}
			examined := doctor.Doctor{Client: reader, Namespace: namespace, Operator: operator}
			if !offline {
				asker, err := t.asker(reader)
				if err != nil {
					return err
				}
				examined.Asker = &asker
			}
			found, err := examined.Examine(c.Context())
			if err != nil {
				return err
			}
			if output.forPrograms() {
				err = output.encode(t.Out, found)
			} else {
				t.show(found)
			}
			if err == nil && doctor.Failed(found) {
				err = errUnwell
			}
			return err
		},
	}
	c.Flags().BoolVarP(&all, "all-namespaces", "A", false, "Every namespace.")
	c.Flags().BoolVar(&offline, "offline", false, "Don't ask the provider.")
	c.Flags().StringVar(&operator, "operator", "system:serviceaccount:conference-operator-system:conference-operator", "The user name of the operator.")
	output.bind(c)
	return c
}

// show writes findings as text.
func (t *tool) show(found []doctor.Finding) {
	colours := map[doctor.Level]string{doctor.OK: "\x1b[32m", doctor.Warn: "\x1b[33m", doctor.Fail: "\x1b[31m"}
	for _, f := range found {
		level := fmt.Sprintf("%-4s", f.Level)
		if t.coloured() {
			level = colours[f.Level] + level + "\x1b[0m"
		}
		fmt.Fprintf(t.Out, "%s  %s\n", level, plain.Line(f.Message))
		for _, command := range f.Type {
			if f.Level != doctor.OK {
				fmt.Fprintf(t.Out, "        %s\n", command)
			}
		}
	}
}
