package e2e

import (
	"io"
	"net"
	"strings"
	"sync"
)

// link is the way from the operator to the API server. It can be cut.
type link struct {
	target   string
	listener net.Listener

	mu    sync.Mutex
	open  map[net.Conn]bool
	isCut bool
}

// newLink returns a link to an API server.
func newLink(host string) (*link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{target: strings.Trim(strings.TrimPrefix(host, "https://"), "/"), listener: listener, open: map[net.Conn]bool{}}
	go l.serve()
	return l, nil
}

func (l *link) host() string { return "https://" + l.listener.Addr().String() }

func (l *link) serve() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.carry(near)
	}
}

// carry joins a connection to one of its own.
func (l *link) carry(near net.Conn) {
	far, err := net.Dial("tcp", l.target)
	if err != nil || !l.hold(near, far) {
		_ = near.Close()
		return
	}
	go func() { _, _ = io.Copy(far, near); l.drop(near, far) }()
	_, _ = io.Copy(near, far)
	l.drop(near, far)
}

// hold notes connections, unless the link is cut.
func (l *link) hold(ends ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range ends {
		if l.isCut {
			_ = end.Close()
			continue
		}
		l.open[end] = true
	}
	return !l.isCut
}

func (l *link) drop(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range ends {
		_ = end.Close()
		delete(l.open, end)
	}
}

// cut ends every connection, and refuses new ones until the link is mended.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for end := range l.open {
		_ = end.Close()
	}
}

func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = false
}
