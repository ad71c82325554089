package cli

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// update writes the outputs into the document in place of comparing them.
var update = flag.Bool("update", false, "write what the commands print into docs/kubectl-conference.md")

const (
	document = "../../docs/kubectl-conference.md"
	// prompt begins the line of a command.
	prompt = "$ kubectl conference "
	// documentedSID is the conference in the document.
	documentedSID = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"
)

// documented runs every command of the document, in its order.
func (d *desk) documented() {
	content, err := os.ReadFile(document)
	if err != nil {
		d.t.Fatal(err)
	}
	d.settle(metav1.ObjectMeta{Name: "support"})
	r := &room{desk: d}
	r.sid, r.host = d.sim.JoinRoom(accountSID, "all-hands", voicesim.JoinOptions{CallSID: "7d0c2b1e-4f0a-4b35-9c11-2a6f1f0e8d44", From: hostNumber, EndConferenceOnExit: true})
	_, r.guest = d.sim.JoinRoom(accountSID, "all-hands", voicesim.JoinOptions{CallSID: "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", From: "+15555550142"})
	_, r.other = d.sim.JoinRoom(accountSID, "all-hands", voicesim.JoinOptions{CallSID: "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52", From: "+15555550143"})
	manifests := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(content), -1)
	conference := &v1alpha1.Conference{}
	if err := yaml.UnmarshalStrict([]byte(manifests[0][1]), conference); err != nil {
		d.t.Fatal(err)
	}
	conference.Namespace = d.namespace
	d.create(conference)
	r.muted(r.guest, true)
	r.muted(r.other, true)
	d.t.Chdir(d.t.TempDir())
	if err := os.WriteFile("all-hands.yaml", []byte(manifests[1][1]), 0o600); err != nil {
		d.t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```console\n(.*?)```").ReplaceAllStringFunc(string(content), func(block string) string {
		lines := strings.TrimSuffix(strings.TrimPrefix(block, "```console\n"), "```")
		return "```console\n" + r.session(lines) + "```"
	})
	if *update {
		if err := os.WriteFile(filepath.Join(d.home, document), []byte(shown), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
}

// session runs the commands of a block, and returns it as it would be now. What only looks
// is tried until it shows what is documented, for the status comes after the change.
func (r *room) session(block string) (now string) {
	r.t.Helper()
	for _, part := range strings.Split("\n"+block, "\n"+prompt)[1:] {
		command, want, _ := strings.Cut(strings.TrimSuffix(part, "\n")+"\n", "\n")
		arguments := strings.Fields(command)
		looks := strings.Contains("list why plan doctor", arguments[0])
		got := ""
		try := func() error {
			result := r.run("", arguments...)
			got = r.normal(result.err + result.out)
			if got != r.normal(want) {
				return &differs{command, got, want}
			}
			return nil
		}
		err := try()
		if err != nil && looks && !*update {
			r.eventually(try)
			err = nil
		}
		if err != nil && !*update {
			r.t.Error(err)
		}
		now += prompt + command + "\n" + got
	}
	return now
}

// differs is a command that prints something else than is documented.
type differs struct{ command, got, want string }

func (d *differs) Error() string {
	return "kubectl conference " + d.command + " prints\n" + d.got + "documented is\n" + d.want
}

// normal has what differs from run to run in the form of the document.
func (r *room) normal(text string) string {
	for pattern, stands := range map[string]string{
		regexp.QuoteMeta(r.sid): documentedSID, regexp.QuoteMeta(r.url): "https://acme.signalwire.com",
		`all-hands-[a-z2-7]{10}\b`: "all-hands-abcdefghij", `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`: "2026-11-23 10:15:42",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, stands)
	}
	return text
}
