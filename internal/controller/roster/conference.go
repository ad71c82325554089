package roster

import (
	"context"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/internal/voice"
)

// readConference reads the conference itself, and reports whether what that shows
// makes a difference.
func (r *Reconciler) readConference(ctx context.Context, s scope) (changed bool) {
	read, times, err := s.session.ReadConference(ctx, s.key.Conference)
	class := voice.ClassOf(err)
	switch {
	case class == voice.ClassOK:
		if read.Status == voice.ConferenceCompleted {
			r.Ended(s.key)
		}
		return s.roster.RecordConference(read, true, times)
	case class == voice.ClassGone && voice.AsError(err).Missing():
		return s.roster.RecordConference(voice.Conference{}, false, times)
	}
	logf.FromContext(ctx).V(1).Info("A conference could not be read", "cause", err.Error())
	s.roster.RecordConferenceFailure(class != voice.ClassNotExecuted && class != voice.ClassUnknownOutcome, r.Now())
	return false
}
