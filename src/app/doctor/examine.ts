/** `muster doctor`: looks at everything a backup depends on, and says of each finding what to do. */
import type { Finding } from '../../model/finding.ts'
import type { App } from '../context.ts'
import { examineJobs } from './jobs.ts'
import { examineMachine } from './machine.ts'
import { examinePings } from './pings.ts'
import { examineRepository } from './repositories.ts'

export interface ExamineWish {
  /** Repositories to look at; jobs that use none of them are left out too. */
  readonly repositories: readonly string[]
  readonly state: string
  readonly signal: AbortSignal
  readonly onDone?: (subject: string) => void
}

export async function examine(app: App, wish: ExamineWish): Promise<readonly Finding[]> {
  const findings = [...(await examineMachine(app, wish.state))]
  wish.onDone?.('machine')
  for (const name of wish.repositories) {
    if (wish.signal.aborted) break
    findings.push(...(await examineRepository(app, name, wish.signal)))
    wish.onDone?.(`repository ${name}`)
  }
  findings.push(...(await examineJobs(app, wish.repositories)))
  if (wish.repositories.length === Object.keys(app.config.repositories).length)
    findings.push(...(await examinePings(app)))
  return findings
}
