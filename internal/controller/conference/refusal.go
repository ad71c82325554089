package conference

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/policy"
)

// afterVacancy is how long after a child has gone the others that were refused are tried
// again: a quota counts what is there some seconds later.
const afterVacancy = 10 * time.Second

// write is a kind of write of a child.
type write int

const (
	// newChild makes a child, which counts for a quota.
	newChild write = iota
	// knownChild applies one that is there.
	knownChild
	kindsOfWrite
)

// refusals is what the API server has refused in a room, by kind of write: where it
// makes no child, those that are there go on.
type refusals [kindsOfWrite]refusal

// refusal is that children can't be written.
type refusal struct {
	wait backoff.State
	// why is the API server's reason, for a person to mend; empty for none.
	why string
	// children is how many there were.
	children int
}

// why is the API server's reason to refuse children; empty if it does not.
func (r refusals) why() string { return cmp.Or(r[newChild].why, r[knownChild].why) }

// kindOf is which kind of write stores a child.
func (s *scope) kindOf(want policy.Want) write {
	if _, there := s.children[want.CallSID]; there {
		return knownChild
	}
	return newChild
}

// vacate has new children tried again soon if a child has gone since they were refused.
func (r *refusals) vacate(children int, now time.Time) {
	made := &r[newChild]
	if !made.wait.Waiting(now) || children >= made.children {
		return
	}
	made.children = children
	if soon := now.Add(afterVacancy); soon.Before(made.wait.NotBefore) {
		made.wait.NotBefore = soon
	}
}

// permitted are the children of those that are due of which the kind of write does not
// wait, and when the others are due; zero without any.
func (s *scope) permitted(due []policy.Want) (now []policy.Want, next time.Time) {
	now = slices.DeleteFunc(due, func(want policy.Want) bool {
		wait := s.memory.refused[s.kindOf(want)].wait
		if !wait.Waiting(s.now) {
			return false
		}
		next = earlier(next, wait.NotBefore)
		return true
	})
	return now, next
}

// refuse notes that a child could not be written, once for all of a kind in one pass, and
// returns when to try again.
func (s *scope) refuse(before refusals, failed failure) time.Time {
	kind, err := s.kindOf(failed.want), failed.err
	known := &s.memory.refused[kind]
	schedule, why := backoff.Refusal, ""
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		// The namespace goes, and the Conference with it.
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		why = explain(failed)
	default:
		schedule = backoff.Request
	}
	known.wait, known.children = before[kind].wait.Fail(schedule, s.now), len(s.children)
	if why != "" {
		known.why = why
	}
	return known.wait.NotBefore
}

// accept forgets what was refused of the kinds of which everything was tried and written.
func (s *scope) accept(failures []failure) {
	for kind := range kindsOfWrite {
		failed := slices.ContainsFunc(failures, func(f failure) bool { return s.kindOf(f.want) == kind })
		if !failed && !s.memory.refused[kind].wait.Waiting(s.now) {
			s.memory.refused[kind] = refusal{}
		}
	}
}

// explain is the API server's own reason, cut. It is the same for all children that are
// refused alike, so that the status settles: without their names.
func explain(failed failure) string {
	const most = 300
	text := strings.Replace(failed.err.Error(), strconv.Quote(failed.want.Name)+" ", "", 1)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
