package main

import (
	"context"
	"fmt"
	"net/http"
)

// endQuestions are those that remove the second call, and then end the conference.
func endQuestions() []question {
	return []question{
		{"coachee-leaves", "Does a coaching end when the coachee leaves?", removes, askCoacheeLeaves},
		{"left-read", "Can a participant that has left be read?", removes, askLeftRead},
		{"completed-conference", "Which status has an update after the end of the conference?", ends, askCompletedConference},
		{"completed-list", "What is the list of participants after the end?", ends, askCompletedList},
	}
}

func askCoacheeLeaves(ctx context.Context, p *probe) (answer, error) {
	if _, err := p.update(ctx, "Coaching", "true", "CallSidToCoach", p.secondCall); err != nil {
		return answer{}, err
	}
	r, err := p.send(ctx, http.MethodDelete, p.leg(p.secondCall), "", "")
	if err == nil && r.status != http.StatusNoContent {
		err = fmt.Errorf("status %d, code %s", r.status, r.body.code())
	}
	if err != nil {
		return answer{}, err
	}
	_, ended, err := p.until(ctx, longestLag/3, func() (bool, error) {
		is, err := p.read(ctx, p.call)
		return !is.is("coaching"), err
	})
	if err != nil {
		return answer{}, err
	}
	if ended {
		return set("coacheeLeaves", "reset", "Yes.")
	}
	return set("coacheeLeaves", "keep", "No.")
}

// askLeftRead comes after the second call was removed.
func askLeftRead(ctx context.Context, p *probe) (answer, error) {
	const fixed = "404"
	r, err := p.get(ctx, p.leg(p.secondCall), nil)
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusOK {
		return always(fixed, "Yes, with the status %q.", word(r.body.text("status")))
	}
	return always(fixed, "No: %d, code %s.", r.status, r.body.code())
}

// word returns a status as it is if it can't be anything else.
func word(text string) string {
	for _, known := range []string{"completed", "complete", "in-progress", "left", "failed"} {
		if text == known {
			return text
		}
	}
	return "something else"
}

func askCompletedConference(ctx context.Context, p *probe) (answer, error) {
	if _, err := p.found(p.post(ctx, p.path(), form("Status", "completed"))); err != nil {
		return answer{}, err
	}
	r, err := p.post(ctx, p.leg(p.call), form("Muted", "true"))
	if err != nil {
		return answer{}, err
	}
	text := fmt.Sprintf("%d, code %s.", r.status, r.body.code())
	switch value := fmt.Sprintf("%d-%s", r.status, r.body.code()); value {
	case "404-20404":
		return set("completedConference", "404", "%s", text)
	case "400-10000", "422-10000":
		return set("completedConference", value, "%s", text)
	}
	return always("404, or 400 or 422 with code 10000", "%s", text)
}

// askCompletedList comes after the end of the conference. A list may show for a while what
// was.
func askCompletedList(ctx context.Context, p *probe) (answer, error) {
	var r response
	_, over, err := p.until(ctx, longestLag, func() (bool, error) {
		var err error
		r, err = p.get(ctx, p.path()+"/Participants", nil)
		return r.status != http.StatusOK || len(r.body.rows("participants")) == 0, err
	})
	switch {
	case err != nil:
		return answer{}, err
	case r.status == http.StatusNotFound:
		return set("completedList", "404", "404, code %s.", r.body.code())
	case r.status == http.StatusOK && over:
		return set("completedList", "empty", "Empty.")
	case r.status == http.StatusOK:
		return always("empty or 404", "%d participants, after %s still.", len(r.body.rows("participants")), longestLag)
	}
	return always("empty or 404", "%d, code %s.", r.status, r.body.code())
}
