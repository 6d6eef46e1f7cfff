import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHouse, sealCall } from '../retention-fixture.ts'

/** A process that purges one record and kills itself at a step: `killed-purge.ts <data folder> <step> before|after`. */
const [dataDir = '', step, when] = process.argv.slice(2)
const house = await openHouse({
  dataDir,
  onStep: (_callId, at, then) => {
    if (at === step && then === when) process.kill(process.pid, 'SIGKILL')
  },
})
const { callId } = await sealCall(house, { text: 'KILLED-TEXT' })
await writeFile(join(dataDir, 'call-id.txt'), callId)
await house.retention.run('manual', house.reviewer)
await house.retention.idle()
