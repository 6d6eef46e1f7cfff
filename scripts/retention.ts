/**
 * What the retention policy would destroy, and why the rest stays: a dry run over the data folder. Changes no record.
 *
 *   node scripts/retention.ts plan [--data data] [--policy retention.json] [--json] [--kept]
 *   node scripts/retention.ts check <certificate.json> [--key seal-key.pub.pem]
 *
 * `plan` without --policy says what no policy means: everything is kept. Encrypted records whose class was never read by
 * the server count as having none. Exit code of `check`: 0 properly signed, 1 not.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readCertificate } from '../recordings/retention/certificate.ts'
import { decideRetention } from '../recordings/retention/decide.ts'
import { loadPolicy, retentionClassIn } from '../server/evidence/open-retention.ts'
import { openVaultReader } from '../server/evidence/open-vault-reader.ts'
import { RetentionFactsSource } from '../server/evidence/retention-facts.ts'
import { planRow, summaryOf } from '../server/evidence/retention-overview.ts'
import { CallIndex } from '../server/store/call-index.ts'
import { openDatabase } from '../server/store/database.ts'
import { Erasures } from '../server/store/erasures.ts'
import { RetentionBook } from '../server/store/retention-book.ts'

const USAGE =
  'usage: node scripts/retention.ts plan [--data data] [--policy file] [--json] [--kept] | check <certificate> [--key file]'

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: 'data' },
      policy: { type: 'string' },
      key: { type: 'string' },
      json: { type: 'boolean', default: false },
      kept: { type: 'boolean', default: false },
    },
  })
  const [command, file] = positionals
  if (command === 'check' && file !== undefined) {
    const keys = values.key === undefined ? undefined : [await readFile(values.key, 'utf8')]
    const certificate = readCertificate(await readFile(file, 'utf8'), keys)
    console.log(
      certificate
        ? `SIGNED by ${certificate.seal.keyId}: ${certificate.callId}, ${certificate.issuedAt}`
        : 'NOT A CERTIFICATE, or changed',
    )
    return certificate ? 0 : 1
  }
  if (command !== 'plan' || positionals.length !== 1) {
    console.error(USAGE)
    return 2
  }
  const policy = values.policy === undefined ? undefined : await loadPolicy(values.policy)
  const db = await openDatabase(join(values.data, 'index.sqlite'))
  try {
    const index = new CallIndex(db)
    const filesIn = await openVaultReader(values.data, process.env)
    const facts = new RetentionFactsSource({
      db,
      index,
      book: new RetentionBook(db),
      erasures: new Erasures(db),
      classOf: async callId => {
        const call = await index.get(callId)
        return call && retentionClassIn(await (await filesIn(call.folder)).read('journal.jsonl'))
      },
    })
    const nowMs = Date.now()
    const plan = (await facts.all()).map(one => ({ ...one, decision: decideRetention(policy, one.facts, nowMs) }))
    const rows = plan.map(planRow)
    const summary = summaryOf(plan, new Set(policy?.classes.map(one => one.id)))
    if (values.json) {
      console.log(JSON.stringify({ policy: policy?.version ?? null, summary, rows }, null, 2))
      return 0
    }
    console.log(policy ? `policy    ${policy.version}, ${policy.timeZone}` : 'policy    none: every record is kept')
    console.log(
      `records   ${summary.records}, due ${summary.due}, held ${summary.held}, restricted ${summary.restricted}`,
    )
    for (const [reason, count] of Object.entries(summary.keptBecause)) console.log(`kept      ${count} ${reason}`)
    for (const { callId, decision, retentionClass } of rows) {
      const name = `${callId} ${retentionClass ?? '-'}`
      if (decision.kind === 'due')
        console.log(`due       ${name}: ${decision.because} since ${decision.since} (${decision.rule ?? '-'})`)
      else if (values.kept)
        console.log(`kept      ${name}: ${decision.reasons.map(reason => JSON.stringify(reason)).join(' ')}`)
    }
    return 0
  } finally {
    await db.close()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
