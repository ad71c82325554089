package gitops

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// health is what a check returns.
type health struct{ Status, Message string }

// check is a health check in Lua.
type check string

// healthChecks are those of config/argocd, by kind.
func healthChecks(t *testing.T) map[string]check {
	t.Helper()
	content, err := os.ReadFile("../../config/argocd/argocd-cm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var patch corev1.ConfigMap
	if err := yaml.UnmarshalStrict(content, &patch); err != nil {
		t.Fatal(err)
	}
	checks := map[string]check{}
	for key, script := range patch.Data {
		kind, found := strings.CutPrefix(key, "resource.customizations.health.conference.voiceops.dev_")
		if !found {
			t.Errorf("%s is no health check of ours", key)
		}
		checks[kind] = check(script)
	}
	if len(checks) != 3 {
		t.Fatalf("%d checks, want 3", len(checks))
	}
	return checks
}

// of runs a check as Argo CD does: the object is the global obj, and the libraries are those
// that can't reach out of the script.
func (c check) of(t *testing.T, object *unstructured.Unstructured) (found health) {
	t.Helper()
	vm := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer vm.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.StringLibName: lua.OpenString, lua.MathLibName: lua.OpenMath,
	} {
		if err := vm.CallByParam(lua.P{Fn: vm.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	vm.SetContext(ctx)
	vm.SetGlobal("obj", valueOf(vm, object.Object))
	if err := vm.DoString(string(c)); err != nil {
		t.Fatal(err)
	}
	returned, ok := vm.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("the check returns %s", vm.Get(-1))
	}
	return health{Status: returned.RawGetString("status").String(), Message: returned.RawGetString("message").String()}
}

// valueOf is a value of JSON in Lua.
func valueOf(vm *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case map[string]any:
		table := vm.NewTable()
		for key, item := range value {
			table.RawSetString(key, valueOf(vm, item))
		}
		return table
	case []any:
		table := vm.NewTable()
		for _, item := range value {
			table.Append(valueOf(vm, item))
		}
		return table
	case string:
		return lua.LString(value)
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	default:
		return lua.LNil
	}
}
