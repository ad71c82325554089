package voice

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// forwarder stands between a client and a server, as a NAT or a load balancer does.
type forwarder struct {
	backend  string
	accepted atomic.Int32
	mu       sync.Mutex
	// links are the connections that are still forwarded.
	links []*atomic.Bool
}

// forward starts a forwarder to a server and returns its address, too.
func forward(t *testing.T, backend string) (f *forwarder, address string) {
	t.Helper()
	f = &forwarder{backend: backend}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			f.accepted.Add(1)
			running.Go(func() { f.link(t.Context(), connection) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return f, listener.Addr().String()
}

// link forwards one connection until the test ends or a side closes it.
func (f *forwarder) link(ctx context.Context, client net.Conn) {
	var dialer net.Dialer
	server, err := dialer.DialContext(ctx, "tcp", f.backend)
	if err != nil {
		_ = client.Close()
		return
	}
	frozen := &atomic.Bool{}
	f.mu.Lock()
	f.links = append(f.links, frozen)
	f.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
	defer stop()
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			_, _ = io.Copy(gate{pair[1], frozen}, pair[0])
			if !frozen.Load() {
				_ = pair[1].Close()
			}
		})
	}
	both.Wait()
	_, _ = client.Close(), server.Close()
}

// freeze forgets the present connections without a word to either side.
func (f *forwarder) freeze() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, frozen := range f.links {
		frozen.Store(true)
	}
}

// gate swallows what is written to a frozen connection.
type gate struct {
	to     io.Writer
	frozen *atomic.Bool
}

func (g gate) Write(p []byte) (int, error) {
	if g.frozen.Load() {
		return len(p), nil
	}
	return g.to.Write(p)
}

// A connection that died without a word costs the requests that are on it, and no
// more: the next one has a new connection.
func TestAFrozenConnectionIsNotUsedAgain(t *testing.T) {
	const inFlight = 3
	for name, connections := range map[string]int32{"HTTP/1.1": inFlight, "HTTP/2.0": 1} {
		t.Run(name, func(t *testing.T) {
			arrived, answer := make(chan string, 3*inFlight), make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived <- r.Proto
				<-answer
				healthy(w, r)
			}))
			server.EnableHTTP2 = name == "HTTP/2.0"
			server.StartTLS()
			t.Cleanup(server.Close)
			between, address := forward(t, server.Listener.Addr().String())
			client := newClient(t, "https://"+address)
			trust(client, server)

			if connections == 1 {
				// Later requests share the connection of the first.
				go func() {
					<-arrived
					answer <- struct{}{}
				}()
				wantClass(t, client.VerifyToken(t.Context()), ClassOK)
			}
			results := make(chan error)
			for range inFlight {
				go func() { results <- client.VerifyToken(t.Context()) }()
			}
			for range inFlight {
				if proto := <-arrived; proto != name {
					t.Errorf("got %s", proto)
				}
			}
			close(answer)
			for range inFlight {
				wantClass(t, <-results, ClassOK)
			}
			if n := between.accepted.Load(); n != connections {
				t.Fatalf("%d connections, want %d", n, connections)
			}

			between.freeze()
			short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			wantClass(t, update(short, client), ClassUnknownOutcome)
			for range inFlight {
				wantClass(t, client.VerifyToken(t.Context()), ClassOK)
			}
			if n := between.accepted.Load(); n != connections+1 {
				t.Errorf("%d connections after the time-out, want one more than %d", n, connections)
			}
		})
	}
}

// trust has a client accept the certificate of a server.
func trust(client *Client, server *httptest.Server) {
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	client.connections.current.Load().TLSClientConfig = &tls.Config{RootCAs: roots}
}

// Without a request on it a dead connection is found by pings. Time is virtual here,
// and connections are pipes.
func TestADeadConnectionIsFoundByPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := newPipes()
		server := httptest.NewUnstartedServer(http.HandlerFunc(healthy))
		_ = server.Listener.Close()
		server.Listener, server.EnableHTTP2 = listener, true
		server.StartTLS()
		defer server.Close()
		client := newClient(t, "https://example.com")
		trust(client, server)
		frozen, dials := make([]atomic.Bool, 2), 0
		client.connections.current.Load().DialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			listener.dialled <- theirs
			dials++
			return frozenConn{ours, &frozen[dials-1]}, nil
		}
		wantClass(t, client.VerifyToken(t.Context()), ClassOK)
		time.Sleep(time.Minute)
		wantClass(t, client.VerifyToken(t.Context()), ClassOK)
		if dials != 1 {
			t.Errorf("%d connections while nothing is wrong", dials)
		}
		frozen[0].Store(true)
		time.Sleep(pingAfter + pingTimeout + time.Second)
		wantClass(t, client.VerifyToken(t.Context()), ClassOK)
		if dials != 2 {
			t.Errorf("%d connections, want a new one", dials)
		}
		client.Close()
	})
}

// pipes are a listener for connections that are pipes.
type pipes struct {
	dialled chan net.Conn
	close   func()
}

func newPipes() pipes {
	dialled := make(chan net.Conn)
	return pipes{dialled, sync.OnceFunc(func() { close(dialled) })}
}

func (p pipes) Accept() (net.Conn, error) {
	connection, open := <-p.dialled
	if !open {
		return nil, net.ErrClosed
	}
	return connection, nil
}

func (p pipes) Close() error {
	p.close()
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// frozenConn swallows what is written while it is frozen.
type frozenConn struct {
	net.Conn
	frozen *atomic.Bool
}

func (c frozenConn) Write(p []byte) (int, error) { return gate{c.Conn, c.frozen}.Write(p) }
