package v1alpha1_test

import (
	"strings"
	"testing"
)

func (s *apiServer) roleRules(t *testing.T) {
	const (
		last     = "only the last role may be without match"
		named    = "coachRole must name a role of this Conference that has a match"
		anyMatch = "must be a role's name such as host"
	)
	coach := func(change fields) fields {
		return merged(fields{"name": "coach", "muted": false, "coachRole": "host"}, change)
	}
	for name, test := range map[string]struct {
		change fields
		want   verdict
	}{
		"none":                       {fields{"roles": []any{}}, verdict{}},
		"two":                        {roles(audience()), verdict{}},
		"no name":                    {roles(fields{"muted": true}), verdict{"spec.roles[1].name", "Required value"}},
		"a name in capitals":         {roles(fields{"name": "Audience"}), verdict{"spec.roles[1].name", anyMatch}},
		"a name with a line break":   {roles(fields{"name": "audience\n"}), verdict{"spec.roles[1].name", anyMatch}},
		"a name that ends badly":     {roles(fields{"name": "audience-"}), verdict{"spec.roles[1].name", anyMatch}},
		"a name of 64":               {roles(fields{"name": strings.Repeat("a", 64)}), verdict{"spec.roles[1].name", "63"}},
		"the same name":              {roles(fields{"name": "host"}), verdict{"spec.roles", "two roles have the same name"}},
		"everybody else first":       {fields{"roles": terms(audience(), host())}, verdict{"spec.roles", last}},
		"everybody else twice":       {roles(audience(), fields{"name": "rest"}), verdict{"spec.roles", last}},
		"no terms":                   {roles(fields{"name": "audience", "match": []any{}}), verdict{"spec.roles[1].match", "at least 1 items"}},
		"nine terms":                 {roles(fields{"name": "audience", "match": many(9, func(int) any { return fields{"direction": "Inbound"} })}), verdict{"spec.roles[1].match", "at most 8 items"}},
		"an announcement":            {declaring(fields{"announcement": fields{"id": strings.Repeat("a", 56), "url": music}}), verdict{}},
		"an announcement, long id":   {declaring(fields{"announcement": fields{"id": strings.Repeat("a", 57), "url": music}}), verdict{"spec.roles[1].announcement.id", "56"}},
		"an announcement, odd id":    {declaring(fields{"announcement": fields{"id": "a b", "url": music}}), verdict{"spec.roles[1].announcement.id", "such as welcome"}},
		"an announcement, no id":     {declaring(fields{"announcement": fields{"url": music}}), verdict{"spec.roles[1].announcement.id", "Required value"}},
		"an announcement, no url":    {declaring(fields{"announcement": fields{"id": "a"}}), verdict{"spec.roles[1].announcement.url", "Required value"}},
		"an announcement, odd":       {declaring(fields{"announcement": fields{"id": "a", "url": music, "method": "PUT"}}), verdict{"spec.roles[1].announcement.method", `supported values: "GET", "POST"`}},
		"music without hold":         {declaring(fields{"holdURL": music}), verdict{"spec.roles[1].holdURL", "add hold: true, or remove holdURL"}},
		"method without hold":        {declaring(fields{"holdMethod": "GET"}), verdict{"spec.roles[1].holdMethod", "add hold: true, or remove holdMethod"}},
		"an odd method":              {declaring(fields{"hold": true, "holdMethod": "PUT"}), verdict{"spec.roles[1].holdMethod", `supported values: "GET", "POST"`}},
		"an odd drift policy":        {declaring(fields{"driftPolicy": "Ignore"}), verdict{"spec.roles[1].driftPolicy", `supported values: "Enforce", "Restrict", "Report"`}},
		"a beep":                     {declaring(fields{"beep": true}), verdict{"spec.roles[1].beep", `supported values: "false"`}},
		"mute on entry":              {declaring(fields{"muteOnEntry": true}), verdict{}},
		"no mute on entry":           {declaring(fields{"muteOnEntry": false}), verdict{"spec.roles[1].muteOnEntry", `supported values: "true"`}},
		"mute and mute on entry":     {declaring(fields{"muteOnEntry": true, "muted": true}), verdict{"spec.roles[1].muteOnEntry", "muted is declared"}},
		"a whisper":                  {roles(coach(nil)), verdict{}},
		"a monitor":                  {roles(coach(fields{"muted": true})), verdict{}},
		"coach, no mute":             {declaring(fields{"coachRole": "host"}), verdict{"spec.roles[1].muted", "add muted: false for a whisper, or muted: true to listen"}},
		"coach of itself":            {roles(coach(fields{"coachRole": "coach", "match": terms(fields{"direction": "Inbound"})})), verdict{"spec.roles[1].coachRole", "name another role"}},
		"coach of an unknown":        {roles(coach(fields{"coachRole": "boss"})), verdict{"spec.roles", named}},
		"coach of everybody else":    {fields{"roles": terms(coach(fields{"coachRole": "audience", "match": terms(fields{"direction": "Inbound"})}), audience())}, verdict{"spec.roles", named}},
		"coach of a coach":           {roles(coach(fields{"match": terms(fields{"direction": "Inbound"})}), fields{"name": "boss", "muted": true, "coachRole": "coach"}), verdict{"spec.roles", "does not go in a chain"}},
		"a field that is no field":   {declaring(fields{"muted": "yes"}), verdict{"spec.roles[1].muted", "must be of type boolean"}},
		"a role that may be changed": {roles(fields{"name": "audience", "hold": false, "holdURL": music}), verdict{}},
	} {
		t.Run(name, func(t *testing.T) { s.wantCreate(t, s.conference(test.change), test.want) })
	}
	s.wantCreate(t, s.conference(declaring(fields{"coachRole": "host", "muteOnEntry": true})),
		verdict{"spec.roles[1].muteOnEntry", "exclude each other"}, verdict{"spec.roles[1].muted", "add muted"})
	s.wantCreate(t, s.conference(roles(coach(fields{"coachRole": "the host"}))),
		verdict{"spec.roles[1].coachRole", anyMatch}, verdict{"spec.roles", named})
}

func (s *apiServer) termRules(t *testing.T) {
	const (
		term   = "spec.roles[0].match[0]"
		secret = term + ".numbersSecretRef"
		listed = term + ".numbers"
	)
	for name, test := range map[string]struct {
		term fields
		want verdict
	}{
		"a flag":            {fields{"endConferenceOnExit": false}, verdict{}},
		"no field":          {fields{}, verdict{term, "a term needs at least one field"}},
		"an odd direction":  {fields{"direction": "inbound"}, verdict{term + ".direction", `supported values: "Inbound", "Outbound"`}},
		"a full list":       {fields{"numbers": many(32, number)}, verdict{}},
		"no numbers":        {fields{"numbers": []any{}}, verdict{listed, "at least 1 items"}},
		"33 numbers":        {fields{"numbers": many(33, number)}, verdict{listed, "at most 32 items"}},
		"no dialed numbers": {fields{"dialedNumbers": []any{}}, verdict{term + ".dialedNumbers", "at least 1 items"}},
		"dialed, outbound":  {fields{"direction": "Outbound", "dialedNumbers": many(1, number)}, verdict{term + ".direction", "dialedNumbers match inbound calls alone"}},
		"dialed, inbound":   {fields{"direction": "Inbound", "dialedNumbers": many(1, number)}, verdict{}},
		"9 dialed numbers":  {fields{"dialedNumbers": many(9, number)}, verdict{term + ".dialedNumbers", "at most 8 items"}},
		"an odd dialed one": {fields{"dialedNumbers": []any{"15555550199"}}, verdict{term + ".dialedNumbers[0]", "such as +15555550100"}},
		"a Secret, no name": {fields{"numbersSecretRef": fields{"key": "numbers"}}, verdict{secret + ".name", "Required value"}},
		"a Secret, no key":  {fields{"numbersSecretRef": fields{"name": "hosts"}}, verdict{secret + ".key", "Required value"}},
		"a Secret's path":   {fields{"numbersSecretRef": fields{"name": "../hosts", "key": "numbers"}}, verdict{secret + ".name", "lower-case letters, digits"}},
		"an odd key":        {fields{"numbersSecretRef": fields{"name": "hosts", "key": "the numbers"}}, verdict{secret + ".key", "letters, digits, '-', '_' and '.'"}},
	} {
		t.Run(name, func(t *testing.T) { s.wantCreate(t, s.conference(matching(test.term)), test.want) })
	}
	const shape = "must be a number with '+' and country code"
	for number, says := range map[string]string{
		"+15555550100": "", "+12": "", "+123456789012345": "", "sip:agents@pbx.example.com": "", "sips:a": "",
		"":      "at least 2 chars",
		"+":     "at least 2 chars",
		"+1":    shape,
		"+0155": shape, "+1234567890123456": shape, "15555550100": shape, "0170 1234567": shape, "+1 555 5550100": shape,
		"+1(555)5550100": shape, "+15555550100\n": shape, "tel:+15555550100": shape, "SIP:a@b": shape, "sip:": shape,
		"sip:a b@c": shape, "sip:ä@b": shape, "sip:a@b\n": shape, "client:anna": shape, "anonymous": shape, "+1555555*": shape,
		"sip:" + strings.Repeat("a", 61): "64",
	} {
		want := verdict{}
		if says != "" {
			want = verdict{listed + "[0]", says}
		}
		t.Run(number, func(t *testing.T) { s.wantCreate(t, s.conference(matching(fields{"numbers": []any{number}})), want) })
	}
}
