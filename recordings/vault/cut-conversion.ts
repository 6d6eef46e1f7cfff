/** Encrypts one call and is killed at the named step, as by a power cut. For a test. */

import { SealKey } from '../seal/seal-key.ts'
import { encryptFolder } from './encrypt-folder.ts'
import { KeyRing } from './key-ring.ts'
import { LocalKey } from './local-key.ts'
import { Vault } from './vault.ts'

const [folder = '', keysFolder = '', step = ''] = process.argv.slice(2)
const kill = () => process.kill(process.pid, 'SIGKILL')
const { key } = await LocalKey.loadOrCreate(`${keysFolder}/vault-master.key`)
const vault = new Vault({
  keys: new KeyRing(key),
  sealKey: await SealKey.loadOrCreate(keysFolder),
  encrypt: async order => {
    if (step === 'begun') kill()
    return encryptFolder(order)
  },
  onStep: reached => {
    if (reached === step) kill()
  },
})
await vault.encryptCall(folder)
