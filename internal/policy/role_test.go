package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	byFlag   = "roles: [{name: host, match: [{endConferenceOnExit: true}], muted: false}, {name: audience, muted: true}]"
	byNumber = `roles: [{name: host, match: [{numbers: ["+15555550100"]}], muted: false}, {name: audience, muted: true}]`
)

func TestR20TheFirstRoleThatMatches(t *testing.T) {
	outbound := func(l *Leg) { hostCalls(l); l.Caller.Direction, l.Caller.Dialed = v1alpha1.CallOutbound, Number{} }
	withheld := func(l *Leg) { calledBy("anonymous")(l) }
	noRole := func(*Leg) {}
	for _, c := range []struct {
		what, spec string
		leg        func(*Leg)
		role       string
		lookup     bool
	}{
		{"a flag that is said", byFlag, endsRoom, "host", false},
		{"a flag that was never said is no", byFlag, noRole, "audience", false},
		{"a flag that is said otherwise", byFlag, func(l *Leg) { l.EndsRoom = new(false) }, "audience", false},
		{"a number", byNumber, hostCalls, "host", false},
		{"another number", byNumber, stranger, "audience", false},
		{"a withheld number is no", byNumber, withheld, "audience", false},
		{"a call that is missing is no", byNumber, missing, "audience", false},
		{"a call that was not read", byNumber, noRole, "?host", true},
		{"the first of two", "roles: [{name: a, match: [{endConferenceOnExit: true}]}, {name: b, match: [{endConferenceOnExit: true}]}]", endsRoom, "a", false},
		{"none", "roles: [{name: a, match: [{endConferenceOnExit: true}]}]", noRole, "", false},
		{"any term", `roles: [{name: a, match: [{numbers: ["+15555550142"]}, {numbers: ["+15555550100"]}]}]`, hostCalls, "a", false},
		{"all fields of a term", `roles: [{name: a, match: [{endConferenceOnExit: true, numbers: ["+15555550100"]}]}]`, hostCalls, "", false},
		{"direction", "roles: [{name: a, match: [{direction: Outbound}]}, {name: b}]", outbound, "a", false},
		{"other direction", "roles: [{name: a, match: [{direction: Outbound}]}, {name: b}]", hostCalls, "b", false},
		{"dialed number", `roles: [{name: a, match: [{dialedNumbers: ["+15555550199"]}]}, {name: b}]`, stranger, "a", false},
		{"no dialed number", `roles: [{name: a, match: [{dialedNumbers: ["+15555550199"]}]}, {name: b}]`, outbound, "b", false},
		{"the list says yes before the call is read", `roles: [{name: a, match: [{numbers: ["+15555550100"]}, {endConferenceOnExit: true}], muted: true}, {name: b}]`, endsRoom, "a", false},
		{"the list says no before the call is read", `roles: [{name: a, match: [{endConferenceOnExit: true, numbers: ["+15555550100"]}], muted: true}, {name: b}]`, noRole, "b", false},
		{"a role before the first unknown one", `roles: [{name: a, match: [{endConferenceOnExit: true}]}, {name: b, match: [{numbers: ["+15555550100"]}], muted: true}]`, endsRoom, "a", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := staged(t, c.spec)
			s.join("A", c.leg)
			a := s.assign()
			role := string(a.Roles["A"])
			if asked := a.Unidentified["A"]; asked != "" {
				role = "?" + string(asked)
			}
			if role != c.role || slices.Contains(a.Lookups, "A") != c.lookup {
				t.Errorf("role %q, lookups %v; want %q, %v", role, a.Lookups, c.role, c.lookup)
			}
		})
	}
}

func TestR20ACallIsReadOnlyIfTheAnswerMatters(t *testing.T) {
	const number = `match: [{numbers: ["+15555550100"]}]`
	roles := func(first, rest, more string) string {
		return "roles: [{name: a, " + number + first + "}, {name: b" + rest + "}]\n" + more
	}
	entered := func(l *Leg) { l.Entered = false }
	for _, c := range []struct {
		what, spec string
		change     func(*Leg)
		lookup     bool
	}{
		{"a field differs", roles(", muted: true", "", ""), entered, true},
		{"the same field", roles(", muted: true", ", muted: true", ""), entered, false},
		{"true and false", roles(", muted: true", ", muted: false", ""), entered, true},
		{"music differs", roles(", hold: true, holdURL: 'https://a'", ", hold: true", ""), entered, true},
		{"nothing is declared", roles("", "", ""), entered, false},
		{"nothing but how", roles(", beep: false, driftPolicy: Report", "", ""), entered, false},
		{"how, of a field", roles(", muted: true, driftPolicy: Report", ", muted: true", ""), entered, true},
		{"it is coached", "roles: [{name: a, " + number + "}, {name: c, match: [{endConferenceOnExit: true}], coachRole: a, muted: true}]", entered, true},
		{"it is waited for", roles("", "", "waitForRole: {role: a}"), entered, true},
		{"the room ends with it", roles("", "", "endWhenRoleLeaves: {role: a, afterSeconds: 30}"), entered, true},
		{"an announcement on entry", roles(", announcement: {id: hi, url: 'https://a'}", "", ""), func(*Leg) {}, true},
		{"an announcement after entry", roles(", announcement: {id: hi, url: 'https://a'}", "", ""), entered, false},
		{"mute on entry", roles(", muteOnEntry: true", "", ""), func(*Leg) {}, true},
		{"mute on entry, later", roles(", muteOnEntry: true", "", ""), entered, false},
		{"overridden", roles(", muted: true", "", ""), override, false},
		{"overridden and coached", "roles: [{name: a, " + number + "}, {name: c, match: [{endConferenceOnExit: true}], coachRole: a, muted: true}]", override, true},
		{"a list lacks it", roles(", muted: true", "", ""), func(l *Leg) { l.Missing = true }, false},
		{"suspended", roles(", muted: true", "", "suspend: true"), entered, false},
		{"mode Observe", roles(", muted: true", "", "mode: Observe"), entered, true},
	} {
		s := staged(t, c.spec)
		s.join("A", c.change)
		if a := s.assign(); len(a.Lookups) == 1 != c.lookup {
			t.Errorf("%s: lookups %v, want %v", c.what, a.Lookups, c.lookup)
		}
	}
	s := staged(t, roles(", muted: true", ", muted: true", ""))
	s.join("A")
	s.want("A", ": muted=true")
}

func TestR20ASecretThatWasNotReadClosesNobody(t *testing.T) {
	const spec = "roles: [{name: host, match: [{numbersSecretRef: {name: hosts, key: numbers}}]}, {name: audience, muted: true}]\nidentifyWithinSeconds: 0\nwaitForRole: {role: host}"
	s := staged(t, spec)
	s.join("A", stranger)
	s.pass(100)
	s.want("A", "none")
	if got := s.last.Unidentified["A"]; got != "host" {
		t.Errorf("the role in question is %q", got)
	}
	s.policy = policyOf(t, spec, map[v1alpha1.SecretKeySelector][]Number{hosts: {hasher.Hash(hostNumber)}})
	s.want("A", "audience: muted=true hold=true (hold) (waits) Reset")
	s.carryOut()
	s.policy = policyOf(t, spec, nil)
	s.want("A", "audience: muted=true hold=true (hold) (waits) Reset")
	s.policy = policyOf(t, spec, map[v1alpha1.SecretKeySelector][]Number{hosts: {hasher.Hash(guestNumber)}})
	s.want("A", "host: once.hold=false Reset")

	s = staged(t, spec)
	s.policy = policyOf(t, spec, map[v1alpha1.SecretKeySelector][]Number{hosts: {}})
	s.join("A")
	if a := s.assign(); len(a.Lookups) > 0 || a.Roles["A"] != "audience" {
		t.Errorf("a call is read for a list without numbers: %v %v", a.Lookups, a.Roles)
	}
}

func TestR20ASecretThatWasNotReadOpensNobody(t *testing.T) {
	const spec = "roles: [{name: host, match: [{numbersSecretRef: {name: hosts, key: numbers}}], hold: true}, {name: audience, muted: true}]"
	numbers := map[v1alpha1.SecretKeySelector][]Number{hosts: {hasher.Hash(hostNumber)}}
	s := staged(t, spec)
	s.policy = policyOf(t, spec, numbers)
	s.join("A")
	s.pass(2)
	s.want("A", ": muted=true hold=true (muted) (hold) Reset")
	s.carryOut()
	s.policy = policyOf(t, spec, nil)
	s.want("A", ": muted=true hold=true (muted) (hold) Reset")
}

func TestR20FlagsAreJudgedWithEachList(t *testing.T) {
	s := staged(t, byFlag)
	s.join("A", endsRoom)
	s.want("A", "host: muted=false")
	s.leg("A").EndsRoom = new(false)
	s.want("A", "audience: muted=true")
	s.edit("roles: [{name: host, match: [{endConferenceOnExit: true}]}, {name: audience, muted: true}]")
	s.leg("A").EndsRoom = new(true)
	s.want("A", "none")
	if len(s.last.Delete) != 1 {
		t.Error("a child that says nothing stays")
	}
}

func TestR20KeysOfSecrets(t *testing.T) {
	conference := &v1alpha1.Conference{}
	for range 2 {
		conference.Spec.Roles = append(conference.Spec.Roles, v1alpha1.Role{Match: []v1alpha1.RoleTerm{{NumbersSecretRef: &hosts}, {}}})
	}
	if keys := Secrets(&conference.Spec); !slices.Equal(keys, []v1alpha1.SecretKeySelector{hosts}) {
		t.Errorf("%v", keys)
	}
}

func TestR19AnExactNameBeatsAPrefix(t *testing.T) {
	exact := &v1alpha1.ConferenceSpec{FriendlyName: "case-7"}
	long := &v1alpha1.ConferenceSpec{FriendlyNamePrefix: "case-"}
	short := &v1alpha1.ConferenceSpec{FriendlyNamePrefix: "cas"}
	longest := &v1alpha1.ConferenceSpec{FriendlyNamePrefix: v1alpha1.RoomName(strings.Repeat("x", 64))}
	if Precedence(exact) >= Precedence(longest) || Precedence(longest) >= Precedence(long) || Precedence(long) >= Precedence(short) {
		t.Error("the order is wrong")
	}
	for name, want := range map[string][3]bool{"case-7": {true, true, true}, "case-78": {false, true, true}, "Case-7": {}, "casa": {false, false, true}} {
		if got := [3]bool{Matches(exact, name), Matches(long, name), Matches(short, name)}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if Matches(&v1alpha1.ConferenceSpec{}, "case-7") {
		t.Error("no name matches")
	}
}

func TestR29CallLegsAreOrdered(t *testing.T) {
	s := staged(t, "roles: [{name: sup, match: [{endConferenceOnExit: true}], coachRole: agent, muted: false}, {name: agent, match: [{direction: Inbound}]}, {name: out, match: [{direction: Outbound}], muted: true}, {name: rest, muted: false}]")
	s.join("O", missing)
	s.join("M", func(l *Leg) { hostCalls(l); l.Caller.Direction = v1alpha1.CallOutbound })
	s.join("S", endsRoom)
	s.join("G", hostCalls)
	s.join("U2")
	s.leg("U2").Joined = s.leg("O").Joined
	var order []string
	a := s.assign()
	for _, w := range a.Children {
		order = append(order, w.CallSID)
	}
	if !slices.Equal(order, []string{"S", "M", "O"}) || !slices.Equal(a.Lookups, []string{"U2"}) {
		t.Errorf("%v, lookups %v", order, a.Lookups)
	}
	for _, seed := range []int{1, 2, 3} {
		s.room.Legs = append(s.room.Legs[seed:], s.room.Legs[:seed]...)
		if again := Assign(s.policy, s.room, s.now); dump(again) != dump(a) {
			t.Errorf("the order of the legs counts: %v", slices.Sorted(maps.Keys(again.Roles)))
		}
	}
}
