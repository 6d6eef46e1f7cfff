import { render } from 'preact'
import type { PackageData } from '../../signaling/protocol/record-export.ts'
import { App } from './app.tsx'

const root = document.getElementById('page')
const data = document.getElementById('package')
if (!root || !data) throw new Error('the page is not one of a package')
render(<App data={JSON.parse(data.textContent ?? '') as PackageData} />, root)
