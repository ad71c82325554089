package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const (
	defaultListen       = "127.0.0.1:8087"
	defaultControl      = "127.0.0.1:8088"
	defaultAccount      = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	defaultParticipants = 2
)

type options struct {
	listen, control string
	account, token  string
	conference      string
	participants    int
}

// parse reads the command line. The error is flag.ErrHelp for --help.
func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("voicesim", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.listen, "listen", defaultListen, "")
	flags.StringVar(&o.control, "control", defaultControl, "")
	flags.StringVar(&o.account, "account", defaultAccount, "")
	flags.StringVar(&o.token, "token", os.Getenv("VOICESIM_TOKEN"), "")
	flags.StringVar(&o.conference, "conference", "", "")
	flags.IntVar(&o.participants, "participants", defaultParticipants, "")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("reading the command line: %w", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.validate()
}

func (o options) validate() error {
	switch {
	case o.account == "":
		return errors.New("--account must not be empty")
	case o.participants < 0:
		return fmt.Errorf("--participants must not be negative, but is %d", o.participants)
	case len(o.conference) > 64:
		return errors.New("--conference must not be longer than 64 characters")
	}
	return nil
}
