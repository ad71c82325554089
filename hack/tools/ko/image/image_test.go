// Package image has the test of the image of a release: ko builds it for each platform, on
// an empty base image in a registry on loopback, twice.
package image

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const (
	root = "../../../.."
	tag  = "v1.2.3"
	// user is that of the base image: a number, so that kubelet knows that it is not root.
	user = "65532"
)

// platforms are those of a release.
var platforms = []string{"linux/amd64", "linux/arm64"}

// host starts a registry, and returns its address.
func host(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// base pushes an empty base image for each platform, and for one more.
func base(t *testing.T, host string) string {
	t.Helper()
	index := v1.ImageIndex(empty.Index)
	for _, platform := range append([]string{"linux/s390x"}, platforms...) {
		of, err := v1.ParsePlatform(platform)
		if err != nil {
			t.Fatal(err)
		}
		image, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: of.OS, Architecture: of.Architecture, Config: v1.Config{User: user}})
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: of}})
	}
	reference := host + "/base:nonroot"
	parsed, err := name.ParseReference(reference)
	if err == nil {
		err = remote.WriteIndex(parsed, index)
	}
	if err != nil {
		t.Fatal(err)
	}
	return reference
}

// build has make build and push the image, and returns its index.
func build(t *testing.T, host, repository string) v1.ImageIndex {
	t.Helper()
	out := t.TempDir()
	command := exec.CommandContext(t.Context(), "make", "-C", root, "image", "TAG="+tag, "REPOSITORY="+host+"/"+repository, "DIST="+out)
	command.Env = append(os.Environ(), "KO_DEFAULTBASEIMAGE="+base(t, host), "GOFLAGS=")
	printed, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	reference, err := os.ReadFile(filepath.Join(out, "image.txt"))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := name.NewDigest(strings.TrimSpace(string(reference)))
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(digest)
	if err != nil {
		t.Fatal(err)
	}
	tagged, err := remote.Head(digest.Context().Tag(tag))
	if err != nil || tagged.Digest.String() != digest.DigestStr() {
		t.Errorf("the tag leads to %v, %v", tagged, err)
	}
	return index
}

func TestTheImageOfARelease(t *testing.T) {
	host := host(t)
	first, second := build(t, host, "first"), build(t, host, "second")
	before, err := first.Digest()
	after, failed := second.Digest()
	if err := errors.Join(err, failed); err != nil || before != after {
		t.Errorf("two builds differ: %v and %v, %v", before, after, err)
	}
	manifest, err := first.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var built []string
	for _, descriptor := range manifest.Manifests {
		image, err := first.Image(descriptor.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		built = append(built, fmt.Sprintf("%s/%s", config.OS, config.Architecture))
		if config.Config.User != user || len(config.Config.Entrypoint) != 1 || filepath.Base(config.Config.Entrypoint[0]) != "manager" {
			t.Errorf("%s runs %q as %q", descriptor.Platform, config.Config.Entrypoint, config.Config.User)
		}
	}
	slices.Sort(built)
	if !slices.Equal(built, platforms) {
		t.Errorf("the image is for %q", built)
	}
}
