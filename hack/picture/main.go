// Command picture draws an SVG of a terminal from the recorded output of the demo. The
// same record gives the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// shown are the steps that the README's picture shows: a room fills, and a change that
// is made elsewhere is repaired.
const shown = "2,8"

func main() {
	steps := flag.String("steps", shown, "numbers of the steps to show, separated by commas")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: picture [-steps 2,8] RECORD >picture.svg")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *steps); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// run reads a record and writes its picture to the standard output.
func run(path, steps string) error {
	recorded, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines, err := choose(string(recorded), strings.Split(steps, ","))
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(draw(lines))
	return err
}
