package voicesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestSettingsValidate(t *testing.T) {
	for name, settings := range map[string]voicesim.Settings{
		"":                     {},
		"missingScopeStatus":   {MissingScopeStatus: 402},
		"unknownAccountStatus": {UnknownAccountStatus: 403},
		"missingCoacheeStatus": {MissingCoacheeStatus: 404},
		"completedConference":  {CompletedConference: "410"},
		"completedList":        {CompletedList: "full"},
		"coacheeLeaves":        {CoacheeLeaves: "stays"},
		"visibleAfter":         {VisibleAfter: -1},
		"rateLimit":            {RateLimit: -1},
		"listLag":              {ListLag: time.Minute + 1},
	} {
		checkError(t, name, settings.Validate())
	}
}

func TestFaultValidate(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"":            {Operation: voicesim.OpGetConference, Shape: voicesim.ShapeFlat, Reset: voicesim.ResetAfter, Status: 599},
		"operation":   {Operation: "update"},
		"shape":       {Shape: "round"},
		"reset":       {Reset: "soon"},
		"status":      {Status: 199},
		"skip":        {Skip: -1},
		"times":       {Times: -1},
		"delay":       {Delay: -1},
		"revertAfter": {RevertAfter: -1},
		"staleReads":  {StaleReads: -1},
		"listLag":     {ListLag: -1},
	} {
		checkError(t, name, fault.Validate())
	}
}

// checkError expects an error that names a field, none if that is empty.
func checkError(t *testing.T, field string, err error) {
	t.Helper()
	if (err != nil) != (field != "") || err != nil && !strings.HasPrefix(err.Error(), field+": ") {
		t.Errorf("%q: %v", field, err)
	}
}

func TestMistakesOfTheCallerPanic(t *testing.T) {
	bad := voicesim.Settings{CoacheeLeaves: "stays"}
	for name, call := range map[string]func(){
		"New":         func() { voicesim.New(voicesim.Config{Settings: bad}) },
		"SetSettings": func() { voicesim.New(voicesim.Config{}).SetSettings(bad) },
		"Inject":      func() { voicesim.New(voicesim.Config{}).Inject(voicesim.Fault{Shape: "round"}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s takes it", name)
				}
			}()
			call()
		}()
	}
}
