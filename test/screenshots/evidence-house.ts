import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHouse, sealCall, TEST_POLICY } from '../../server/evidence/retention-fixture.ts'
import { Scenarios } from '../../server/scenarios/scenarios.ts'
import { OuterServer } from '../harness/app.ts'

/** A data folder with a policy, a kind of call that is recorded by hand, and sealed records of which one is due to go. */
export async function evidenceHouse(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tongping-data-'))
  const [usual] = (await Scenarios.load()).all
  if (!usual) throw new Error('no scenario')
  const byHand = {
    ...usual,
    ...{ id: 'by-hand', title: { 'zh-CN': '投保回访', en: 'Insurance call-back' } },
    recording: { voice: 'manual', picture: 'manual' },
    consents: { recording: 'required', sms: 'required', analysis: 'optional' },
    tools: [...usual.tools, 'document', 'face'],
    flags: [
      { id: 'complaint', title: { 'zh-CN': '投诉', en: 'Complaint' } },
      { id: 'elderly', title: { 'zh-CN': '老年客户', en: 'Elderly customer' } },
    ],
  }
  await writeFile(join(dataDir, 'scenarios.json'), JSON.stringify([byHand, usual]))
  const policy = { ...TEST_POLICY, runs: { mostPerRun: 10, confirmAboveShare: 0.1 } }
  const house = await openHouse({ dataDir, policy })
  await sealCall(house, { from: '13912345678' })
  await sealCall(house, { from: '13700000001', retentionClass: 'dual-recording' })
  await sealCall(house, { from: '13700000002', retentionClass: 'archive' })
  await sealCall(house, { from: '13700000003', retentionClass: 'unheard-of' })
  await house.close()
  return dataDir
}

export function evidenceServer(dataDir: string): Promise<OuterServer> {
  return OuterServer.start({
    dataDir,
    env: {
      TONGPING_SCENARIOS_FILE: join(dataDir, 'scenarios.json'),
      TONGPING_RETENTION_FILE: join(dataDir, 'policy.json'),
    },
  })
}
