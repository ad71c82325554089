package provider

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// AllowList is the list of base URLs that the operator may reach, as its flag
// says. A pattern is scheme and host; a host may begin with "*.", which
// stands for exactly one label.
type AllowList struct {
	patterns []pattern
}

type pattern struct {
	scheme, host string
}

// ParseAllowList reads the patterns of --allowed-base-urls.
func ParseAllowList(patterns []string) (AllowList, error) {
	var allowed AllowList
	for _, text := range patterns {
		scheme, host, err := origin(strings.Replace(text, "://*.", "://wildcard.", 1))
		if err != nil {
			return AllowList{}, fmt.Errorf("%q is not a base URL such as https://*.signalwire.com: %w", text, err)
		}
		if strings.Contains(text, "://*.") {
			host = "*." + strings.TrimPrefix(host, "wildcard.")
		}
		allowed.patterns = append(allowed.patterns, pattern{scheme, host})
	}
	return allowed, nil
}

// Check reports whether a base URL is allowed, and whether literally so: only
// then may it lead to a private address.
func (a AllowList) Check(baseURL string) (allowed, literal bool) {
	scheme, host, err := origin(baseURL)
	if err != nil {
		return false, false
	}
	for _, p := range a.patterns {
		if p.scheme != scheme {
			continue
		}
		if p.host == host {
			return true, true
		}
		label, rest, _ := strings.Cut(host, ".")
		if label != "" && p.host == "*."+rest {
			allowed = true
		}
	}
	return allowed, false
}

// AccountName names an account as the provider tells them apart, in the one form in
// which two ways of writing the same account compare equal.
func AccountName(baseURL, accountSID string) string {
	if scheme, host, err := origin(baseURL); err == nil {
		baseURL = scheme + "://" + host
	}
	return baseURL + "/" + accountSID
}

// origin returns scheme and host in lower case, the scheme's own port left out.
func origin(baseURL string) (scheme, host string, err error) {
	parsed, err := url.Parse(baseURL)
	if err != nil {
		return "", "", fmt.Errorf("parse: %w", err)
	}
	scheme, host = strings.ToLower(parsed.Scheme), strings.ToLower(parsed.Host)
	ports := map[string]string{"https": ":443", "http": ":80"}
	port, known := ports[scheme]
	switch {
	case !known:
		return "", "", fmt.Errorf("the scheme is neither http nor https")
	case parsed.Hostname() == "" || strings.Contains(host, "*"):
		return "", "", fmt.Errorf("the host is missing or has a * that is not its first label")
	case parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" || path.Clean("/"+parsed.Path) != "/":
		return "", "", fmt.Errorf("it has more than scheme and host")
	}
	return scheme, strings.TrimSuffix(strings.TrimSuffix(host, port), "."), nil
}
