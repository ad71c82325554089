package voice

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
)

// hangUp serves the first requests. After that it reads a request, writes a
// text, and closes the connection.
func hangUp(healthyOnes int32, last string, requests *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) <= healthyOnes {
			healthy(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = connection.Write([]byte(last))
		_ = connection.(*net.TCPConn).SetLinger(0)
		_ = connection.Close()
	}
}

// Once a request is on a connection its effect is unknown, and it is not sent
// again, not even where the connection was an old one.
func TestResetAfterTheRequestWasWritten(t *testing.T) {
	length := len(participant(nil))
	for name, last := range map[string]string{
		"no response": "", "half a header": "HTTP/1.1 200 OK\r\nContent-", "no HTTP": "220 mail ready\r\n",
		"half a body":      fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", length, participant(nil)[:length/2]),
		"a length missing": fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", length+1, participant(nil)),
		"half a chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
	} {
		for _, earlier := range []int32{0, 2} {
			var requests atomic.Int32
			client := serve(t, hangUp(earlier, last, &requests))
			for range earlier {
				wantClass(t, update(t.Context(), client), ClassOK)
			}
			wantClass(t, update(t.Context(), client), ClassUnknownOutcome)
			if requests.Load() != earlier+1 {
				t.Errorf("%s: %d requests, want %d", name, requests.Load(), earlier+1)
			}
		}
	}
}

// A read may be sent again over a new connection; its class is then that of the
// second attempt. A change never is.
func TestResetOfAnOldConnectionThatCannotBeReplaced(t *testing.T) {
	for _, operation := range operations() {
		want := ClassNotExecuted
		if slices.Contains([]Operation{OpUpdateParticipant, OpRemoveParticipant, OpUpdateConference}, operation.name) {
			want = ClassUnknownOutcome
		}
		var requests, dialled atomic.Int32
		client := serve(t, hangUp(1, "", &requests))
		dial := client.connections.current.Load().DialContext
		client.connections.current.Load().DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dialled.Add(1) > 1 {
				return nil, errors.New("no more")
			}
			return dial(ctx, network, address)
		}
		wantClass(t, update(t.Context(), client), ClassOK)
		wantClass(t, operation.call(t.Context(), client), want)
		if requests.Load() != 2 {
			t.Errorf("%s: %d requests", operation.name, requests.Load())
		}
	}
}

// Half an error is still an error of its status.
func TestResetWithinAnError(t *testing.T) {
	var requests atomic.Int32
	client := serve(t, hangUp(0, "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{", &requests))
	if failed := failure(t, update(t.Context(), client)); failed.Class != ClassGone || failed.HTTPStatus != 404 {
		t.Errorf("got %v", failed)
	}
}

// Nothing of a request is written before the handshake is over.
func TestResetBeforeTheRequestWasWritten(t *testing.T) {
	for name, last := range map[string]string{"at once": "", "no TLS": "HTTP/1.1 400 Bad Request\r\n\r\n"} {
		address := listen(t, func(connection net.Conn) {
			_, _ = bufio.NewReader(connection).ReadByte()
			_, _ = connection.Write([]byte(last))
		})
		client := newClient(t, "https://"+address)
		for _, operation := range operations() {
			failed := failure(t, operation.call(t.Context(), client))
			if failed.Class != ClassNotExecuted || failed.HTTPStatus != 0 {
				t.Errorf("%s, %s: got %v", name, operation.name, failed)
			}
		}
	}
}
