package voice

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// What was written is told apart under HTTP/2 too, where many requests share a
// connection.
func TestHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.ProtoMajor != 2:
			reply(http.StatusHTTPVersionNotSupported, "")(w, r)
		case r.Method == http.MethodPost:
			panic(http.ErrAbortHandler)
		default:
			healthy(w, r)
		}
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	client := newClient(t, server.URL)
	_, err := client.GetParticipant(t.Context(), conference, callSID)
	wantClass(t, err, ClassNotExecuted) // the certificate is not trusted

	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	client = newClient(t, server.URL)
	client.connections.current.Load().TLSClientConfig = &tls.Config{RootCAs: roots}
	for _, operation := range operations() {
		want := ClassOK
		if operation.name == OpUpdateParticipant || operation.name == OpUpdateConference {
			want = ClassUnknownOutcome // the stream is reset
		}
		wantClass(t, operation.call(t.Context(), client), want)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wantClass(t, update(cancelled, client), ClassNotExecuted)
}
