import { CephStore } from './ceph-store.ts'

// Started by a test that kills it: what it holds must end with it.
const ceph = await CephStore.start()
process.send?.(ceph.pids)
setInterval(() => {}, 60_000)
