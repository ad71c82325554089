package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/tools/setup-envtest/versions"
)

func concrete(t *testing.T, version string) versions.Concrete {
	t.Helper()
	spec, err := versions.FromExpr(version)
	if err != nil || spec.AsConcrete() == nil {
		t.Fatalf("%s is no version (%v)", version, err)
	}
	return *spec.AsConcrete()
}

// releases serves an index of releases for this machine and their archives.
type releases struct {
	// server is what the kube-apiserver in an archive prints, by the version of the release.
	server map[string]string
	// sum changes the checksum in the index.
	sum func(string) string
	// archive serves an archive, instead of doing so at once.
	archive func(w http.ResponseWriter, r *http.Request, content []byte)
}

func (rs releases) serve(t *testing.T) (index string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	text := "releases:\n"
	for version, prints := range rs.server {
		content := pack(t, prints)
		name := platform().ArchiveName(concrete(t, version))
		sum := fmt.Sprintf("%x", sha512.Sum512(content))
		if rs.sum != nil {
			sum = rs.sum(sum)
		}
		text += fmt.Sprintf("  v%s:\n    %s: {hash: \"%s\", selfLink: \"%s/%s\"}\n", version, name, sum, server.URL, name)
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) {
			if rs.archive != nil {
				rs.archive(w, r, content)
				return
			}
			_, _ = w.Write(content)
		})
	}
	mux.HandleFunc("/index", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
	return server.URL + "/index"
}

// pack returns an archive as the releases have them.
func pack(t *testing.T, prints string) []byte {
	t.Helper()
	var content bytes.Buffer
	zipped := gzip.NewWriter(&content)
	archive := tar.NewWriter(zipped)
	for _, name := range all() {
		text := script(prints)
		header := &tar.Header{Name: "controller-tools/envtest/" + name, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func TestTheNewestThatFitsIsDownloadedOnce(t *testing.T) {
	f, said := newFinder(t)
	f.index = releases{server: map[string]string{
		"1.38.0": "Kubernetes v1.38.0", "1.37.1": "Kubernetes v1.37.1", "1.36.4": "Kubernetes v1.36.4", "1.30.2": "Kubernetes v1.30.2",
	}}.serve(t)
	got, err := f.find(testContext(t))
	if err != nil || filepath.Base(got) != platform().BaseName(concrete(t, "1.37.1")) {
		t.Fatalf("got %s, %v", got, err)
	}
	if !strings.Contains(said.String(), "Downloading kube-apiserver 1.37.1") {
		t.Errorf("said %q", said)
	}
	f.index = "http://127.0.0.1:1/"
	if again, err := f.find(testContext(t)); err != nil || again != got {
		t.Errorf("the second time %s, %v", again, err)
	}
}

// Each server has nothing that may be used; the reason is one line, and nothing is kept.
func TestNoDownload(t *testing.T) {
	one := map[string]string{"1.37.1": "Kubernetes v1.37.1"}
	half := func(w http.ResponseWriter, r *http.Request, content []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	for name, tt := range map[string]struct {
		index func(*testing.T) string
		want  string
	}{
		"refuses":          {refusing, "connection refused"},
		"hangs":            {hanging, "no progress for 100ms"},
		"no index":         {releases{}.missing, "404"},
		"no release":       {releases{server: map[string]string{"1.30.0": ""}}.serve, "no release between 1.31 and 1.37"},
		"wrong checksum":   {releases{server: one, sum: strings.ToUpper}.serve, "checksum mismatch"},
		"no checksum":      {releases{server: one, sum: func(string) string { return "" }}.serve, "checksum mismatch"},
		"hangs in the end": {releases{server: one, archive: half}.serve, "no progress for 100ms"},
		"another version":  {releases{server: map[string]string{"1.37.1": "Kubernetes v1.29.0"}}.serve, "what was downloaded does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := newFinder(t)
			f.index = tt.index(t)
			f.limits = limits{connect: time.Millisecond, idle: 100 * time.Millisecond, report: time.Hour}
			if name != "hangs" && name != "hangs in the end" {
				f.limits.connect, f.limits.idle = time.Minute, time.Minute
			}
			_, err := f.find(testContext(t))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if directory, _ := f.kept(testContext(t)); directory != "" {
				t.Errorf("%s is kept", directory)
			}
		})
	}
}

// refusing returns the URL of a port at which nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return "http://" + listener.Addr().String() + "/"
}

// hanging returns the URL of a server that takes connections and never says a word.
func hanging(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return "http://" + listener.Addr().String() + "/"
}

func (rs releases) missing(t *testing.T) string { return rs.serve(t) + "-of-something-else" }

func TestProgressIsSaid(t *testing.T) {
	f, said := newFinder(t)
	f.limits.report = 0
	f.index = releases{server: map[string]string{"1.37.1": "Kubernetes v1.37.1"}}.serve(t)
	if _, err := f.find(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), " of 0 MB\n") {
		t.Errorf("said %q", said)
	}
}
