package policy

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	// defaultIdentifyWithin is that of identifyWithinSeconds.
	defaultIdentifyWithin = 2 * time.Second
	// defaultTTL is that of participantTTLSeconds, in seconds.
	defaultTTL = 180
)

// Policy is a Conference in the form that Assign needs. It has no number, only
// hashes of them.
type Policy struct {
	// name of the Conference.
	name string
	// spec of the Conference, without the numbers of its roles.
	spec v1alpha1.ConferenceSpec
	// roles in their order.
	roles []role
}

// role is a role with its terms compiled.
type role struct {
	v1alpha1.Role
	// terms of the role; a role without any is for every call leg.
	terms []term
}

// term is a compiled RoleTerm.
type term struct {
	// endsRoom and direction are as in the spec.
	endsRoom  *bool
	direction v1alpha1.CallDirection
	// far are sets of numbers, in each of which that of the far party has to be, and
	// dialed those in which the dialled one has to be.
	far, dialed []map[Number]bool
	// call says that the term is about the call, which has to be read.
	call bool
	// unread says that the term has a Secret that was not read so far, and never that
	// it has one without a number.
	unread, never bool
}

// Compile turns a Conference into a Policy. Numbers has what was last read of each
// key of a Secret that the spec names; a key that is missing in it was never read,
// and its terms are unknown (R20).
func Compile(conference *v1alpha1.Conference, numbers map[v1alpha1.SecretKeySelector][]Number, hasher Hasher) Policy {
	p := Policy{name: conference.Name, spec: *conference.Spec.DeepCopy()}
	for i := range p.spec.Roles {
		r := role{Role: p.spec.Roles[i]}
		for _, declared := range r.Match {
			r.terms = append(r.terms, compile(declared, numbers, hasher))
		}
		r.Match = nil
		p.roles = append(p.roles, r)
	}
	p.spec.Roles = nil
	return p
}

func compile(declared v1alpha1.RoleTerm, numbers map[v1alpha1.SecretKeySelector][]Number, hasher Hasher) term {
	t := term{endsRoom: declared.EndConferenceOnExit, direction: declared.Direction, call: AboutCall(&declared)}
	if len(declared.Numbers) > 0 {
		t.far = append(t.far, hashed(declared.Numbers, hasher))
	}
	if len(declared.DialedNumbers) > 0 {
		t.dialed = append(t.dialed, hashed(declared.DialedNumbers, hasher))
	}
	if declared.NumbersSecretRef != nil {
		read, found := numbers[*declared.NumbersSecretRef]
		if found {
			t.far = append(t.far, setOf(read))
		}
		t.unread, t.never = !found, found && len(read) == 0
	}
	return t
}

func hashed(numbers []v1alpha1.PhoneNumber, hasher Hasher) map[Number]bool {
	hashes := make([]Number, 0, len(numbers))
	for _, number := range numbers {
		hashes = append(hashes, hasher.Hash(string(number)))
	}
	return setOf(hashes)
}

// AboutCall reports whether a term asks for more than the list of participants shows, so
// that the call has to be read (R20).
func AboutCall(declared *v1alpha1.RoleTerm) bool {
	return declared.Direction != "" || len(declared.Numbers) > 0 || declared.NumbersSecretRef != nil || len(declared.DialedNumbers) > 0
}

// setOf has the zero Number never: it is one that is withheld.
func setOf(numbers []Number) map[Number]bool {
	set := make(map[Number]bool, len(numbers))
	for _, number := range numbers {
		set[number] = number != Number{}
	}
	return set
}

// Secrets returns the keys of Secrets that a spec names, each once and in its order.
func Secrets(spec *v1alpha1.ConferenceSpec) []v1alpha1.SecretKeySelector {
	var keys []v1alpha1.SecretKeySelector
	seen := map[v1alpha1.SecretKeySelector]bool{}
	for i := range spec.Roles {
		for _, declared := range spec.Roles[i].Match {
			ref := declared.NumbersSecretRef
			if ref != nil && !seen[*ref] {
				seen[*ref] = true
				keys = append(keys, *ref)
			}
		}
	}
	return keys
}

// identifyWithin is how long it may be unknown which role a joiner has.
func (p Policy) identifyWithin() time.Duration {
	if p.spec.IdentifyWithinSeconds == nil {
		return defaultIdentifyWithin
	}
	return time.Duration(*p.spec.IdentifyWithinSeconds) * time.Second
}

// observes reports whether the policy only looks.
func (p Policy) observes() bool { return p.spec.Mode == v1alpha1.ModeObserve }
