package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const images = "../../docs/images/"

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(images + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The picture is that of the record beside it.
func TestThePictureIsOfItsRecord(t *testing.T) {
	lines, err := choose(read(t, "demo.txt"), strings.Split(shown, ","))
	if err != nil {
		t.Fatal(err)
	}
	picture := read(t, "demo.svg")
	if draw(lines) != picture {
		t.Error("docs/images/demo.svg is not drawn from docs/images/demo.txt: run make picture")
	}
	if len(picture) > 20_000 || len(lines) > 60 {
		t.Errorf("%d bytes, %d lines: show less", len(picture), len(lines))
	}
}

// texts returns what an SVG shows, and its width; each line begins and ends inside.
func texts(t *testing.T, svg string) (found []string) {
	t.Helper()
	decoder, width, inside := xml.NewDecoder(strings.NewReader(svg)), 0, false
	number := func(element xml.StartElement, name string) int {
		for _, attribute := range element.Attr {
			if attribute.Name.Local == name {
				n, err := strconv.Atoi(attribute.Value)
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		t.Fatalf("%s has no %s", element.Name.Local, name)
		return 0
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
		switch element := token.(type) {
		case xml.StartElement:
			inside = element.Name.Local == "text"
			if element.Name.Local == "svg" {
				width = number(element, "width")
			}
			if inside && number(element, "x")+number(element, "textLength") > width-margin {
				t.Errorf("line %d is cut off", len(found))
			}
		case xml.CharData:
			if inside {
				found = append(found, string(element))
			}
		case xml.EndElement:
			inside = false
		}
	}
}

const record = `
Starting
  not shown

1/2  First
  not shown

2/2  Second <&">
  label:
    NAME   AGE

    a  b   …

All 2 steps passed in 1 s.
`

func TestAPictureShowsTheStepsThatWereChosen(t *testing.T) {
	lines, err := choose(record, []string{"2"})
	if err != nil {
		t.Fatal(err)
	}
	want := []line{
		{"$ make demo", plain}, {}, {`2/2  Second <&">`, heading}, {"  label:", label}, {"    NAME   AGE", plain}, {},
		{"    a  b   …", plain}, {}, {"All 2 steps passed in 1 s.", passed},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
	drawn := texts(t, draw(lines))
	if !slices.Equal(drawn, []string{"$ make demo", `2/2  Second <&">`, "label:", "NAME   AGE", "a  b   …", "All 2 steps passed in 1 s."}) {
		t.Errorf("%q", drawn)
	}
}

func TestARecordThatLacksSomethingIsRefused(t *testing.T) {
	for name, steps := range map[string][]string{record: {"2", "3"}, strings.ReplaceAll(record, "All 2", "Not all"): {"2"}} {
		if lines, err := choose(name, steps); err == nil {
			t.Errorf("%q", lines)
		}
	}
}
