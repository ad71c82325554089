package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/tools/setup-envtest/remote"
	"sigs.k8s.io/controller-runtime/tools/setup-envtest/store"
	"sigs.k8s.io/controller-runtime/tools/setup-envtest/versions"
)

// platform is the platform of this machine.
func platform() versions.Platform {
	return versions.Platform{OS: runtime.GOOS, Arch: runtime.GOARCH}
}

// kept returns the newest directory of setup-envtest that fits and the version of its
// kube-apiserver, or "" if there is none.
func (f *finder) kept(ctx context.Context) (directory, version string) {
	items, err := store.NewAt(f.stored).List(ctx, store.Filter{
		Version: versions.AnyVersion, Platform: platform(),
	})
	if err != nil {
		// setup-envtest has never run on this machine.
		return "", ""
	}
	for _, item := range items {
		directory, err := store.NewAt(f.stored).Path(item)
		if err != nil || !f.fit.has(item.Version) {
			continue
		}
		if version, err := f.fit.check(ctx, directory); err == nil {
			return directory, version
		}
	}
	return "", ""
}

// download adds the newest release that fits to the directory of setup-envtest, and
// returns the directory of the release.
func (f *finder) download(ctx context.Context) (string, error) {
	// The client of setup-envtest takes no other than the default one.
	http.DefaultClient.Transport = newTransport(f.limits, f.say)
	client := &remote.HTTPClient{Log: logr.Discard(), IndexURL: f.index}
	sets, err := client.ListVersions(ctx)
	if err != nil {
		return "", cause(err)
	}
	item, source, err := f.choose(sets)
	if err != nil {
		return "", err
	}
	f.sayf("Downloading kube-apiserver %s, etcd and kubectl, once.", item.Version)
	if err := f.fetch(ctx, client, item, source); err != nil {
		return "", cause(err)
	}
	directory, err := store.NewAt(f.stored).Path(item)
	if err != nil {
		return "", fmt.Errorf("finding what was downloaded: %w", err)
	}
	if _, err = f.fit.check(ctx, directory); err != nil {
		return "", fmt.Errorf("what was downloaded does not fit: %w", err)
	}
	return directory, nil
}

// choose returns the newest release that fits, and its archive for this machine.
func (f *finder) choose(sets []versions.Set) (store.Item, versions.PlatformItem, error) {
	for _, set := range sets {
		for _, archive := range set.Platforms {
			if f.fit.has(set.Version) && archive.Matches(platform()) {
				return store.Item{Version: set.Version, Platform: platform()}, archive, nil
			}
		}
	}
	return store.Item{}, versions.PlatformItem{}, fmt.Errorf("none can be downloaded (no release between 1.%d and 1.%d for %s)", f.fit.oldest, f.fit.newest, platform())
}

// fetch downloads an archive, and unpacks it if its checksum is that of the index.
func (f *finder) fetch(ctx context.Context, client remote.Client, item store.Item, source versions.PlatformItem) (err error) {
	archive, err := os.CreateTemp("", "envtest-*.tar.gz")
	if err != nil {
		return fmt.Errorf("making a file for the download: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close(), os.Remove(archive.Name())) }()
	if err := client.GetVersion(ctx, item.Version, source, archive); err != nil {
		return fmt.Errorf("downloading: %w", err)
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading the download: %w", err)
	}
	kept := store.NewAt(f.stored)
	if err := kept.Initialize(ctx); err != nil {
		return fmt.Errorf("making the directory of setup-envtest: %w", err)
	}
	if err := kept.Add(ctx, item, archive); err != nil {
		return fmt.Errorf("unpacking the download: %w", err)
	}
	return nil
}

// cause shortens an error of an HTTP client to host and reason, so that it fits into a
// line.
func cause(err error) error {
	failed, ok := errors.AsType[*url.Error](err)
	if !ok {
		return fmt.Errorf("none can be downloaded (%w)", err)
	}
	reason := failed.Err
	for operation, ok := errors.AsType[*net.OpError](reason); ok; operation, ok = errors.AsType[*net.OpError](reason) {
		reason = operation.Err
	}
	text := reason.Error()
	if lookup, ok := errors.AsType[*net.DNSError](reason); ok {
		text = lookup.Err
	}
	host := failed.URL
	if parsed, err := url.Parse(failed.URL); err == nil {
		host = parsed.Host
	}
	return fmt.Errorf("none can be downloaded (%s: %s)", host, text)
}
