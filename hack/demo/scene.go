package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// act is something that happens, or is checked, in a scene.
type act = func(context.Context) error

// scene plays one act after the other.
func (s *story) scene(ctx context.Context, acts ...act) error {
	for _, act := range acts {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

// apply declares a participant, waits until it is in sync, and shows what went
// over the wire. A manifest "name-detail" is about the participant "name".
func (s *story) apply(manifest string) act {
	name, _, _ := strings.Cut(manifest, "-")
	return func(ctx context.Context) error {
		applied := time.Now()
		if err := s.declare(ctx, manifest); err != nil {
			return err
		}
		if err := s.stage.cluster.waitFor(ctx, name, v1alpha1.ReasonInSync); err != nil {
			return err
		}
		return s.wire(ctx, applied)
	}
}

// waitFor waits until a participant has a reason, and shows what went over the
// wire meanwhile.
func (s *story) waitFor(name, reason string) act {
	return func(ctx context.Context) error {
		began := time.Now()
		if err := s.stage.cluster.waitFor(ctx, name, reason); err != nil {
			return err
		}
		return s.wire(ctx, began)
	}
}

// repaired waits until the provider has a participant muted again.
func (s *story) repaired(name string) act {
	return func(ctx context.Context) error {
		began := time.Now()
		err := testkit.Eventually(ctx, func() error {
			return s.holds(name, func(c state) bool { return c.Muted })(ctx)
		})
		if err != nil {
			return err
		}
		if err := s.wire(ctx, began); err != nil {
			return err
		}
		return s.stage.cluster.waitFor(ctx, name, v1alpha1.ReasonInSync)
	}
}

// phone does something to a call that no manifest says.
func (s *story) phone(says, method, name string, change any) act {
	return func(ctx context.Context) error {
		s.out.say("%s", says)
		return s.stage.provider.play(ctx, method, "/conferences/"+s.conference+"/participants/"+s.calls[name], change)
	}
}

// holds checks what is true on the phone, whatever any status says.
func (s *story) holds(name string, is func(state) bool) act {
	return func(ctx context.Context) error {
		found, err := s.stage.provider.look(ctx, s.conference, s.calls[name])
		if err == nil && !is(found) {
			err = fmt.Errorf("on the phone the %s is %+v", name, found)
		}
		return err
	}
}

// tell shows what a participant's status says.
func (s *story) tell(name string) act {
	return func(ctx context.Context) error {
		message, err := s.stage.cluster.message(ctx, name)
		if err == nil {
			s.out.block("ConferenceParticipant "+name+" says:", message)
		}
		return err
	}
}

// show prints what kubectl would.
func (s *story) show(ctx context.Context) error {
	table, err := s.stage.cluster.table(ctx)
	if err == nil {
		s.out.block("kubectl get cpart", table)
	}
	return err
}
