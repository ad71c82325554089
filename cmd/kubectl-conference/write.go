package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
)

const (
	dryRunNone   = "none"
	dryRunClient = "client"
	dryRunServer = "server"
	// takeOverTimeout is how long a policy may take to take a call leg over.
	takeOverTimeout = 3 * time.Second
	// pollInterval is the time between two looks at an object that is waited for.
	pollInterval = 200 * time.Millisecond
)

// writing are the flags of every verb.
type writing struct {
	dryRun  string
	force   bool
	wait    bool
	timeout time.Duration
	print   *genericclioptions.PrintFlags
}

func newWriting() *writing { return &writing{print: genericclioptions.NewPrintFlags("")} }

func (o *writing) bind(c *cobra.Command) {
	c.Flags().StringVar(&o.dryRun, "dry-run", dryRunNone, `"none", "client" or "server": write nothing, and show what would be written; "server" has it checked.`)
	c.Flags().Lookup("dry-run").NoOptDefVal = dryRunClient
	c.Flags().BoolVar(&o.force, "force", false, "Take fields that another manager owns. It may take them back.")
	c.Flags().BoolVar(&o.wait, "wait", true, "Wait until the change is in effect.")
	c.Flags().DurationVar(&o.timeout, "timeout", 20*time.Second, "How long to wait.")
	o.print.AddFlags(c)
}

func (o *writing) check() error {
	switch o.dryRun {
	case dryRunNone, dryRunClient, dryRunServer:
		return nil
	default:
		return fmt.Errorf("--dry-run %s is neither none, client nor server", o.dryRun)
	}
}

func (o *writing) dry() bool { return o.dryRun != dryRunNone }

// quiet reports whether the object is printed in place of sentences.
func (o *writing) quiet() bool { return o.print.OutputFormat != nil && *o.print.OutputFormat != "" }

// apply applies a patch by server-side apply, and leaves in it what the API server has
// stored.
func (o *writing) apply(ctx context.Context, c client.Client, patch *unstructured.Unstructured) error {
	if o.dryRun == dryRunClient {
		return nil
	}
	options := []client.ApplyOption{client.FieldOwner(edit.Manager)}
	if o.force {
		options = append(options, client.ForceOwnership)
	}
	if o.dryRun == dryRunServer {
		options = append(options, client.DryRunAll)
	}
	return edit.Explain(c.Apply(ctx, client.ApplyConfigurationFromUnstructured(patch), options...))
}

// report prints what was written, in words or as an object.
func (t *tool) report(o *writing, object *unstructured.Unstructured, words string) error {
	switch o.dryRun {
	case dryRunClient:
		words += " (dry run)"
	case dryRunServer:
		words += " (server dry run)"
	}
	if !o.quiet() {
		_, err := fmt.Fprintf(t.Out, "conferenceparticipant/%s %s\n", object.GetName(), words)
		return err
	}
	printer, err := o.print.ToPrinter()
	if err != nil {
		return err
	}
	return printer.PrintObj(object, t.Out)
}

// note says something beside the output proper.
func (t *tool) note(format string, values ...any) { fmt.Fprintf(t.ErrOut, format+"\n", values...) }

// toUnstructured is an object with its kind, as the API server has it.
func toUnstructured(object *v1alpha1.ConferenceParticipant) (*unstructured.Unstructured, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	made := &unstructured.Unstructured{Object: fields}
	made.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ConferenceParticipant"))
	return made, nil
}

// until looks at a participant until it is as wanted, or the time is over; then the error
// has what it has come to.
func (o *writing) until(ctx context.Context, c client.Client, key client.ObjectKey, done func(*v1alpha1.ConferenceParticipant) bool) (*v1alpha1.ConferenceParticipant, error) {
	found := &v1alpha1.ConferenceParticipant{}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, o.timeout, true, func(ctx context.Context) (bool, error) {
		err := c.Get(ctx, key, found)
		return err == nil && done(found), err
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		err = fmt.Errorf("%s is not so far within %s: %s; see kubectl conference why %s", key.Name, o.timeout, strings.TrimSuffix(standing(found), "."), key.Name)
	}
	return found, err
}

// standing is what the condition Ready says.
func standing(object *v1alpha1.ConferenceParticipant) string {
	ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || object.Status.ObservedGeneration != object.Generation {
		return "the operator has not looked at it"
	}
	return ready.Reason + ": " + ready.Message
}

// settled reports whether the operator is done with the present generation.
func settled(object *v1alpha1.ConferenceParticipant) bool {
	ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.ObservedGeneration == object.Generation && ready.Status == metav1.ConditionTrue &&
		ready.Reason != v1alpha1.ReasonParticipantLeft
}

// delete deletes an object, if it is still the same one, and waits until it is gone.
func (o *writing) delete(ctx context.Context, c client.Client, object client.Object) error {
	uid := object.GetUID()
	err := client.IgnoreNotFound(c.Delete(ctx, object, client.Preconditions{UID: &uid}))
	if err != nil || !o.wait {
		return err
	}
	return o.gone(ctx, c, object)
}

// takenOver waits until a Conference has made its participant again for a call leg that
// was given back, so that a verb that comes next finds what the policy declares. A role
// that declares nothing has none, so that it does not wait for long.
func (o *writing) takenOver(ctx context.Context, c client.Client, object *v1alpha1.ConferenceParticipant) {
	conference := object.Annotations[edit.TakenFromAnnotation]
	if !o.wait || conference == "" || object.Status.CallState != v1alpha1.CallLive {
		return
	}
	// What goes wrong is no failure of the release.
	_ = wait.PollUntilContextTimeout(ctx, pollInterval, takeOverTimeout, true, func(ctx context.Context) (bool, error) {
		children, err := ofCall(ctx, c, object, client.MatchingLabels{v1alpha1.ConferenceLabel: conference})
		return len(children) > 0, err
	})
}

// gone waits until an object is deleted.
func (o *writing) gone(ctx context.Context, c client.Client, object client.Object) error {
	_, err := o.until(ctx, c, client.ObjectKeyFromObject(object), func(p *v1alpha1.ConferenceParticipant) bool { return p.UID != object.GetUID() })
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// errLeft is a call that has ended.
var errLeft = errors.New("the call has ended or left the conference: a new call is a new object")

// sendable refuses what nothing would be sent for.
func sendable(found target) error {
	about := found.about()
	switch {
	case about == nil:
		return nil
	case about.Status.CallState == v1alpha1.CallLeft:
		return errLeft
	case about.Spec.Suspend:
		return edit.Refuse("ConferenceParticipant %s is suspended, so that nothing would be sent.%s", about.Name, behind(found))
	case about.Spec.Mode == v1alpha1.ModeObserve:
		return edit.Refuse("ConferenceParticipant %s is in mode Observe, so that nothing would be sent: set mode: Enforce first.%s", about.Name, behind(found))
	default:
		return nil
	}
}

// behind names the Conference that says so for its participant.
func behind(found target) string {
	if found.object == nil && found.leg.Conference != "" {
		return fmt.Sprintf(" So says Conference %s.", found.leg.Conference)
	}
	return ""
}
