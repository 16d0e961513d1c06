//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	motoAccounts = 20
	motoGoal     = 800 * time.Millisecond
	motoTrials   = 3
	cliParallel  = 8 // as many as two cores still gain from
)

// moto measures 20 accounts on moto, by fcoidc and by the AWS CLI.
func (b bench) moto(ctx context.Context) ([]figure, error) {
	server, err := b.startMoto(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()

	accounts := make([]string, motoAccounts)
	bootstrap := []string{"bootstrap", "--org-id", orgID, "--allowed-regions", "us-east-1,us-west-2", "--yes", "--skip-preflight", "--no-verify", "-o", "json"}
	for i := range accounts {
		accounts[i] = fmt.Sprintf("%012d", 700_000_000_000+i)
		bootstrap = append(bootstrap, "--account", accounts[i])
	}
	env := b.environment(
		"AWS_ENDPOINT_URL="+server.url, "AWS_ENDPOINT_URL_STS="+server.url,
		"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench",
	)
	byFcoidc := func() (time.Duration, error) {
		if err := server.reset(ctx); err != nil {
			return 0, err
		}
		u, err := measure(ctx, env, b.fcoidc, bootstrap...)
		if err != nil {
			return 0, err
		}
		_, err = created(u.stdout, motoAccounts)
		return u.wall, err
	}
	// The first run loads moto's CloudFormation and does not count.
	if _, err := byFcoidc(); err != nil {
		return nil, err
	}
	ours, err := median(motoTrials, byFcoidc)
	if err != nil {
		return nil, err
	}
	figures := []figure{{
		name: fmt.Sprintf("%d accounts on moto (median of %d)", motoAccounts, motoTrials), measured: seconds(ours),
		goal: "≤ " + seconds(motoGoal), missed: ours > motoGoal,
		command: fmt.Sprintf("bin/fcoidc bootstrap --org-id … --account … (%d times)", motoAccounts),
	}}

	if err := server.reset(ctx); err != nil {
		return figures, err
	}
	theirs, err := b.byAWSCommandLine(ctx, env, accounts)
	if err != nil {
		return figures, err
	}
	return append(figures, figure{
		name:     fmt.Sprintf("the same by the AWS CLI, %d at a time", cliParallel),
		measured: seconds(theirs), command: "aws cloudformation deploy --profile … (once an account)",
	}), nil
}

// byAWSCommandLine deploys the template to every account by `aws cloudformation deploy`.
func (b bench) byAWSCommandLine(ctx context.Context, env, accounts []string) (time.Duration, error) {
	template, err := measure(ctx, env, b.fcoidc, "template")
	if err != nil {
		return 0, err
	}
	file := filepath.Join(b.folder, "template.yaml")
	if err := os.WriteFile(file, template.stdout, 0o600); err != nil {
		return 0, err
	}
	var profiles strings.Builder
	profiles.WriteString("[profile base]\naws_access_key_id = bench\naws_secret_access_key = bench\n")
	for _, id := range accounts {
		fmt.Fprintf(&profiles, "[profile %s]\nsource_profile = base\nrole_arn = arn:aws:iam::%s:role/OrganizationAccountAccessRole\n", id, id)
	}
	if err := os.WriteFile(filepath.Join(b.folder, "aws-config"), []byte(profiles.String()), 0o600); err != nil {
		return 0, err
	}
	began := time.Now()
	var g errgroup.Group
	g.SetLimit(cliParallel)
	for _, id := range accounts {
		g.Go(func() error {
			_, err := measure(ctx, env, "aws", "cloudformation", "deploy", "--profile", id,
				"--stack-name", "forgecroft-runner-oidc", "--template-file", file,
				"--parameter-overrides", "OrgId="+orgID, "AllowedRegions=us-east-1,us-west-2",
				"--capabilities", "CAPABILITY_NAMED_IAM")
			return err
		})
	}
	err = g.Wait()
	return time.Since(began), err
}
