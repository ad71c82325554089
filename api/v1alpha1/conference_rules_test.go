package v1alpha1_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func (s *apiServer) conference(changes fields) *unstructured.Unstructured {
	return s.object("Conference", fields{"accountRef": fields{"name": "acme"}, "friendlyName": "all-hands"}, changes)
}

// host is a role with a match, audience one without.
func host() fields {
	return fields{"name": "host", "match": terms(fields{"endConferenceOnExit": true})}
}

func audience() fields { return fields{"name": "audience", "muted": true} }

func terms(all ...fields) []any {
	list := []any{}
	for _, term := range all {
		list = append(list, term)
	}
	return list
}

// roles declares a host, and each of the others.
func roles(others ...fields) fields {
	return fields{"roles": terms(append([]fields{host()}, others...)...)}
}

// matching declares one role with one term.
func matching(term fields) fields {
	return fields{"roles": terms(fields{"name": "host", "match": terms(term)})}
}

// declaring is a role for everybody else with more fields.
func declaring(more fields) fields {
	return roles(merged(fields{"name": "audience"}, more))
}

func many(number int, each func(i int) any) (list []any) {
	for i := range number {
		list = append(list, each(i))
	}
	return list
}

func number(i int) any { return fmt.Sprintf("+1555555%04d", i) }

func (s *apiServer) conferenceRules(t *testing.T) {
	end := func(change fields) fields { return fields{"end": change} }
	waitFor := func(change fields) fields {
		return fields{"roles": terms(host(), audience()), "waitForRole": change}
	}
	endAfter := func(change fields) fields {
		return fields{"roles": terms(host(), audience()), "endWhenRoleLeaves": change}
	}
	prefix := fields{"friendlyName": nil, "friendlyNamePrefix": "case-"}
	const later = "2026-11-23T18:00:00Z"
	oneName := verdict{"spec.friendlyName", "exactly one of the two"}
	roomWide := verdict{"spec.friendlyNamePrefix", "announcement and end need friendlyName"}
	for name, test := range map[string]struct {
		change fields
		want   verdict
	}{
		"the least": {nil, verdict{}},
		"everything": {fields{
			"roles": terms(
				fields{"name": "host", "muted": false, "beep": false, "driftPolicy": "Enforce", "match": terms(fields{
					"endConferenceOnExit": false, "direction": "Inbound", "numbers": []any{"+15555550100", "sip:a@b", "sips:a@b:5061;transport=tls"},
					"numbersSecretRef": fields{"name": "hosts.v1", "key": "numbers.txt"}, "dialedNumbers": []any{"+15555550199"},
				})},
				fields{"name": "coach", "muted": false, "coachRole": "host", "match": terms(fields{"direction": "Outbound"})},
				fields{"name": "audience", "muteOnEntry": true, "hold": true, "holdURL": music, "holdMethod": "GET", "announcement": fields{"id": "welcome", "url": music, "method": "GET"}},
			),
			"waitForRole":           fields{"role": "host", "holdURL": music, "holdMethod": "POST", "graceSeconds": 10},
			"identifyWithinSeconds": 0, "announcement": fields{"id": "closing-in-5", "url": music, "notAfterTime": later, "onUnknown": "Retry"},
			"end": fields{"id": "after-the-incident", "notAfterTime": later}, "endWhenRoleLeaves": fields{"role": "host", "afterSeconds": 30},
			"mode": "Observe", "suspend": true, "participantTTLSeconds": 120, "report": "Summary",
		}, verdict{}},
		"a prefix":             {prefix, verdict{}},
		"neither name":         {fields{"friendlyName": nil}, oneName},
		"both names":           {fields{"friendlyNamePrefix": "case-"}, oneName},
		"an empty name":        {fields{"friendlyName": ""}, verdict{"spec.friendlyName", "at least 1 char"}},
		"a long name":          {fields{"friendlyName": strings.Repeat("é", 65)}, verdict{"spec.friendlyName", "64"}},
		"a name of 64":         {fields{"friendlyName": strings.Repeat("é", 64)}, verdict{}},
		"a short prefix":       {fields{"friendlyName": nil, "friendlyNamePrefix": "ab"}, verdict{"spec.friendlyNamePrefix", "at least 3 chars"}},
		"prefix, announcement": {merged(prefix, fields{"announcement": fields{"id": "a", "url": music}}), roomWide},
		"prefix, end":          {merged(prefix, end(fields{"id": "a", "notAfterTime": later})), roomWide},
		"no account":           {fields{"accountRef": nil}, verdict{"spec.accountRef", "Required value"}},
		"account without name": {fields{"accountRef": fields{}}, verdict{"spec.accountRef.name", "Required value"}},
		"account elsewhere":    {fields{"accountRef": fields{"name": "other/acme"}}, verdict{"spec.accountRef.name", "lower-case letters, digits"}},
		"17 roles": {fields{"roles": many(17, func(i int) any {
			return fields{"name": fmt.Sprint("r", i), "match": terms(fields{"direction": "Inbound"})}
		})}, verdict{"spec.roles", "at most 16 items"}},
		"identified at once":    {fields{"identifyWithinSeconds": 0}, verdict{}},
		"identified before":     {fields{"identifyWithinSeconds": -1}, verdict{"spec.identifyWithinSeconds", "greater than or equal to 0"}},
		"identified late":       {fields{"identifyWithinSeconds": 31}, verdict{"spec.identifyWithinSeconds", "less than or equal to 30"}},
		"a TTL before R7":       {fields{"participantTTLSeconds": 119}, verdict{"spec.participantTTLSeconds", "greater than or equal to 120"}},
		"a TTL beyond a week":   {fields{"participantTTLSeconds": 604801}, verdict{"spec.participantTTLSeconds", "less than or equal to 604800"}},
		"an odd mode":           {fields{"mode": "Delete"}, verdict{"spec.mode", `supported values: "Enforce", "Observe"`}},
		"an odd report":         {fields{"report": "All"}, verdict{"spec.report", `supported values: "Participants", "Summary"`}},
		"announcement, odd id":  {fields{"announcement": fields{"id": "a b", "url": music}}, verdict{"spec.announcement.id", "letters, digits"}},
		"announcement, no url":  {fields{"announcement": fields{"id": "a"}}, verdict{"spec.announcement.url", "Required value"}},
		"end":                   {end(fields{"id": "a", "notAfterTime": later}), verdict{}},
		"end, no id":            {end(fields{"notAfterTime": later}), verdict{"spec.end.id", "Required value"}},
		"end, odd id":           {end(fields{"id": "a b", "notAfterTime": later}), verdict{"spec.end.id", "such as after-the-incident"}},
		"end, long id":          {end(fields{"id": strings.Repeat("a", 64), "notAfterTime": later}), verdict{"spec.end.id", "63"}},
		"end for ever":          {end(fields{"id": "a"}), verdict{"spec.end.notAfterTime", "Required value"}},
		"end tomorrow":          {end(fields{"id": "a", "notAfterTime": "tomorrow"}), verdict{"spec.end.notAfterTime", "date-time"}},
		"wait":                  {waitFor(fields{"role": "host"}), verdict{}},
		"wait for no role":      {waitFor(fields{}), verdict{"spec.waitForRole.role", "Required value"}},
		"wait for an odd role":  {waitFor(fields{"role": "The host"}), verdict{"spec.waitForRole.role", "lower-case letters"}},
		"wait for anybody":      {waitFor(fields{"role": "audience"}), verdict{"spec.waitForRole.role", "has a match"}},
		"wait for an unknown":   {waitFor(fields{"role": "boss"}), verdict{"spec.waitForRole.role", "must name a role of this Conference"}},
		"wait without roles":    {fields{"waitForRole": fields{"role": "host"}}, verdict{"spec.waitForRole.role", "must name a role of this Conference"}},
		"wait, odd method":      {waitFor(fields{"role": "host", "holdMethod": "PUT"}), verdict{"spec.waitForRole.holdMethod", `supported values: "GET", "POST"`}},
		"wait, short grace":     {waitFor(fields{"role": "host", "graceSeconds": 9}), verdict{"spec.waitForRole.graceSeconds", "greater than or equal to 10"}},
		"wait, long grace":      {waitFor(fields{"role": "host", "graceSeconds": 86401}), verdict{"spec.waitForRole.graceSeconds", "less than or equal to 86400"}},
		"end after no role":     {endAfter(fields{"afterSeconds": 30}), verdict{"spec.endWhenRoleLeaves.role", "Required value"}},
		"end after an odd role": {endAfter(fields{"role": "-", "afterSeconds": 30}), verdict{"spec.endWhenRoleLeaves.role", "lower-case letters"}},
		"end after anybody":     {endAfter(fields{"role": "audience", "afterSeconds": 30}), verdict{"spec.endWhenRoleLeaves.role", "has a match"}},
		"end after an unknown":  {endAfter(fields{"role": "boss", "afterSeconds": 30}), verdict{"spec.endWhenRoleLeaves.role", "must name a role"}},
		"end without roles":     {fields{"endWhenRoleLeaves": fields{"role": "host", "afterSeconds": 30}}, verdict{"spec.endWhenRoleLeaves.role", "must name a role"}},
		"end after no time":     {endAfter(fields{"role": "host"}), verdict{"spec.endWhenRoleLeaves.afterSeconds", "Required value"}},
		"end too soon":          {endAfter(fields{"role": "host", "afterSeconds": 29}), verdict{"spec.endWhenRoleLeaves.afterSeconds", "greater than or equal to 30"}},
		"end too late":          {endAfter(fields{"role": "host", "afterSeconds": 86401}), verdict{"spec.endWhenRoleLeaves.afterSeconds", "less than or equal to 86400"}},
	} {
		t.Run(name, func(t *testing.T) { s.wantCreate(t, s.conference(test.change), test.want) })
	}
}

// conferenceURLs: the rules are those of participants, which have a test of their
// own; one URL of each kind shows that they are in force here.
func (s *apiServer) conferenceURLs(t *testing.T) {
	for url, says := range map[string]string{
		music:                             "",
		"closing.xml":                     "must be an absolute http or https URL",
		"https://music.example.com:0/":    "the port must be between 1 and 65535",
		"https://music.example.com/on it": "percent-encode them",
	} {
		for field, change := range map[string]fields{
			"spec.announcement.url":          {"announcement": fields{"id": "a", "url": url}},
			"spec.waitForRole.holdURL":       merged(roles(), fields{"waitForRole": fields{"role": "host", "holdURL": url}}),
			"spec.roles[1].holdURL":          declaring(fields{"hold": true, "holdURL": url}),
			"spec.roles[1].announcement.url": declaring(fields{"announcement": fields{"id": "a", "url": url}}),
		} {
			want := verdict{}
			if says != "" {
				want = verdict{field, says}
			}
			t.Run(field+" "+url, func(t *testing.T) { s.wantCreate(t, s.conference(change), want) })
		}
	}
}

func (s *apiServer) conferenceNames(t *testing.T) {
	for name, want := range map[string]verdict{
		strings.Repeat("a", 63):        {},
		strings.Repeat("a", 31) + ".b": {},
		strings.Repeat("a", 64):        {"metadata", "at most 63 characters"},
	} {
		object := s.conference(nil)
		object.SetName(name)
		t.Run(name, func(t *testing.T) { s.wantCreate(t, object, want) })
	}
}

func (s *apiServer) conferenceEdits(t *testing.T) {
	prefix := fields{"friendlyName": nil, "friendlyNamePrefix": "case-"}
	for name, test := range map[string]struct {
		before, after fields
		want          []verdict
	}{
		"account":         {nil, fields{"accountRef": fields{"name": "other"}}, []verdict{{"spec.accountRef", "another Conference"}}},
		"name":            {nil, fields{"friendlyName": "other"}, []verdict{{"spec.friendlyName", "another room is another Conference"}}},
		"prefix":          {prefix, fields{"friendlyNamePrefix": "call-"}, []verdict{{"spec.friendlyNamePrefix", "other rooms are another Conference"}}},
		"name to prefix":  {nil, prefix, []verdict{{"spec.friendlyName", "immutable"}, {"spec.friendlyNamePrefix", "immutable"}}},
		"prefix to name":  {prefix, fields{"friendlyName": "case-1", "friendlyNamePrefix": nil}, []verdict{{"spec.friendlyName", "immutable"}, {"spec.friendlyNamePrefix", "immutable"}}},
		"roles":           {roles(audience()), fields{"roles": terms(fields{"name": "everybody", "hold": true})}, nil},
		"roles taken":     {roles(), fields{"roles": nil}, nil},
		"the role waited": {merged(roles(), fields{"waitForRole": fields{"role": "host"}}), fields{"roles": nil}, []verdict{{"spec.waitForRole.role", "must name a role"}}},
		"how it is run":   {nil, fields{"mode": "Observe", "suspend": true, "identifyWithinSeconds": 30, "participantTTLSeconds": 600, "report": "Summary"}, nil},
	} {
		t.Run(name, func(t *testing.T) { s.wantEdit(t, s.conference(test.before), test.after, test.want...) })
	}
}

// What the design shows as manifests is accepted as it is written there.
func (s *apiServer) designedConferences(t *testing.T) {
	for name, spec := range map[string]string{
		"listen-only all-hands": `
accountRef: {name: acme}
friendlyName: all-hands
roles:
- {name: host, match: [{endConferenceOnExit: true}], muted: false}
- {name: audience, muted: true}`,
		"a supervisor whispers in every room": `
accountRef: {name: acme}
friendlyNamePrefix: case-
roles:
- {name: agent, match: [{direction: Outbound, numbers: ["sip:agents@pbx.example.com"]}]}
- {name: supervisor, match: [{direction: Outbound, numbersSecretRef: {name: supervisors, key: numbers}}], coachRole: agent, muted: false}`,
		"only look": `
accountRef: {name: acme}
friendlyName: support`,
	} {
		declared := fields{}
		if err := yaml.Unmarshal([]byte(spec), &declared); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { s.wantCreate(t, s.object("Conference", declared, nil), verdict{}) })
	}
}

// conferenceStatus: what the operator writes is bounded, too.
func (s *apiServer) conferenceStatus(t *testing.T) {
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "observed"}, Spec: v1alpha1.ConferenceSpec{
		AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "all-hands",
	}}
	s.create(t, object)
	for name, test := range map[string]struct {
		status v1alpha1.ConferenceStatus
		want   verdict
	}{
		"nothing":      {v1alpha1.ConferenceStatus{}, verdict{}},
		"an odd state": {v1alpha1.ConferenceStatus{RoomState: "Over"}, verdict{"status.roomState", `supported values: "None", "Waiting", "Live", "Several"`}},
		"an odd role":  {v1alpha1.ConferenceStatus{Roles: []v1alpha1.RoleCount{{Name: "The host"}}}, verdict{"status.roles[0].name", "a role's name"}},
		"51 people":    {v1alpha1.ConferenceStatus{Participants: people(51)}, verdict{"status.participants", "at most 50 items"}},
		"50 people":    {v1alpha1.ConferenceStatus{Participants: people(50)}, verdict{}},
		"a person's role": {v1alpha1.ConferenceStatus{Participants: []v1alpha1.RoomParticipant{{CallSID: callSID, Role: "The host"}}},
			verdict{"status.participants[0].role", "a role's name"}},
		"a person's object": {v1alpha1.ConferenceStatus{Participants: []v1alpha1.RoomParticipant{{CallSID: callSID, ParticipantRef: &v1alpha1.LocalReference{Name: "A"}}}},
			verdict{"status.participants[0].participantRef.name", "name must be an object's name"}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := object.DeepCopy()
			changed.Status = test.status
			s.wantVerdict(t, s.client.Status().Update(t.Context(), changed, client.DryRunAll), test.want)
		})
	}
}

func people(number int) (found []v1alpha1.RoomParticipant) {
	for range number {
		found = append(found, v1alpha1.RoomParticipant{CallSID: callSID, ConferenceSID: conferenceSID, Role: "host"})
	}
	return found
}

// merged is the one with the fields of the other added.
func merged(one, other fields) fields {
	both := maps.Clone(one)
	maps.Copy(both, other)
	return both
}
