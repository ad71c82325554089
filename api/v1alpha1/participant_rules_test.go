package v1alpha1_test

import (
	"strings"
	"testing"
)

func (s *apiServer) participantRules(t *testing.T) {
	trainee := fields{"name": "trainee"}
	anySID := "lower-case UUID such as"
	oneTarget := verdict{"spec.participantToCoachRef", "set callSIDToCoach or participantToCoachRef, not both"}
	noTarget := verdict{"spec.coaching", "add callSIDToCoach or participantToCoachRef"}
	for name, test := range map[string]struct {
		change fields
		want   verdict
	}{
		"nothing declared": {nil, verdict{}},
		"everything": {fields{
			"muted": false, "hold": true, "holdURL": music, "holdMethod": "GET", "coaching": true, "callSIDToCoach": otherSID,
			"mode": "Observe", "suspend": true, "joinDeadlineSeconds": 0, "ttlSecondsAfterFinished": 0,
		}, verdict{}},

		"coaching a call":               {fields{"coaching": true, "callSIDToCoach": otherSID}, verdict{}},
		"coaching an object":            {fields{"coaching": true, "participantToCoachRef": trainee}, verdict{}},
		"a call alone":                  {fields{"callSIDToCoach": otherSID}, verdict{}},
		"an object alone":               {fields{"participantToCoachRef": trainee}, verdict{}},
		"not coaching, call left there": {fields{"coaching": false, "callSIDToCoach": otherSID}, verdict{}},
		"not coaching, object there":    {fields{"coaching": false, "participantToCoachRef": trainee}, verdict{}},
		"not coaching":                  {fields{"coaching": false}, verdict{}},
		"coaching no call":              {fields{"coaching": true}, noTarget},
		"coaching both":                 {fields{"coaching": true, "callSIDToCoach": otherSID, "participantToCoachRef": trainee}, oneTarget},
		"both, no coaching":             {fields{"callSIDToCoach": otherSID, "participantToCoachRef": trainee}, oneTarget},
		"coaching oneself":              {fields{"callSIDToCoach": callSID}, verdict{"spec.callSIDToCoach", "name the call of the one to coach"}},
		"an object of another place":    {fields{"participantToCoachRef": fields{"name": "Trainee"}}, verdict{"spec.participantToCoachRef.name", "lower-case letters, digits"}},
		"an object without a name":      {fields{"participantToCoachRef": fields{}}, verdict{"spec.participantToCoachRef.name", "Required value"}},

		"beep":                        {fields{"muted": true, "beep": true}, verdict{}},
		"drift policy":                {fields{"driftPolicy": "Restrict"}, verdict{}},
		"drift policy Ignore":         {fields{"driftPolicy": "Ignore"}, verdict{"spec.driftPolicy", `supported values: "Enforce", "Restrict", "Report"`}},
		"deletion policy":             {fields{"deletionPolicy": "Reset"}, verdict{}},
		"deletion policy Delete":      {fields{"deletionPolicy": "Delete"}, verdict{"spec.deletionPolicy", `supported values: "Retain", "Reset", "Remove"`}},
		"announcement":                {fields{"announcement": fields{"id": "closing-in-5", "url": music, "method": "GET", "notAfterTime": "2026-11-23T18:00:00Z", "onUnknown": "Retry"}}, verdict{}},
		"announcement, no id":         {fields{"announcement": fields{"url": music}}, verdict{"spec.announcement.id", "Required value"}},
		"announcement, no url":        {fields{"announcement": fields{"id": "a"}}, verdict{"spec.announcement.url", "Required value"}},
		"announcement, odd id":        {fields{"announcement": fields{"id": "closing in 5", "url": music}}, verdict{"spec.announcement.id", "letters, digits"}},
		"announcement, long id":       {fields{"announcement": fields{"id": strings.Repeat("a", 64), "url": music}}, verdict{"spec.announcement.id", "63"}},
		"announcement, no URL":        {fields{"announcement": fields{"id": "a", "url": "closing.xml"}}, verdict{"spec.announcement.url", "absolute http or https URL"}},
		"announcement, odd time":      {fields{"announcement": fields{"id": "a", "url": music, "notAfterTime": "tomorrow"}}, verdict{"spec.announcement.notAfterTime", "date-time"}},
		"announcement, odd onUnknown": {fields{"announcement": fields{"id": "a", "url": music, "onUnknown": "Again"}}, verdict{"spec.announcement.onUnknown", `supported values: "Skip", "Retry"`}},

		"music":               {fields{"hold": true, "holdURL": music}, verdict{}},
		"music, method":       {fields{"hold": true, "holdURL": music, "holdMethod": "POST"}, verdict{}},
		"music left there":    {fields{"hold": false, "holdURL": music, "holdMethod": "GET"}, verdict{}},
		"music without hold":  {fields{"holdURL": music}, verdict{"spec.holdURL", "add hold: true, or remove holdURL"}},
		"method without hold": {fields{"holdMethod": "GET"}, verdict{"spec.holdMethod", "add hold: true, or remove holdMethod"}},

		"once":                          {fields{"once": fields{"muted": true, "hold": true, "holdURL": music, "holdMethod": "GET"}}, verdict{}},
		"once beside another field":     {fields{"muted": true, "once": fields{"hold": false}}, verdict{}},
		"once nothing":                  {fields{"once": fields{}}, verdict{"spec.once", "once needs muted or hold"}},
		"once music alone":              {fields{"once": fields{"muted": true, "holdURL": music}}, verdict{"spec.once.holdURL", "once.holdURL needs once.hold: true"}},
		"once music without a hold":     {fields{"once": fields{"hold": false, "holdURL": music}}, verdict{"spec.once.holdURL", "once.holdURL needs once.hold: true"}},
		"once a method alone":           {fields{"once": fields{"muted": true, "holdMethod": "GET"}}, verdict{"spec.once.holdMethod", "once.holdMethod needs once.hold: true"}},
		"once a method without a hold":  {fields{"once": fields{"hold": false, "holdMethod": "GET"}}, verdict{"spec.once.holdMethod", "once.holdMethod needs once.hold: true"}},
		"once what is declared":         {fields{"muted": true, "once": fields{"muted": false}}, verdict{"spec.once", "muted is declared and in once"}},
		"once a hold that is declared":  {fields{"hold": true, "once": fields{"hold": false}}, verdict{"spec.once", "hold is declared and in once"}},
		"once beside music declared":    {fields{"hold": true, "holdURL": music, "once": fields{"muted": true}}, verdict{}},
		"once with music, one declared": {fields{"hold": false, "holdURL": music, "once": fields{"hold": true}}, verdict{"spec.once", "hold is declared and in once"}},
		"once music with a space":       {fields{"once": fields{"hold": true, "holdURL": music + "?a b"}}, verdict{"spec.once.holdURL", "percent-encode them"}},
		"once music at an odd port":     {fields{"once": fields{"hold": true, "holdURL": "https://music.example.com:65536/"}}, verdict{"spec.once.holdURL", "the port must be between 1 and 65535"}},
		"once muted as a word":          {fields{"once": fields{"muted": "true"}}, verdict{"spec.once.muted", "must be of type boolean"}},
		"once music of another scheme":  {fields{"once": fields{"hold": true, "holdURL": "ftp://music.example.com"}}, verdict{"spec.once.holdURL", "absolute http or https URL"}},

		"method PUT":           {fields{"hold": true, "holdMethod": "PUT"}, verdict{"spec.holdMethod", `supported values: "GET", "POST"`}},
		"method get":           {fields{"hold": true, "holdMethod": "get"}, verdict{"spec.holdMethod", `supported values: "GET", "POST"`}},
		"mode Enforce":         {fields{"mode": "Enforce"}, verdict{}},
		"mode Delete":          {fields{"mode": "Delete"}, verdict{"spec.mode", `supported values: "Enforce", "Observe"`}},
		"muted as a word":      {fields{"muted": "true"}, verdict{"spec.muted", "must be of type boolean"}},
		"deadline in the past": {fields{"joinDeadlineSeconds": -1}, verdict{"spec.joinDeadlineSeconds", "should be greater than or equal to 0"}},
		"negative TTL":         {fields{"ttlSecondsAfterFinished": -1}, verdict{"spec.ttlSecondsAfterFinished", "should be greater than or equal to 0"}},

		"no account":               {fields{"accountRef": nil}, verdict{"spec.accountRef", "Required value"}},
		"no conference":            {fields{"conferenceSID": nil}, verdict{"spec.conferenceSID", "Required value"}},
		"no call":                  {fields{"callSID": nil}, verdict{"spec.callSID", "Required value"}},
		"account without a name":   {fields{"accountRef": fields{"name": ""}}, verdict{"spec.accountRef.name", "at least 1 char"}},
		"account of another place": {fields{"accountRef": fields{"name": "other/acme"}}, verdict{"spec.accountRef.name", "lower-case letters, digits"}},
		"account with a long name": {fields{"accountRef": fields{"name": strings.Repeat("a", 254)}}, verdict{"spec.accountRef.name", "253"}},
		"account with a full name": {fields{"accountRef": fields{"name": "acme.eu-1"}}, verdict{}},

		"SID in capitals":          {fields{"callSID": strings.ToUpper(callSID)}, verdict{"spec.callSID", anySID}},
		"SID of the vendor's page": {fields{"callSID": "b3877c40-da60-4998-90ad-b792e98472pa"}, verdict{"spec.callSID", anySID}},
		"SID without hyphens":      {fields{"callSID": strings.ReplaceAll(callSID, "-", "")}, verdict{"spec.callSID", anySID}},
		"SID of another provider":  {fields{"conferenceSID": "CF0d6a0a7e3b0a4a418f0f5c7d2a9b7e21"}, verdict{"spec.conferenceSID", anySID}},
		"SID in braces":            {fields{"conferenceSID": "{" + conferenceSID[1:35] + "}"}, verdict{"spec.conferenceSID", anySID}},
		"SID, then a line break":   {fields{"conferenceSID": conferenceSID + "\n"}, verdict{"spec.conferenceSID", "36"}},
		"a line break in a SID":    {fields{"conferenceSID": conferenceSID[:35] + "\n"}, verdict{"spec.conferenceSID", anySID}},
		"a path as SID":            {fields{"callSID": "../../Accounts"}, verdict{"spec.callSID", anySID}},
		"an empty SID":             {fields{"callSIDToCoach": ""}, verdict{"spec.callSIDToCoach", anySID}},
		"a space before a SID":     {fields{"callSIDToCoach": " " + otherSID[1:]}, verdict{"spec.callSIDToCoach", anySID}},
	} {
		t.Run(name, func(t *testing.T) { s.wantCreate(t, s.participant(test.change), test.want) })
	}
}

func (s *apiServer) participantEdits(t *testing.T) {
	const advice = "a new call is a new object: name it after the call"
	whisper := fields{"muted": false, "coaching": true, "callSIDToCoach": otherSID}
	for name, test := range map[string]struct {
		before, after fields
		want          verdict
	}{
		"account":            {nil, fields{"accountRef": fields{"name": "other"}}, verdict{"spec.accountRef", advice}},
		"conference":         {nil, fields{"conferenceSID": otherSID}, verdict{"spec.conferenceSID", advice}},
		"call":               {nil, fields{"callSID": otherSID}, verdict{"spec.callSID", advice}},
		"state":              {fields{"muted": true}, fields{"muted": false, "hold": true}, verdict{}},
		"state left alone":   {whisper, fields{"muted": nil, "coaching": nil, "callSIDToCoach": nil}, verdict{}},
		"another target":     {whisper, fields{"callSIDToCoach": conferenceSID}, verdict{}},
		"target taken away":  {whisper, fields{"callSIDToCoach": nil}, verdict{"spec.coaching", "needs a call to coach"}},
		"hold taken away":    {fields{"hold": true, "holdURL": music}, fields{"hold": nil}, verdict{"spec.holdURL", "needs hold"}},
		"hold moves to once": {fields{"hold": true, "holdURL": music}, fields{"hold": nil, "holdURL": nil, "once": fields{"hold": false}}, verdict{}},
		"once is declared":   {fields{"once": fields{"muted": true}}, fields{"once": nil, "muted": true}, verdict{}},
		"declared and once":  {fields{"once": fields{"muted": true}}, fields{"muted": false}, verdict{"spec.once", "muted is declared and in once"}},
		"mode and brake":     {nil, fields{"mode": "Observe", "suspend": true}, verdict{}},
		"deadline and TTL":   {nil, fields{"joinDeadlineSeconds": 0, "ttlSecondsAfterFinished": 60}, verdict{}},
	} {
		t.Run(name, func(t *testing.T) { s.wantEdit(t, s.participant(test.before), test.after, test.want) })
	}
}

// participantNames tests the one rule that looks at the object's own name.
func (s *apiServer) participantNames(t *testing.T) {
	for name, want := range map[string]verdict{
		"trainee":   {"spec.participantToCoachRef", "name the ConferenceParticipant to coach"},
		"trainee-2": {},
	} {
		object := s.participant(fields{"participantToCoachRef": fields{"name": "trainee"}})
		object.SetName(name)
		t.Run(name, func(t *testing.T) { s.wantCreate(t, object, want) })
	}
}

func (s *apiServer) participantURLs(t *testing.T) {
	const (
		absolute = "must be an absolute http or https URL such as"
		encoded  = "percent-encode them"
		port     = "the port must be between 1 and 65535"
	)
	for url, says := range map[string]string{
		music:                        "",
		"http://music.example.com":   "",
		"HTTPS://music.example.com/": "",
		"https://m:p%40ss@music.example.com/a?b=c&d=%20#e": "",
		"https://192.0.2.1:65535/hold.xml":                 "",
		"https://[2001:db8::1]:8443/hold.xml":              "",
		music + "?" + strings.Repeat("a", 2047-len(music)): "",
		music + "?" + strings.Repeat("a", 2048-len(music)): "2048",

		"":                                absolute,
		"hold.xml":                        absolute,
		"/hold.xml":                       absolute,
		"//music.example.com/hold.xml":    absolute,
		"music.example.com/hold.xml":      absolute,
		"ftp://music.example.com/":        absolute,
		"file:///etc/passwd":              absolute,
		"javascript:alert(1)":             absolute,
		"data:text/xml,<Response/>":       absolute,
		"https://":                        absolute,
		"https:///hold.xml":               absolute,
		"https://:8443/hold.xml":          absolute,
		"https://m@/hold.xml":             absolute,
		"https:music.example.com":         absolute,
		"https://music.example.com:port/": absolute,
		"https://music.example.com:-1/":   absolute,
		"https://[2001:db8::1/hold.xml":   absolute,
		"https://music.example.com/%zz":   absolute,

		"https://music.example.com:0/":                    port,
		"https://music.example.com:65536/":                port,
		"https://music.example.com:99999999999999999999/": port,
		"https://music.example.com:4294967377/":           port,

		"https://music.example.com/on hold.xml": encoded,
		" " + music:                             encoded,
		music + " ":                             encoded,
		music + "\n":                            encoded,
		music + "\r\nX-Injected: 1":             encoded,
		music + "\t":                            encoded,
		music + "\x00":                          encoded,
		music + "\x7f":                          encoded,
		`https://music.example.com\@evil.example.com/`: encoded,
		`https://music.example.com/a\b`:                encoded,
		"https://müsic.example.com/hold.xml":           encoded,
		music + "\u2028":                               encoded,
		music + "\u0085":                               encoded,
		"https://music.example.com/\u202ehold.xml":     encoded,
	} {
		t.Run(url[:min(len(url), 60)], func(t *testing.T) {
			for field, change := range map[string]fields{
				"spec.holdURL":          {"hold": true, "holdURL": url},
				"spec.announcement.url": {"announcement": fields{"id": "closing", "url": url}},
			} {
				want := verdict{}
				if says != "" {
					want = verdict{field, says}
				}
				s.wantCreate(t, s.participant(change), want)
			}
		})
	}
}
