package v1alpha1_test

import (
	"strings"
	"testing"
)

func (s *apiServer) accountRules(t *testing.T) {
	secret := func(change fields) fields { return fields{"tokenSecretRef": change} }
	limit := func(change fields) fields { return fields{"rateLimit": change} }
	for name, test := range map[string]struct {
		change fields
		want   verdict
	}{
		"the least": {nil, verdict{}},
		"everything": {fields{
			"provider": "SignalWire", "tokenSecretRef": fields{"name": "acme.voice", "key": "api_token.v1-A"}, "resyncIntervalSeconds": 0, "discoveryIntervalSeconds": 0,
			"rateLimit": fields{"requestsPerSecond": 1380, "burst": 13800}, "suspend": true, "ttlSecondsAfterFinished": 3600,
		}, verdict{}},
		"another provider":         {fields{"provider": "Twilio"}, verdict{"spec.provider", `supported values: "SignalWire"`}},
		"no base URL":              {fields{"baseURL": nil}, verdict{"spec.baseURL", "Required value"}},
		"no account":               {fields{"accountSID": nil}, verdict{"spec.accountSID", "Required value"}},
		"no Secret":                {fields{"tokenSecretRef": nil}, verdict{"spec.tokenSecretRef", "Required value"}},
		"account in capitals":      {fields{"accountSID": strings.ToUpper(accountSID)}, verdict{"spec.accountSID", "must be a lower-case UUID such as"}},
		"account by name":          {fields{"accountSID": "acme"}, verdict{"spec.accountSID", "the project id of the space"}},
		"account and a line break": {fields{"accountSID": accountSID[:35] + "\n"}, verdict{"spec.accountSID", "must be a lower-case UUID"}},
		"account and more":         {fields{"accountSID": accountSID + "0"}, verdict{"spec.accountSID", "36"}},
		"Secret without a name":    {secret(fields{"key": "token"}), verdict{"spec.tokenSecretRef.name", "Required value"}},
		"Secret with a path":       {secret(fields{"name": "../acme"}), verdict{"spec.tokenSecretRef.name", "lower-case letters, digits"}},
		"key with a space":         {secret(fields{"name": "a", "key": "api token"}), verdict{"spec.tokenSecretRef.key", "letters, digits, '-', '_' and '.'"}},
		"no key at all":            {secret(fields{"name": "a", "key": ""}), verdict{"spec.tokenSecretRef.key", "at least 1 char"}},
		"a day":                    {fields{"resyncIntervalSeconds": 86400}, verdict{}},
		"more than a day":          {fields{"resyncIntervalSeconds": 86401}, verdict{"spec.resyncIntervalSeconds", "less than or equal to 86400"}},
		"resync in the past":       {fields{"resyncIntervalSeconds": -1}, verdict{"spec.resyncIntervalSeconds", "greater than or equal to 0"}},
		"rooms in the past":        {fields{"discoveryIntervalSeconds": -1}, verdict{"spec.discoveryIntervalSeconds", "greater than or equal to 0"}},
		"rooms once a day":         {fields{"discoveryIntervalSeconds": 86400}, verdict{}},
		"rooms more seldom":        {fields{"discoveryIntervalSeconds": 86401}, verdict{"spec.discoveryIntervalSeconds", "less than or equal to 86400"}},
		"gone at once":             {fields{"ttlSecondsAfterFinished": 0}, verdict{}},
		"gone before the end":      {fields{"ttlSecondsAfterFinished": -1}, verdict{"spec.ttlSecondsAfterFinished", "greater than or equal to 0"}},
		"no rate":                  {limit(fields{"requestsPerSecond": 0}), verdict{"spec.rateLimit.requestsPerSecond", "greater than or equal to 1"}},
		"too much of a rate":       {limit(fields{"requestsPerSecond": 1381}), verdict{"spec.rateLimit.requestsPerSecond", "less than or equal to 1380"}},
		"no burst":                 {limit(fields{"burst": 0}), verdict{"spec.rateLimit.burst", "greater than or equal to 1"}},
		"too much of a burst":      {limit(fields{"burst": 13801}), verdict{"spec.rateLimit.burst", "less than or equal to 13800"}},
	} {
		t.Run(name, func(t *testing.T) { s.wantCreate(t, s.account(test.change), test.want) })
	}
}

func (s *apiServer) accountEdits(t *testing.T) {
	for name, test := range map[string]struct {
		after fields
		want  verdict
	}{
		"base URL":      {fields{"baseURL": "https://other.signalwire.com"}, verdict{"spec.baseURL", "another space is another VoiceAccount"}},
		"account":       {fields{"accountSID": otherSID}, verdict{"spec.accountSID", "another project is another VoiceAccount"}},
		"Secret":        {fields{"tokenSecretRef": fields{"name": "other", "key": "key"}}, verdict{}},
		"how it is run": {fields{"resyncIntervalSeconds": 0, "discoveryIntervalSeconds": 0, "rateLimit": fields{"burst": 1}, "suspend": true, "ttlSecondsAfterFinished": 1}, verdict{}},
	} {
		t.Run(name, func(t *testing.T) { s.wantEdit(t, s.account(nil), test.after, test.want) })
	}
}

func (s *apiServer) accountBaseURLs(t *testing.T) {
	const (
		shape = "leave out user, path, query and fragment"
		port  = "the port of baseURL must be between 1 and 65535"
	)
	for url, says := range map[string]string{
		space:                         "",
		space + "/":                   "",
		"https://ACME.signalwire.com": "",
		"http://localhost:8080":       "",
		"http://127.0.0.1:1":          "",
		"https://[2001:db8::1]":       "",
		"https://[::1]:65535/":        "",
		"https://a_b.example.com":     "",

		"":                                     "at least 8 chars",
		"https://":                             shape,
		"https:///":                            shape,
		"https://:443":                         shape,
		"HTTPS://acme.signalwire.com":          shape,
		"ftp://acme.signalwire.com":            shape,
		"acme.signalwire.com":                  shape,
		"//acme.signalwire.com":                shape,
		"https://me@acme.signalwire.com":       shape,
		"https://a:b@acme.signalwire.com":      shape,
		space + "/api/laml":                    shape,
		space + "//":                           shape,
		space + "/..":                          shape,
		space + "?a=b":                         shape,
		space + "/?a=b":                        shape,
		space + "#a":                           shape,
		space + ":":                            shape,
		space + ":http":                        shape,
		space + ":-1":                          shape,
		space + ":123456":                      shape,
		space + ":0":                           port,
		space + ":65536":                       port,
		" " + space:                            shape,
		space + " ":                            shape,
		space + "\n":                           shape,
		space + "\r\nX-Injected: 1":            shape,
		space + "\x00":                         shape,
		"https://acme signalwire.com":          shape,
		`https://acme.signalwire.com\`:         shape,
		`https:\\acme.signalwire.com`:          shape,
		"https://%61cme.signalwire.com":        shape,
		"https://ácme.signalwire.com":          shape,
		"https://-acme.signalwire.com":         shape,
		"https://acme..signalwire.com":         shape,
		"https://[2001:db8::1":                 shape,
		"https://[fe80::1%25eth0]":             shape,
		"https://[1.2.3.4:5]":                  "must be an absolute http or https URL",
		"https://[]":                           shape,
		"https://2001:db8::1":                  shape,
		"https://" + strings.Repeat("a", 2041): "2048",
	} {
		want := verdict{}
		if says != "" {
			want = verdict{"spec.baseURL", says}
		}
		t.Run(url[:min(len(url), 60)], func(t *testing.T) { s.wantCreate(t, s.account(fields{"baseURL": url}), want) })
	}
}
