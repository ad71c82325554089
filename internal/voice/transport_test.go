package voice

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere, visits := spy(t)
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for _, location := range []string{elsewhere + participantPath, participantPath + ".json", "http://[::1", ""} {
			handler, seen := record(t, reply(status, "", "Location", location))
			client := serve(t, handler)
			for _, operation := range operations() {
				failed := failure(t, operation.call(t.Context(), client))
				if failed.Class != ClassUnknownOutcome || failed.HTTPStatus != status {
					t.Errorf("%d to %q, %s: got %v", status, location, operation.name, failed)
				}
				if <-seen; len(seen) != 0 {
					t.Fatalf("%d to %q, %s: followed to %s", status, location, operation.name, (<-seen).path)
				}
			}
		}
	}
	if visits() != 0 {
		t.Errorf("the other host was visited %d times", visits())
	}
}

// endless writes until the client goes away, and counts the bytes.
func endless(status int, written *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reply(status, `{"participants":[`)(w, r)
		for chunk := bytes.Repeat([]byte(" "), 1<<20); ; {
			n, err := w.Write(chunk)
			if written.Add(int64(n)); err != nil {
				return
			}
		}
	}
}

func TestAnEndlessBodyIsCutOff(t *testing.T) {
	list := func(ctx context.Context, c *Client) error { return drain(c.ParticipantPages(ctx, conference)) }
	cases := []struct {
		status int
		call   func(context.Context, *Client) error
		want   Class
	}{
		{200, list, ClassUnknownOutcome}, {200, update, ClassUnknownOutcome}, {404, update, ClassGone}, {429, update, ClassNotExecuted},
	}
	for _, test := range cases {
		var written atomic.Int64
		client := serve(t, endless(test.status, &written), func(c *Config) { c.Timeout = time.Minute })
		failed := failure(t, test.call(t.Context(), client))
		if failed.Class != test.want || failed.HTTPStatus != test.status || errors.Is(failed, context.DeadlineExceeded) {
			t.Errorf("HTTP %d: got %v", test.status, failed)
		}
		if written.Load() == 0 {
			t.Errorf("HTTP %d: nothing was written", test.status)
		}
	}
}

func TestTheLongestResponse(t *testing.T) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte(padded(maxBody + 1)))
	_ = writer.Close()
	cases := []struct {
		name, body, encoding string
		want                 Class
	}{
		{"just 4 MiB", padded(maxBody), "identity", ClassOK},
		{"one byte more", padded(maxBody + 1), "identity", ClassUnknownOutcome},
		{"one byte more when unpacked", packed.String(), "gzip", ClassUnknownOutcome},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			wantClass(t, update(t.Context(), serve(t, reply(200, test.body, "Content-Encoding", test.encoding))), test.want)
		})
	}
	wantClass(t, update(t.Context(), serve(t, reply(200, participant(nil), "X-Padding", strings.Repeat("x", maxHeader)))), ClassUnknownOutcome)
}

// padded is a response with blanks behind it.
func padded(length int) string {
	body := participant(nil)
	return body + strings.Repeat(" ", length-len(body))
}

func TestConnectionsAreKept(t *testing.T) {
	statuses := []int{200, 404, 400, 429, 500, 302, 401, 200}
	var connections, requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[int(requests.Add(1)-1)%len(statuses)]
		if status == http.StatusOK {
			healthy(w, r)
			return
		}
		reply(status, `{"code":1,"message":"`+strings.Repeat("no ", 10_000)+`"}`)(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := newClient(t, server.URL)
	for range statuses {
		for _, operation := range operations() {
			_ = operation.call(t.Context(), client)
		}
	}
	if requests.Load() != int32(len(statuses)*len(operations())) || connections.Load() != 1 {
		t.Errorf("%d requests over %d connections", requests.Load(), connections.Load())
	}
	client.Close()
	if err := client.VerifyToken(t.Context()); err != nil || connections.Load() != 2 {
		t.Errorf("after Close: %v, %d connections", err, connections.Load())
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	var busy atomic.Int32
	entered, release := make(chan int32), make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		entered <- busy.Add(1)
		<-release
		busy.Add(-1)
		healthy(w, r)
	}, func(c *Config) { c.MaxConns = 2; c.Timeout = time.Minute })
	results := make(chan error)
	for range 6 {
		go func() { results <- update(t.Context(), client) }()
	}
	<-entered
	for range 5 {
		if now := <-entered; now != 2 {
			t.Errorf("%d requests at once", now)
		}
		release <- struct{}{}
		wantClass(t, <-results, ClassOK)
	}
	release <- struct{}{}
	wantClass(t, <-results, ClassOK)
}
