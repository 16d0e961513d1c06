// Package sandbox is a local AWS: many accounts of one organisation, answered in process.
//
// A [Sandbox] is an [net/http.Handler] and, by [Sandbox.Transport], an [net/http.RoundTripper].
// SDK clients that use the transport keep their real AWS endpoints and regions, and no byte leaves
// the process; served over HTTP it answers any other client the same way. It reads which service,
// action, Region and account are meant from what every AWS request carries: the scope of its SigV4
// signature, its access key, and the Action or X-Amz-Target it names.
//
// It imitates what fcoidc and its users' clients call in IAM, STS, Organizations and CloudFormation,
// with AWS's error codes and texts, and says so plainly when asked for anything else: a made-up
// success would be worse than none. docs/sandbox.md lists what is and what is not imitated.
//
// It has an issuer too: [Sandbox.Mint] signs tokens, and an [Issuer] publishes what verifies them. STS takes
// these tokens for credentials by the verdict of package exchange.
//
// But for a served issuer ([Issuer.Listen]) the package starts no goroutine and waits only by timer
// and context, so that a whole run fits into a [testing/synctest] bubble.
package sandbox
