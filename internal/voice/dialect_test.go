package voice

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The same rules hold for every dialect; each case is run for each provider.
func TestDialects(t *testing.T) {
	rules := map[string]func(*testing.T, provider){
		"paths":        dialectPaths,
		"update":       dialectUpdate,
		"participant":  dialectParticipant,
		"missing keys": dialectMissingKeys,
		"statuses":     dialectStatuses,
		"pages":        dialectPages,
		"codes":        dialectCodes,
		"limits":       dialectLimits,
		"lacking":      dialectLacking,
		"secrets":      dialectSecrets,
		"calls":        dialectCalls,
		"rooms":        dialectRooms,
	}
	for _, p := range providers() {
		for name, rule := range rules {
			t.Run(p.dialect.Name+"/"+name, func(t *testing.T) { rule(t, p) })
		}
	}
}

func dialectPaths(t *testing.T, p provider) {
	want := map[Operation]string{
		OpListConferences: p.path("Conferences"), OpGetConference: p.path("Conferences", conference),
		OpListParticipants: p.path("Conferences", conference, "Participants"),
		OpGetParticipant:   p.participantPath(), OpUpdateParticipant: p.participantPath(), OpRemoveParticipant: p.participantPath(),
		OpUpdateConference: p.path("Conferences", conference), OpListCalls: p.path("Calls"), OpGetCall: p.path("Calls", callSID),
	}
	for _, operation := range operations() {
		client, seen := p.serve(t, reply(http.StatusNotFound, ""))
		wantClass(t, operation.call(t.Context(), client), ClassGone)
		if got := <-seen; got.path != want[operation.name] {
			t.Errorf("%s: got %s, want %s", operation.name, got.path, want[operation.name])
		}
	}
}

func dialectUpdate(t *testing.T, p provider) {
	client, seen := p.serve(t, reply(http.StatusOK, p.participant(fields{"call_sid_to_coach": coachee, "coaching": true})))
	got, err := client.UpdateParticipant(t.Context(), conference, callSID, Update{Coaching: new(true), CallSIDToCoach: coachee})
	if err != nil || got.CallSIDToCoach != coachee || !got.Coaching {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, field := range []string{"Coaching=true", p.coachField + "=" + coachee} {
		if body := (<-seen).body; !strings.Contains("&"+body+"&", "&"+field+"&") {
			t.Errorf("%s is not in %s", field, body)
		}
		_, _ = client.UpdateParticipant(t.Context(), conference, callSID, Update{Coaching: new(true), CallSIDToCoach: coachee})
	}
}

func dialectParticipant(t *testing.T, p provider) {
	body := p.participant(fields{"call_sid_to_coach": coachee, "coaching": true, "hold": true})
	client, _ := p.serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "Participants"+p.suffix) {
			reply(http.StatusOK, pageOf(nil, body))(w, r)
			return
		}
		reply(http.StatusOK, body)(w, r)
	})
	read, err := client.GetParticipant(t.Context(), conference, callSID)
	if err != nil || read.CallSIDToCoach != coachee || !read.Coaching || !read.Hold || !read.Muted || read.ConferenceSID != conference {
		t.Errorf("read %+v, %v", read, err)
	}
	for listed, err := range client.ParticipantPages(t.Context(), conference) {
		if err != nil || !reflect.DeepEqual(listed, Page{Participants: []Participant{read}}) {
			t.Errorf("listed %+v, %v", listed, err)
		}
	}
}

func dialectMissingKeys(t *testing.T, p provider) {
	for _, key := range []string{"muted", "hold", "coaching"} {
		client, _ := p.serve(t, reply(http.StatusOK, p.participant(fields{key: absent{}})))
		_, err := client.GetParticipant(t.Context(), conference, callSID)
		if optional := strings.Contains(strings.Join(p.missing, " "), key); optional != (err == nil) {
			t.Errorf("without %s: %v", key, err)
		}
	}
	changes := fields{}
	for _, key := range p.missing {
		changes[key] = absent{}
	}
	client, _ := p.serve(t, reply(http.StatusOK, p.participant(changes)))
	got, err := client.GetParticipant(t.Context(), conference, callSID)
	if err != nil || got.Hold || got.Coaching || got.CallSIDToCoach != "" || !got.Muted {
		t.Errorf("got %+v, %v", got, err)
	}
}

func dialectStatuses(t *testing.T, p provider) {
	for want, statuses := range map[Phase][]string{PhaseEnded: p.ended, PhaseRinging: p.ringing, PhaseActive: p.active} {
		for _, status := range statuses {
			client, _ := p.serve(t, reply(http.StatusOK, p.participant(fields{"status": status})))
			got, err := client.GetParticipant(t.Context(), conference, callSID)
			if err != nil || got.Phase != want || got.Ended() != (want == PhaseEnded) || got.Ringing() != (want == PhaseRinging) || got.Status != status {
				t.Errorf("%s: got %+v, %v", status, got, err)
			}
		}
	}
	for _, missing := range []any{absent{}, nil} {
		client, _ := p.serve(t, reply(http.StatusOK, p.participant(fields{"status": missing})))
		if got, err := client.GetParticipant(t.Context(), conference, callSID); err != nil || got.Phase != PhaseActive {
			t.Errorf("status %v: got %+v, %v", missing, got, err)
		}
	}
}

func dialectPages(t *testing.T, p provider) {
	list := p.path("Conferences", conference, "Participants")
	client, seen := p.serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := fields{"participants": []json.RawMessage{json.RawMessage(p.participant(nil))}}
		if r.URL.Query().Get("Page") == "" {
			page[p.dialect.Participants.NextKey] = list + "?Page=1"
		}
		reply(http.StatusOK, page.json(nil))(w, r)
	})
	if err := drain(client.ParticipantPages(t.Context(), conference)); err != nil {
		t.Error(err)
	}
	if first, second := <-seen, <-seen; first.query != p.pageSize || second.query != "Page=1" || second.path != list {
		t.Errorf("got %+v and %+v", first, second)
	}
}

func dialectCodes(t *testing.T, p provider) {
	for code, want := range map[int]Class{p.coacheeMissing: ClassCoacheeMissing, p.completed: ClassGone, p.badURL: ClassRefused, 99999: ClassRefused} {
		for _, status := range []int{http.StatusBadRequest, http.StatusUnprocessableEntity} {
			failed := p.respond(t, status, code)
			if failed.Class != want || failed.Permanent != (code == p.badURL) || failed.Meaning != p.dialect.Codes[code].Meaning {
				t.Errorf("code %d: got %+v", code, failed)
			}
		}
		if failed := p.respond(t, http.StatusInternalServerError, code); failed.Class != ClassUnknownOutcome || failed.Permanent {
			t.Errorf("code %d: got %+v", code, failed)
		}
	}
}

func dialectLimits(t *testing.T, p provider) {
	for header, want := range map[string]time.Duration{"Retry-After": 9 * time.Second, p.reset: 9 * time.Second, "X-Other-Reset": 0} {
		if got := p.respond(t, http.StatusTooManyRequests, 0, header, "9").RetryAfter; got != want {
			t.Errorf("%s: got %s, want %s", header, got, want)
		}
	}
}

func dialectLacking(t *testing.T, p provider) {
	client, seen := p.serve(t, reply(http.StatusOK, p.participant(nil)))
	_, err := client.UpdateParticipant(t.Context(), conference, callSID, Update{Muted: new(true), Beep: new(true)})
	if p.lacking == "" {
		wantClass(t, err, ClassOK)
		return
	}
	failed := failure(t, err)
	if failed.Class != ClassRefused || !failed.Permanent || !strings.Contains(failed.Explain(), p.lacking) || len(seen) != 0 {
		t.Errorf("got %v after %d requests", failed, len(seen))
	}
	_, err = client.UpdateConference(t.Context(), conference, ConferenceUpdate{Complete: true})
	if failed := failure(t, err); failed.Class != ClassRefused || !failed.Permanent || !strings.Contains(failed.Explain(), "Status of a conference") || len(seen) != 0 {
		t.Errorf("got %v after %d requests", failed, len(seen))
	}
	_, err = client.UpdateParticipant(t.Context(), conference, callSID, Update{AnnounceURL: "https://a.example/"})
	wantClass(t, err, ClassOK)
	if got := (<-seen).body; got != "AnnounceUrl=https%3A%2F%2Fa.example%2F" {
		t.Errorf("sent %s", got)
	}
}

func dialectSecrets(t *testing.T, p provider) {
	_, credentials, _ := strings.Cut(p.authorization, " ")
	for _, echoed := range []string{canary, credentials} {
		quoted, _ := json.Marshal("bad " + echoed)
		client, _ := p.serve(t, reply(http.StatusUnauthorized, `{"message":`+string(quoted)+`}`))
		if failed := failure(t, update(t.Context(), client)); failed.Message != "bad "+redacted {
			t.Errorf("got %q", failed.Message)
		}
	}
}

func TestAListWithoutPageSize(t *testing.T) {
	p := providers()[1]
	client, seen := p.serve(t, reply(http.StatusOK, conferences))
	if err := client.VerifyToken(context.Background()); err != nil {
		t.Error(err)
	}
	if got := (<-seen).query; got != "" {
		t.Errorf("the query is %q", got)
	}
}

func TestNewRefusesADialectThatIsNotFilledIn(t *testing.T) {
	broken := SignalWire()
	broken.SIDs.Account = "("
	for name, dialect := range map[string]Dialect{"none": {}, "only a name": {Name: "SignalWire"}, "a bad form": broken} {
		if _, err := New(Config{Dialect: dialect, BaseURL: "https://acme.signalwire.com", AccountSID: account}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, p := range providers() {
		_, err := New(Config{Dialect: p.dialect, BaseURL: "https://acme.example.com", AccountSID: strings.ToUpper(p.account) + "x"})
		if err == nil || !strings.Contains(err.Error(), "account SID") {
			t.Errorf("%s accepts another form of account SID: %v", p.dialect.Name, err)
		}
	}
}

func TestDialectFor(t *testing.T) {
	if got, ok := DialectFor("SignalWire"); !ok || got.Name != "SignalWire" {
		t.Errorf("got %+v, %v", got, ok)
	}
	for _, name := range []string{"", "signalwire", "Twilio", "Invented"} {
		if got, ok := DialectFor(name); ok || got.Name != "" {
			t.Errorf("%q: got %+v, %v", name, got, ok)
		}
	}
}

func TestRenameKeys(t *testing.T) {
	keys := map[string]string{"a": "b"}
	for raw, want := range map[string]string{
		`{"a":1,"c":2}`: `{"b":1,"c":2}`, `{"a":1,"b":2}`: `{"b":1}`, `{"b":2}`: `{"b":2}`,
		`[{"a":1},7,null]`: `[{"b":1},7,null]`, `[]`: `[]`, `null`: `null`, `"a"`: `"a"`, `{"a":`: `{"a":`, ``: ``, `{}x`: `{}x`,
	} {
		if got := string(renameKeys(json.RawMessage(raw), keys)); got != want {
			t.Errorf("%s became %s, want %s", raw, got, want)
		}
	}
}
