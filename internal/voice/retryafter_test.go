package voice

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	const after, reset = "Retry-After", "X-Ratelimit-Reset"
	date := func(d time.Duration) string { return epoch.Add(d).Format(http.TimeFormat) }
	cases := []struct {
		name   string
		header []string
		want   time.Duration
	}{
		{"nothing", nil, 0},
		{"seconds", []string{after, "7"}, 7 * time.Second},
		{"no seconds", []string{after, "0"}, 0},
		{"no seconds beside a reset", []string{after, "0", reset, "9"}, 0},
		{"blanks", []string{after, " 7 "}, 7 * time.Second},
		{"a date", []string{after, date(90 * time.Second)}, 90 * time.Second},
		{"an older form of date", []string{after, epoch.Add(time.Minute).Format(time.ANSIC)}, time.Minute},
		{"a date gone by", []string{after, date(-time.Hour)}, 0},
		{"a date gone by beside a reset", []string{after, date(-time.Hour), reset, "9"}, 0},
		{"negative", []string{after, "-7"}, 0},
		{"garbage", []string{after, "soon"}, 0},
		{"a fraction", []string{after, "1.5"}, 0},
		{"not a number", []string{after, "NaN"}, 0},
		{"garbage beside a reset", []string{after, "soon", reset, "9"}, 9 * time.Second},
		{"negative beside a reset", []string{after, "-7", reset, "9"}, 9 * time.Second},
		{"seconds before a reset", []string{after, "7", reset, "9"}, 7 * time.Second},
		{"huge", []string{after, "86400"}, 15 * time.Minute},
		{"beyond numbers", []string{after, "99999999999999999999999"}, 15 * time.Minute},
		{"a date far off", []string{after, date(24 * time.Hour)}, 15 * time.Minute},
		{"the last date", []string{after, "Fri, 31 Dec 9999 23:59:59 GMT"}, 15 * time.Minute},
		{"reset as a delay", []string{reset, "30"}, 30 * time.Second},
		{"reset as a long delay", []string{reset, "1000000000"}, 15 * time.Minute},
		{"reset as a time", []string{reset, "1795428030"}, 30 * time.Second},
		{"reset as a time gone by", []string{reset, "1545843600"}, 0},
		{"reset as a time far off", []string{reset, "1795514400"}, 15 * time.Minute},
		{"reset beyond numbers", []string{reset, "99999999999999999999999"}, 15 * time.Minute},
		{"a date by a clock that is an hour ahead", []string{"Date", date(time.Hour), after, date(time.Hour + 90*time.Second)}, 90 * time.Second},
		{"a date by a clock that is an hour behind", []string{"Date", date(-time.Hour), after, date(-time.Hour + 90*time.Second)}, 90 * time.Second},
		{"a reset by a clock that is an hour ahead", []string{"Date", date(time.Hour), reset, "1795431630"}, 30 * time.Second},
		{"a date beside garbage", []string{"Date", "today", after, date(90 * time.Second)}, 90 * time.Second},
		{"reset negative", []string{reset, "-30"}, 0},
		{"reset as garbage", []string{reset, "soon"}, 0},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			failed := failure(t, update(t.Context(), serve(t, reply(http.StatusTooManyRequests, "", test.header...))))
			if failed.RetryAfter != test.want {
				t.Errorf("got %s, want %s", failed.RetryAfter, test.want)
			}
		})
	}
}

// Rate-limit headers come with every response, and only a 429 is about them.
func TestWaitIsReadOf429And503(t *testing.T) {
	for status, want := range map[int][2]time.Duration{
		429: {7 * time.Second, 9 * time.Second}, 503: {7 * time.Second, 0}, 500: {}, 502: {}, 404: {}, 422: {}, 401: {}, 302: {},
	} {
		for i, header := range []string{"Retry-After", "X-Ratelimit-Reset"} {
			value := []string{"7", "9"}[i]
			failed := failure(t, update(t.Context(), serve(t, reply(status, "", header, value))))
			if failed.RetryAfter != want[i] {
				t.Errorf("HTTP %d with %s: got %s, want %s", status, header, failed.RetryAfter, want[i])
			}
		}
	}
}
