package participant

import (
	"context"
	"fmt"
	"strings"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/policy"
)

// standingRetry is the wait of a child for its Conference to be known, if nothing has
// it reconciled before.
const standingRetry = 5 * time.Second

// child is what a participant has of the Conference that has made it; the zero value
// is an object that people wrote.
type child struct {
	// conference is the name of the Conference, and role that of the role which the
	// call leg has; empty for none.
	conference, role string
	// standing is how it stands to the Conference.
	standing policy.Standing
}

// childOf reads off an object what it says of its Conference.
func childOf(object *v1alpha1.ConferenceParticipant) (c child) {
	if conference := index.ConferenceOf(object); conference != nil {
		c.conference, c.role = conference.Name, object.Labels[v1alpha1.RoleLabel]
	}
	return c
}

// made reports whether a Conference has made the object.
func (c child) made() bool { return c.conference != "" }

// unknown reports whether it is not known how a child stands to its Conference.
func (c child) unknown() bool { return c.made() && c.standing == policy.StandingUnknown }

// ended reports whether a child has nothing to do any more, and goes (R28).
func (c child) ended() bool { return c.standing == policy.StandingEnded }

// explain adds to a message why a child is as it is.
func (c child) explain(message string) string {
	switch {
	case !c.made():
		return message
	case c.role == "":
		return fmt.Sprintf("%s (made by %s).", strings.TrimSuffix(message, "."), c.conference)
	default:
		return fmt.Sprintf("%s (%s of %s).", strings.TrimSuffix(message, "."), c.role, c.conference)
	}
}

// suspended reports whether the object or its Conference is suspended.
func (x *reconciliation) suspended() bool {
	return x.object.Spec.Suspend || x.child.standing == policy.StandingSuspended
}

// observes reports whether the object or its Conference is in mode Observe.
func (x *reconciliation) observes() bool {
	return x.object.Spec.Mode == v1alpha1.ModeObserve || x.child.standing == policy.StandingObserved
}

// silent reports whether nothing is to be sent for an object that is deleted. What a
// Conference has a child do, being suspended or in mode Observe, ends with it: the child
// opens what it has closed for a while (R23).
func (x *reconciliation) silent() bool {
	follows := x.child.ended() && policy.ChildOf(x.object).Record.Withdrawn
	return (x.suspended() || x.observes()) && !follows
}

// abstains reports whether the object neither claims its call leg nor loses it.
func (x *reconciliation) abstains() bool {
	return x.suspended() || x.observes() || x.child.unknown() || x.child.ended()
}

// checkStanding ends the reconciles of children that are not to do anything: it is not
// known yet whether their Conference governs the room, or known that it does not. Then
// they are deleted, whether a garbage collector runs or not (R28).
func checkStanding(x *reconciliation) (outcome, bool) {
	switch {
	case x.child.unknown():
		return noReport().at(x.now.Add(standingRetry)), true
	case x.child.ended():
		x.setClaim(claim.None)
		x.unsubscribe()
		return outcome{expired: true}, true
	}
	return outcome{}, false
}

// standing is how an object stands to the Conference that has made it. One that people
// wrote has none; where Conferences can't be read it is not known, so that nothing else
// stops for that (R29).
func (g gatherer) standing(ctx context.Context, object *v1alpha1.ConferenceParticipant) policy.Standing {
	if g.policies == nil || index.ConferenceOf(object) == nil {
		return policy.StandingUnknown
	}
	found, err := g.policies.Standing(ctx, object)
	if err != nil {
		logf.FromContext(ctx).V(1).Info("A child's Conference could not be read", "child", object.Name, "cause", err.Error())
		return policy.StandingUnknown
	}
	return found
}
