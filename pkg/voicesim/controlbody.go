package voicesim

import (
	"fmt"
	"time"
)

// duration is a time.Duration that is a text in JSON, such as "1.5s".
type duration time.Duration

// MarshalText writes the duration as time.Duration prints it.
func (d duration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText parses the text with time.ParseDuration.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("a duration is written like 1.5s or 200ms: %w", err)
	}
	*d = duration(v)
	return nil
}

// settingsBody is Settings in JSON. Its own fields take precedence over those of
// the same names in Settings.
type settingsBody struct {
	Settings

	VisibleAfter duration `json:"visibleAfter"`
	ListLag      duration `json:"listLag"`
}

func (b settingsBody) settings() Settings {
	b.Settings.VisibleAfter = time.Duration(b.VisibleAfter)
	b.Settings.ListLag = time.Duration(b.ListLag)
	return b.Settings
}

// faultBody is Fault in JSON. Its own fields take precedence over those of the
// same names in Fault.
type faultBody struct {
	Fault

	Delay       duration `json:"delay"`
	RevertAfter duration `json:"revertAfter"`
	StaleReads  duration `json:"staleReads"`
	ListLag     duration `json:"listLag"`
}

func (b faultBody) fault() Fault {
	b.Fault.Delay = time.Duration(b.Delay)
	b.Fault.RevertAfter = time.Duration(b.RevertAfter)
	b.Fault.StaleReads = time.Duration(b.StaleReads)
	b.Fault.ListLag = time.Duration(b.ListLag)
	return b.Fault
}

type accountBody struct {
	SID   string `json:"sid"`
	Token string `json:"token"`
}

type tokensBody struct {
	Tokens       []string `json:"tokens"`
	WithoutVoice []string `json:"withoutVoice"`
}

// driftBody is a change of a participant that does not come from the API. Fields
// that are nil stay as they are.
type driftBody struct {
	Muted                  *bool   `json:"muted"`
	Hold                   *bool   `json:"hold"`
	Coaching               *bool   `json:"coaching"`
	CallSIDToCoach         *string `json:"callSIDToCoach"`
	StartConferenceOnEnter *bool   `json:"startConferenceOnEnter"`
	EndConferenceOnExit    *bool   `json:"endConferenceOnExit"`
	Status                 *string `json:"status"`
}

func (b driftBody) apply(p *Participant) {
	set(&p.Muted, b.Muted)
	set(&p.Hold, b.Hold)
	set(&p.Coaching, b.Coaching)
	set(&p.CallSIDToCoach, b.CallSIDToCoach)
	set(&p.StartConferenceOnEnter, b.StartConferenceOnEnter)
	set(&p.EndConferenceOnExit, b.EndConferenceOnExit)
	set(&p.Status, b.Status)
}
