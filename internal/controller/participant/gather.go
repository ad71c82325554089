package participant

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// gatherer reads what there is to know: the cache, the accounts and the rosters.
type gatherer struct {
	reader   client.Reader
	accounts Accounts
	rosters  Rosters
	coachees coachees
	policies Policies
}

// gather completes the facts about an object.
func (g gatherer) gather(ctx context.Context, x *reconciliation) (err error) {
	key := x.memory.Key
	session, account, known := g.accounts.Lookup(key.Account)
	x.account, x.accountExists = account, known
	if session != nil {
		x.session = session
		x.block, x.blockedUntil = session.Blocked()
	}
	if !known {
		if x.accountExists, err = g.accountExists(ctx, key.Account); err != nil {
			return err
		}
	}
	x.refusal = g.rosters.Refusal(key)
	x.seen = g.rosters.Observation(key, x.memory.CallSID)
	x.child.standing = g.standing(ctx, x.object)
	if x.claim, err = g.claim(ctx, x); err != nil {
		return err
	}
	if x.coaches() {
		x.desired.Coachee, err = g.coachees.resolve(ctx, x)
	}
	return err
}

// accountExists tells a missing account from one that was not looked at yet.
func (g gatherer) accountExists(ctx context.Context, name types.NamespacedName) (bool, error) {
	err := g.reader.Get(ctx, name, &v1alpha1.VoiceAccount{})
	return err == nil, client.IgnoreNotFound(err)
}
