package preview

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/voiceops/conference-operator/internal/cli/plain"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Step is what would be done about one call leg.
type Step struct {
	// Object is the ConferenceParticipant.
	Object string `json:"object"`
	// Write is create, update, keep or delete: what would become of a Conference's
	// participant; empty for one that people write.
	Write string `json:"write,omitempty"`
	// CallSID of the call leg.
	CallSID string `json:"callSID"`
	// Role of the call leg in the Conference; empty for none.
	Role string `json:"role,omitempty"`
	// Request is the form of the update that would be sent; empty if there is none.
	Request map[string]string `json:"request,omitempty"`
	// Why explains the request, or why there is none.
	Why string `json:"why"`
}

// Room is what would be done in one room.
type Room struct {
	// ConferenceSID of the room.
	ConferenceSID string `json:"conferenceSID"`
	// FriendlyName of the room.
	FriendlyName string `json:"friendlyName,omitempty"`
	// People is how many call legs are there.
	People int `json:"people"`
	// Governor is the Conference that goes first in this room; empty if it is this one.
	Governor string `json:"governor,omitempty"`
	// Steps are about the call legs for which anything would be done.
	Steps []Step `json:"steps"`
	// Unidentified are the call legs of which the role is not known, with the role in
	// question.
	Unidentified map[string]string `json:"unidentified,omitempty"`
}

// Preview is what would be done about one object.
type Preview struct {
	// Object is its kind and name.
	Object string `json:"object"`
	// Note says what holds for the whole object; empty for nothing.
	Note string `json:"note,omitempty"`
	// Step is that of a ConferenceParticipant.
	Step *Step `json:"step,omitempty"`
	// Rooms are those of a Conference.
	Rooms []Room `json:"rooms,omitempty"`
}

// formOf is an update as the fields of its form.
func formOf(u voice.Update) map[string]string {
	if u.IsZero() {
		return nil
	}
	form := map[string]string{}
	for name, values := range u.Form() {
		form[name] = strings.Join(values, ",")
	}
	return form
}

// Write writes a Preview as text.
func (p Preview) Write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintln(&text, p.Object)
	if p.Note != "" {
		fmt.Fprintf(&text, "  %s\n", p.Note)
	}
	if p.Step != nil {
		fmt.Fprintf(&text, "  %s\n", p.Step.sentence())
	}
	for _, room := range p.Rooms {
		room.write(&text)
	}
	_, err := io.WriteString(w, plain.Text(text.String()))
	return err
}

func (r Room) write(text *strings.Builder) {
	fmt.Fprintf(text, "  room %s (%s), %d in it\n", cmp.Or(r.FriendlyName, "without a name"), r.ConferenceSID, r.People)
	if r.Governor != "" {
		fmt.Fprintf(text, "    Conference %s goes first in this room, so that nothing would be done for this one.\n", r.Governor)
	}
	for _, step := range r.Steps {
		fmt.Fprintf(text, "    %s %s, %s of call %s\n      %s\n", step.Write, step.Object, cmp.Or(step.Role, "no role"), step.CallSID, step.sentence())
	}
	for _, callSID := range slices.Sorted(maps.Keys(r.Unidentified)) {
		fmt.Fprintf(text, "    call %s: it is not known whether it has the role %s\n", callSID, r.Unidentified[callSID])
	}
	if len(r.Steps) == 0 && r.Governor == "" {
		fmt.Fprintln(text, "    nothing is declared for those that are there")
	}
}

// sentence is the request and why.
func (s Step) sentence() string {
	if len(s.Request) == 0 {
		return "send nothing: " + s.Why
	}
	fields := make([]string, 0, len(s.Request))
	for _, name := range slices.Sorted(maps.Keys(s.Request)) {
		fields = append(fields, name+"="+s.Request[name])
	}
	return "send " + strings.Join(fields, " ") + ": " + s.Why
}
