package voice

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// book serves pages of one participant each, and counts the requests. next
// says where page n leads.
func book(requests *atomic.Int32, next func(n int32) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		item := participant(fields{"call_sid": fmt.Sprintf("call-%d", n)})
		reply(http.StatusOK, pageOf(next(n), item))(w, r)
	}
}

func pageURI(n int32) string {
	return fmt.Sprintf("%s/Participants?Page=%d&PageSize=1000&PageToken=PA%d", conferencePath, n, n)
}

func TestPagesAreFollowed(t *testing.T) {
	var base string
	last := map[string]any{"null": nil, "empty": "", "absent": absent{}}
	forms := map[string]func(string) string{
		"relative to the host": func(uri string) string { return uri },
		"absolute":             func(uri string) string { return base + uri },
		"with a suffix":        func(uri string) string { return uri + "&suffix=.json" },
		"another host":         func(uri string) string { return "http://elsewhere.invalid" + uri },
		"another scheme":       func(uri string) string { return "https" + base[len("http"):] + uri },
		"another base path":    func(uri string) string { return "/proxied/v1" + uri },
		"another account":      func(uri string) string { return strings.Replace(uri, account, coachee, 1) },
		"a user":               func(uri string) string { return "http://user:word@elsewhere.invalid" + uri },
		"without the host":     func(uri string) string { return "//elsewhere.invalid" + uri },
		"a query only":         func(uri string) string { return uri[strings.Index(uri, "?"):] },
		"dots":                 func(uri string) string { return "/../.." + uri },
	}
	for name, form := range forms {
		for end, value := range last {
			t.Run(name+", "+end, func(t *testing.T) {
				var requests atomic.Int32
				handler, seen := record(t, func(w http.ResponseWriter, r *http.Request) {
					book(&requests, func(n int32) any {
						if n == 3 {
							return value
						}
						return form(pageURI(n))
					})(w, r)
				})
				server := httptest.NewServer(handler)
				defer server.Close()
				base = server.URL
				var got []string
				for items, err := range newClient(t, base).ParticipantPages(t.Context(), conference) {
					if err != nil || len(items.Participants) != 1 {
						t.Fatalf("got %+v, %v", items, err)
					}
					got = append(got, items.Participants[0].CallSID)
				}
				if fmt.Sprint(got) != "[call-1 call-2 call-3]" {
					t.Errorf("got %s", got)
				}
				<-seen
				if second := <-seen; second.path != conferencePath+"/Participants" || second.header.Get("Authorization") == "" {
					t.Errorf("the second request was %+v", second)
				}
			})
		}
	}
}

// TestCredentialsNeverLeaveTheBaseURL has the next page on a host that is listening.
func TestCredentialsNeverLeaveTheBaseURL(t *testing.T) {
	other, visits := spy(t)
	for _, next := range []string{other + pageURI(1), other[len("http:"):] + pageURI(1)} {
		var requests atomic.Int32
		client := serve(t, book(&requests, func(n int32) any {
			if n == 2 {
				return nil
			}
			return next
		}))
		if err := drain(client.ParticipantPages(t.Context(), conference)); err != nil || requests.Load() != 2 {
			t.Errorf("%s: %v after %d requests", next, err, requests.Load())
		}
	}
	if visits() != 0 {
		t.Errorf("the other host was visited %d times", visits())
	}
}

// TestPageOneCounts whatever the next page is said to be.
func TestPageOneCounts(t *testing.T) {
	for name, next := range map[string]any{
		"no query": "/elsewhere", "a file": "file:///etc/passwd", "no URI": "http://[::1", "a control character": pageURI(1) + "\n",
		"itself": conferencePath + "/Participants?PageSize=1000", "a number": 7, "an object": fields{}, "a bad query": "?%zz;",
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			var got []string
			for page, err := range serve(t, book(&requests, func(int32) any { return next })).ParticipantPages(t.Context(), conference) {
				if err != nil {
					wantUnreadable(t, err)
					got = append(got, string(failure(t, err).Flaw))
					continue
				}
				got = append(got, page.Participants[0].CallSID)
			}
			if fmt.Sprint(got) != "[call-1 next_page]" || requests.Load() != 1 {
				t.Errorf("got %s in %d requests", got, requests.Load())
			}
		})
	}
}

// TestAListThatRepeatsItselfEnds has new tokens for ever, and the same rows.
func TestAListThatRepeatsItselfEnds(t *testing.T) {
	for name, rows := range map[string][]string{"rows": {participant(nil)}, "no rows": nil} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				reply(http.StatusOK, pageOf(pageURI(requests.Add(1)), rows...))(w, r)
			})
			wantUnreadable(t, drain(client.ParticipantPages(t.Context(), conference)))
			if requests.Load() > 2 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

func TestPagesWithoutEnd(t *testing.T) {
	cases := []struct {
		name     string
		next     func(n int32) any
		requests int32
	}{
		{"always another", func(n int32) any { return pageURI(n) }, maxPages},
		{"in a circle", func(n int32) any { return pageURI(n % 3) }, 4},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			var requests atomic.Int32
			wantUnreadable(t, drain(serve(t, book(&requests, test.next)).ParticipantPages(t.Context(), conference)))
			if requests.Load() != test.requests {
				t.Errorf("%d requests, want %d", requests.Load(), test.requests)
			}
		})
	}
}

func TestAListEndsWithItsFirstError(t *testing.T) {
	var requests atomic.Int32
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Load() == 1 {
			requests.Add(1)
			reply(http.StatusBadGateway, "")(w, r)
			return
		}
		book(&requests, func(n int32) any { return pageURI(n) })(w, r)
	})
	var classes []Class
	for _, err := range client.ParticipantPages(t.Context(), conference) {
		classes = append(classes, ClassOf(err))
	}
	if fmt.Sprint(classes) != "[ok unknown_outcome]" || requests.Load() != 2 {
		t.Errorf("got %s in %d requests", classes, requests.Load())
	}
}

func TestAListStopsWithItsReader(t *testing.T) {
	var requests atomic.Int32
	client := serve(t, book(&requests, func(n int32) any { return pageURI(n) }))
	for _, err := range client.ParticipantPages(t.Context(), conference) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if requests.Load() != 1 {
		t.Errorf("%d requests", requests.Load())
	}
}

func TestAnEmptyListAndAMissingConference(t *testing.T) {
	var pages int
	for items, err := range serve(t, reply(http.StatusOK, pageOf(nil))).ParticipantPages(t.Context(), conference) {
		if pages++; err != nil || len(items.Participants) != 0 {
			t.Errorf("got %+v, %v", items, err)
		}
	}
	if pages != 1 {
		t.Errorf("%d pages", pages)
	}
	wantClass(t, drain(serve(t, reply(http.StatusNotFound, `{"code":20404}`)).ParticipantPages(t.Context(), conference)), ClassGone)
}
