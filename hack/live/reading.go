package main

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// readQuestions are those for which reading is enough.
func readQuestions() []question {
	return []question{
		{"unknown-account", "Which status has a request for an account that does not exist?", reads, askUnknownAccount},
		{"missing-scope", "Which status has a token without the scope Voice?", reads, askMissingScope},
		{"rate-limit", "Do responses say how many requests are left?", reads, askRateLimit},
		{"dates", "Are dates as RFC 2822 has them?", reads, askDates},
		{"name-filter", "Does the filter FriendlyName want the whole name?", reads, askNameFilter},
		{"list-order", "In which order are participants listed?", reads, askListOrder},
		{"start-alone", "Does a conference begin with one caller?", reads, askStartAlone},
		{"waiting-listed", "Is a caller listed in a conference that has not begun?", reads, askWaitingListed},
		{"join-date", "Is date_created of a participant the join, or the begin of the call?", reads, askJoinDate},
	}
}

// noAccount and noCall are SIDs that nothing has.
const (
	noAccount = "00000000-0000-4000-8000-000000000001"
	noCall    = "00000000-0000-4000-8000-000000000002"
)

func askUnknownAccount(ctx context.Context, p *probe) (answer, error) {
	r, err := p.with(noAccount, p.wire.token).get(ctx, "/Conferences", form("PageSize", "1"))
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusUnauthorized || r.status == http.StatusNotFound {
		return set("unknownAccountStatus", r.status, "%d, code %s.", r.status, r.body.code())
	}
	return always("401 or 404", "%d, code %s.", r.status, r.body.code())
}

func askMissingScope(ctx context.Context, p *probe) (answer, error) {
	if p.withoutVoice == "" {
		return open("set LIVE_TOKEN_WITHOUT_VOICE")
	}
	r, err := p.with(p.wire.account, p.withoutVoice).get(ctx, "/Conferences", form("PageSize", "1"))
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusUnauthorized || r.status == http.StatusForbidden {
		return set("missingScopeStatus", r.status, "%d, code %s.", r.status, r.body.code())
	}
	return always("401 or 403", "%d, code %s.", r.status, r.body.code())
}

// askRateLimit does not provoke a 429: the documented limit is 13,800 updates in 10 s, of
// all users of the account.
func askRateLimit(ctx context.Context, p *probe) (answer, error) {
	r, err := p.get(ctx, p.path(), nil)
	if err != nil {
		return answer{}, err
	}
	limit, err := strconv.Atoi(r.header.Get("X-Ratelimit-Limit"))
	if err != nil {
		return set("rateLimit", 0, "No X-Ratelimit-Limit. Whether a 429 has Retry-After stays open: it takes 13,800 updates.")
	}
	return set("rateLimit", limit, "Yes, X-Ratelimit-Limit is %d. Whether a 429 has Retry-After stays open.", limit)
}

// askDates has an answer on days of one digit and in September only: the samples of the
// documents are odd in these.
func askDates(ctx context.Context, p *probe) (answer, error) {
	conference, err := p.found(p.get(ctx, p.path(), nil))
	if err != nil {
		return answer{}, err
	}
	date := conference.date("date_created")
	parsed, err := time.Parse(time.RFC1123Z, date)
	switch {
	case err == nil && (parsed.Day() < 10 || parsed.Month() == time.September):
		return set("oddDates", false, "Yes: %s.", date)
	case err == nil:
		return open("today's date, %s, is the same either way: ask on a day of one digit, or in September", date)
	case regexp.MustCompile(`\bSept\b|, \d `).MatchString(date):
		return set("oddDates", true, "No: %s.", date)
	}
	return always("RFC 2822, or with Sept and days of one digit", "No: %s.", date)
}

func askNameFilter(ctx context.Context, p *probe) (answer, error) {
	conference, err := p.found(p.get(ctx, p.path(), nil))
	if err != nil {
		return answer{}, err
	}
	name := []rune(conference.text("friendly_name"))
	if len(name) < 2 {
		return open("the name of the conference is too short")
	}
	part, err := p.finds(ctx, string(name[:len(name)-1]), conference.text("status"))
	if err != nil {
		return answer{}, err
	}
	whole, err := p.finds(ctx, string(name), conference.text("status"))
	switch {
	case err != nil:
		return answer{}, err
	case part:
		return set("namePrefix", true, "No: the begin of a name finds it.")
	case whole:
		return set("namePrefix", false, "Yes.")
	}
	return open("not even the whole name finds it")
}

// finds reports whether the list of conferences with a name and a status has this one.
func (p *probe) finds(ctx context.Context, name, status string) (bool, error) {
	body, err := p.found(p.get(ctx, "/Conferences", form("FriendlyName", name, "Status", status, "PageSize", "1000")))
	return slices.ContainsFunc(body.rows("conferences"), func(c object) bool { return c.text("sid") == p.conference }), err
}

func askListOrder(ctx context.Context, p *probe) (answer, error) {
	const fixed = "the oldest first"
	rows, err := p.list(ctx)
	if err != nil {
		return answer{}, err
	}
	joined := func(row object) time.Time { return voice.ParseDate(row.text("date_created")) }
	older := func(a, b object) int { return joined(a).Compare(joined(b)) }
	newer := func(a, b object) int { return older(b, a) }
	switch up, down := slices.IsSortedFunc(rows, older), slices.IsSortedFunc(rows, newer); {
	case up && down:
		return open("needs callers that joined at different times")
	case up:
		return always(fixed, "The oldest first.")
	case down:
		return always(fixed, "The newest first.")
	}
	return always(fixed, "Not in the order of joining.")
}

func askStartAlone(ctx context.Context, p *probe) (answer, error) {
	conference, err := p.found(p.get(ctx, p.path(), nil))
	if err != nil {
		return answer{}, err
	}
	if conference.text("status") == "init" {
		return set("startAlone", false, "No: its status is init.")
	}
	rows, err := p.list(ctx)
	if err != nil {
		return answer{}, err
	}
	if len(rows) != 1 {
		return open("needs a conference that only one phone has called")
	}
	return set("startAlone", true, "Yes, unless others have left: its status is %s.", conference.text("status"))
}

func askWaitingListed(ctx context.Context, p *probe) (answer, error) {
	conference, err := p.found(p.get(ctx, p.path(), nil))
	if err != nil {
		return answer{}, err
	}
	if conference.text("status") != "init" {
		return open("needs a conference that only one phone has called, if that does not begin it")
	}
	rows, err := p.list(ctx)
	if err != nil {
		return answer{}, err
	}
	if slices.ContainsFunc(rows, func(row object) bool { return row.text("call_sid") == p.call }) {
		return set("waitingUnlisted", false, "Yes.")
	}
	return set("waitingUnlisted", true, "No.")
}

func askJoinDate(ctx context.Context, p *probe) (answer, error) {
	const fixed = "the join"
	participant, err := p.read(ctx, p.call)
	if err != nil {
		return answer{}, err
	}
	call, err := p.found(p.get(ctx, "/Calls/"+p.call, nil))
	if err != nil {
		return answer{}, err
	}
	if joined, began := participant.date("date_created"), call.date("date_created"); joined != began {
		return always(fixed, "The join, %s; the call began %s. For a call that moves between rooms, compare after the move.", joined, began)
	}
	return open("needs a call that did not join at once, or that has moved from another room")
}
