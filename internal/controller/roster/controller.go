package roster

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/internal/wake"
)

const (
	// busyInterval is how often a conference is listed at the least where
	// something changed within busyFor, or where coaching is declared.
	busyInterval = 5 * time.Second
	busyFor      = time.Minute
	// keptFor is how long what was seen is kept where nobody is looked for any more.
	keptFor = time.Second
	// passDeadline bounds a pass, which may follow many pages.
	passDeadline = time.Minute
)

// Reconciler looks at conferences.
type Reconciler struct {
	// Client reads participants from the cache.
	Client client.Reader
	// Registry has the rosters, and the gateways to look through.
	Registry *gateway.Registry
	// Queue is this controller's own queue.
	Queue *wake.Queue[gateway.Key]
	// Participants is the queue of the participant controller.
	Participants *wake.Queue[reconcile.Request]
	// Workers is how many conferences are looked at at once.
	Workers int
	// Now is the clock.
	Now func() time.Time
}

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[gateway.Key](mgr).
		Named("roster").
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.TypedOptions[gateway.Key]{MaxConcurrentReconciles: r.Workers}).
		Complete(r)
}

// Reconcile asks the provider what is due about one conference, and wakes whom
// it concerns.
func (r *Reconciler) Reconcile(ctx context.Context, key gateway.Key) (ctrl.Result, error) {
	current, standing, _ := r.Registry.Lookup(key.Account)
	v := visit{key: key, roster: r.Registry.Roster(key), gateway: current, resync: standing.ResyncInterval}
	crew, err := r.crew(ctx, v)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !crew.Live && r.Registry.DropIdle(key) || current == nil {
		// Whoever asks, or an account that becomes ready, brings us back.
		return ctrl.Result{}, nil
	}
	if round := v.roster.Next(r.interval(v, crew)); round.Due() {
		return r.play(ctx, v, round)
	}
	return r.again(v, crew), nil
}

// play sends what a round asks for, if it may be sent now.
func (r *Reconciler) play(ctx context.Context, v visit, round gateway.Round) (ctrl.Result, error) {
	if trouble, until := v.gateway.Held(); trouble != gateway.Fine {
		return ctrl.Result{RequeueAfter: until.Sub(r.Now())}, nil
	}
	release, admitted := v.gateway.Admit(gateway.Turn{
		Key: v.key, Conference: v.key.Conference, Wake: func() { r.Queue.Wake(wake.Edit, 0, v.key) },
	})
	if !admitted {
		return ctrl.Result{}, nil
	}
	defer release()
	if err := r.look(ctx, v, round); err != nil {
		return ctrl.Result{}, err
	}
	crew, err := r.crew(ctx, v)
	return r.again(v, crew), err
}

// visit is one look at one conference.
type visit struct {
	key     gateway.Key
	roster  *gateway.Roster
	gateway *gateway.Gateway
	resync  time.Duration
}

// again is when the next round is due: at once if more was asked for meanwhile.
func (r *Reconciler) again(v visit, crew gateway.Crew) ctrl.Result {
	switch round := v.roster.Next(r.interval(v, crew)); {
	case round.Due():
		return ctrl.Result{RequeueAfter: time.Millisecond}
	case !round.Idle():
		return ctrl.Result{RequeueAfter: max(round.At.Sub(r.Now()), time.Millisecond)}
	case !crew.Live:
		// Who was served judges by what was seen; then the conference is dropped.
		return ctrl.Result{RequeueAfter: keptFor}
	}
	return ctrl.Result{}
}

// look sends what a round asks for.
func (r *Reconciler) look(ctx context.Context, v visit, round gateway.Round) error {
	ctx, cancel := context.WithTimeout(ctx, passDeadline)
	defer cancel()
	for _, ask := range round.Reads {
		r.read(ctx, v, ask)
	}
	if round.List {
		return r.list(ctx, v)
	}
	return nil
}

func (r *Reconciler) read(ctx context.Context, v visit, ask gateway.Ask) {
	participant, times, err := v.gateway.Read(ctx, v.key.Conference, ask.CallSID)
	class := voice.ClassOf(err)
	if class != voice.ClassOK && class != voice.ClassGone {
		logf.FromContext(ctx).V(1).Info("A participant could not be read", "cause", err.Error())
		if refused(class) && !ask.Read {
			v.roster.Doubt()
		} else {
			failed(v, err)
		}
		return
	}
	if !v.roster.RecordRead(ask.CallSID, participant, class == voice.ClassOK, times) && !ask.Read {
		// The list that is due now serves who asked.
		return
	}
	v.roster.Read(ask)
	r.wake(ask.Priority, ask.Waiter)
}

// refused says that a look was answered by a refusal, which seldom ends by itself.
func refused(class voice.Class) bool {
	return class == voice.ClassUnauthorized || class == voice.ClassRefused
}

func (r *Reconciler) list(ctx context.Context, v visit) error {
	listing := gateway.NewListing(r.Now())
	err := v.gateway.List(ctx, v.key.Conference, listing.Add)
	switch class := voice.ClassOf(err); {
	case class == voice.ClassOK || class == voice.ClassGone:
		return r.listed(ctx, v, listing, err != nil)
	case refused(class):
		logf.FromContext(ctx).V(1).Info("The list of a conference was refused", "cause", err.Error())
		if refusal := v.roster.Refuse(voice.AsError(err)); refusal.Tries <= gateway.RefusedForGood {
			return r.wakeSubjects(ctx, v, always)
		}
	default:
		logf.FromContext(ctx).V(1).Info("A conference could not be listed", "cause", err.Error())
		failed(v, err)
	}
	return nil
}

// failed puts the next look off, unless the whole account waits for as long as the
// provider says.
func failed(v visit, err error) {
	if voice.AsError(err).RetryAfter == 0 {
		v.roster.Failed()
	}
}

// listed writes a complete list down and wakes whom it concerns: everybody, if
// the last one was refused.
func (r *Reconciler) listed(ctx context.Context, v visit, listing *gateway.Listing, missing bool) error {
	wakes := concerns
	if !v.roster.Refusal().At.IsZero() {
		wakes = always
	}
	v.roster.Merge(listing, missing)
	asked, checked := v.roster.Listed(listing.Started())
	for _, ask := range asked {
		r.wake(ask.Priority, ask.Waiter)
	}
	for _, waiter := range checked {
		// Their answers were trusted; the checks of a crowd come before nobody's edit.
		r.wake(wake.Drift, waiter)
	}
	return r.wakeSubjects(ctx, v, wakes)
}

func always(*v1alpha1.ConferenceParticipant, *gateway.Roster) bool { return true }

func (r *Reconciler) wakeSubjects(ctx context.Context, v visit, wakes func(*v1alpha1.ConferenceParticipant, *gateway.Roster) bool) error {
	subjects, err := r.subjects(ctx, v)
	for _, subject := range subjects {
		if wakes(subject, v.roster) {
			r.wake(wake.Drift, client.ObjectKeyFromObject(subject))
		}
	}
	return err
}

func (r *Reconciler) wake(priority int, waiter types.NamespacedName) {
	r.Participants.Wake(priority, 0, reconcile.Request{NamespacedName: waiter})
}

// interval is how often the conference is listed without being asked.
func (r *Reconciler) interval(v visit, crew gateway.Crew) time.Duration {
	switch {
	case !crew.Live:
		return 0
	case crew.Coaching || v.roster.ChangedSince(r.Now().Add(-busyFor)):
		return min(v.resync, busyInterval)
	default:
		return v.resync
	}
}
