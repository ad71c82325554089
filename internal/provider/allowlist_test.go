package provider

import "testing"

func TestAllowed(t *testing.T) {
	allowed, err := ParseAllowList([]string{"https://*.signalwire.com", "http://127.0.0.1:8087", "https://voice.example.com:8443/"})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string][2]bool{
		"https://acme.signalwire.com":          {true, false},
		"HTTPS://ACME.SignalWire.com:443/":     {true, false},
		"https://acme.signalwire.com.":         {true, false},
		"http://acme.signalwire.com":           {},
		"https://acme.signalwire.com:8443":     {},
		"https://a.b.signalwire.com":           {},
		"https://signalwire.com":               {},
		"https://.signalwire.com":              {},
		"https://evil-signalwire.com":          {},
		"https://signalwire.com.evil.com":      {},
		"https://acme.signalwire.com@evil.com": {},
		"https://u:p@acme.signalwire.com":      {},
		"https://acme.signalwire.com/path":     {},
		"https://acme.signalwire.com?x=1":      {},
		"https://acme.signalwire.com#x":        {},
		"https://*.signalwire.com":             {},
		"http://127.0.0.1:8087":                {true, true},
		"http://127.0.0.1":                     {},
		"http://localhost:8087":                {},
		"https://voice.example.com:8443":       {true, true},
		"ftp://acme.signalwire.com":            {},
		"acme.signalwire.com":                  {},
		"":                                     {},
	} {
		if ok, literal := allowed.Check(url); ok != want[0] || literal != want[1] {
			t.Errorf("%s: allowed %v, literal %v", url, ok, literal)
		}
	}
}

func TestParseAllowListRefuses(t *testing.T) {
	for _, text := range []string{"", "signalwire.com", "https://", "https://a.*.com", "https://*", "*", "https://x.com/path", "https://u@x.com"} {
		if _, err := ParseAllowList([]string{text}); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestR9OwnersCompareEqualHoweverWritten(t *testing.T) {
	want := AccountName("https://acme.signalwire.com", "sid")
	for _, url := range []string{"https://acme.signalwire.com/", "HTTPS://Acme.SignalWire.Com", "https://acme.signalwire.com:443"} {
		if got := AccountName(url, "sid"); got != want {
			t.Errorf("%s is %s, want %s", url, got, want)
		}
	}
	for _, distinct := range []string{AccountName("http://acme.signalwire.com", "sid"), AccountName("https://acme.signalwire.com", "other")} {
		if distinct == want {
			t.Errorf("%s is taken for the same", distinct)
		}
	}
}
