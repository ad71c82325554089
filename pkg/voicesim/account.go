package voicesim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// rateWindow is the span in which Settings.RateLimit counts.
const rateWindow = 10 * time.Second

type account struct {
	sid          string
	tokens       []string
	withoutVoice []string
	// conferences are all conferences of the account, also those that are over,
	// in the order in which they opened.
	conferences []*conference
	// open holds those that are not over, by name.
	open map[string]*conference
	// calls are all calls of the account, also those that have ended, in the order in
	// which they came.
	calls []*call
	// departed are the members of its conferences that have left in the last
	// longestLag, in that order.
	departed []*member

	windowEnd time.Time
	posts     int
}

// AddAccount adds an account with one valid token. If there is such an account,
// the token replaces all of its tokens.
func (s *Simulator) AddAccount(sid, token string) {
	s.SetTokens(sid, token)
}

// SetTokens replaces the valid tokens of an account, and adds the account if there
// is none.
func (s *Simulator) SetTokens(sid string, tokens ...string) {
	s.setTokens(sid, tokens, nil)
}

// SetTokensWithoutVoice replaces the tokens of an account that lack the scope
// Voice, and are refused for that. The valid tokens stay.
func (s *Simulator) SetTokensWithoutVoice(sid string, tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(sid).withoutVoice = slices.Clone(tokens)
}

// RevokeTokens removes all tokens of an account.
func (s *Simulator) RevokeTokens(sid string) {
	s.setTokens(sid, nil, nil)
}

func (s *Simulator) setTokens(sid string, tokens, withoutVoice []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(sid)
	a.tokens = slices.Clone(tokens)
	a.withoutVoice = slices.Clone(withoutVoice)
}

func (s *Simulator) account(sid string) *account {
	a := s.accounts[sid]
	if a == nil {
		a = &account{sid: sid, open: map[string]*conference{}}
		s.accounts[sid] = a
	}
	return a
}

// hasAccount reports whether there is such an account.
func (s *Simulator) hasAccount(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accounts[sid] != nil
}

// soleAccount returns the SID of the only account, "" if there is none or more
// than one.
func (s *Simulator) soleAccount() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.accounts) != 1 {
		return ""
	}
	for sid := range s.accounts {
		return sid
	}
	return ""
}

// authorize returns the account in the path of a request, or the failure if the
// credentials of the request are not valid for it.
func (s *Simulator) authorize(x *exchange) (*account, *failure) {
	a := s.accounts[x.AccountSID]
	switch {
	case a == nil:
		return nil, newFailure(s.settings.UnknownAccountStatus, 0)
	case x.user != a.sid:
		return nil, newFailure(http.StatusUnauthorized, codeAuthentication)
	case slices.Contains(a.tokens, x.token):
		return a, nil
	case slices.Contains(a.withoutVoice, x.token):
		return nil, newFailure(s.settings.MissingScopeStatus, codeAuthentication)
	}
	return nil, newFailure(http.StatusUnauthorized, codeAuthentication)
}

// spend counts a request against the rate limit of the account. It returns the
// rate-limit headers, and whether the request is within the limit.
func (a *account) spend(method string, limit int, now time.Time) (http.Header, bool) {
	if !now.Before(a.windowEnd) {
		a.windowEnd = now.Truncate(rateWindow).Add(rateWindow)
		a.posts = 0
	}
	allowed := true
	if method == http.MethodPost {
		allowed = a.posts < limit
		a.posts = min(a.posts+1, limit)
	}
	h := http.Header{}
	h.Set("X-Ratelimit-Limit", strconv.Itoa(limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(limit-a.posts))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(a.windowEnd.Unix(), 10))
	return h, allowed
}
