package policy

// verdict is whether a term or a role matches a call leg. Of all fields of a term
// the least counts.
type verdict int

const (
	// no is a term that does not match.
	no verdict = iota
	// unread depends on a Secret that was not read so far.
	unread
	// unknown depends on a call that was not read so far.
	unknown
	// yes is a term that matches.
	yes
)

// judge says whether a role matches: any of its terms does.
func (r *role) judge(l *Leg) verdict {
	if len(r.terms) == 0 {
		return yes
	}
	found := map[verdict]bool{}
	for i := range r.terms {
		found[r.terms[i].judge(l)] = true
	}
	switch {
	case found[yes]:
		return yes
	case found[unread]:
		return unread
	case found[unknown]:
		return unknown
	default:
		return no
	}
}

// judge says whether a term matches: all of its fields do. What the participants
// list shows comes first, so that no call is read for what is no already (R20).
func (t *term) judge(l *Leg) verdict {
	if t.endsRoom != nil && (l.EndsRoom == nil || *l.EndsRoom != *t.endsRoom) || t.never {
		return no
	}
	if !t.call {
		return yes
	}
	return t.judgeCall(l.Caller)
}

// judgeCall says whether the fields of a term that are about the call match.
func (t *term) judgeCall(c Caller) verdict {
	switch {
	case c.State == CallerMissing, c.State == CallerKnown && !t.fits(c):
		return no
	case t.unread:
		return unread
	case c.State == CallerUnknown:
		return unknown
	default:
		return yes
	}
}

// fits compares a term with a call that was read.
func (t *term) fits(c Caller) bool {
	if t.direction != "" && t.direction != c.Direction || t.unread && c.Far == (Number{}) {
		return false
	}
	for _, set := range t.far {
		if !set[c.Far] {
			return false
		}
	}
	for _, set := range t.dialed {
		if !set[c.Dialed] {
			return false
		}
	}
	return true
}
