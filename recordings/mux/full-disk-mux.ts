/** Run by the test: muxes where files may not grow, and says what became of it. */
import { readdir } from 'node:fs/promises'
import { quietLog } from '../fixture.ts'
import { WorkFolder } from '../vault/work-folder.ts'
import { MuxError, Muxer } from './muxer.ts'

const [root = '', folder = '', ffmpegBin = ''] = process.argv.slice(2)
const muxer = Muxer.create({ ffmpegBin, logger: quietLog, work: await WorkFolder.open(root) })
const code = await muxer.mux({ kind: 'replay', files: async () => ({ kind: 'plain', folder }) }).then(
  () => 'made',
  error => (error instanceof MuxError ? error.code : String(error)),
)
const names = await readdir(root, { recursive: true })
const left = names.filter(name => !name.endsWith('call.lock') && name.includes('/'))
await muxer.close()
process.send?.({ code, left }, () => process.disconnect())
