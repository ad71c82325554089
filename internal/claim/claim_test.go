package claim

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

func name(text string) types.NamespacedName { return types.NamespacedName{Namespace: "ns", Name: text} }

// candidate is created so many seconds after the first one, with an accepted
// token for the account "acme".
func candidate(text string, age int, change ...func(*Candidate)) Candidate {
	c := Candidate{
		Name: name(text), Account: name("acme"), Created: time.Unix(int64(age), 0),
		ProviderAccount: "acme", Known: true, Verified: true,
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func TestR9Decide(t *testing.T) {
	stranger := func(c *Candidate) { c.ProviderAccount = "other" }
	refused := func(c *Candidate) { c.Verified = false }
	unknown := func(c *Candidate) { c.Known, c.Verified = false, false }
	finished := func(c *Candidate) { c.Finished = true }
	child := func(c *Candidate) { c.Precedence = Child }
	soon := time.Unix(1000, 0)
	opening := func(c *Candidate) { c.Precedence, c.Until = Opening, soon }
	mine := candidate("mine", 5)
	for _, c := range []struct {
		what   string
		mine   Candidate
		rivals []Candidate
		want   Verdict
	}{
		{"no rival", mine, nil, Verdict{State: Ours}},
		{"a younger rival", mine, []Candidate{candidate("young", 6)}, Verdict{State: Ours}},
		{"an older rival", mine, []Candidate{candidate("old", 4)}, Verdict{State: Lost, To: name("old")}},
		{"several older rivals", mine, []Candidate{candidate("old", 4), candidate("oldest", 3)}, Verdict{State: Lost, To: name("oldest")}},
		{"of the same age, by name", mine, []Candidate{candidate("a", 5), candidate("z", 5)}, Verdict{State: Lost, To: name("a")}},
		{"an older rival of another account", mine, []Candidate{candidate("old", 4, stranger)}, Verdict{State: Ours}},
		{"an older rival whose token is refused", mine, []Candidate{candidate("old", 4, refused)}, Verdict{State: Ours}},
		{"an older rival whose account is unknown", mine, []Candidate{candidate("old", 4, unknown)}, Verdict{State: Undecided}},
		{"an unknown rival and a proven one", mine, []Candidate{candidate("oldest", 3, unknown), candidate("old", 4)}, Verdict{State: Lost, To: name("old")}},
		{"an older child", mine, []Candidate{candidate("old", 4, child)}, Verdict{State: Ours}},
		{"an older rival that is finished", mine, []Candidate{candidate("old", 4, finished)}, Verdict{State: Ours}},
		{"finished, and a younger rival", candidate("mine", 5, finished), []Candidate{candidate("young", 6)}, Verdict{State: Lost, To: name("young")}},
		{"finished as an older rival is", candidate("mine", 5, finished), []Candidate{candidate("old", 4, finished)}, Verdict{State: Lost, To: name("old")}},
		{"a child and a younger hand-written rival", candidate("mine", 5, child), []Candidate{candidate("young", 6)}, Verdict{State: Lost, To: name("young")}},
		{"finished, and a child that is not", candidate("mine", 5, finished), []Candidate{candidate("young", 6, child)}, Verdict{State: Lost, To: name("young")}},
		{"a child and an older child", candidate("mine", 5, child), []Candidate{candidate("old", 4, child)}, Verdict{State: Lost, To: name("old")}},
		{"a child and a younger child", candidate("mine", 5, child), []Candidate{candidate("young", 6, child)}, Verdict{State: Ours}},
		{"a child that opens", mine, []Candidate{candidate("young", 6, opening)}, Verdict{State: Deferred, To: name("young"), Until: soon}},
		{"a child that opens, and an older rival", mine, []Candidate{candidate("young", 6, opening), candidate("old", 4)},
			Verdict{State: Deferred, To: name("young"), Until: soon}},
		{"a child that opens and is finished", mine, []Candidate{candidate("young", 6, opening, finished)}, Verdict{State: Ours}},
		{"a child that opens for another account", mine, []Candidate{candidate("young", 6, opening, stranger)}, Verdict{State: Ours}},
		{"a child that opens, the token refused", mine, []Candidate{candidate("young", 6, opening, refused)}, Verdict{State: Ours}},
		{"a child that opens, its account unknown", mine, []Candidate{candidate("young", 6, opening, unknown)}, Verdict{State: Undecided}},
		{"opening, and an older rival", candidate("mine", 5, opening), []Candidate{candidate("old", 4)}, Verdict{State: Ours}},
		{"a child and one that opens", candidate("mine", 5, child), []Candidate{candidate("young", 6, opening)}, Verdict{State: Lost, To: name("young")}},
	} {
		if got := Decide(c.mine, c.rivals); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

func TestR11Inherited(t *testing.T) {
	from := candidate("from", 5)
	other := func(c *Candidate) { c.Account = name("same provider") }
	for what, c := range map[string]struct {
		rival Candidate
		want  bool
	}{
		"of the same VoiceAccount, not proven": {candidate("b", 6, func(c *Candidate) { c.Verified = false }), true},
		"of the same provider's account":       {candidate("b", 6, other), true},
		"the same, not proven":                 {candidate("b", 6, other, func(c *Candidate) { c.Verified = false }), false},
		"of another provider's account":        {candidate("b", 6, other, func(c *Candidate) { c.ProviderAccount = "x" }), false},
	} {
		if got := Inherited(from, []Candidate{c.rival}); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
	if Inherited(from, nil) {
		t.Error("inherited by nothing")
	}
}
