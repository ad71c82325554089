package main

import (
	"strings"
	"testing"
)

func TestOnlyTheFlagAsksForAProxy(t *testing.T) {
	for want, arguments := range map[bool][]string{false: nil, true: {"--proxy-from-environment"}} {
		s, err := parse(arguments, nil)
		if err != nil || (s.proxyOf() != nil) != want {
			t.Errorf("%q: %v, a proxy: %v", arguments, err, s.proxyOf() != nil)
		}
	}
}

func TestABadProxyGetsOneLine(t *testing.T) {
	const canary = "canary"
	for value, bad := range map[string]bool{
		"": false, "proxy.example.com:3128": false, "http://user:" + canary + "@proxy.example.com:3128": false, "socks5://proxy": false,
		"http://user:" + canary + "@[": true, "http://": true, ":3128": false,
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
			t.Run(name+" "+value, func(t *testing.T) {
				t.Setenv(name, value)
				if _, err := parse(nil, nil); err != nil {
					t.Errorf("without the flag: %v", err)
				}
				_, err := parse([]string{"--proxy-from-environment"}, nil)
				if (err != nil) != bad || bad && !strings.Contains(err.Error(), name) || bad && strings.Contains(err.Error(), canary) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}
