package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// The formats of an output for programs.
const (
	formatJSON = "json"
	formatYAML = "yaml"
)

// format is the value of --output of a command that only looks: empty for text.
type format struct {
	name  string
	known []string
}

// newFormat is text, unless --output says JSON, YAML or one of others.
func newFormat(others ...string) *format {
	return &format{known: append(others, formatJSON, formatYAML)}
}

func (f *format) bind(c *cobra.Command) {
	c.Flags().VarP(f, "output", "o", "Output format. One of: ("+strings.Join(f.known, ", ")+").")
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(f.known, cobra.ShellCompDirectiveNoFileComp))
}

// String returns the name of the format.
func (f *format) String() string { return f.name }

// Type is what help calls the value.
func (f *format) Type() string { return "string" }

// Set returns an error for a format that the command does not have.
func (f *format) Set(name string) error {
	if name != "" && !slices.Contains(f.known, name) {
		return fmt.Errorf("want one of %s", strings.Join(f.known, ", "))
	}
	f.name = name
	return nil
}

// forPrograms reports whether the output is JSON or YAML.
func (f *format) forPrograms() bool { return f.name == formatJSON || f.name == formatYAML }

// encode writes a value as JSON or YAML.
func (f *format) encode(w io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err == nil && f.name == formatYAML {
		text, err = yaml.JSONToYAML(text)
	}
	if err == nil && f.name == formatJSON {
		text = append(text, '\n')
	}
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}
