package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// action does or checks one thing in a step.
type action = func(context.Context) error

// sequence runs actions one after the other, until the first error.
func (d *demo) sequence(ctx context.Context, actions ...action) error {
	for _, action := range actions {
		if err := action(ctx); err != nil {
			return err
		}
	}
	return nil
}

// apply applies a manifest, waits until its participant is in sync, and shows the
// updates that the provider got. The manifests "name" and "name-detail" are of the
// participant "name".
func (d *demo) apply(manifest string) action {
	name, _, _ := strings.Cut(manifest, "-")
	return func(ctx context.Context) error {
		applied := time.Now()
		if err := d.applyManifest(ctx, manifest); err != nil {
			return err
		}
		if err := d.environment.cluster.waitFor(ctx, name, v1alpha1.ReasonInSync); err != nil {
			return err
		}
		return d.showUpdates(ctx, applied)
	}
}

// waitFor waits until the condition Ready of a participant has a reason, and shows
// the updates that the provider got meanwhile.
func (d *demo) waitFor(name, reason string) action {
	return func(ctx context.Context) error {
		began := time.Now()
		if err := d.environment.cluster.waitFor(ctx, name, reason); err != nil {
			return err
		}
		return d.showUpdates(ctx, began)
	}
}

// waitForRepair waits until the provider has a participant muted again.
func (d *demo) waitForRepair(name string) action {
	return func(ctx context.Context) error {
		began := time.Now()
		err := testkit.Eventually(ctx, func() error {
			return d.verify(name, func(c callState) bool { return c.Muted })(ctx)
		})
		if err != nil {
			return err
		}
		if err := d.showUpdates(ctx, began); err != nil {
			return err
		}
		return d.environment.cluster.waitFor(ctx, name, v1alpha1.ReasonInSync)
	}
}

// control prints a text and changes a call at the provider, past the operator.
func (d *demo) control(text, method, name string, change any) action {
	return func(ctx context.Context) error {
		d.out.say("%s", text)
		return d.environment.provider.control(ctx, method, "/conferences/"+d.conference+"/participants/"+d.calls[name], change)
	}
}

// verify checks the state of a call at the provider, whatever its status says.
func (d *demo) verify(name string, is func(callState) bool) action {
	return func(ctx context.Context) error {
		found, err := d.environment.provider.state(ctx, d.conference, d.calls[name])
		if err == nil && !is(found) {
			err = fmt.Errorf("at the provider the %s is %+v", name, found)
		}
		return err
	}
}

// showMessage prints the message of a participant's condition Ready.
func (d *demo) showMessage(name string) action {
	return func(ctx context.Context) error {
		message, err := d.environment.cluster.message(ctx, name)
		if err == nil {
			d.out.block("Ready of ConferenceParticipant "+name+":", message)
		}
		return err
	}
}

// show prints the table of kubectl get cpart.
func (d *demo) show(ctx context.Context) error {
	table, err := d.environment.cluster.table(ctx, callLegs)
	if err == nil {
		d.out.block("kubectl get cpart", table)
	}
	return err
}
