package policy

import (
	"slices"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// consequence is what a role means for a call leg, in a form that can be compared.
type consequence struct {
	muted, hold, beep string
	holdURL           v1alpha1.DocumentURL
	holdMethod        v1alpha1.HTTPMethod
	muteOnEntry       bool
	coachRole         v1alpha1.RoleName
	driftPolicy       v1alpha1.DriftPolicy
	announcement      v1alpha1.RoleAnnouncement
}

// differs reports whether it would change something to know which of its possible
// roles a call leg has: a field of this call leg, its announcement, or what another
// role coaches, waits for or ends with (R20).
func (p Policy) differs(q *party) bool {
	if q.possibly(func(r *role) bool { return p.dependsOn(r.Name) }) != nil {
		return true
	}
	first := consequenceOf(q.may[0], q.entering())
	return !q.Overridden && slices.ContainsFunc(q.may[1:], func(r *role) bool {
		return consequenceOf(r, q.entering()) != first
	})
}

// dependsOn reports whether something else depends on the call legs of a role.
func (p Policy) dependsOn(name v1alpha1.RoleName) bool {
	wait, end := p.spec.WaitForRole, p.spec.EndWhenRoleLeaves
	return wait != nil && wait.Role == name || end != nil && end.Role == name ||
		slices.ContainsFunc(p.roles, func(r role) bool { return r.CoachRole == name })
}

// consequenceOf is zero for a role that does nothing, and for none.
func consequenceOf(r *role, entering bool) (c consequence) {
	if r == nil {
		return c
	}
	c = consequence{
		muted: shown(r.Muted), hold: shown(r.Hold), holdURL: r.HoldURL, holdMethod: r.HoldMethod,
		coachRole: r.CoachRole, muteOnEntry: entering && isTrue(r.MuteOnEntry),
	}
	if entering && r.Announcement != nil {
		c.announcement = *r.Announcement
	}
	if c != (consequence{}) {
		c.beep, c.driftPolicy = shown(r.Beep), r.DriftPolicy
	}
	return c
}

// shown tells true, false and unset apart.
func shown(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "true"
	default:
		return "false"
	}
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }
