// Command picture draws an SVG of a terminal from the recorded output of the demo. The
// same record gives the same bytes.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// shown are the steps that the README's picture shows: a room fills, and a change that
// is made elsewhere is repaired.
const shown = "2,8"

func main() {
	steps := flag.String("steps", shown, "numbers of the steps to show, separated by commas")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: picture [-steps 2,8] <record.txt >picture.svg")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdin, os.Stdout, strings.Split(*steps, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// run reads a record and writes its picture.
func run(in io.Reader, out io.Writer, steps []string) error {
	recorded, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	lines, err := choose(string(recorded), steps)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, draw(lines))
	return err
}
