// Package release has the tests of what a release is made of: the binary, the files of
// make dist and the workflows that call make.
package release

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const (
	root = "../.."
	tag  = "v1.2.3"
)

// ko is what .ko.yaml says of the build.
type ko struct {
	DefaultPlatforms []string `json:"defaultPlatforms"`
	Builds           []struct {
		Main           string
		Env            []string
		Flags, LDFlags []string
	}
}

func readKo(t *testing.T) (read ko) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(content(t, ".ko.yaml")), &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Builds) != 1 {
		t.Fatalf("%d builds", len(read.Builds))
	}
	return read
}

// content reads a file of the repository.
func content(t *testing.T, path string) string {
	t.Helper()
	read, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

// run runs a command in a folder, and returns what it prints.
func run(t *testing.T, folder string, environment []string, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir, command.Env = folder, append(os.Environ(), environment...)
	printed, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, arguments, err, printed)
	}
	return string(printed)
}

// TestTheImageIsBuiltInOneWay compares the flags of ko, of the Dockerfile and of make.
func TestTheImageIsBuiltInOneWay(t *testing.T) {
	build := readKo(t).Builds[0]
	flags := strings.Join(build.Flags, " ") + ` -ldflags "` + strings.Join(build.LDFlags, " ") + `"`
	for path, version := range map[string]string{"Dockerfile": "$VERSION", "Makefile": "$(TAG)"} {
		want := strings.ReplaceAll(flags, "{{.Env.VERSION}}", version)
		if !strings.Contains(content(t, path), want) {
			t.Errorf("%s has not %s", path, want)
		}
	}
	if !slices.Equal(build.Env, []string{"CGO_ENABLED=0"}) || build.Main != "./cmd/manager" {
		t.Errorf("%+v", build)
	}
	if got := readKo(t).DefaultPlatforms; !slices.Equal(got, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("the platforms are %q", got)
	}
}

// TestTwoBuildsAreTheSame builds the manager in two folders, one of which is a repository of
// its own with a commit of now.
func TestTwoBuildsAreTheSame(t *testing.T) {
	build := readKo(t).Builds[0]
	version := strings.ReplaceAll(strings.Join(build.LDFlags, " "), "{{.Env.VERSION}}", tag)
	var digests []string
	for _, repository := range []bool{false, true} {
		folder := sources(t)
		if repository {
			for _, arguments := range [][]string{{"init", "--quiet"}, {"add", "."}, {"commit", "--quiet", "--message=now"}} {
				run(t, folder, nil, "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, arguments...)...)
			}
		}
		arguments := append([]string{"build"}, build.Flags...)
		// The environment must not help: without the flag the second would be stamped.
		run(t, folder, append(build.Env, "GOFLAGS=-buildvcs=auto"), "go", append(arguments, "-ldflags", version, "-o", "built", build.Main)...)
		binary, err := os.ReadFile(filepath.Join(folder, "built"))
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, fmt.Sprintf("%x", sha256.Sum256(binary)))
		if strings.Contains(string(binary), folder) {
			t.Error("the binary names the folder in which it was built")
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("two builds differ: %q", digests)
	}
}

// sources copies what the Dockerfile copies.
func sources(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, path := range []string{"api", "cmd", "internal"} {
		if err := os.CopyFS(filepath.Join(folder, path), os.DirFS(filepath.Join(root, path))); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(folder, path), []byte(content(t, path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestTheListOfModules has every module that the manager is built from, in its version.
func TestTheListOfModules(t *testing.T) {
	out := t.TempDir()
	run(t, root, nil, "make", "sbom", "TAG="+tag, "ARCHITECTURES=amd64", "DIST="+out)
	text, err := os.ReadFile(filepath.Join(out, "manager-linux-amd64.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Metadata struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version string }
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if list.Metadata.Component.Version != tag || !strings.HasSuffix(list.Metadata.Component.Name, "/conference-operator") {
		t.Errorf("it is about %+v", list.Metadata.Component)
	}
	listed := map[string]string{}
	for _, component := range list.Components {
		listed[component.Name] = component.Version
	}
	packages := run(t, root, []string{"CGO_ENABLED=0"}, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./cmd/manager")
	for line := range strings.Lines(packages) {
		module, version, found := strings.Cut(strings.TrimSpace(line), " ")
		if found && listed[module] != version {
			t.Errorf("%s %s is listed as %q", module, version, listed[module])
		}
	}
	if len(listed) < 20 {
		t.Errorf("%d modules", len(listed))
	}
}

// TestTheFilesOfARelease makes them twice, for another repository of images.
func TestTheFilesOfARelease(t *testing.T) {
	const repository = "registry.example.com:5000/voice/operator"
	var checksums []string
	for range 2 {
		out := t.TempDir()
		run(t, root, nil, "hack/dist/build", tag, repository, out)
		read, err := os.ReadFile(filepath.Join(out, "checksums.txt"))
		if err != nil {
			t.Fatal(err)
		}
		checksums = append(checksums, string(read))
		run(t, out, nil, "sha256sum", "--check", "--strict", "checksums.txt")
		install, err := os.ReadFile(filepath.Join(out, "install.yaml"))
		if err != nil || strings.Count(string(install), "image: "+repository+":"+tag+"\n") != 1 {
			t.Errorf("install.yaml has not the image of the release (%v)", err)
		}
		chart := filepath.Join(out, "conference-operator-1.2.3.tgz")
		rendered := run(t, root, nil, "bin/helm", "template", "conference-operator", chart)
		if images := regexp.MustCompile(`image: "(.*)"`).FindAllStringSubmatch(rendered, -1); len(images) != 2 || images[0][1] != repository+":"+tag || images[1][1] != images[0][1] {
			t.Errorf("the chart has the images %q", images)
		}
	}
	if checksums[0] != checksums[1] || strings.Count(checksums[0], "\n") != 2 {
		t.Errorf("the same commit makes\n%s\nand then\n%s", checksums[0], checksums[1])
	}
}

func TestATagIsAVersion(t *testing.T) {
	for _, wrong := range []string{"latest", "1.2.3", "v1.2", "v1.2.3 "} {
		out := t.TempDir()
		command := exec.CommandContext(t.Context(), "hack/dist/build", wrong, "registry.example.com/operator", out)
		command.Dir = root
		if printed, err := command.CombinedOutput(); err == nil || strings.Count(string(printed), "\n") != 1 {
			t.Errorf("%q: %v\n%s", wrong, err, printed)
		}
	}
}
