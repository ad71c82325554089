package participant

import (
	"context"
	"slices"

	"github.com/voiceops/conference-operator/internal/audit"
	"github.com/voiceops/conference-operator/internal/plan"
)

// audited is the context for sending a request about the participant that changes
// something. cause is that of all changes; empty where they have causes of their own.
func (x *reconciliation) audited(ctx context.Context, cause audit.Cause, id string, changes []audit.Change) context.Context {
	m := &x.memory
	return audit.With(ctx, audit.Request{
		Object: audit.Object{
			Kind: Kind, Namespace: m.Name.Namespace, Name: m.Name.Name, UID: string(x.object.UID), Generation: x.object.Generation,
			Conference: x.child.conference, Role: x.child.role,
		},
		Account: m.Key.Account.Name, ConferenceSID: m.Key.Conference, CallSID: m.CallSID, ID: id, Cause: cause, Changes: changes,
	})
}

// changesOf is what a decision changes, each field with its cause. A pair that is only
// repeated, and a beep, have none.
func (x *reconciliation) changesOf(decision plan.Decision) []audit.Change {
	changes := audit.UpdateOf(decision.Update, x.seen.Participant)
	for i := range changes {
		for _, field := range decision.Fields {
			if slices.Contains(changedBy(field), changes[i].Field) {
				changes[i].Cause = x.causeOf(decision, field)
			}
		}
	}
	return changes
}

// changedBy are the changes that an update of a field has.
func changedBy(field plan.Field) []string {
	return [...][]string{
		plan.FieldMute:     {audit.FieldMuted},
		plan.FieldHold:     {audit.FieldHold, audit.FieldHoldURL},
		plan.FieldCoaching: {audit.FieldCoaching, audit.FieldCallSIDToCoach},
	}[field]
}

// causeOf is why a decision changes a field. What a child does once and opens is what its
// Conference had closed for a while (R23).
func (x *reconciliation) causeOf(decision plan.Decision, field plan.Field) audit.Cause {
	once, policy := decision.Desired.Once.Pending[field], x.child.made()
	switch {
	case slices.Contains(decision.Repairs, field):
		return audit.CauseDrift
	case once && (!policy || !decision.OpensField(field)):
		return audit.CauseOnce
	case policy:
		return audit.CauseRoom
	default:
		return audit.CauseSpec
	}
}
