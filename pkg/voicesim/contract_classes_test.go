package voicesim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// Each case is a reason for an update of Alice to fail, but the first.
func TestContractClasses(t *testing.T) { perDialect(t, contractClasses) }

func contractClasses(t *testing.T, dialect voice.Dialect) {
	over := func(setting string) func(*room) {
		return func(r *room) {
			r.SetSettings(voicesim.Settings{CompletedConference: setting})
			r.EndConference(r.sid)
		}
	}
	fault := func(f voicesim.Fault) func(*room) { return func(r *room) { r.Inject(f) } }
	mute := voice.Update{Muted: new(true)}
	for _, tt := range []struct {
		name    string
		prepare func(*room)
		update  voice.Update
		token   string
		want    voice.Class
	}{
		{name: "fine", update: mute, want: voice.ClassOK},
		{name: "wrong token", update: mute, token: "PTwrong", want: voice.ClassUnauthorized},
		{name: "revoked", prepare: func(r *room) { r.RevokeTokens(account) }, update: mute, want: voice.ClassUnauthorized},
		{name: "no scope", prepare: func(r *room) {
			r.SetTokens(account)
			r.SetTokensWithoutVoice(account, token)
			r.SetSettings(voicesim.Settings{MissingScopeStatus: 403})
		}, update: mute, want: voice.ClassUnauthorized},
		{name: "left", prepare: func(r *room) { r.HangUp(alice) }, update: mute, want: voice.ClassGone},
		{name: "over, 404", prepare: over(voicesim.CompletedNotFound), update: mute, want: voice.ClassGone},
		{name: "over, 400", prepare: over(voicesim.CompletedBadRequest), update: mute, want: voice.ClassGone},
		{name: "over, 422", prepare: over(voicesim.CompletedUnprocessable), update: mute, want: voice.ClassGone},
		{name: "no such coachee", update: voice.Update{Coaching: new(true), CallSIDToCoach: account}, want: voice.ClassCoacheeMissing},
		{name: "bad URL", update: voice.Update{Hold: new(true), HoldURL: "x"}, want: voice.ClassRefused},
		{name: "bad method", update: voice.Update{Hold: new(true), HoldURL: "https://a.example/", HoldMethod: "PUT"}, want: voice.ClassRefused},
		{name: "string code", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeStringCode}), update: voice.Update{CallSIDToCoach: account, Coaching: new(true)}, want: voice.ClassCoacheeMissing},
		{name: "too many", prepare: fault(voicesim.Fault{Status: 429}), update: mute, want: voice.ClassNotExecuted},
		{name: "unavailable", prepare: fault(voicesim.Fault{Status: 503}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "proxy", prepare: fault(voicesim.Fault{Status: 502, Shape: voicesim.ShapeHTML}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "redirect", prepare: fault(voicesim.Fault{Status: 302, Header: http.Header{"Location": {"/"}}}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "page", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeHTML}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "empty", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeEmpty}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "truncated", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeTruncated}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "endless", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeEndless}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "wrong object", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeWrongObject}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "reset before", prepare: fault(voicesim.Fault{Reset: voicesim.ResetBefore}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "reset after", prepare: fault(voicesim.Fault{Reset: voicesim.ResetAfter}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "error objects", prepare: fault(voicesim.Fault{Status: 422, Code: 21402, Shape: voicesim.ShapeErrorsObjects}), update: mute, want: voice.ClassRefused},
		{name: "error strings", prepare: fault(voicesim.Fault{Status: 422, Shape: voicesim.ShapeErrorsStrings}), update: mute, want: voice.ClassRefused},
		{name: "status mismatch", prepare: fault(voicesim.Fault{Status: 404, Shape: voicesim.ShapeStatusMismatch}), update: mute, want: voice.ClassGone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			if tt.prepare != nil {
				tt.prepare(r)
			}
			if tt.token == "" {
				tt.token = token
			}
			_, err := r.client(dialect, tt.token).UpdateParticipant(t.Context(), r.sid, alice, tt.update)
			if got := voice.ClassOf(err); got != tt.want {
				t.Errorf("class %s, want %s: %v", got, tt.want, err)
			}
			if err != nil && strings.Contains(err.Error(), tt.token) {
				t.Errorf("the error has the token: %v", err)
			}
			if got := r.Counts()[voicesim.OpUpdateParticipant]; got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}
