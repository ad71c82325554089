package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// style is how a line is painted.
type style string

const (
	plain   style = ""
	heading style = "heading"
	label   style = "label"
	passed  style = "passed"
)

// line is one line of the picture.
type line struct {
	text  string
	style style
}

var (
	// title is the first line of a step: its number, how many there are, its title.
	title = regexp.MustCompile(`^([0-9]+)/[0-9]+  `)
	// end is the last line of a demo without a failure.
	end = regexp.MustCompile(`^All [0-9]+ steps passed`)
)

// choose returns the command, the steps with some numbers, and the last line of a
// record. The error says what the record lacks.
func choose(record string, steps []string) (lines []line, err error) {
	lines = []line{{"$ make demo", plain}}
	missing := map[string]bool{}
	for _, step := range steps {
		missing[step] = true
	}
	last, showing := line{}, false
	for text := range strings.Lines(record) {
		text = strings.TrimRight(text, " \n")
		if found := title.FindStringSubmatch(text); found != nil {
			showing = missing[found[1]]
			delete(missing, found[1])
		}
		if end.MatchString(text) {
			last, showing = line{text, passed}, false
		}
		if showing {
			lines = append(lines, line{text, styleOf(text)})
		}
	}
	if len(missing) > 0 || last.text == "" {
		return nil, fmt.Errorf("the record has no last line, or lacks one of the steps %q", steps)
	}
	return closed(lines, last), nil
}

// closed puts an empty line before each step and before the last line, and leaves no
// two of them together.
func closed(chosen []line, last line) (lines []line) {
	for _, one := range append(chosen, last) {
		if one.style == heading || one.style == passed {
			lines = append(lines, line{})
		}
		lines = append(lines, one)
	}
	return slices.CompactFunc(lines, func(a, b line) bool { return a.text == "" && b.text == "" })
}

// styleOf returns the style of a line of a step by its indentation, as the demo prints
// it: none for a title, two spaces for what introduces a block, four for the block.
func styleOf(text string) style {
	switch {
	case text == "" || strings.HasPrefix(text, "    "):
		return plain
	case strings.HasPrefix(text, "  "):
		return label
	}
	return heading
}
