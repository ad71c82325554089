# Everything a developer does here. `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The image, and how a cluster is reached.
IMG ?= conference-operator:latest
# What the manager says that it is: the tag of the image.
VERSION := $(or $(word 2,$(subst :, ,$(notdir $(IMG)))),latest)
KUBECTL ?= kubectl
# Arguments of the manager for `make run`.
ARGS ?=
# How long each fuzz target runs.
FUZZTIME ?= 10s

BIN := $(CURDIR)/bin
CONTROLLER_GEN := $(BIN)/controller-gen
CRD_REF_DOCS := $(BIN)/crd-ref-docs
GOLANGCI_LINT := $(BIN)/golangci-lint
KUSTOMIZE := $(BIN)/kustomize
ALIVE := hack/tools/alive

# The race detector needs cgo, and so a C compiler; without one tests run all the same.
RACE := $(shell [[ $$(go env CGO_ENABLED) != 1 ]] || ! command -v "$$(go env CC)" >/dev/null || echo -race)

# The suites in virtual time, of crashes, faults and rooms. They run in one
# goroutine, so that the race detector finds little in them and takes ten times as
# long: test-long has it.
VIRTUAL := ./test/crash ./test/faults ./test/rooms

# Where tests and demo find kube-apiserver, etcd and kubectl: links to what fits of
# KUBEBUILDER_ASSETS and elsewhere. CONTROLPLANE=build compiles them, whatever there is.
ASSETS := $(KUBEBUILDER_ASSETS)
override KUBEBUILDER_ASSETS := $(BIN)/controlplane
export KUBEBUILDER_ASSETS

MODULES := . hack/controlplane hack/tools hack/tools/lint
OVERLAYS := default samples prometheus network-policy
GENERATED := api/v1alpha1/zz_generated.deepcopy.go api/v1alpha1/applyconfiguration \
  config/crd/bases config/rbac/role.yaml docs/reference/api.md

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it

.PHONY: demo
demo: controlplane ## Run the whole story on this machine; KEEP=1 stays up afterwards.
	@$(ALIVE) "Building the operator, the simulator and the demo." go build -o $(BIN)/ ./cmd/... ./hack/demo
	@KEEP=$(KEEP) $(BIN)/demo

.PHONY: run
run: ## Run the manager here, against the cluster of KUBECONFIG; ARGS="--flag ...".
	go run ./cmd/manager $(ARGS)

##@ Change it

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Generate deep copies and apply configurations.
	$(CONTROLLER_GEN) object applyconfiguration paths=./api/v1alpha1

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Generate the CRDs and the manager's role from the markers.
	$(CONTROLLER_GEN) crd paths=./api/v1alpha1 output:crd:dir=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=conference-operator-manager paths=./internal/controller/... output:rbac:dir=config/rbac

.PHONY: docs
docs: $(CRD_REF_DOCS) ## Generate the reference of the API.
	@mkdir -p docs/reference
	$(CRD_REF_DOCS) --log-level=ERROR --renderer=markdown --config=hack/tools/crd-ref-docs.yaml \
	  --source-path=api/v1alpha1 --output-path=docs/reference/api.md

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code.
	$(GOLANGCI_LINT) fmt ./...

.PHONY: build
build: ## Build manager and simulator into bin.
	CGO_ENABLED=0 go build -trimpath -o $(BIN)/ ./cmd/...

##@ Check it

.PHONY: test
test: controlplane ## Run all tests, against a real API server, with the race detector where it matters and there is a C compiler.
	@$(ALIVE) "Testing each crash, each fault and each room." go test -count=1 -timeout=10m $(VIRTUAL)
	@$(ALIVE) "Testing." go test $(RACE) -count=1 -timeout=20m $$(go list ./... | grep -vE '/test/(crash|faults|rooms)$$')

.PHONY: test-long
test-long: ## Run the suites of crashes, faults and rooms with the race detector, which takes minutes.
	@$(ALIVE) "Testing each crash, each fault and each room with the race detector." go test $(RACE) -count=1 -timeout=30m $(VIRTUAL)

.PHONY: test-unit
test-unit: ## Run the tests that need no API server.
	@go list -f '{{.Dir}} {{.ImportPath}}' ./... | while read -r dir package; do \
	  grep -qs StartControlPlane "$$dir"/*_test.go || echo "$$package"; \
	done | xargs $(ALIVE) "Testing." go test $(RACE) -timeout=10m

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME.
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' api cmd internal | while IFS=: read -r file function; do \
	  go test -run='^$$' -fuzz="^$${function#func }$$" -fuzztime=$(FUZZTIME) "./$$(dirname "$$file")" </dev/null; \
	done

.PHONY: walk
walk: ## Act at random for 10,000 steps, with a new seed; SEED=n walks that one again.
	go test ./test/faults -run TestRandomWalk -timeout=60m -steps=10000 -seed=$(or $(SEED),$(shell date +%s))

.PHONY: live
live: ## Ask a real account what the documents leave open; docs/live.md says how.
	@go run ./hack/live

.PHONY: bench
bench: controlplane ## Measure everything, against the floor; CASE=name,... and N=objects choose.
	@$(ALIVE) "Building the operator, the simulator and the benchmark." $(MAKE) build
	@go build -o $(BIN)/bench ./test/bench
	@$(BIN)/bench -bin=$(BIN) -json=$(BIN)/bench.json $(if $(CASE),-case=$(CASE)) $(if $(N),-n=$(N))

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities; needs the network.
	go run golang.org/x/vuln/cmd/govulncheck@latest ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Lint the code.
	@$(ALIVE) "Linting." $(GOLANGCI_LINT) run --allow-serial-runners ./...

.PHONY: verify
verify: generate manifests docs $(GOLANGCI_LINT) $(KUSTOMIZE) ## Fail on stale files, style, findings, untidy modules, bad manifests.
	@stale=$$(git status --porcelain -- $(GENERATED)); if [[ -n $$stale ]]; then \
	  echo "These generated files are not as committed; commit what make generate manifests docs wrote:"; \
	  echo "$$stale"; git --no-pager diff -- $(GENERATED); exit 1; \
	fi
	@for overlay in $(OVERLAYS); do echo "Building config/$$overlay."; $(KUSTOMIZE) build "config/$$overlay" >/dev/null; done
	@hack/references/check $(KUSTOMIZE)
	@for module in $(MODULES); do $(ALIVE) "Tidying $$module." go -C "$$module" mod tidy -diff; done
	@$(ALIVE) "Looking at the format." $(GOLANGCI_LINT) fmt --diff ./...
	@$(MAKE) lint

.PHONY: controlplane
controlplane: ## Have a kube-apiserver, etcd and kubectl: found, downloaded, or compiled (CONTROLPLANE=build: at once).
	@KUBEBUILDER_ASSETS='$(ASSETS)' hack/controlplane/get $(KUBEBUILDER_ASSETS)

# Two modules of their own, whose tests are part of test.
MODULES += examples/envtest hack/controlplane/find
test: test-example test-find

.PHONY: test-example
test-example: controlplane ## Run the example of a suite that imports this repository.
	@$(ALIVE) "Testing the example of a suite." go -C examples/envtest test -count=1 -timeout=5m ./...

.PHONY: test-find
test-find: ## Test the search for a control plane.
	@$(ALIVE) "Testing the search for a control plane." go -C hack/controlplane/find test -count=1 ./...

##@ Ship it

.PHONY: docker-build
docker-build: ## Build the image IMG.
	docker build --build-arg VERSION=$(VERSION) --tag $(IMG) .

.PHONY: install
install: $(KUSTOMIZE) ## Install the CRDs into the cluster of KUBECONFIG.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) apply --server-side -f -

.PHONY: uninstall
uninstall: $(KUSTOMIZE) ## Delete all objects of every kind while the manager is there to, then the CRDs.
	KUBECTL='$(KUBECTL)' hack/uninstall/objects
	$(KUSTOMIZE) build config/crd | $(KUBECTL) delete --ignore-not-found -f -

.PHONY: deploy
deploy: $(KUSTOMIZE) ## Install CRDs, rights and the manager with the image IMG.
	$(KUSTOMIZE) build config/default | sed 's|image: conference-operator:latest|image: $(IMG)|' | $(KUBECTL) apply --server-side -f -

.PHONY: undeploy
undeploy: uninstall ## Uninstall, then remove all else that deploy installed.
	$(KUSTOMIZE) build config/default | $(KUBECTL) delete --ignore-not-found -f -

.PHONY: clean
clean: ## Remove what was built, save the control plane, which takes minutes.
	@if [[ -d $(BIN) ]]; then find $(BIN) -mindepth 1 -maxdepth 1 ! -name controlplane -exec rm -rf {} +; fi

# The tools, built from their own modules when those change.

$(CONTROLLER_GEN): TOOL := sigs.k8s.io/controller-tools/cmd/controller-gen
$(CRD_REF_DOCS): TOOL := github.com/elastic/crd-ref-docs
$(KUSTOMIZE): TOOL := sigs.k8s.io/kustomize/kustomize/v5
$(GOLANGCI_LINT): TOOL := sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter

$(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE): hack/tools/go.mod hack/tools/go.sum
$(GOLANGCI_LINT): hack/tools/lint/go.mod hack/tools/lint/go.sum

$(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE) $(GOLANGCI_LINT):
	@$(ALIVE) "Building $(@F)." go build -C $(<D) -o $@ $(TOOL)
	@touch $@
