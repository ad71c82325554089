package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func (d *desk) see() {
	r := d.govern(policy)
	r.muted(r.guest, true)
	child := r.child(r.guest)
	d.eventually(func() error {
		if text := d.ok("list"); !strings.Contains(text, "3 in it  conf/all-hands InSync") || strings.Count(text, "muted") != 2 {
			return fmt.Errorf("the list is\n%s", text)
		}
		return nil
	})
	d.wants(d.ok("list", "-o", "wide"), r.guest, r.sid, "account acme", child.Name)
	var listed struct{ Rooms []struct{ People int } }
	if err := json.Unmarshal([]byte(d.ok("list", "-o", "json")), &listed); err != nil || len(listed.Rooms) != 1 || listed.Rooms[0].People != 3 {
		d.t.Errorf("as JSON: %+v, %v", listed, err)
	}
	if text := d.ok("list", "--live"); strings.Contains(text, hostNumber) || !strings.Contains(text, "3 in it") {
		d.t.Errorf("live:\n%s", text)
	}
	d.wants(d.ok("list", "--live", "--numbers"), hostNumber)
	if got := d.run("", "list", "--numbers"); got.code != 1 {
		d.t.Errorf("numbers without --live end with %d", got.code)
	}
	d.wants(d.ok("why", "all-hands"), `Room "`+d.namespace+`", through VoiceAccount acme.`, "Role audience, 2 there", "Who must act: nobody.")
	d.wants(d.ok("why", r.guest[:8]), "ConferenceParticipant "+child.Name, "role audience of Conference all-hands", "Declared: muted: true", "Observed: muted: true")
	d.wants(d.ok("why", "va/acme", "-o", "yaml"), "reason: TokenAccepted")
	d.wants(d.ok("__complete", "-n", d.namespace, "mute", ""), child.Name)
	if got := d.run("", "why", "nothing"); got.code != 1 || !strings.Contains(got.err, "nothing") {
		d.t.Errorf("a name that is none: %+v", got)
	}
	if got := d.run("", "why", "conf/nothing"); got.code != 1 || !strings.Contains(got.err, "there is no conf/nothing in namespace") {
		d.t.Errorf("a Conference that is none: %+v", got)
	}
}

func (d *desk) plan() {
	r := d.govern("mode: Enforce")
	file := filepath.Join(d.t.TempDir(), "plan.yaml")
	manifest := "apiVersion: conference.voiceops.dev/v1alpha1\nkind: Conference\nmetadata: {name: all-hands}\nspec:\n  accountRef: {name: acme}\n  friendlyName: " + d.namespace + "\n  " + policy
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		d.t.Fatal(err)
	}
	text := d.ok("plan", "-f", file)
	d.wants(text, "3 in it", "host of call "+r.host+"\n      send nothing: Every declared field", "audience of call "+r.guest+"\n      send Muted=true: muted is false")
	d.wants(d.ok("plan", "conf/all-hands"), "It has no roles, and only looks.")
	if sent := r.updates(r.guest); sent != "" {
		d.t.Errorf("a plan has sent %s", sent)
	}
	if got := d.run("", "plan", "nothing"); got.code != 1 {
		d.t.Errorf("a name that is none ends with %d", got.code)
	}
}

func (d *desk) adopt() {
	sid, host := d.sim.JoinRoom(accountSID, d.namespace, voicesim.JoinOptions{From: hostNumber, Muted: true})
	d.sim.JoinRoom(accountSID, d.namespace, voicesim.JoinOptions{})
	text := d.ok("import", "--conference", sid)
	if strings.Count(text, "kind: ConferenceParticipant") != 2 || strings.Contains(text, hostNumber) {
		d.t.Errorf("got\n%s", text)
	}
	text = d.ok("import", "--conference", d.namespace, "--number", hostNumber, "--apply")
	if text != "ConferenceParticipant/observe-"+host+" imported\n" {
		d.t.Errorf("got %s", text)
	}
	d.refused("is in mode Observe", "unmute", host)
	d.wants(d.ok("import", "--conference", d.namespace, "--kind", "conference"), "kind: Conference\n", "friendlyName: "+d.namespace)
	if got := d.run("", "import", "--conference", d.namespace, "--as", "nobody"); got.code != 1 || !strings.Contains(got.err, "forbidden") {
		d.t.Errorf("without rights: %+v", got)
	}
	if got := d.run("", "import", "--conference", "nothing"); got.code != 1 {
		d.t.Errorf("a conference that is none ends with %d", got.code)
	}
}

func (d *desk) watch() {
	r := d.govern(policy)
	process, err := testkit.StartProcess(d.t.Context(), d.binary, []string{"KUBECONFIG=" + d.kubeconfig}, "watch", "-n", d.namespace)
	if err != nil {
		d.t.Fatal(err)
	}
	shows := func(text string) {
		d.t.Helper()
		d.eventually(func() error {
			if !strings.Contains(process.Log(), text) {
				return fmt.Errorf("%q is not in\n%s", text, process.Log())
			}
			return nil
		})
	}
	if got := d.run("", "watch", "--as", "nobody"); got.code != 1 || !strings.Contains(got.err, "forbidden") {
		d.t.Errorf("without rights: %+v", got)
	}
	shows("audience " + r.guest[:8])
	d.ok("unmute", r.guest)
	shows(r.guest[:8] + ": open, was muted")
	if err := process.Stop(); err != nil {
		d.t.Error(err)
	}
	if strings.Contains(process.Log(), "\x1b[") {
		d.t.Error("colours where there is no terminal")
	}
}

func (d *desk) doctor() {
	ready := func() error {
		if got := d.run("", "doctor", "--operator", testkit.OperatorUser); got.code != 0 {
			return fmt.Errorf("%s%s", got.out, got.err)
		}
		return nil
	}
	d.eventually(ready)
	d.wants(d.ok("doctor"), "ok    the API server serves", "ok    the operator, as ", "accepts account and token with the scope Voice", "ok    none of")
	if got := d.run("", "doctor", "--operator", "somebody"); got.code != 1 || !strings.Contains(got.out, "FAIL  the operator, as somebody, lacks get secrets") {
		d.t.Errorf("another user: %+v", got)
	}
	d.sim.SetTokens(accountSID, "PT-another")
	defer d.sim.SetTokens(accountSID, token)
	got := d.run("", "doctor")
	if got.code != 1 || !strings.Contains(got.out, "FAIL  VoiceAccount "+d.namespace+"/acme: from here: The provider refuses the token") {
		d.t.Errorf("a refused token: %+v", got)
	}
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	if err := d.admin.Delete(ctx, testkit.Secret(d.namespace, "acme-voice", "")); err != nil {
		d.t.Fatal(err)
	}
	if got := d.run("", "doctor", "-o", "json"); got.code != 1 || !strings.Contains(got.out, "Secret acme-voice does not exist") {
		d.t.Errorf("no Secret: %+v", got)
	}
}
