# fcoidc: build, check and test. `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

GO ?= go
MODULE := github.com/forgecroft/fcoidc
TEMPLATE := assets/forgecroft-runner-oidc.yaml

# What `fcoidc version` says. A build without this Makefile (go install) reads
# the same facts from the binary's build information.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X $(MODULE)/internal/cli.version=$(VERSION) -X $(MODULE)/internal/cli.commit=$(COMMIT)

# Tools are pinned here and installed into .tools, which git ignores.
GOLANGCI_LINT_VERSION := v2.15.0
GOVULNCHECK_VERSION := v1.9.0
TOOLS := $(CURDIR)/.tools
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint
GOVULNCHECK := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)/govulncheck

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the static binary bin/fcoidc
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/fcoidc

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: release
release: ## one archive a platform, and their checksums, in dist/
	rm -rf dist && mkdir dist
	for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/} folder=dist/fcoidc-$(VERSION)-$${platform/\//-}; \
		mkdir $$folder && cp LICENSE README.md $$folder; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $$folder/ ./cmd/fcoidc; \
		tar -C dist -czf $$folder.tar.gz $${folder#dist/} && rm -r $$folder; \
	done
	cd dist && sha256sum *.tar.gz > SHA256SUMS

.PHONY: check
check: check-format check-tidy check-modules check-vet check-lint check-template ## everything that needs no test run

.PHONY: check-format
check-format: $(GOLANGCI_LINT) ## gofumpt and goimports leave nothing to change
	$(GOLANGCI_LINT) fmt --diff

.PHONY: format
format: $(GOLANGCI_LINT) ## let gofumpt and goimports rewrite the sources
	$(GOLANGCI_LINT) fmt

.PHONY: check-tidy
check-tidy: ## go.mod and go.sum name what is used, no more
	$(GO) mod tidy -diff

.PHONY: check-modules
check-modules: ## docs/dependencies.md names the direct modules of go.mod, at their versions
	@diff --label docs/dependencies.md --label go.mod -U0 \
		<(sed -nE 's/^\| `([^`]+)` .* (v[0-9][^ ]*) \| [0-9-]+ \|.*/\1 \2/p' docs/dependencies.md | LC_ALL=C sort) \
		<($(GO) list -m -f '{{if not (or .Main .Indirect)}}{{.Path}} {{.Version}}{{end}}' all | grep . | LC_ALL=C sort)

.PHONY: check-vet
check-vet: ## go vet, for each platform that a release is built for
	for os in linux darwin windows; do echo "go vet for $$os"; GOOS=$$os CGO_ENABLED=0 $(GO) vet ./...; done

.PHONY: check-lint
check-lint: $(GOLANGCI_LINT) ## golangci-lint, with the rules of .golangci.yml
	$(GOLANGCI_LINT) run ./...

.PHONY: check-template
check-template: ## cfn-lint finds nothing in the template
	interop/with-tools cfn-lint --non-zero-exit-code informational $(TEMPLATE)

# The race detector needs a C compiler. Without one the tests still mean
# something, but not to CI.
.PHONY: test
test: ## go test ./..., with the race detector
	@if command -v "$$($(GO) env CC)" >/dev/null; then \
		set -x; CGO_ENABLED=1 $(GO) test -race ./...; \
	elif [[ "$${CI:-}" == true ]]; then \
		echo 'make test: no C compiler, so no race detector; CI must have one' >&2; exit 1; \
	else \
		echo 'make test: WITHOUT the race detector, for want of a C compiler' >&2; \
		set -x; $(GO) test ./...; \
	fi

.PHONY: agreement
agreement: ## the policy evaluator against a second, naive one on a million generated policies
	$(GO) test -count=1 -timeout 30m -run 'Naive|OnlyPull|OpenRules' ./internal/policy -policy.generated 1000000

.PHONY: cover
cover: ## test coverage by function, in cover.out
	$(GO) test -coverpkg=./internal/... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out

.PHONY: interop
interop: build ## fcoidc against moto; AWS CLI, boto3, terraform against its sandbox; Chromium on its report
	interop/with-tools python3 interop/run.py bin/fcoidc

.PHONY: bench
bench: build ## measure speed and size against their goals
	interop/with-tools $(GO) run ./bench bin/fcoidc

# Needs to reach the vulnerability database, hence no part of check.
.PHONY: vuln
vuln: $(GOVULNCHECK) ## known vulnerabilities in what the binary really calls
	$(GOVULNCHECK) ./...

.PHONY: clean
clean: ## remove what was built and fetched
	rm -rf bin dist cover.out $(TOOLS)

$(GOLANGCI_LINT):
	GOBIN=$(@D) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

$(GOVULNCHECK):
	GOBIN=$(@D) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
