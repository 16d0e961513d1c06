// Evaluates the trust policies of a file of cases, one JSON object a line, by
// @cloud-copilot/iam-simulate, and prints one JSON object for each:
//
//   node simulate.mjs <folder with node_modules> <file> <workers>
//
// What `fcoidc doctor --batch` is compared with. Each worker reads, evaluates and prints a stretch
// of the file by itself, which spares this program the passing of lines and the order that fcoidc
// keeps. It calls the package as its README does.
import { openSync, readSync, statSync, createReadStream, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker, isMainThread, workerData } from 'node:worker_threads'

if (isMainThread) {
  const [folder, file, workers] = process.argv.slice(2)
  const ends = lineEnds(file, Number(workers))
  ends.slice(1).forEach((end, i) => {
    if (end > ends[i]) new Worker(new URL(import.meta.url), { workerData: { folder, file, start: ends[i], end } })
  })
} else {
  const { folder, file, start, end } = workerData
  const { runSimulation } = createRequire(join(folder, 'package.json'))('@cloud-copilot/iam-simulate')
  await evaluate(createReadStream(file, { start, end: end - 1, encoding: 'utf8', highWaterMark: 1 << 17 }), runSimulation)
}

// lineEnds cuts a file into stretches of whole lines: the first begins at 0, each ends at the next.
function lineEnds(file, stretches) {
  const size = statSync(file).size
  const fd = openSync(file)
  const ends = [0]
  const piece = Buffer.alloc(1 << 20)
  for (let n = 1; n < stretches; n++) {
    const from = Math.floor((size * n) / stretches)
    const at = piece.subarray(0, readSync(fd, piece, 0, piece.length, from)).indexOf('\n')
    ends.push(at < 0 ? size : from + at + 1)
  }
  return [...ends, size]
}

async function evaluate(text, runSimulation) {
  let rest = ''
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()
    let out = ''
    for (const line of lines) out += JSON.stringify(await answer(JSON.parse(line), runSimulation)) + '\n'
    print(out)
  }
}

// print writes all of a text, also where a call takes only a part of it.
function print(text) {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done)
}

async function answer(c, runSimulation) {
  const provider = String(c.claims.iss).replace('https://', '')
  const contextVariables = {}
  for (const [name, value] of Object.entries(c.claims)) {
    if (name !== 'iss') contextVariables[`${provider}:${name}`] = Array.isArray(value) ? value.map(String) : String(value)
  }
  const simulated = await runSimulation(
    {
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: c.trust_policy,
      request: {
        action: 'sts:AssumeRoleWithWebIdentity',
        principal: c.provider_arn ?? `arn:aws:iam::111122223333:oidc-provider/${provider}`,
        resource: { resource: 'arn:aws:iam::111122223333:role/example', accountId: '111122223333' },
        contextVariables
      }
    },
    {}
  )
  if (simulated.resultType === 'error') return { id: c.id, error: simulated.errors.message }
  return { id: c.id, decision: simulated.overallResult }
}
