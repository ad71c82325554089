package main

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// longestLag is how long a list may show what was.
const longestLag = 30 * time.Second

// changeQuestions are those that change the call. What they change is put back after each.
func changeQuestions() []question {
	return []question{
		{"unknown-fields", "Is a field that the API does not know ignored?", changes, askUnknownFields},
		{"booleans", "Is a boolean that is neither true nor false refused?", changes, askBooleans},
		{"json-bodies", "Are updates in JSON carried out?", changes, askJSONBodies},
		{"list-lag", "How soon does a list show a change?", changes, askListLag},
		{"changes-on-hold", "Can a call on hold be muted?", changes, askChangesOnHold},
		{"hold-hears", "Does a call on hold hear the conference?", changes, askHoldHears},
		{"missing-coachee", "Which status has a coachee that is not there?", changes, askMissingCoachee},
		{"absent-coaching", "Does an update without Coaching end the coaching?", changes, askAbsentCoaching},
	}
}

func askUnknownFields(ctx context.Context, p *probe) (answer, error) {
	was, err := p.read(ctx, p.call)
	if err != nil {
		return answer{}, err
	}
	r, err := p.post(ctx, p.leg(p.call), form("Muted", strconv.FormatBool(was.is("muted")), "Mute", "true"))
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusOK {
		return set("strictFields", false, "Yes.")
	}
	return set("strictFields", true, "No: %d, code %s.", r.status, r.body.code())
}

// askBooleans mutes the call first, so that a word that is taken for false unmutes it.
func askBooleans(ctx context.Context, p *probe) (answer, error) {
	if _, err := p.update(ctx, "Muted", "true"); err != nil {
		return answer{}, err
	}
	r, err := p.post(ctx, p.leg(p.call), form("Muted", "maybe"))
	if err != nil {
		return answer{}, err
	}
	if r.status != http.StatusOK {
		return set("strictBooleans", true, "Yes: %d, code %s.", r.status, r.body.code())
	}
	is, err := p.read(ctx, p.call)
	if err != nil {
		return answer{}, err
	}
	if is.is("muted") {
		return always("taken for false, or refused", "No, it changes nothing or means true.")
	}
	return set("strictBooleans", false, "No, it means false.")
}

func askJSONBodies(ctx context.Context, p *probe) (answer, error) {
	const fixed = "accepted, and nothing is changed"
	if _, err := p.update(ctx, "Muted", "false"); err != nil {
		return answer{}, err
	}
	r, err := p.send(ctx, http.MethodPost, p.leg(p.call), jsonType, `{"Muted": true}`)
	if err != nil {
		return answer{}, err
	}
	if r.status != http.StatusOK {
		return always(fixed, "No: %d, code %s.", r.status, r.body.code())
	}
	is, err := p.read(ctx, p.call)
	if err != nil {
		return answer{}, err
	}
	if is.is("muted") {
		return always(fixed, "Yes.")
	}
	return always(fixed, "No: accepted, and nothing is changed.")
}

func askListLag(ctx context.Context, p *probe) (answer, error) {
	was, err := p.read(ctx, p.call)
	if err != nil {
		return answer{}, err
	}
	if _, err := p.update(ctx, "Muted", strconv.FormatBool(!was.is("muted"))); err != nil {
		return answer{}, err
	}
	took, came, err := p.until(ctx, longestLag, func() (bool, error) {
		rows, err := p.list(ctx)
		for _, row := range rows {
			if row.text("call_sid") == p.call {
				return row.is("muted") != was.is("muted"), err
			}
		}
		return false, err
	})
	if err != nil {
		return answer{}, err
	}
	if !came {
		return open("no list within %s shows it", longestLag)
	}
	lag := took.Round(time.Second / 2)
	if lag == 0 {
		return set("listLag", "0s", "At once.")
	}
	return set("listLag", lag.String(), "After about %s.", lag)
}

func askChangesOnHold(ctx context.Context, p *probe) (answer, error) {
	was, err := p.update(ctx, "Hold", "true")
	if err != nil {
		return answer{}, err
	}
	want := !was.is("muted")
	if _, err := p.update(ctx, "Muted", strconv.FormatBool(want)); err != nil {
		return answer{}, err
	}
	is, err := p.read(ctx, p.call)
	if err != nil {
		return answer{}, err
	}
	if is.is("muted") == want {
		return set("ignoreChangesOnHold", false, "Yes.")
	}
	return set("ignoreChangesOnHold", true, "No: the update is accepted and nothing is changed.")
}

func askHoldHears(ctx context.Context, p *probe) (answer, error) {
	const fixed = "has no sound; the operator's tests take it that it does not hear"
	if _, err := p.update(ctx, "Hold", "true"); err != nil {
		return answer{}, err
	}
	switch p.person.answers("The call is on hold now. Does it hear the others: yes or no?") {
	case "yes":
		return always(fixed, "Yes.")
	case "no":
		return always(fixed, "No.")
	}
	return open("not answered")
}

func askMissingCoachee(ctx context.Context, p *probe) (answer, error) {
	r, err := p.post(ctx, p.leg(p.call), form("Coaching", "true", "CallSidToCoach", noCall))
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusUnprocessableEntity || r.status == http.StatusBadRequest {
		return set("missingCoacheeStatus", r.status, "%d, code %s.", r.status, r.body.code())
	}
	return always("400 or 422", "%d, code %s.", r.status, r.body.code())
}

func askAbsentCoaching(ctx context.Context, p *probe) (answer, error) {
	if p.secondCall == "" {
		return open("set LIVE_SECOND_CALL")
	}
	is, err := p.update(ctx, "Coaching", "true", "CallSidToCoach", p.secondCall)
	if err != nil {
		return answer{}, err
	}
	if _, err := p.update(ctx, "Muted", strconv.FormatBool(is.is("muted"))); err != nil {
		return answer{}, err
	}
	if is, err = p.read(ctx, p.call); err != nil {
		return answer{}, err
	}
	if is.is("coaching") {
		return set("absentCoachingResets", false, "No.")
	}
	return set("absentCoachingResets", true, "Yes.")
}
