package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"text/template"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// manifests are the templates of what the demo applies.
//
//go:embed manifests.yaml.tmpl
var manifests string

// demo is a conference at the simulated provider, and the steps that show it.
type demo struct {
	environment *environment
	out         *terminal

	// conference is the SID of the conference; calls are the SIDs of its call legs
	// by the names of the participants.
	conference string
	calls      map[string]string
	// room is the SID of the room that is declared, host that of its host's call.
	room, host string
	// shown is the number of the last request that was shown.
	shown int
}

// step is one chapter of the demo.
type step struct {
	title string
	run   func(context.Context) error
}

// steps are the chapters in order; each needs what those before it have set up.
func (d *demo) steps() []step {
	return []step{
		{"A room is declared before anybody calls", d.declareRoom},
		{"Phones ring: the host is heard, all others are muted", d.fillRoom},
		{"The host hangs up, which ends the room; then the policy is deleted", d.emptyRoom},
		{"One call at a time: a user finds a conference by name", d.begin},
		{"A listener is muted, a customer put on hold with music, then resumed", d.muteAndHold},
		{"Muting a trainer leaves their coaching alone", d.coachingLeftAlone},
		{"A supervisor whispers; when the agent hangs up they are muted", d.whisper},
		{"The listener is unmuted past the operator, which mutes them again", d.drift},
		{"The provider refuses the token; mending the Secret recovers", d.refusedToken},
		{"The customer hangs up", d.leave},
	}
}

// begin finds the SIDs by the name of the conference, as a user would.
func (d *demo) begin(ctx context.Context) (err error) {
	provider := d.environment.provider
	d.out.block("What a user would type:", fmt.Sprintf(`ACCOUNT=%s API=%s/Accounts/$ACCOUNT
curl -u $ACCOUNT:$TOKEN "$API/Conferences?FriendlyName=%s&Status=in-progress"
curl -u $ACCOUNT:$TOKEN "$API/Conferences/$CONFERENCE/Participants"`, accountSID, provider.apiURL, conferenceName))
	var calls []string
	if d.conference, calls, err = provider.find(ctx, conferenceName); err != nil {
		return err
	}
	if len(calls) != participants {
		return fmt.Errorf("%d participants are in the conference", len(calls))
	}
	d.calls = map[string]string{}
	d.out.say("Conference %s has five participants:", d.conference)
	for i, name := range []string{"agent", "customer", "supervisor", "trainer", "listener"} {
		d.calls[name] = calls[i]
		d.out.say("  %-10s  %s", name, calls[i])
	}
	err = d.control("The trainer coaches the agent: that was set at the provider, and no manifest has it.", http.MethodPatch, "trainer",
		map[string]any{"coaching": true, "callSIDToCoach": d.calls["agent"]})(ctx)
	if err != nil {
		return err
	}
	return provider.control(ctx, http.MethodPut, "/settings", map[string]any{"absentCoachingResets": true})
}

func (d *demo) muteAndHold(ctx context.Context) error {
	return d.sequence(ctx,
		d.apply("listener"), d.apply("customer"),
		d.verify("customer", func(c callState) bool { return c.Hold && c.HoldURL == "https://music.example.com/hold.xml" }),
		d.apply("customer-resumed"),
		d.verify("customer", func(c callState) bool { return !c.Hold }), d.show)
}

func (d *demo) coachingLeftAlone(ctx context.Context) error {
	return d.sequence(ctx,
		d.apply("trainer"),
		d.verify("trainer", func(c callState) bool { return c.Muted && c.Coaching && c.CallSIDToCoach == d.calls["agent"] }), d.show)
}

func (d *demo) whisper(ctx context.Context) error {
	return d.sequence(ctx,
		d.apply("supervisor"),
		d.verify("supervisor", func(c callState) bool { return !c.Muted && c.Coaching }),
		d.control("The agent hangs up.", http.MethodDelete, "agent", nil),
		d.waitFor("supervisor", v1alpha1.ReasonCoacheeGone),
		d.verify("supervisor", func(c callState) bool { return c.Muted }), d.showMessage("supervisor"), d.show)
}

func (d *demo) drift(ctx context.Context) error {
	return d.sequence(ctx,
		d.control("The listener is unmuted at the provider.", http.MethodPatch, "listener", map[string]any{"muted": false}),
		d.waitForRepair("listener"), d.show)
}

func (d *demo) refusedToken(ctx context.Context) error {
	provider := d.environment.provider
	return d.sequence(ctx,
		func(ctx context.Context) error {
			d.out.say("The token is rotated at the provider; the Secret still has the old one.")
			err := provider.control(ctx, http.MethodPut, "/accounts/"+accountSID+"/tokens", map[string]any{"tokens": []string{secondToken}})
			if err != nil {
				return err
			}
			message, err := d.environment.cluster.accountBecomes(ctx, v1alpha1.ReasonUnauthorized)
			d.out.block("Ready of VoiceAccount acme:", message)
			return err
		},
		d.waitFor("listener", v1alpha1.ReasonUnauthorized), d.show,
		func(ctx context.Context) error {
			provider.token = secondToken
			if err := d.applyManifest(ctx, "secret"); err != nil {
				return err
			}
			_, err := d.environment.cluster.accountBecomes(ctx, v1alpha1.ReasonTokenAccepted)
			return err
		},
		d.waitFor("listener", v1alpha1.ReasonInSync), d.show)
}

func (d *demo) leave(ctx context.Context) error {
	return d.sequence(ctx,
		d.control("The customer hangs up. Two reads, five seconds apart, make sure of it.", http.MethodDelete, "customer", nil),
		d.waitFor("customer", v1alpha1.ReasonParticipantLeft), d.showMessage("customer"), d.show)
}

// manifest returns a template of manifests.yaml.tmpl by name, with the SIDs of this
// run filled in.
func (d *demo) manifest(name string) (string, error) {
	documents, err := template.New("manifests").Parse(manifests)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = documents.ExecuteTemplate(&text, name, map[string]any{
		"Conference": d.conference, "Calls": d.calls, "BaseURL": d.environment.provider.base(),
		"Account": accountSID, "Token": d.environment.provider.token,
	})
	return strings.TrimSpace(text.String()), err
}

// applyManifest prints a manifest, without the token, and applies it.
func (d *demo) applyManifest(ctx context.Context, name string) error {
	text, err := d.manifest(name)
	if err != nil {
		return err
	}
	d.out.block("kubectl apply -f "+name+".yaml", strings.ReplaceAll(text, d.environment.provider.token, "$TOKEN"))
	return d.environment.cluster.apply(ctx, text)
}

// showUpdates prints the updates that the provider got since it was called last,
// each with its time after since.
func (d *demo) showUpdates(ctx context.Context, since time.Time) error {
	exchanges, err := d.environment.provider.journal(ctx, d.shown)
	if err != nil {
		return err
	}
	var lines []string
	for _, exchange := range exchanges {
		d.shown = exchange.Seq
		lines = append(lines, fmt.Sprintf("%s  (after %d ms)", exchange, exchange.Time.Sub(since).Milliseconds()))
	}
	if len(lines) > 0 {
		d.out.block("Over the wire:", strings.Join(lines, "\n"))
	}
	return nil
}
