package voice

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"code":20404,"message":"Not here.","more_info":"https://example.com","status":404}`,
		`{"code":"21717","message":"no","status":400}`,
		`{"errors":[{"code":"30010","message":"no"}]}`,
		`{"errors":["no","nor"]}`, `{"errors":[{"detail":"no"}]}`, `{"errors":{}}`, `{"errors":[[[]]]}`, `{"code":1e3}`,
		`{"message":"a\nb\u2028\ud800"}`, `{"message":"` + strings.Repeat("é", 150) + `"}`, `{"message":"` + canary + `"}`,
		"<html>", "null", "", "[", "\xff\xfe",
	} {
		for _, status := range []int{400, 404, 422, 429, 503} {
			f.Add(status, []byte(body))
		}
	}
	client, err := New(Config{Dialect: SignalWire(), BaseURL: "https://acme.signalwire.com", AccountSID: account, Token: canary})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		failed := client.failure(OpGetParticipant, status, http.Header{}, body)
		if len(failed.Message) > 200 || !utf8.ValidString(failed.Message) {
			t.Errorf("the message has %d bytes, or bad ones: %q", len(failed.Message), failed.Message)
		}
		if strings.ContainsFunc(failed.Message, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("the message can't be printed: %q", failed.Message)
		}
		if strings.Contains(failed.Error(), canary) {
			t.Errorf("the token shows: %v", failed)
		}
		if failed.Class == ClassOK || failed.Class == "" || failed.Class != ClassRefused && failed.Permanent || failed.Code < 0 {
			t.Errorf("got %+v", failed)
		}
		if status/100 == 5 && failed.Class != ClassUnknownOutcome {
			t.Errorf("HTTP %d is %s", status, failed.Class)
		}
	})
}

func FuzzParticipantPage(f *testing.F) {
	for _, body := range []string{
		pageOf(nil), pageOf(nil, participant(nil)), pageOf(pageURI(1), participant(nil), participant(fields{"call_sid": coachee})),
		pageOf(nil, participant(fields{"call_sid": absent{}})), pageOf(nil, participant(fields{"muted": nil})), pageOf(nil, "null"),
		pageOf(nil, participant(fields{"conference_sid": coachee})), pageOf("//example.com/"), pageOf(7), conferences,
		pageOf(nil, participant(fields{"uri": strings.Repeat("u", 1025)})), pageOf(nil, participant(nil))[:200],
		`{"participants":null}`, `{"participants":[[]]}`, "<html>", "null", "", "[]",
	} {
		f.Add([]byte(body))
	}
	client, err := New(Config{Dialect: SignalWire(), BaseURL: "https://acme.signalwire.com", AccountSID: account})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var envelope map[string]json.RawMessage
		if decode(body, &envelope) != nil {
			return
		}
		list := SignalWire().participantList(conference)
		page, sids, err := list.read(envelope[list.items], epoch)
		if err != nil {
			if page.Participants != nil || page.Unreadable != nil {
				t.Errorf("got %+v beside %v", page, err)
			}
			return
		}
		for _, item := range page.Participants {
			if item.CallSID == "" || item.ConferenceSID != "" && item.ConferenceSID != conference || len(item.URI) > 1024 {
				t.Errorf("got %+v", item)
			}
		}
		for _, row := range page.Unreadable {
			if row.Flaw == "" || len(row.CallSID) > maxField {
				t.Errorf("got %+v", row)
			}
		}
		first := client.target(conferencePath, list.query)
		passed := course{map[string]bool{}, map[string]bool{}}
		query, err := passed.follow(first, lead{envelope[list.next], sids})
		if err == nil && query != nil && !strings.HasPrefix(client.target(conferencePath, query).String(), "https://acme.signalwire.com"+conferencePath+"?") {
			t.Errorf("it leads to %s", query.Encode())
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "7", " 7 ", "-7", "0", "1.5", "86400", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "NaN", "Inf",
		"0x10", "1e9", "soon", "1795428030", "1000000001", "Mon, 23 Nov 2026 10:01:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
		"Monday, 23-Nov-26 10:01:30 GMT", "Mon Nov 23 10:01:30 2026",
	} {
		f.Add(429, value, "")
		f.Add(503, "", value)
		f.Add(429, "garbage", value)
		f.Add(500, value, value)
	}
	f.Fuzz(func(t *testing.T, status int, after, reset string) {
		header := http.Header{"Retry-After": {after}, "X-Ratelimit-Reset": {reset}}
		wait := SignalWire().retryAfter(status, header, epoch)
		if wait < 0 || wait > longestWait {
			t.Errorf("waits %s", wait)
		}
		if wait != 0 && status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
			t.Errorf("HTTP %d waits %s", status, wait)
		}
	})
}
