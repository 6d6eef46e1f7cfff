import { App } from './app.ts'
import { readBoot } from './boot.ts'
import { largeType } from './large-type.ts'

largeType.restore()
const root = document.getElementById('app')
if (root !== null) void new App(root, readBoot(document, location.pathname)).open()
