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
# A release: its version, and the repository of its image.
TAG ?= $(shell sed -n 's/^appVersion: //p' $(CHART)/Chart.yaml)
REPOSITORY ?= ghcr.io/voiceops/conference-operator
ARCHITECTURES ?= amd64 arm64
# Arguments of the manager for `make run`.
ARGS ?=
# How long each fuzz target runs.
FUZZTIME ?= 10s

BIN := $(CURDIR)/bin
CONTROLLER_GEN := $(BIN)/controller-gen
CRD_REF_DOCS := $(BIN)/crd-ref-docs
GOLANGCI_LINT := $(BIN)/golangci-lint
KUSTOMIZE := $(BIN)/kustomize
PROMTOOL := $(BIN)/promtool
DASHBOARD := $(BIN)/dashboard
HELM := $(BIN)/helm
KO := $(BIN)/ko
CYCLONEDX := $(BIN)/cyclonedx-gomod
ACTIONLINT := $(BIN)/actionlint
CHART := charts/conference-operator
DIST := $(CURDIR)/dist

# How Dockerfile and .ko.yaml build the manager, too.
RELEASE_FLAGS = -trimpath -buildvcs=false -ldflags "-s -w -X main.release=$(TAG)"
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

# The plugin of kubectl, a module of its own so that what it needs is not the manager's.
PLUGIN := cmd/kubectl-conference
MODULES := . $(PLUGIN) examples/envtest hack/controlplane hack/controlplane/find test/gitops \
  $(addprefix hack/tools,/. /helm /ko /lint /promtool /release)
OVERLAYS := default samples prometheus grafana gitops/support
GENERATED := api/v1alpha1/zz_generated.deepcopy.go api/v1alpha1/applyconfiguration \
  config/crd/bases config/rbac/role.yaml $(CHART)/files docs/reference/api.md

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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
manifests: $(CONTROLLER_GEN) ## Generate the CRDs and the manager's role, and copy what the chart shares with config.
	$(CONTROLLER_GEN) crd paths=./api/v1alpha1 output:crd:dir=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=conference-operator-manager paths=./internal/controller/... output:rbac:dir=config/rbac
	@rm -rf $(CHART)/files && mkdir -p $(CHART)/files/crds $(CHART)/files/rbac $(CHART)/files/monitoring
	cp config/crd/bases/*.yaml $(CHART)/files/crds/
	cp config/rbac/role.yaml config/rbac/*_editor_role.yaml config/rbac/*_viewer_role.yaml $(CHART)/files/rbac/
	cp config/prometheus/rules.yaml config/grafana/conference-operator.json $(CHART)/files/monitoring/

.PHONY: docs
docs: $(CRD_REF_DOCS) ## Generate the reference of the API.
	@mkdir -p docs/reference
	$(CRD_REF_DOCS) --log-level=ERROR --renderer=markdown --config=hack/tools/crd-ref-docs.yaml \
	  --source-path=api/v1alpha1 --output-path=docs/reference/api.md

.PHONY: picture
picture: controlplane ## Record the demo, and draw the README's picture of it.
	@$(ALIVE) "Building the operator, the simulator and the demo." go build -o $(BIN)/ ./cmd/... ./hack/demo
	@$(BIN)/demo | tee $(BIN)/demo.txt
	@cp $(BIN)/demo.txt docs/images/demo.txt
	@go run ./hack/picture <docs/images/demo.txt >docs/images/demo.svg

.PHONY: dashboard
dashboard: controlplane $(DASHBOARD) ## Record two managers for five minutes, and draw the dashboard of that.
	@$(MAKE) build
	@go build -o $(BIN)/record ./hack/monitoring/record
	@$(ALIVE) "Recording for five minutes." $(BIN)/record -bin=$(BIN) -out=$(BIN)/recording.txt
	$(DASHBOARD) -dashboard=config/grafana/conference-operator.json -recording=$(BIN)/recording.txt -svg=docs/dashboard.svg

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code.
	$(GOLANGCI_LINT) fmt ./...

.PHONY: build
build: ## Build manager, simulator and kubectl-conference into bin.
	CGO_ENABLED=0 go build -trimpath -o $(BIN)/ ./cmd/...
	CGO_ENABLED=0 go -C $(PLUGIN) build -trimpath -o $(BIN)/ .

##@ Check it

.PHONY: controlplane
controlplane: ## Find, download or compile kube-apiserver, etcd and kubectl; CONTROLPLANE=build compiles.
	@KUBEBUILDER_ASSETS='$(ASSETS)' hack/controlplane/get $(KUBEBUILDER_ASSETS)

.PHONY: test
test: controlplane ## Run the tests of the code, against a real API server.
	@$(ALIVE) "Testing each crash, each fault and each room." go test -count=1 -timeout=10m $(VIRTUAL)
	@$(ALIVE) "Testing." go test $(RACE) -p 4 -count=1 -timeout=20m $$(go list ./... | grep -vE '/test/(charts|crash|faults|release|rooms)$$')
	@$(ALIVE) "Testing what GitOps tools see." go -C test/gitops test -count=1 -timeout=10m ./...
	@$(ALIVE) "Testing kubectl-conference." go -C $(PLUGIN) test -count=1 ./...
	@$(ALIVE) "Testing the example of a suite." go -C examples/envtest test -count=1 -timeout=5m ./...
	@$(ALIVE) "Testing the search for a control plane." go -C hack/controlplane/find test -count=1 ./...

.PHONY: test-long
test-long: ## Run the suites of crashes, faults and rooms with the race detector, which takes minutes.
	@$(ALIVE) "Testing each crash, each fault and each room with the race detector." go test $(RACE) -count=1 -timeout=30m $(VIRTUAL)

.PHONY: test-monitoring
test-monitoring: $(PROMTOOL) $(DASHBOARD) ## Check the alerts, run their unit tests, and parse the dashboard's queries.
	@hack/monitoring/check $(PROMTOOL)
	@$(DASHBOARD) -dashboard=config/grafana/conference-operator.json

.PHONY: test-charts
test-charts: controlplane $(HELM) $(KUSTOMIZE) ## Test the chart and the manifests: installed, upgraded and uninstalled.
	@$(ALIVE) "Testing the chart and the manifests." go test -count=1 -timeout=10m ./test/charts

.PHONY: test-release
test-release: $(HELM) $(KUSTOMIZE) $(CYCLONEDX) ## Test what a release is made of: its binary, built twice, its files, its workflows.
	@$(ALIVE) "Testing the release." go test -count=1 -timeout=10m ./test/release

.PHONY: test-image
test-image: $(KO) ## Build the image of a release twice, for amd64 and arm64, which takes minutes.
	@$(ALIVE) "Testing the image." go test -C hack/tools/ko -count=1 -timeout=30m ./image

.PHONY: test-unit
test-unit: ## Run the tests that need no API server and no Helm.
	@go list -f '{{.Dir}} {{.ImportPath}}' ./... | while read -r dir package; do \
	  grep -qsE 'StartControlPlane|bin/helm' "$$dir"/*_test.go || echo "$$package"; \
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
	go run golang.org/x/vuln/cmd/govulncheck@latest -C $(PLUGIN) ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Lint the code.
	@$(ALIVE) "Linting." $(GOLANGCI_LINT) run --allow-serial-runners ./...
	@cd $(PLUGIN) && $(CURDIR)/$(ALIVE) "Linting kubectl-conference." $(GOLANGCI_LINT) run --allow-serial-runners ./...

.PHONY: verify
verify: generate manifests docs $(GOLANGCI_LINT) $(KUSTOMIZE) $(ACTIONLINT) ## Fail on stale files, style, findings, untidy modules, bad manifests.
	@stale=$$(git status --porcelain -- $(GENERATED)); if [[ -n $$stale ]]; then \
	  echo "These generated files are not as committed; commit what make generate manifests docs wrote:"; \
	  echo "$$stale"; git --no-pager diff -- $(GENERATED); exit 1; \
	fi
	@for overlay in $(OVERLAYS); do echo "Building config/$$overlay."; $(KUSTOMIZE) build "config/$$overlay" >/dev/null; done
	@hack/references/check $(KUSTOMIZE)
	@$(MAKE) test-monitoring
	@$(ACTIONLINT) -shellcheck= -pyflakes=
	@for module in $(MODULES); do $(ALIVE) "Tidying $$module." go -C "$$module" mod tidy -diff; done
	@$(ALIVE) "Looking at the format." $(GOLANGCI_LINT) fmt --diff ./...
	@$(MAKE) lint

##@ Ship it

.PHONY: docker-build
docker-build: ## Build the image IMG.
	docker build --build-arg VERSION=$(VERSION) --tag $(IMG) .

.PHONY: dist
dist: $(KUSTOMIZE) $(HELM) ## Write dist/install.yaml, the package of the chart and checksums of the release TAG.
	hack/dist/build $(TAG) $(REPOSITORY) $(DIST)

.PHONY: binaries
binaries: ## Build the manager of the release TAG for ARCHITECTURES into bin/release.
	for arch in $(ARCHITECTURES); do \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch go build $(RELEASE_FLAGS) -o $(BIN)/release/manager-linux-$$arch ./cmd/manager; \
	done

.PHONY: sbom
sbom: binaries $(CYCLONEDX) ## Write dist/manager-linux-*.cdx.json: the modules in the manager of the release TAG.
	@mkdir -p $(DIST)
	for arch in $(ARCHITECTURES); do \
	  $(CYCLONEDX) bin -json -std -noserial -notimestamp -output-version 1.6 -version $(TAG) \
	    -output $(DIST)/manager-linux-$$arch.cdx.json $(BIN)/release/manager-linux-$$arch; \
	done

.PHONY: image
image: $(KO) ## Build the image of the release TAG for amd64 and arm64, and push it to REPOSITORY.
	@mkdir -p $(DIST)
	KO_DOCKER_REPO=$(REPOSITORY) VERSION=$(TAG) $(KO) build --bare --tags=$(TAG) ./cmd/manager >$(DIST)/image.txt

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
$(PROMTOOL): TOOL := github.com/prometheus/prometheus/cmd/promtool
$(DASHBOARD): TOOL := ./dashboard
# Without the clients of the clouds in which targets could be looked for.
$(PROMTOOL) $(DASHBOARD): TOOL_FLAGS := -tags=remove_all_sd
$(HELM): TOOL := helm.sh/helm/v4/cmd/helm
$(KO): TOOL := github.com/google/ko
$(CYCLONEDX): TOOL := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
$(ACTIONLINT): TOOL := github.com/rhysd/actionlint/cmd/actionlint
$(GOLANGCI_LINT): TOOL := sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter

$(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE): hack/tools/go.mod hack/tools/go.sum
$(HELM): hack/tools/helm/go.mod hack/tools/helm/go.sum
$(KO): hack/tools/ko/go.mod hack/tools/ko/go.sum
$(CYCLONEDX) $(ACTIONLINT): hack/tools/release/go.mod hack/tools/release/go.sum
$(GOLANGCI_LINT): hack/tools/lint/go.mod hack/tools/lint/go.sum
$(PROMTOOL) $(DASHBOARD): hack/tools/promtool/go.mod hack/tools/promtool/go.sum
$(DASHBOARD): $(wildcard hack/tools/promtool/dashboard/*.go)

# Helm shares most of its packages with kubectl, which is built with the same flags.
$(HELM) $(KO): TOOL_FLAGS := -trimpath -ldflags '-s -w'
$(HELM) $(KO): export CGO_ENABLED := 0

$(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE) $(HELM) $(KO) $(CYCLONEDX) $(ACTIONLINT) $(GOLANGCI_LINT) $(PROMTOOL) $(DASHBOARD):
	@$(ALIVE) "Building $(@F)." go build -C $(<D) $(TOOL_FLAGS) -o $@ $(TOOL)
	@touch $@
