// Package claim decides which object owns a call leg (R9). Claims are compared by
// the provider's account, the conference and the call leg, across namespaces; an
// object can claim once its account's token was accepted. What still
// expects the call leg goes before what is finished, what was written by hand before
// what another object has made, then the older before the newer. Before all goes what
// another object has made and opens what it has closed, until it is done (R22).
//
// The package is pure: every candidate is an argument, and nothing is read.
package claim

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Precedence is the rank of a kind of object; the lower one wins.
type Precedence int

const (
	// Opening is a child that opens what it has closed for a while, and then goes.
	Opening Precedence = iota - 1
	// HandWritten is an object that a person or a pipeline wrote.
	HandWritten
	// Child is an object that another object controls.
	Child
)

// Candidate is an object that wants a call leg.
type Candidate struct {
	// Name is the object's name, and Account that of its VoiceAccount.
	Name, Account types.NamespacedName
	// Finished says that the object does not expect the call leg any more: one that
	// does goes before it.
	Finished bool
	// Precedence is the rank of its kind.
	Precedence Precedence
	// Until is when the precedence Opening ends; zero for any other.
	Until time.Time
	// Created is when the object was created.
	Created time.Time
	// ProviderAccount is the provider's account behind the object; empty if its
	// VoiceAccount does not exist.
	ProviderAccount string
	// Known says that this process has looked at the account, and Verified that
	// its token was accepted.
	Known, Verified bool
}

// compare orders candidates, the winner first.
func (c Candidate) compare(other Candidate) int {
	rank := map[bool]int{false: 0, true: 1}
	return cmp.Or(
		cmp.Compare(rank[c.Finished], rank[other.Finished]),
		cmp.Compare(c.Precedence, other.Precedence),
		c.Created.Compare(other.Created),
		cmp.Compare(c.Name.String(), other.Name.String()),
	)
}

// State is what a claim has come to.
type State int

const (
	// None is an object that claims nothing.
	None State = iota
	// Undecided is a claim that waits until the account of a rival was looked at,
	// so that a restart makes no claim flap.
	Undecided
	// Ours is a claim that stands.
	Ours
	// Lost is a claim that a rival has won.
	Lost
	// Deferred is a claim that waits for a rival which only opens what it has closed.
	Deferred
)

// Verdict is the result of a comparison.
type Verdict struct {
	// State of the claim.
	State State
	// To is the winner of a claim that is lost or deferred.
	To types.NamespacedName
	// Until is when a claim that is deferred is decided again at the latest.
	Until time.Time
}

// Decide compares a candidate with its rivals for the same call leg, none of which
// has withdrawn. A rival without an accepted token blocks nothing.
func Decide(mine Candidate, rivals []Candidate) Verdict {
	verdict := Verdict{State: Ours}
	for _, rival := range slices.SortedFunc(slices.Values(rivals), Candidate.compare) {
		switch {
		case rival.compare(mine) >= 0 || rival.ProviderAccount != mine.ProviderAccount:
		case rival.Verified && rival.Precedence == Opening && mine.Precedence == HandWritten:
			return Verdict{State: Deferred, To: rival.Name, Until: rival.Until}
		case rival.Verified:
			return Verdict{State: Lost, To: rival.Name}
		case !rival.Known:
			verdict.State = Undecided
		}
	}
	return verdict
}

// Inherited reports whether a rival claims the call leg of an object that gives it
// up, as after a rename: one of the same VoiceAccount, or of the same account of the
// provider with an accepted token.
func Inherited(from Candidate, rivals []Candidate) bool {
	return slices.ContainsFunc(rivals, func(rival Candidate) bool {
		return rival.Account == from.Account || rival.Verified && rival.ProviderAccount == from.ProviderAccount
	})
}
