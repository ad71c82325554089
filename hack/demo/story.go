package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/template"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

//go:embed manifests.yaml.tmpl
var manifests string

// story is the conference that the demo plays with.
type story struct {
	stage *stage
	out   *terminal

	conference string
	calls      map[string]string
	// seen is the last request that was shown.
	seen int
}

// step is one scene.
type step struct {
	title string
	play  func(context.Context) error
}

func (s *story) steps() []step {
	return []step{
		{"Somebody finds the conference by name and adds the account", s.begin},
		{"A listener is muted, a customer put on hold with music, then resumed", s.muteAndHold},
		{"Muting a trainer leaves their coaching alone", s.coachingLeftAlone},
		{"A supervisor whispers; when the agent hangs up they are muted", s.whisper},
		{"Somebody unmutes the listener behind the operator's back", s.drift},
		{"The provider refuses the token; mending the Secret recovers", s.refusedToken},
		{"The customer hangs up", s.leave},
	}
}

// begin finds the SIDs as a user would.
func (s *story) begin(ctx context.Context) (err error) {
	provider := s.stage.provider
	s.out.block("What a user would type:", fmt.Sprintf(`ACCOUNT=%s API=%s/Accounts/$ACCOUNT
curl -u $ACCOUNT:$TOKEN "$API/Conferences?FriendlyName=%s&Status=in-progress"
curl -u $ACCOUNT:$TOKEN "$API/Conferences/$CONFERENCE/Participants"`, accountSID, provider.api, conferenceName))
	var calls []string
	if s.conference, calls, err = provider.find(ctx, conferenceName); err != nil {
		return err
	}
	if len(calls) != participants {
		return fmt.Errorf("%d participants are in the conference", len(calls))
	}
	s.calls = map[string]string{}
	s.out.say("Conference %s has five participants:", s.conference)
	for i, name := range []string{"agent", "customer", "supervisor", "trainer", "listener"} {
		s.calls[name] = calls[i]
		s.out.say("  %-10s  %s", name, calls[i])
	}
	err = s.phone("The trainer coaches the agent: they agreed on that, and no manifest says it.", http.MethodPatch, "trainer",
		map[string]any{"coaching": true, "callSIDToCoach": s.calls["agent"]})(ctx)
	if err != nil {
		return err
	}
	s.out.say("The account's resyncIntervalSeconds is 1 here, so that nobody waits; the default is 30.")
	err = provider.play(ctx, http.MethodPut, "/settings", map[string]any{"absentCoachingResets": true})
	if err = errors.Join(err, s.declare(ctx, "namespace"), s.declare(ctx, "secret"), s.declare(ctx, "account")); err != nil {
		return err
	}
	_, err = s.stage.cluster.accountBecomes(ctx, v1alpha1.ReasonTokenAccepted)
	return err
}

func (s *story) muteAndHold(ctx context.Context) error {
	return s.scene(ctx,
		s.apply("listener"), s.apply("customer"),
		s.holds("customer", func(c state) bool { return c.Hold && c.HoldURL == "https://music.example.com/hold.xml" }),
		s.apply("customer-resumed"),
		s.holds("customer", func(c state) bool { return !c.Hold }), s.show)
}

func (s *story) coachingLeftAlone(ctx context.Context) error {
	return s.scene(ctx,
		s.apply("trainer"),
		s.holds("trainer", func(c state) bool { return c.Muted && c.Coaching && c.CallSIDToCoach == s.calls["agent"] }), s.show)
}

func (s *story) whisper(ctx context.Context) error {
	return s.scene(ctx,
		s.apply("supervisor"),
		s.holds("supervisor", func(c state) bool { return !c.Muted && c.Coaching }),
		s.phone("The agent hangs up.", http.MethodDelete, "agent", nil),
		s.waitFor("supervisor", v1alpha1.ReasonCoacheeGone),
		s.holds("supervisor", func(c state) bool { return c.Muted }), s.tell("supervisor"), s.show)
}

func (s *story) drift(ctx context.Context) error {
	return s.scene(ctx,
		s.phone("Somebody else unmutes the listener.", http.MethodPatch, "listener", map[string]any{"muted": false}),
		s.repaired("listener"), s.show)
}

func (s *story) refusedToken(ctx context.Context) error {
	provider := s.stage.provider
	return s.scene(ctx,
		func(ctx context.Context) error {
			s.out.say("The token is rotated at the provider; the Secret still has the old one.")
			err := provider.play(ctx, http.MethodPut, "/accounts/"+accountSID+"/tokens", map[string]any{"tokens": []string{secondToken}})
			if err != nil {
				return err
			}
			message, err := s.stage.cluster.accountBecomes(ctx, v1alpha1.ReasonUnauthorized)
			s.out.block("VoiceAccount acme says:", message)
			return err
		},
		s.waitFor("listener", v1alpha1.ReasonUnauthorized), s.show,
		func(ctx context.Context) error {
			provider.token = secondToken
			if err := s.declare(ctx, "secret"); err != nil {
				return err
			}
			_, err := s.stage.cluster.accountBecomes(ctx, v1alpha1.ReasonTokenAccepted)
			return err
		},
		s.waitFor("listener", v1alpha1.ReasonInSync), s.show)
}

func (s *story) leave(ctx context.Context) error {
	return s.scene(ctx,
		s.phone("The customer hangs up. Two reads, five seconds apart, make sure of it.", http.MethodDelete, "customer", nil),
		s.waitFor("customer", v1alpha1.ReasonParticipantLeft), s.tell("customer"), s.show)
}

// manifest is one of the documents that the demo applies, with the SIDs of this
// run.
func (s *story) manifest(name string) (string, error) {
	documents, err := template.New("manifests").Parse(manifests)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = documents.ExecuteTemplate(&text, name, map[string]any{
		"Conference": s.conference, "Calls": s.calls, "BaseURL": s.stage.provider.base(),
		"Account": accountSID, "Token": s.stage.provider.token,
	})
	return strings.TrimSpace(text.String()), err
}

// declare applies a manifest and shows it, but for a token.
func (s *story) declare(ctx context.Context, name string) error {
	text, err := s.manifest(name)
	if err != nil {
		return err
	}
	s.out.block("kubectl apply -f "+name+".yaml", strings.ReplaceAll(text, s.stage.provider.token, "$TOKEN"))
	return s.stage.cluster.apply(ctx, text)
}

// wire shows the updates that the provider got since the last time.
func (s *story) wire(ctx context.Context, since time.Time) error {
	exchanges, err := s.stage.provider.journal(ctx, s.seen)
	if err != nil {
		return err
	}
	var lines []string
	for _, exchange := range exchanges {
		s.seen = exchange.Seq
		lines = append(lines, fmt.Sprintf("%s  (after %d ms)", exchange, exchange.Time.Sub(since).Milliseconds()))
	}
	if len(lines) > 0 {
		s.out.block("Over the wire:", strings.Join(lines, "\n"))
	}
	return nil
}
