// Package bootstrap plans and deploys Forgecroft's trust stack over many targets.
//
// A run has two steps, so that people and pipelines can look in between: [Engine.Plan]
// reads what is in each account and decides, [Engine.Deploy] does what the plans say.
// What is read becomes an [Observation], plain data; the decision over it is a pure
// function. Everything that happens is told to a [Sink] as it happens.
//
// "Ours" is what carries the tag forgecroft:managed-by, whatever its name: nothing
// else is ever updated, replaced or deleted.
package bootstrap
