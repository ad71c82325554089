package main

import (
	"bytes"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// A format that a command does not have is refused before anything is asked.
func TestFormats(t *testing.T) {
	for _, arguments := range [][]string{{"list"}, {"why", "x"}, {"plan"}, {"doctor"}} {
		streams, _, _, _ := genericiooptions.NewTestIOStreams()
		root := newRoot(streams)
		root.SetArgs(append(arguments, "-o", "table"))
		if err := root.Execute(); err == nil || !strings.Contains(err.Error(), `invalid argument "table" for "-o, --output" flag: want one of`) {
			t.Errorf("%v: %v", arguments, err)
		}
	}
}

func TestEncode(t *testing.T) {
	for name, want := range map[string]string{"json": "{\n  \"a\": 1\n}\n", "yaml": "a: 1\n"} {
		f, out := newFormat(), &bytes.Buffer{}
		if err := f.Set(name); err != nil {
			t.Fatal(err)
		}
		if err := f.encode(out, map[string]int{"a": 1}); err != nil || out.String() != want || !f.forPrograms() {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
	if f := newFormat(wide); f.Set(wide) != nil || f.forPrograms() {
		t.Error("wide is no format for people")
	}
}
