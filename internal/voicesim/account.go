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
	// conferences are all there ever were, in the order in which they opened.
	conferences []*conference
	// open holds those that are not over, by name.
	open map[string]*conference

	windowEnd time.Time
	posts     int
}

// AddAccount adds an account that takes one token, or replaces all tokens of an
// account that is there already.
func (s *Simulator) AddAccount(sid, token string) {
	s.SetTokens(sid, token)
}

// SetTokens makes tokens the only ones that the account takes, and adds the
// account if there is none.
func (s *Simulator) SetTokens(sid string, tokens ...string) {
	s.setTokens(sid, tokens, nil)
}

// SetTokensWithoutVoice makes the account know tokens that lack the scope
// Voice. Those that SetTokens set stay valid.
func (s *Simulator) SetTokensWithoutVoice(sid string, tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(sid).withoutVoice = slices.Clone(tokens)
}

// RevokeTokens makes the account refuse every token from now on.
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

// hasAccount says whether the account exists.
func (s *Simulator) hasAccount(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accounts[sid] != nil
}

// soleAccount returns the SID of the only account, or nothing if there are more
// or none.
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

// authorize checks the credentials of x against the account in its path.
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

// spend counts a request against the account's rate limit. It returns the
// headers that say what is left, and whether the request may pass.
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
