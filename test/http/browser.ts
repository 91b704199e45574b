/** A real browser, alone: no update, no sync, no other traffic of its own. */
import { type Browser, chromium } from 'playwright-core'
import { program } from '../real/programs.ts'

const alone = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: program('chromium'), args: ['--no-sandbox', ...alone] })
