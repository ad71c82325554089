package participant

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// pick makes choices, the same ones for the same seed.
type pick struct{ *rand.Rand }

func (p pick) flag() bool { return p.IntN(2) == 1 }

func (p pick) seldom() bool { return p.IntN(6) == 0 }

// ago is a time up to a while ago, often one near a border of the rules.
func (p pick) ago() time.Time {
	borders := []time.Duration{0, 1, time.Second - 1, time.Second, time.Second + 1, 5*time.Second - 1, 5 * time.Second, remembered, time.Minute, time.Hour}
	return in(-borders[p.IntN(len(borders))])
}

func one[T any](p pick, of ...T) T { return of[p.IntN(len(of))] }

// object is any object that the API server would store with a status of ours.
func (p pick) object() *v1alpha1.ConferenceParticipant {
	return subject(func(o *v1alpha1.ConferenceParticipant) {
		if p.flag() {
			childOfAllHands(o)
		}
		o.Spec.Suspend = p.seldom()
		o.Spec.Mode = one(p, v1alpha1.ModeEnforce, v1alpha1.ModeEnforce, v1alpha1.ModeObserve)
		o.Spec.DeletionPolicy = one(p, v1alpha1.DeletionReset, "")
		o.Spec.JoinDeadlineSeconds = one(p, new(int32(0)), new(int32(60)), new(int32(900)), nil)
		o.Spec.TTLSecondsAfterFinished = one(p, nil, new(int32(0)), new(int32(60)))
		o.Generation = one(p, int64(1), 1, 2)
		if p.seldom() {
			o.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "today"}
		}
		switch o.Status.CallState = one(p, "", v1alpha1.CallWaiting, v1alpha1.CallLive, v1alpha1.CallLive, v1alpha1.CallLeft); o.Status.CallState {
		case v1alpha1.CallLeft:
			o.Status.FinishTime = new(metav1.NewTime(p.ago()))
		case v1alpha1.CallLive:
		case v1alpha1.CallWaiting:
			if p.flag() {
				// The join deadline has passed, or the conference is over.
				o.Status.FinishTime = new(metav1.NewTime(p.ago()))
			}
			fallthrough
		default:
			o.Status.Participant, o.Status.LastSyncedDigest = nil, ""
		}
	})
}

// reconciliation is any reconcile that gather could leave behind.
func (p pick) reconciliation() *reconciliation {
	x := prepared(p.object())
	p.account(x)
	if x.child.made() {
		x.child.standing = one(p, policy.StandingGoverned, policy.StandingGoverned, policy.StandingGoverned, policy.StandingUnknown,
			policy.StandingSuspended, policy.StandingObserved, policy.StandingEnded)
	}
	x.refusal = roster.Refusal{Tries: max(0, p.IntN(6)-3), At: p.ago()}
	x.seen = roster.Observation{Present: !p.seldom(), ObservedAt: p.ago()}
	x.seen.RespondedAt = x.seen.ObservedAt.Add(time.Duration(p.Int64N(int64(now.Sub(x.seen.ObservedAt)) + 1)))
	if p.seldom() {
		x.seen = roster.Observation{}
	}
	x.seen.Muted, x.seen.Hold, x.seen.Phase = p.flag(), p.flag(), one(p, voice.PhaseActive, voice.PhaseActive, voice.PhaseEnded)
	if !x.seen.Present && p.flag() {
		x.seen.Absence = roster.Absence{FirstRead: p.ago(), Suspicious: p.flag()}
		x.seen.Absence.LastRead = x.seen.Absence.FirstRead.Add(time.Duration(p.IntN(10)) * time.Second)
	}
	p.remember(x)
	return x
}

// account is what gather may find of the account, the session and the claim.
func (p pick) account(x *reconciliation) {
	x.account.Phase = one(p, provider.PhaseReady, provider.PhaseReady, provider.PhaseReady, provider.PhaseReady, provider.PhaseUnknown,
		provider.PhaseSuspended, provider.PhaseNotReady, provider.PhaseUnauthorized, provider.PhaseUnavailable)
	// A ready account was verified, always.
	x.account.Verified, x.accountExists = x.account.Phase == provider.PhaseReady || !p.seldom(), p.flag()
	x.account.ProviderAccount = one(p, "acme", "acme", "acme", "other")
	x.account.TTL = provider.TTLOf(one(p, nil, nil, new(int32(0)), new(int32(3600))))
	x.account.ResyncInterval = one(p, 0, 30*time.Second)
	if p.seldom() || x.account.Phase == provider.PhaseUnknown || x.account.Phase == provider.PhaseNotReady {
		x.session = nil
	} else if p.seldom() {
		x.block = one(p, provider.Verifying, provider.Unauthorized, provider.Unavailable, provider.Throttled)
		if x.block == provider.Throttled {
			x.blockedUntil = in(time.Duration(1 + p.Int64N(int64(time.Minute))))
		}
	}
	x.claim.State = one(p, claim.Ours, claim.Ours, claim.Ours, claim.None, claim.Lost, claim.Undecided, claim.Deferred)
	if x.claim.State == claim.Deferred {
		x.claim.Until = in(time.Duration(1 + p.Int64N(int64(30*time.Second))))
	}
	x.memory.Claim = one(p, claim.Ours, claim.None, claim.Lost, claim.Deferred)
}

// remember is what an earlier reconcile may have left in the memory.
func (p pick) remember(x *reconciliation) {
	m := &x.memory
	m.Account, _ = m.Account.TrackProvider("acme")
	for range p.IntN(6) {
		switch p.IntN(9) {
		case 0:
			m.Edit = m.Edit.Judge()
		case 1:
			m.Edit = m.Edit.Reset()
		case 2:
			m.Look = m.Look.Request(p.ago())
		case 3:
			m.Look = m.Look.VoidBefore(p.ago())
		case 4:
			m.Look = m.Look.VoidUntil(p.ago())
		case 5:
			m.Backlog = m.Backlog.Plan()
		case 6:
			m.Backlog = m.Backlog.Delay(memory.Throttled, p.ago())
		case 7:
			m.Coachee = m.Coachee.Await(p.ago())
		case 8:
			m.DeadlinePassed = true
		}
	}
}

// FuzzGate: whatever is known and remembered, the gate opens only for what may be
// sent, and a reconcile that it ends is followed by another when it must be.
func FuzzGate(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		for part := range uint64(100) {
			checkAnyGate(t, func() *reconciliation { return pick{rand.New(rand.NewPCG(seed, part))}.reconciliation() })
		}
	})
}

// checkAnyGate checks the gate with a reconcile that from makes anew each time.
func checkAnyGate(t *testing.T, from func() *reconciliation) {
	t.Helper()
	x, again, before := from(), from(), from()
	found, open := gate(x)
	if twice, too := gate(again); !reflect.DeepEqual(found, twice) || open != too || !reflect.DeepEqual(x.memory, again.memory) ||
		!reflect.DeepEqual(x.effects, again.effects) || !reflect.DeepEqual(x.status, again.status) {
		t.Errorf("the same facts have led to %+v and %+v", found, twice)
	}
	if !reflect.DeepEqual(x.facts, before.facts) {
		t.Error("the gate has changed its facts")
	}
	if open {
		opensRightly(t, x, before, found)
	} else {
		endsRightly(t, x, found)
	}
	requestsRightly(t, x, before)
}

// opensRightly checks what must be true where something may be sent.
func opensRightly(t *testing.T, x, before *reconciliation, found outcome) {
	t.Helper()
	if found != (outcome{}) || len(x.effects.refresh) > 0 || x.effects.unsubscribe {
		t.Errorf("the gate opens, and comes to %+v, %+v", found, x.effects)
	}
	if x.session == nil || x.block != provider.None || x.object.Spec.Suspend {
		t.Errorf("the gate opens: session %v, block %q, suspended %v", x.session, x.block, x.object.Spec.Suspend)
	}
	if x.suspended() || x.child.unknown() || x.child.ended() {
		t.Errorf("the gate opens for a child that stands as %v to its Conference", x.child.standing)
	}
	if x.claim.State == claim.Lost || x.claim.State == claim.Undecided || x.claim.State == claim.Deferred || x.memory.Claim != x.claim.State && x.account.Verified {
		t.Errorf("the gate opens: claim %v, remembered as %v", x.claim.State, x.memory.Claim)
	}
	if !x.seen.Present || x.seen.Ended() || x.status.CallState != v1alpha1.CallLive {
		t.Errorf("the gate opens for %+v, reported as %s", x.seen, x.status.CallState)
	}
	trackAccount(before)
	if !before.memory.Look.Accepts(x.seen, before.need(), now) {
		t.Errorf("the gate opens on an observation of %s ago", now.Sub(x.seen.ObservedAt))
	}
	if x.memory.Edit.Awaited() && !memory.Current(x.seen, now) {
		t.Errorf("an edit is decided on a response of %s ago", now.Sub(x.seen.RespondedAt))
	}
	if x.refusal.Tries > 0 && !x.effects.forgiveRefusal {
		t.Error("the gate opens for a conference that may not be listed")
	}
}

// endsRightly checks that a reconcile is followed by another one, if there is
// something to follow.
func endsRightly(t *testing.T, x *reconciliation, found outcome) {
	t.Helper()
	if !found.requeueAt.IsZero() && !found.expired && !found.requeueAt.After(now) {
		t.Errorf("requeued %s ago", now.Sub(found.requeueAt))
	}
	if found.expired {
		expiresRightly(t, x)
	}
	if found.verdict != nil {
		if x.child.unknown() || x.child.ended() {
			t.Errorf("a child that stands as %v to its Conference reports %s", x.child.standing, found.verdict.Reason)
		}
		reason := found.verdict.Reason
		if needless := reason == v1alpha1.ReasonSuspended || reason == v1alpha1.ReasonConflict; x.effects.unsubscribe != needless {
			t.Errorf("reported as %s, and unsubscribed: %v", reason, x.effects.unsubscribe)
		}
		return
	}
	switch {
	case x.child.ended():
		if !found.expired || !x.effects.unsubscribe || x.memory.Claim == claim.Ours {
			t.Errorf("a child of a Conference that does not govern it is left as %+v", found)
		}
	case x.suspended() && !x.child.unknown(), x.effects.unsubscribe:
		t.Errorf("suspended (%v) or lost, and not reported", x.suspended())
	case !found.requeueAt.IsZero(), len(x.effects.refresh) > 0:
	case !x.accountPublished():
		// The account controller enqueues the account's dependents when it has
		// something new to say of it.
	case x.block != provider.None && x.blockedUntil.IsZero():
		// So it does after a verification.
	case x.dormant() && x.account.ResyncInterval > 0:
		// The rare lists of the conference enqueue it, should its call come.
	case x.refusal.Tries > 0:
		// The next list of the conference enqueues every subscriber.
	default:
		t.Errorf("nothing is reported, and nothing follows: %+v", x.facts)
	}
}

// expiresRightly checks that an object is deleted only after its call has left, or
// could not come any more, and its time to live or the account's is over.
func expiresRightly(t *testing.T, x *reconciliation) {
	t.Helper()
	finished, ttl := x.status.FinishTime, provider.TTLOf(x.object.Spec.TTLSecondsAfterFinished).Or(x.account.TTL)
	switch {
	case x.child.ended():
	case finished == nil, x.status.CallState == v1alpha1.CallLive:
		t.Errorf("%s expires, and has not finished", x.status.CallState)
	case ttl == provider.TTL{}:
		t.Error("an object without a time to live expires")
	case now.Before(ttl.EndsAt(finished.Time)):
		t.Errorf("expires %s too soon", ttl.EndsAt(finished.Time).Sub(now))
	case x.suspended():
		t.Error("a suspended object expires")
	case x.seen.Present && !x.seen.Ended() && x.status.CallState == v1alpha1.CallWaiting && x.seen.ObservedAt.Equal(now):
		t.Error("an object expires while its call is there")
	}
}

// accountPublished reports whether the account has something to send through.
func (x *reconciliation) accountPublished() bool {
	switch x.account.Phase {
	case provider.PhaseUnknown, provider.PhaseSuspended:
		return false
	case provider.PhaseUnavailable:
		return x.account.Verified
	default:
		return true
	}
}

// requestsRightly checks the effects and what is remembered, whatever the gate has
// come to.
func requestsRightly(t *testing.T, x, before *reconciliation) {
	t.Helper()
	e := x.effects
	if e.unsubscribe && (len(e.refresh) > 0 || phaseOf(x.memory.Edit) != memory.Unjudged || x.memory.Backlog != memory.Backlog{}) {
		t.Errorf("unsubscribed, and still %+v in phase %v", e, phaseOf(x.memory.Edit))
	}
	for _, request := range e.refresh {
		edit := x.memory.Edit.Awaited() || x.memory.Backlog.Planned()
		if request.At.Before(now) || request.CallSID != "call" || request.Subscriber.Name != x.memory.Name ||
			(request.Priority == enqueue.PriorityEdit) != edit {
			t.Errorf("refresh %+v, awaited or planned: %v", request, edit)
		}
	}
	if rivals := (x.memory.Claim == claim.Ours) != (before.memory.Claim == claim.Ours); e.enqueueRelated != rivals {
		t.Errorf("the claim goes from %v to %v, and rivals are enqueued: %v", before.memory.Claim, x.memory.Claim, e.enqueueRelated)
	}
	if x.memory.Edit.Awaited() && !before.memory.Edit.Awaited() {
		t.Error("an edit that nothing waited for is awaited")
	}
}
