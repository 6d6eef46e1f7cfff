// `npm run users -- …`: runs scripts/users.ts with Node 24. Plain JavaScript for any Node from 18 on.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { provideNode } from './native/node24.mjs'
import { ROOT } from './native/provide.mjs'

try {
  const node = await provideNode({ root: ROOT })
  const child = spawn(node.path, [join(ROOT, 'scripts', 'users.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
  child.once('error', error => {
    console.error(`users: ${error.message}`)
    process.exitCode = 1
  })
  child.once('exit', code => {
    process.exitCode = code ?? 1
  })
} catch (error) {
  console.error(`users: ${error.message}`)
  process.exitCode = 1
}
