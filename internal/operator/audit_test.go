package operator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const (
	// canaryNumber and canaryKey are to be found nowhere.
	canaryNumber = "+15005550006"
	canaryKey    = "key-canary-4711"
)

// auditLine renders what tests compare of a line.
func auditLine(line sim.AuditLine) string {
	text := fmt.Sprintf("%s %s %s %s", line.Cause, line.Kind, line.Operation, line.Outcome)
	for _, change := range line.Changes {
		text += fmt.Sprintf(" %s:%v->%v", change.Field, change.Before, change.After)
		if change.Cause != "" && string(change.Cause) != line.Cause {
			text += "(" + string(change.Cause) + ")"
		}
	}
	return text
}

// wantAudit checks the lines that were written since the last time: what they say, and
// that none lacks what all have.
func wantAudit(t *testing.T, env *sim.Sim, want ...string) []sim.AuditLine {
	t.Helper()
	lines, got := env.TakeAudit(), []string{}
	for _, line := range lines {
		got = append(got, auditLine(line))
		if line.Namespace != sim.Namespace || line.Name == "" || line.UID == "" || line.Account != "acme" ||
			line.ConferenceSID == "" || line.Generation == 0 || line.Seconds == nil || (line.HTTPStatus != 0) != (line.RequestID != "") {
			t.Errorf("the line lacks something: %+v", line)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return lines
}

func TestAuditOfAParticipant(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) {
		sim.Mute(s)
		s.Hold, s.HoldURL, s.Once = new(true), sim.Music+"?key="+canaryKey, nil
		s.DeletionPolicy = v1alpha1.DeletionReset
	})
	env.Elapse(time.Minute)
	lines := wantAudit(t, env, "spec ConferenceParticipant update_participant ok muted:false->true hold:false->true holdURL:<nil>->https://music.example.com")
	if len(lines) == 1 && (lines[0].Name != "agent" || lines[0].CallSID != call || lines[0].ConferenceSID != env.Conference || lines[0].Conference != "") {
		t.Errorf("the line is %+v", lines[0])
	}
	toggle(t, env, call, unmuteThem)
	env.Elapse(time.Minute)
	wantAudit(t, env, "drift ConferenceParticipant update_participant ok muted:false->true")
	env.Edit("agent", func(s *sim.Spec) { s.Hold, s.HoldURL = new(false), "" })
	env.Elapse(time.Minute)
	wantAudit(t, env, "spec ConferenceParticipant update_participant ok hold:true->false")
	env.Delete(env.Get("agent"))
	env.Elapse(time.Minute)
	wantAudit(t, env, "deletion ConferenceParticipant update_participant ok muted:true->false")
}

func TestAuditOfOnceBesideARepair(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Hold: true})
	env.CreateParticipant("agent", call, func(s *sim.Spec) {
		s.Muted, s.Once = new(true), &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Hold: new(true)}}
	})
	env.Elapse(time.Minute)
	wantAudit(t, env, "spec ConferenceParticipant update_participant ok muted:false->true")
	env.Edit("agent", func(s *sim.Spec) { s.Once.Hold = new(false) })
	env.Elapse(time.Minute)
	wantAudit(t, env, "once ConferenceParticipant update_participant ok hold:true->false")
}

func TestAuditOfACoach(t *testing.T) {
	env := sim.New(t)
	agent, call := env.Join(), env.Join()
	env.CreateParticipant("supervisor", call, sim.Whisper(agent))
	env.Elapse(time.Minute)
	lines := wantAudit(t, env,
		"spec ConferenceParticipant update_participant ok muted:false->true coaching:false->true callSIDToCoach:->"+agent,
		"spec ConferenceParticipant update_participant ok muted:true->false coaching:true->true callSIDToCoach:"+agent+"->"+agent)
	for _, line := range lines {
		for _, change := range line.Changes {
			if carried := change.Field != "muted" && change.Before == change.After; carried != (change.Cause == "") {
				t.Errorf("%s is due to %q", change.Field, change.Cause)
			}
		}
	}
}

func TestAuditOfARemoval(t *testing.T) {
	env := sim.New(t)
	env.Join()
	call := env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { s.DeletionPolicy = v1alpha1.DeletionRemove })
	env.Elapse(time.Minute)
	env.Delete(env.Get("agent"))
	env.Elapse(time.Minute)
	wantAudit(t, env, "deletion ConferenceParticipant remove_participant ok inConference:true->false")
}

func TestAuditOfEachAttempt(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: http.StatusServiceUnavailable, Times: 1})
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); announce("closing")(s) })
	env.Elapse(time.Minute)
	lines := env.TakeAudit()
	var got []string
	for _, line := range lines {
		got = append(got, fmt.Sprintf("%s %s %d %s %s", line.Cause, line.Outcome, line.HTTPStatus, line.Why, line.ID))
	}
	want := []string{"spec unknown_outcome 503  ", "spec unknown_outcome 0 connection_reset ", "announcement ok 200  closing"}
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has %q, want %q", got, want)
	}
	if sent := env.Count(voicesim.OpUpdateParticipant); sent != len(lines) {
		t.Errorf("the provider got %d updates, and the audit log has %d lines", sent, len(lines))
	}
}

// governed are roles that close what is unknown, mute on entry and coach.
func governed(s *v1alpha1.ConferenceSpec) {
	s.FriendlyName = "all-hands"
	s.Roles = []v1alpha1.Role{
		{Name: "host", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{canaryNumber}}}, AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
		{Name: "audience", MuteOnEntry: new(true), AudioControls: v1alpha1.AudioControls{Hold: new(true)}, Announcement: &v1alpha1.RoleAnnouncement{
			ID: "welcome", URL: "https://media.example.com/" + canaryNumber,
		}},
	}
}

func TestAuditOfARoom(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", governed)
	host, sid := env.JoinRoom("all-hands", voicesim.JoinOptions{From: canaryNumber, Muted: true})
	guest, _ := env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15005550007"})
	env.Elapse(time.Minute)
	causes := map[string][]string{}
	for _, line := range env.TakeAudit() {
		causes[line.CallSID] = append(causes[line.CallSID], auditLine(line)+" "+line.Role)
		if line.Conference != "all-hands" || line.ConferenceSID != sid {
			t.Errorf("a line about another room: %+v", line)
		}
	}
	if want := []string{"room ConferenceParticipant update_participant ok muted:true->false host"}; !slices.Equal(causes[host], want) {
		t.Errorf("of the host %q, want %q", causes[host], want)
	}
	if want := []string{
		"room ConferenceParticipant update_participant ok muted:false->true(once) hold:false->true audience",
		"announcement ConferenceParticipant update_participant ok announcement.url:<nil>->https://media.example.com audience",
	}; !slices.Equal(causes[guest], want) {
		t.Errorf("of the guest %q, want %q", causes[guest], want)
	}
	env.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: "https://media.example.com/closing.xml?key=" + canaryKey}
		s.End = &v1alpha1.RoomEnd{ID: "over", NotAfterTime: metav1.NewTime(env.Now().Add(time.Hour))}
	})
	env.Elapse(time.Minute)
	lines := wantAudit(t, env,
		"announcement Conference update_conference ok announcement.url:<nil>->https://media.example.com",
		"room Conference update_conference ok status:in-progress->completed")
	if len(lines) == 2 && (lines[0].ID != "closing" || lines[1].ID != "over" || lines[0].CallSID != "" || lines[0].Name != "all-hands") {
		t.Errorf("the lines are %+v", lines)
	}
	wantNoCanary(t, env)
}

func TestAuditOfAnEndSinceARoleHasLeft(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", func(s *v1alpha1.ConferenceSpec) {
		s.FriendlyName = "all-hands"
		s.Roles = []v1alpha1.Role{{Name: "host", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{canaryNumber}}}}}
		s.EndWhenRoleLeaves = &v1alpha1.EndWhenRoleLeaves{Role: "host", AfterSeconds: 60}
	})
	host, _ := env.JoinRoom("all-hands", voicesim.JoinOptions{From: canaryNumber})
	env.JoinRoom("all-hands")
	env.JoinRoom("all-hands")
	env.Elapse(time.Minute)
	env.Provider.HangUp(host)
	env.Elapse(5 * time.Minute)
	lines := wantAudit(t, env, "room Conference update_conference ok status:in-progress->completed")
	if len(lines) == 1 && lines[0].Role != "host" {
		t.Errorf("the line is %+v", lines[0])
	}
}

// wantNoCanary checks that neither token nor number nor key is anywhere in the audit log.
func wantNoCanary(t *testing.T, env *sim.Sim) {
	t.Helper()
	audited := 0
	for line := range strings.SplitSeq(env.Output(), "\n") {
		if !strings.HasPrefix(line, "audit: ") {
			continue
		}
		audited++
		for _, canary := range []string{sim.Token, strings.TrimPrefix(canaryNumber, "+"), canaryKey, "15005550007"} {
			if strings.Contains(line, canary) {
				t.Errorf("%s is in the line %s", canary, line)
			}
		}
	}
	if audited == 0 {
		t.Error("the audit log is empty")
	}
}
