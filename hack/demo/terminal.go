package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// terminal prints the demo, in colour if the output is a terminal and NO_COLOR is
// not set.
type terminal struct {
	out    io.Writer
	colour bool
}

func newTerminal(out io.Writer) *terminal {
	t := &terminal{out: out}
	if file, ok := out.(*os.File); ok && os.Getenv("NO_COLOR") == "" {
		info, err := file.Stat()
		t.colour = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return t
}

const (
	bold  = "1"
	green = "32"
	faint = "2"
)

func (t *terminal) paint(code, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// heading prints the title of a step.
func (t *terminal) heading(text string) {
	fmt.Fprintf(t.out, "\n%s\n", t.paint(bold, text))
}

// say prints a sentence.
func (t *terminal) say(format string, arguments ...any) {
	fmt.Fprintf(t.out, "  %s\n", fmt.Sprintf(format, arguments...))
}

// block prints lines, indented under a label.
func (t *terminal) block(label, text string) {
	fmt.Fprintf(t.out, "  %s\n", t.paint(faint, label))
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if line != "" {
			line = "    " + line
		}
		fmt.Fprintln(t.out, line)
	}
}

// passed prints the last line.
func (t *terminal) passed(format string, arguments ...any) {
	fmt.Fprintf(t.out, "\n%s\n", t.paint(green, fmt.Sprintf(format, arguments...)))
}
