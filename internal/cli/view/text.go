package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/plain"
)

// Style is how a List is written.
type Style struct {
	// Colour uses the colours of a terminal.
	Colour bool
	// Wide has whole SIDs and accounts.
	Wide bool
	// Namespaces are named, as with several of them.
	Namespaces bool
}

// colours of a terminal.
const (
	normal = ""
	bold   = "1"
	green  = "32"
	yellow = "33"
	red    = "31"
	faint  = "2"
)

// Write writes a List as text.
func Write(w io.Writer, list List, style Style) error {
	if len(list.Rooms) == 0 {
		_, err := fmt.Fprintln(w, "No Conference and no ConferenceParticipant was found.")
		return err
	}
	for i, room := range list.Rooms {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, style.heading(room))
		if _, err := io.WriteString(w, style.table(room.Legs)); err != nil {
			return err
		}
	}
	return nil
}

// heading is the line of a room.
func (s Style) heading(room Room) string {
	name := cmp.Or(room.FriendlyName, room.ConferenceSID)
	text := s.paint(bold, name) + "  " + s.paint(stateColour(room.State), strings.ToLower(cmp.Or(room.State, "unknown")))
	text += fmt.Sprintf("  %d in it", room.People)
	if room.Conference != "" {
		text += "  conf/" + room.Conference + " " + s.paint(readyColour(room.Ready), cmp.Or(room.Reason, "not looked at yet"))
	} else {
		text += "  no Conference"
	}
	if s.Namespaces {
		text += "  namespace " + room.Namespace
	}
	if s.Wide {
		text += "  account " + room.Account + "  " + plain.Line(room.ConferenceSID)
	}
	return text
}

// cell is one field of a table.
type cell struct{ text, colour string }

// table is the call legs of a room, in columns.
func (s Style) table(legs []Leg) string {
	if len(legs) == 0 {
		return ""
	}
	header := []cell{{"ROLE", faint}, {"CALL", faint}, {"AUDIO", faint}, {"REASON", faint}, {"OBJECT", faint}}
	numbers := false
	for _, leg := range legs {
		numbers = numbers || leg.Number != ""
	}
	if numbers {
		header = append(header, cell{"NUMBER", faint})
	}
	rows := [][]cell{header}
	for _, leg := range legs {
		row := s.row(leg)
		if numbers {
			row = append(row, cell{cmp.Or(leg.Number, "withheld"), normal})
		}
		rows = append(rows, row)
	}
	return s.align(rows)
}

func (s Style) row(leg Leg) []cell {
	call := short(leg.CallSID)
	if s.Wide {
		call = leg.CallSID
	}
	object := leg.Object
	if object != "" && leg.ByHand {
		object += " (by hand)"
	}
	return []cell{
		{cmp.Or(leg.Role, "-"), normal}, {call, normal}, {leg.Audio(), audioColour(leg)},
		{cmp.Or(leg.Reason, "-"), readyColour(leg.Ready)}, {cmp.Or(object, "-"), normal},
	}
}

// align writes rows in columns of their widest cell. Colours have no width, so that
// text/tabwriter, which counts them, can't be used.
func (s Style) align(rows [][]cell) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		text.WriteString("  ")
		for i, c := range row {
			text.WriteString(s.paint(c.colour, c.text))
			if i < len(row)-1 {
				text.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+3))
			}
		}
		text.WriteString("\n")
	}
	return text.String()
}

// paint has a text in a colour, and nothing in it that the terminal would act on.
func (s Style) paint(colour, text string) string {
	text = plain.Line(text)
	if !s.Colour || colour == normal {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func readyColour(ready string) string {
	switch ready {
	case string(metav1.ConditionTrue):
		return green
	case string(metav1.ConditionFalse):
		return red
	default:
		return normal
	}
}

func stateColour(state string) string {
	switch state {
	case string(v1alpha1.RoomLive), string(v1alpha1.RoomSeveral):
		return green
	case string(v1alpha1.RoomWaiting):
		return yellow
	default:
		return faint
	}
}

func audioColour(leg Leg) string {
	switch {
	case leg.Call == string(v1alpha1.CallLeft) || leg.Call == string(v1alpha1.CallWaiting):
		return faint
	case leg.Muted || leg.Hold:
		return yellow
	default:
		return green
	}
}
